import { setTimeout as sleep } from 'node:timers/promises';
import { CRASH_NOTICE, CRASH_POINT_VARIABLE, type CrashPoint } from '../../activities/crash-points.js';
import type { GuardedChild } from '../../src/processes/guarded-child.js';
import { launchProgram } from '../../src/stack/launch-program.js';

const LAUNCH_TRIES = 20;
const LAUNCH_PAUSE_MS = 500;

/** A worker that can be armed to end itself at a named point, and whose every death has to have a reason. */
export class CrashingWorker {
  private child: GuardedChild | null = null;
  private killing = false;
  private point: CrashPoint | null = null;
  private reached: () => void = () => undefined;
  /** Deaths that nobody ordered, in words. */
  readonly unexplained: string[] = [];

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly logFile: string,
    private readonly name = 'worker',
  ) {}

  /**
   * Starts it, armed for the `count`-th pass of a point if one is named. The answer settles when the worker has ended
   * at that point, which can be before it is ready. Tries again while the server is down.
   */
  async launch(point: CrashPoint | null = null, count = 1): Promise<{ readonly ended: Promise<void> }> {
    const ended = new Promise<void>((resolve) => (this.reached = resolve));
    this.point = point;
    const env = point === null ? this.env : { ...this.env, [CRASH_POINT_VARIABLE]: `${point}:${count}` };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { child } = await launchProgram({ name: this.name, file: 'worker/main.ts', env, logFile: this.logFile });
        this.child = child;
        void child.exited.then(() => this.died(child));
        return { ended };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (point !== null && text.includes(CRASH_NOTICE + point)) {
          this.reached();
          return { ended };
        }
        if (attempt >= LAUNCH_TRIES) throw error;
        await sleep(LAUNCH_PAUSE_MS);
      }
    }
  }

  async kill(): Promise<void> {
    this.killing = true;
    await this.child?.kill();
    this.killing = false;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.signal(signal);
  }

  async stop(): Promise<void> {
    this.killing = true;
    await this.child?.stop(20_000);
  }

  private died(child: GuardedChild): void {
    const log = child.logTail();
    if (this.point !== null && log.some((line) => line.includes(`${CRASH_NOTICE}${this.point}`))) this.reached();
    else if (!this.killing) this.unexplained.push(`the ${this.name} ended by itself:\n${log.slice(-15).join('\n')}`);
  }
}

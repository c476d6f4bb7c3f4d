import { setTimeout as sleep } from 'node:timers/promises';
import { GuardedChild, type ChildExit } from '../processes/guarded-child.js';
import { formatLogTail } from './launch-program.js';
import { countConsecutiveDeaths, restartDelayMs } from './restart-backoff.js';

export interface StackMemberOptions {
  readonly name: string;
  /** Starts the process and resolves when it is ready; throws when it is not, leaving nothing behind. */
  readonly launch: () => Promise<GuardedChild>;
  /** Start it again when it ends without having been told to. */
  readonly restartWhenItDies: boolean;
  /** Bound on a clean stop, in ms. */
  readonly stopTimeoutMs: number;
  /** Receives sentences for a person: deaths and restarts. */
  readonly onEvent: (message: string) => void;
  /** Called with the process id after every start. */
  readonly onStart?: (pid: number) => void;
}

/**
 * One supervised process of the stack. `kill` and `stop` are wishes and keep it down until `restart`; any other end is
 * a death, told with the end of its log and, when asked for, followed by a restart after a bounded, growing delay.
 */
export class StackMember {
  readonly name: string;
  readonly #options: StackMemberOptions;
  #child: GuardedChild | undefined;
  #wanted: 'up' | 'down' = 'down';
  #launching: Promise<GuardedChild> | undefined;
  #waiting = new AbortController();
  #deaths = 0;

  constructor(options: StackMemberOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Process id of the running (or last) process. */
  get pid(): number {
    if (this.#child === undefined) throw new Error(`${this.name} was never started`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exit === undefined;
  }

  /** The end of the log of the running (or last) process. */
  logTail(): string[] {
    return this.#child?.logTail() ?? [];
  }

  async start(): Promise<void> {
    this.#wanted = 'up';
    await this.#launch();
  }

  /** Starts it again, ending it cleanly first when it runs. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Clean stop: SIGTERM, and SIGKILL after the bound. Undefined when it was not running. */
  async stop(): Promise<ChildExit | undefined> {
    await this.#giveUp();
    return this.running ? await this.#child?.stop(this.#options.stopTimeoutMs) : undefined;
  }

  /** Ends it at once and keeps it down. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ChildExit | undefined> {
    await this.#giveUp();
    return this.running ? await this.#child?.kill(signal) : undefined;
  }

  /** Sends a signal without any wish about its end, for example SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  /** No restart from here on; a start that is under way is waited for, so that its process can be ended. */
  async #giveUp(): Promise<void> {
    this.#wanted = 'down';
    this.#waiting.abort();
    await this.#launching?.catch(() => undefined);
  }

  async #launch(): Promise<void> {
    const startedAt = Date.now();
    this.#launching = this.#options.launch();
    try {
      const child = await this.#launching;
      this.#child = child;
      this.#options.onStart?.(child.pid);
      void child.exited.then((exit) => this.#ended(child, exit, Date.now() - startedAt));
    } finally {
      this.#launching = undefined;
    }
  }

  #ended(child: GuardedChild, exit: ChildExit, ranForMs: number): void {
    if (this.#wanted === 'down' || child !== this.#child) return;
    this.#deaths = countConsecutiveDeaths(this.#deaths, ranForMs);
    const how = `${this.name} (pid ${child.pid}) ${GuardedChild.describeExit(exit)}`;
    // Who was ended by a signal had no part in it, so its last words explain nothing.
    this.#options.onEvent(exit.signal === null ? `${how}${formatLogTail(child)}` : how);
    if (this.#options.restartWhenItDies) void this.#keepRestarting();
  }

  async #keepRestarting(): Promise<void> {
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    while (this.#wanted === 'up') {
      const delayMs = restartDelayMs(this.#deaths);
      this.#options.onEvent(`${this.name}: starting again in ${delayMs} ms`);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#launch();
        this.#options.onEvent(`${this.name}: running again (pid ${this.pid})`);
        return;
      } catch (error) {
        this.#deaths += 1;
        this.#options.onEvent(error instanceof Error ? error.message : String(error));
      }
    }
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../stack/until.js';
import type { BareAnswer, BareCommand, BareRest, BareStop } from './bare-messages.js';

export interface BareLoopSettings {
  readonly apiKey: string;
  readonly secret: string;
  readonly restUrl: string;
  readonly websocketUrl: string;
}

type Armed = Extract<BareAnswer, { kind: 'armed' }>;

const READY_MS = 60_000;

/** Handle of the bare loop's process. It ends with this one. */
export class BareLoop {
  readonly sold = new Set<string>();
  readonly armed = new Map<string, Armed>();
  private ready = false;
  private done = 0;
  private given = 0;
  private failure: string | null = null;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer) => this.hear(answer as BareAnswer));
    child.once('exit', (code) => (this.failure ??= `the bare loop ended with ${String(code)}`));
  }

  static async start(settings: BareLoopSettings): Promise<BareLoop> {
    const file = fileURLToPath(new URL('./bare-loop-main.ts', import.meta.url));
    const child = fork(file, [], { execArgv: ['--import', import.meta.resolve('tsx')], env: { ...process.env, BARE_LOOP: JSON.stringify(settings) } });
    const loop = new BareLoop(child);
    await until('the bare loop is ready', READY_MS, () => loop.is(loop.ready));
    return loop;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async watch(symbol: string): Promise<void> {
    await this.command({ kind: 'watch', symbol });
  }

  async arm(stops: readonly BareStop[]): Promise<void> {
    await this.command({ kind: 'arm', stops });
  }

  async rest(orders: readonly BareRest[]): Promise<void> {
    await this.command({ kind: 'rest', orders });
  }

  async limit(requestsPerSecond: number): Promise<void> {
    await this.command({ kind: 'limit', requestsPerSecond });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }

  /** True when it is so, undefined when not yet; throws what went wrong there. */
  is(holds: boolean): true | undefined {
    if (this.failure !== null) throw new Error(`bare loop: ${this.failure}`);
    return holds ? true : undefined;
  }

  private async command(command: BareCommand): Promise<void> {
    this.given += 1;
    const { given } = this;
    this.child.send(command);
    await until(`the bare loop did ${command.kind}`, 60_000, () => this.is(this.done >= given));
  }

  private hear(answer: BareAnswer): void {
    switch (answer.kind) {
      case 'ready':
        this.ready = true;
        return;
      case 'done':
        this.done += 1;
        return;
      case 'sold':
        this.sold.add(answer.clientOrderId);
        return;
      case 'armed':
        this.armed.set(answer.clientOrderId, answer);
        return;
      case 'failed':
        this.failure = answer.error;
        return;
    }
  }
}

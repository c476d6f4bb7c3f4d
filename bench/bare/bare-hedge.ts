import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../stack/until.js';
import type { BareLoopSettings } from './bare-loop.js';
import type { RestToHedge } from './bare-hedge-main.js';

type Answer = { readonly kind: 'ready' } | { readonly kind: 'rests' | 'hedged'; readonly clientOrderId: string } | { readonly kind: 'failed'; readonly error: string };

const BOUND_MS = 60_000;

/** Handle of the bare hedging process. It ends with this one. */
export class BareHedge {
  private readonly said = new Set<string>();
  private failure: string | null = null;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => {
      if (answer.kind === 'failed') this.failure = answer.error;
      else this.said.add(answer.kind === 'ready' ? 'ready' : `${answer.kind} ${answer.clientOrderId}`);
    });
    child.once('exit', (code) => (this.failure ??= `it ended with ${String(code)}`));
  }

  static async start(settings: { readonly first: BareLoopSettings; readonly second: BareLoopSettings; readonly symbol: string }): Promise<BareHedge> {
    const file = fileURLToPath(new URL('./bare-hedge-main.ts', import.meta.url));
    const hedge = new BareHedge(fork(file, [], { execArgv: ['--import', import.meta.resolve('tsx')], env: { ...process.env, BARE_HEDGE: JSON.stringify(settings) } }));
    await hedge.heard('ready');
    return hedge;
  }

  async rest(order: RestToHedge): Promise<void> {
    this.child.send(order);
    await this.heard(`rests ${order.clientOrderId}`);
  }

  async hedged(clientOrderId: string): Promise<void> {
    await this.heard(`hedged ${clientOrderId}`);
  }

  stop(): void {
    this.child.disconnect();
  }

  private async heard(what: string): Promise<void> {
    await until(`the bare hedge said ${what}`, BOUND_MS, () => {
      if (this.failure !== null) throw new Error(`bare hedge: ${this.failure}`);
      return this.said.has(what) ? true : undefined;
    });
  }
}

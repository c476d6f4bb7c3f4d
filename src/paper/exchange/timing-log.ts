import type { ExchangeListener, OrderUpdate } from './exchange-listener.js';
import type { ExchangeState } from './exchange-state.js';

/** Unix ms with fractions, by the clock that never jumps: comparable within one life of this process. */
export type Timing =
  /** New best prices were committed; their frame leaves now. Null: that side is empty. */
  | { readonly kind: 'frame'; readonly symbol: string; readonly bidQuote: string | null; readonly askQuote: string | null; readonly atMs: number }
  | { readonly kind: 'accepted' | 'filled'; readonly symbol: string; readonly account: string; readonly side: string; readonly clientOrderId: string; readonly atMs: number };

/** What is older is forgotten first. */
const MAX_TIMINGS = 200_000;

/** When frames left and orders were durable, finer than the ledger's milliseconds. Off until somebody measures. */
export class TimingLog implements ExchangeListener {
  private enabled = false;
  private timings: Timing[] = [];

  constructor(private readonly state: ExchangeState) {}

  /** Begins anew, or ends. */
  enable(enabled: boolean): void {
    this.enabled = enabled;
    this.timings = [];
  }

  /** Everything since the last time it was taken. */
  take(): readonly Timing[] {
    const { timings } = this;
    this.timings = [];
    return timings;
  }

  orderUpdated({ execution, order }: OrderUpdate): void {
    if (!this.enabled || (execution !== 'new' && execution !== 'trade')) return;
    const { symbol, account, side, clientOrderId } = order;
    this.note({ kind: execution === 'new' ? 'accepted' : 'filled', symbol, account, side, clientOrderId, atMs: nowMs() });
  }

  bookChanged(symbol: string): void {
    if (!this.enabled) return;
    const { bid, ask } = this.state.bestPrices(this.state.pair(symbol));
    this.note({ kind: 'frame', symbol, bidQuote: bid?.priceQuote.toFixed() ?? null, askQuote: ask?.priceQuote.toFixed() ?? null, atMs: nowMs() });
  }

  private note(timing: Timing): void {
    if (this.timings.length >= MAX_TIMINGS) this.timings.splice(0, MAX_TIMINGS / 10);
    this.timings.push(timing);
  }
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import type { Side } from '../matching/order.js';
import { visibleAt, visibleLevels } from '../matching/visible-book.js';
import { isContractSymbol, wireSymbolOf } from '../perpetual/contract-symbol.js';
import { wireDecimal } from './render-order.js';

type WireLevel = [price: string, size: string];

export interface DepthUpdate {
  readonly e: 'depthUpdate';
  readonly E: number;
  readonly s: string;
  readonly U: number;
  /** Last id of the difference before; perpetuals only. */
  readonly pu?: number;
  readonly T?: number;
  readonly u: number;
  readonly b: WireLevel[];
  readonly a: WireLevel[];
}

/** Book snapshots and the differences between them, numbered so that a client can chain them. */
export class DepthPublisher {
  private readonly lastUpdateIds = new Map<string, number>();
  private readonly receivers: ((symbol: string, update: DepthUpdate) => void)[] = [];

  constructor(private readonly state: ExchangeState) {}

  /** Every market's streams get every difference, so that snapshots and streams of all of them count alike. */
  onUpdate(receive: (symbol: string, update: DepthUpdate) => void): void {
    this.receivers.push(receive);
  }

  /** Publishes what changed since the last call, if anything. */
  flush(symbol: string): void {
    const pair = this.state.pair(symbol);
    pair.market.trackChanges();
    const { buy, sell } = pair.market.drainChanges();
    if (buy.length + sell.length === 0) return;
    const first = this.lastUpdateId(symbol) + 1;
    const last = first + buy.length + sell.length - 1;
    this.lastUpdateIds.set(symbol, last);
    const levels = (side: Side, prices: typeof buy): WireLevel[] =>
      prices.map((price) => [wireDecimal(price), wireDecimal(visibleAt(pair.market, side, price, countsResting(pair)))]);
    const update = { U: first, u: last, b: levels('buy', buy), a: levels('sell', sell) };
    const nowMs = this.state.now();
    const chained = isContractSymbol(symbol) ? { pu: first - 1, T: nowMs } : {};
    const frame: DepthUpdate = { e: 'depthUpdate', E: nowMs, s: wireSymbolOf(symbol), ...update, ...chained };
    for (const receive of this.receivers) receive(symbol, frame);
  }

  /** A snapshot that the next published difference continues. */
  snapshot(symbol: string, limit: number): { lastUpdateId: number; bids: WireLevel[]; asks: WireLevel[] } {
    this.flush(symbol);
    const pair = this.state.pair(symbol);
    const levels = (side: Side): WireLevel[] =>
      visibleLevels(pair.market, side, countsResting(pair), limit).map((level) => [
        wireDecimal(level.priceQuote),
        wireDecimal(level.amountBase),
      ]);
    return { lastUpdateId: this.lastUpdateId(symbol), bids: levels('buy'), asks: levels('sell') };
  }

  lastUpdateId(symbol: string): number {
    // Starting from the clock keeps the ids rising across a restart.
    let id = this.lastUpdateIds.get(symbol);
    if (id === undefined) this.lastUpdateIds.set(symbol, (id = this.state.now()));
    return id;
  }
}

/** Orders of a pair in manual mode are not matched, so they would cross the book if they were shown. */
function countsResting(pair: Pair): boolean {
  return pair.matching.mode === 'automatic';
}

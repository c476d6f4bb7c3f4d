import { Decimal } from '../matching/exact-decimal.js';
import type { Order, Side } from '../matching/order.js';
import type { ExchangeListener, PublicTrade } from './exchange-listener.js';
import type { ExchangeState } from './exchange-state.js';

const INTERVAL_MS = 1_000;

/**
 * Once a second, writes what frames moved without filling anybody: candles, queue positions, where the feed stands.
 * Frames themselves never write.
 */
export class ProgressKeeper implements ExchangeListener {
  private readonly savedQueues = new Map<number, Decimal>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly state: ExchangeState) {}

  start(): void {
    this.timer = setInterval(() => {
      this.save();
    }, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.save();
  }

  bookChanged(symbol: string): void {
    this.saveNewMinute(symbol);
  }

  traded(trade: PublicTrade): void {
    this.saveNewMinute(trade.symbol);
  }

  /** A minute that has begun is stored at once: its open price must be the same after a crash. */
  private saveNewMinute(symbol: string): void {
    if (this.state.pair(symbol).history.hasUnsavedOpen) this.save();
  }

  save(): void {
    const { state } = this;
    const candles = [...state.pairs.values()].flatMap((pair) =>
      pair.history.drainDirty().map((candle) => ({ symbol: pair.instrument.symbol, candle })),
    );
    const settings = new Map<string, string>();
    const position = state.feedPosition();
    if (position !== undefined) settings.set('feed-position', position);
    const progress = { candles, queuePositions: this.movedQueues(), settings, renewedLevels: this.renewedLevels() };
    const isEmpty = candles.length + progress.queuePositions.length + progress.renewedLevels.length + settings.size === 0;
    if (isEmpty) return;
    try {
      state.ledger.saveProgress(progress);
    } catch (error) {
      state.fail(error);
    }
  }

  private movedQueues(): Order[] {
    const moved: Order[] = [];
    const open = new Set<number>();
    for (const order of this.state.openOrders.all()) {
      open.add(order.orderId);
      const saved = this.savedQueues.get(order.orderId);
      if (saved !== undefined && saved.eq(order.queueAheadBase)) continue;
      this.savedQueues.set(order.orderId, order.queueAheadBase);
      moved.push(order);
    }
    for (const orderId of this.savedQueues.keys()) if (!open.has(orderId)) this.savedQueues.delete(orderId);
    return moved;
  }

  private renewedLevels(): [string, string, string][] {
    const renewed: [string, string, string][] = [];
    for (const key of this.state.usedLevelKeys) {
      const [symbol, side, price] = key.split('|') as [string, Side, string];
      if (this.state.usedBeforeRestart.has(symbol)) continue;
      const level = this.state.pairs.get(symbol)?.market.external.side(side).at(new Decimal(price));
      if (level !== undefined && level.takenBase.gt(0)) continue;
      this.state.usedLevelKeys.delete(key);
      renewed.push([symbol, side, price]);
    }
    return renewed;
  }
}

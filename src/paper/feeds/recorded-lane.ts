import { z } from 'zod';
import type { BookUpdate } from '../exchange/market-intake.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { LevelUpdate } from '../matching/market.js';
import type { FeedSink } from './feed.js';
import type { Lane } from './lane.js';
import { FIRST_LAP, type LapPrices, nextLap, toMarket } from './lap-prices.js';
import type { RecordedFrame, RecordedLines } from './recorded-file.js';

const LAP_PAUSE_MS = 100;

const positionSchema = z.object({
  lap: z.int().min(0),
  next: z.int().min(0),
  direction: z.union([z.literal(1), z.literal(-1)]),
  shift: z.string(),
});

/** Plays one pair's recording over and over. */
export class RecordedLane implements Lane {
  private readonly bids = new Map<string, string>();
  private readonly asks = new Map<string, string>();
  private readonly snapshotIndex: number;
  /** Differences recorded before the snapshot arrived that are newer than it. */
  private readonly early: RecordedFrame[] = [];
  private readonly startMs: number;
  private readonly lapMs: number;
  private readonly startMiddle: Decimal;
  private lap = 0;
  private prices: LapPrices = FIRST_LAP;
  private nextIndex: number;
  private next: RecordedFrame;

  /** @param stored position to continue from, as `position` gave it. */
  constructor(
    readonly symbol: string,
    private readonly lines: RecordedLines,
    private readonly tick: Decimal,
    stored: unknown,
  ) {
    this.snapshotIndex = this.findSnapshot();
    this.remember(this.lines.frame(this.snapshotIndex));
    this.startMiddle = this.recordedMiddle();
    this.startMs = this.lines.frame(this.snapshotIndex).timeMs;
    this.lapMs = this.lines.frame(lines.count - 1).timeMs - this.startMs + LAP_PAUSE_MS;
    this.nextIndex = this.snapshotIndex + 1;
    const position = positionSchema.safeParse(stored);
    if (position.success) {
      this.lap = position.data.lap;
      this.prices = { direction: position.data.direction, shift: new Decimal(position.data.shift) };
      for (; this.nextIndex < Math.min(position.data.next, lines.count); this.nextIndex += 1) {
        this.remember(lines.frame(this.nextIndex));
      }
    }
    this.next = this.load();
  }

  nextMs(): number {
    return this.lap * this.lapMs + this.next.timeMs - this.startMs;
  }

  deliver(sink: FeedSink): void {
    const frame = this.next;
    this.remember(frame);
    const emit = this.emission(frame);
    this.nextIndex += 1;
    // Moved on first: whoever stores the position while handling the frame must not get it again.
    this.next = this.load();
    emit(sink);
  }

  snapshot(): BookUpdate {
    return this.bookUpdate('snapshot', [...this.bids], [...this.asks]);
  }

  position(): z.output<typeof positionSchema> {
    const { direction, shift } = this.prices;
    return { lap: this.lap, next: this.nextIndex, direction, shift: shift.toFixed() };
  }

  /** Prices are mapped here and now: moving on from the last frame of a lap changes how they are mapped. */
  private emission(frame: RecordedFrame): (sink: FeedSink) => void {
    if (frame.kind === 'trade') {
      const priceQuote = toMarket(this.prices, new Decimal(frame.price));
      const buyerIsMaker = this.prices.direction === 1 ? frame.buyerIsMaker : !frame.buyerIsMaker;
      const print = { priceQuote, amountBase: new Decimal(frame.amount), buyerIsMaker };
      return (sink) => {
        sink.print(this.symbol, print);
      };
    }
    const isNewLap = frame.kind === 'snapshot';
    const update = isNewLap ? this.snapshot() : this.bookUpdate('delta', frame.bids, frame.asks);
    return (sink) => {
      sink.book(this.symbol, update);
    };
  }

  private bookUpdate(
    kind: BookUpdate['kind'],
    bids: readonly (readonly [string, string])[],
    asks: readonly (readonly [string, string])[],
  ): BookUpdate {
    const map = ([price, size]: readonly [string, string]): LevelUpdate => [
      toMarket(this.prices, new Decimal(price)),
      new Decimal(size),
    ];
    const isMirrored = this.prices.direction === -1;
    return { kind, bids: (isMirrored ? asks : bids).map(map), asks: (isMirrored ? bids : asks).map(map) };
  }

  /** The frame at `nextIndex`; at the end of the recording the snapshot, as the beginning of a new lap. */
  private load(): RecordedFrame {
    if (this.nextIndex < this.lines.count) return this.lines.frame(this.nextIndex);
    this.prices = nextLap(this.prices, this.startMiddle, this.recordedMiddle(), this.tick);
    this.lap += 1;
    this.nextIndex = this.snapshotIndex;
    return this.lines.frame(this.nextIndex);
  }

  private remember(frame: RecordedFrame): void {
    if (frame.kind === 'trade') return;
    if (frame.kind === 'snapshot') {
      this.bids.clear();
      this.asks.clear();
    }
    for (const [side, levels] of [[this.bids, frame.bids], [this.asks, frame.asks]] as const) {
      for (const [price, size] of levels) {
        if (Number(size) === 0) side.delete(price);
        else side.set(price, size);
      }
    }
    if (frame.kind === 'snapshot') for (const newer of this.early) this.remember(newer);
  }

  /** The recorder subscribed before it asked for the snapshot, so differences on both sides of it continue it. */
  private findSnapshot(): number {
    const before: RecordedFrame[] = [];
    for (let index = 0; index < this.lines.count; index += 1) {
      const frame = this.lines.frame(index);
      if (frame.kind === 'delta') before.push(frame);
      if (frame.kind !== 'snapshot') continue;
      const isNewer = (other: RecordedFrame): boolean => other.kind === 'delta' && other.lastUpdateId > frame.lastUpdateId;
      this.early.push(...before.filter(isNewer));
      return index;
    }
    throw new Error(`the recording of ${this.symbol} has no book snapshot`);
  }

  private recordedMiddle(): Decimal {
    const bid = [...this.bids.keys()].reduce((best, price) => (Number(price) > Number(best) ? price : best));
    const ask = [...this.asks.keys()].reduce((best, price) => (Number(price) < Number(best) ? price : best));
    return new Decimal(bid).plus(ask).div(2);
  }
}

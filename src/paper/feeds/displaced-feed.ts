import type { BookUpdate, Print } from '../exchange/market-intake.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { LevelUpdate } from '../matching/market.js';
import type { Feed, FeedSink } from './feed.js';

/** How this exchange's prices differ from those of its feed: what makes two exchanges of one recording two markets. */
export interface Displacement {
  /** Fraction of a pair's first middle price (0.002 = 0.2 % above the feed). */
  readonly offset: Decimal;
  /** How much later than the feed this exchange shows them, in ms of the wall clock. */
  readonly delayMs: number;
}

/** Frames kept back at one time; a feed that brings more in the delay is shown sooner. */
const MAX_KEPT = 50_000;

interface KeptFrame {
  readonly dueMs: number;
  readonly deliver: () => void;
}

/**
 * A feed shown with an offset and later. The offset is one amount for all prices of a pair, so that two levels never
 * become one.
 */
export class DisplacedFeed implements Feed {
  private readonly shifts = new Map<string, Decimal>();
  private readonly kept: KeptFrame[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sink: FeedSink | undefined;
  private starting = true;

  /** @param tickOf price tick of a pair in quote, by its symbol. */
  constructor(
    private readonly inner: Feed,
    private readonly displacement: Displacement,
    private readonly tickOf: (symbol: string) => Decimal,
  ) {}

  get name(): string {
    return this.inner.name;
  }

  get symbols(): readonly string[] {
    return this.inner.symbols;
  }

  async start(sink: FeedSink): Promise<void> {
    this.sink = sink;
    await this.inner.start({
      book: (symbol, update) => {
        this.learnShift(symbol, update);
        this.later((to) => to.book(symbol, this.movedBook(symbol, update)));
      },
      print: (symbol, print) => {
        this.later((to) => to.print(symbol, this.movedPrint(symbol, print)));
      },
    });
    this.starting = false;
  }

  async stop(): Promise<void> {
    this.sink = undefined;
    clearTimeout(this.timer);
    this.kept.length = 0;
    await this.inner.stop();
  }

  pause(): void {
    this.inner.pause();
  }

  resume(): void {
    this.inner.resume();
  }

  setSpeed(speed: number): void {
    this.inner.setSpeed(speed);
  }

  position(): string | undefined {
    return this.inner.position();
  }

  snapshot(symbol: string): BookUpdate | undefined {
    const update = this.inner.snapshot(symbol);
    return update === undefined ? undefined : this.movedBook(symbol, update);
  }

  /** The first books come at once: without them there is no market. */
  private later(deliver: (sink: FeedSink) => void): void {
    const { sink } = this;
    if (sink === undefined) return;
    if (this.starting || this.displacement.delayMs === 0) {
      deliver(sink);
      return;
    }
    this.kept.push({ dueMs: performance.now() + this.displacement.delayMs, deliver: () => deliver(sink) });
    if (this.kept.length > MAX_KEPT) this.kept.shift()?.deliver();
    if (this.timer === undefined) this.schedule();
  }

  private schedule(): void {
    const [first] = this.kept;
    this.timer = first === undefined ? undefined : setTimeout(() => this.show(), Math.max(0, first.dueMs - performance.now()));
  }

  private show(): void {
    const nowMs = performance.now();
    while (this.sink !== undefined && this.kept[0] !== undefined && this.kept[0].dueMs <= nowMs) this.kept.shift()?.deliver();
    this.schedule();
  }

  private learnShift(symbol: string, { bids, asks }: BookUpdate): void {
    if (this.shifts.has(symbol) || bids.length === 0 || asks.length === 0) return;
    const bid = Decimal.max(...bids.map(([price]) => price));
    const ask = Decimal.min(...asks.map(([price]) => price));
    const tick = this.tickOf(symbol);
    const shift = bid.plus(ask).div(2).times(this.displacement.offset).div(tick).round().times(tick);
    this.shifts.set(symbol, shift);
  }

  private movedBook(symbol: string, { kind, bids, asks }: BookUpdate): BookUpdate {
    const move = ([price, size]: LevelUpdate): LevelUpdate => [this.moved(symbol, price), size];
    return { kind, bids: bids.map(move), asks: asks.map(move) };
  }

  private movedPrint(symbol: string, print: Print): Print {
    return { ...print, priceQuote: this.moved(symbol, print.priceQuote) };
  }

  private moved(symbol: string, price: Decimal): Decimal {
    return price.plus(this.shifts.get(symbol) ?? 0);
  }
}

import { NO_MARKS, markPrices, type MarkPrices } from '../../src/domain/mark-price.js';
import { decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';
import type { ExchangePort, TopOfBook } from '../../src/ports/exchange.js';

export interface Top {
  readonly bidQuote: Decimal | null;
  readonly askQuote: Decimal | null;
  /** What barriers are judged by, on an empty side too. */
  readonly marks: MarkPrices;
  readonly atMs: number;
  /** On this process's monotonic clock. */
  readonly receivedAtMs: number;
}

export type TopListener = (top: Top) => void;

export type BookSide = 'bids' | 'asks';

/** A side of a book ran empty (`since` in Unix ms), or has orders again (null). */
export type EmptySideListener = (pair: string, side: BookSide, sinceMs: number | null) => void;

interface PairFeed {
  readonly listeners: Set<TopListener>;
  last: Top | null;
  marks: MarkPrices;
  /** The last trade was asked for, because a side was empty before any price of it was seen. */
  asked: boolean;
  readonly emptySinceMs: Map<BookSide, number>;
  stop: () => void;
}

const CANDLE_MS = 60_000;
const CANDLES = 30;

/** Best prices per pair for all sessions of an account: one subscription, numbers parsed once, fanned out. */
export class MarketFeed {
  private readonly pairs = new Map<string, PairFeed>();

  constructor(private readonly exchange: ExchangePort, private readonly onEmptySide: EmptySideListener = () => undefined) {}

  /** The last known prices come at once, if there are any. */
  subscribe(pair: string, listener: TopListener): () => void {
    const entry = this.pairs.get(pair) ?? this.open(pair);
    entry.listeners.add(listener);
    if (entry.last !== null) listener(entry.last);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0) return;
      entry.stop();
      this.pairs.delete(pair);
      for (const side of entry.emptySinceMs.keys()) this.onEmptySide(pair, side, null);
    };
  }

  last(pair: string): Top | null {
    return this.pairs.get(pair)?.last ?? null;
  }

  close(): void {
    for (const entry of this.pairs.values()) entry.stop();
    this.pairs.clear();
  }

  private open(pair: string): PairFeed {
    const entry: PairFeed = { listeners: new Set(), last: null, marks: NO_MARKS, asked: false, emptySinceMs: new Map(), stop: () => undefined };
    this.pairs.set(pair, entry);
    entry.stop = this.exchange.subscribeTopOfBook(pair, (top) => this.take(pair, entry, top));
    return entry;
  }

  private take(pair: string, entry: PairFeed, top: TopOfBook): void {
    const receivedAtMs = performance.now();
    const bidQuote = top.bidQuote === null ? null : decimal(top.bidQuote);
    const askQuote = top.askQuote === null ? null : decimal(top.askQuote);
    entry.marks = markPrices({ bidQuote, askQuote }, entry.marks);
    entry.last = { bidQuote, askQuote, marks: entry.marks, atMs: top.atMs, receivedAtMs };
    this.noteSide(pair, entry, 'bids', bidQuote);
    this.noteSide(pair, entry, 'asks', askQuote);
    for (const listener of entry.listeners) listener(entry.last);
    if ((entry.marks.bidMarkQuote === null || entry.marks.askMarkQuote === null) && !entry.asked) void this.markByLastTrade(pair, entry, top);
  }

  private noteSide(pair: string, entry: PairFeed, side: BookSide, best: Decimal | null): void {
    if ((best === null) === entry.emptySinceMs.has(side)) return;
    const sinceMs = best === null ? Date.now() : null;
    if (sinceMs === null) entry.emptySinceMs.delete(side);
    else entry.emptySinceMs.set(side, sinceMs);
    this.onEmptySide(pair, side, sinceMs);
  }

  /** A side that was empty from the start has no last price; the last trade stands in for it. */
  private async markByLastTrade(pair: string, entry: PairFeed, top: TopOfBook): Promise<void> {
    entry.asked = true;
    try {
      const candles = await this.exchange.candles(pair, CANDLE_MS, Date.now() - CANDLES * CANDLE_MS, CANDLES);
      const last = candles.at(-1);
      if (last === undefined || this.pairs.get(pair) !== entry) return;
      const traded = decimal(last.closeQuote);
      const { bidMarkQuote, askMarkQuote } = entry.marks;
      entry.marks = { bidMarkQuote: bidMarkQuote ?? traded, askMarkQuote: askMarkQuote ?? traded };
      this.take(pair, entry, { bidQuote: text(entry.last?.bidQuote), askQuote: text(entry.last?.askQuote), atMs: top.atMs });
    } catch {
      // Asked again with the next frame.
      entry.asked = false;
    }
  }
}

function text(price: Decimal | null | undefined): string | null {
  return price === null || price === undefined ? null : toDecimalString(price);
}

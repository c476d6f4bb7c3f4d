import { type Decimal, ZERO } from '../matching/exact-decimal.js';
import type { Candle } from './candle.js';

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
/** One hour of one-second candles; they are not stored. */
const MAX_SECONDS = 3_600;

/**
 * Price observations of one pair: prints with their size, and middle prices of the book when the best prices move.
 * Minute candles are handed out to be stored; second candles live in memory.
 */
export class PriceHistory {
  readonly seconds: Candle[] = [];
  minute: Candle | undefined;
  lastPrintQuote: Decimal | undefined;
  private dirty: Candle[] = [];

  observe(priceQuote: Decimal, amountBase: Decimal, timeMs: number): void {
    const isPrint = amountBase.gt(0);
    if (isPrint) this.lastPrintQuote = priceQuote;
    const minuteMs = timeMs - (timeMs % MINUTE_MS);
    if (this.minute === undefined || this.minute.openMs < minuteMs) this.minute = emptyCandle(minuteMs, priceQuote);
    extend(this.minute, priceQuote, amountBase);
    if (!this.dirty.includes(this.minute)) this.dirty.push(this.minute);
    const secondMs = timeMs - (timeMs % SECOND_MS);
    let second = this.seconds.at(-1);
    if (second === undefined || second.openMs < secondMs) {
      second = emptyCandle(secondMs, priceQuote);
      this.seconds.push(second);
      if (this.seconds.length > MAX_SECONDS) this.seconds.shift();
    }
    extend(second, priceQuote, amountBase);
  }

  /** The minute candle that was being built when the exchange last stopped. */
  resume(minute: Candle): void {
    this.minute = minute;
  }

  /** A minute has begun that is not stored yet; its open must not change after a crash. */
  get hasUnsavedOpen(): boolean {
    return this.dirty.some((candle) => candle.openMs !== this.savedOpenMs);
  }

  private savedOpenMs: number | undefined;

  /** Minute candles changed since the last call. */
  drainDirty(): Candle[] {
    const drained = this.dirty;
    this.dirty = [];
    this.savedOpenMs = drained.at(-1)?.openMs ?? this.savedOpenMs;
    return drained;
  }
}

function emptyCandle(openMs: number, priceQuote: Decimal): Candle {
  return {
    openMs,
    open: priceQuote,
    high: priceQuote,
    low: priceQuote,
    close: priceQuote,
    volumeBase: ZERO,
    volumeQuote: ZERO,
    tradeCount: 0,
  };
}

function extend(candle: Candle, priceQuote: Decimal, amountBase: Decimal): void {
  if (priceQuote.gt(candle.high)) candle.high = priceQuote;
  if (priceQuote.lt(candle.low)) candle.low = priceQuote;
  candle.close = priceQuote;
  if (amountBase.isZero()) return;
  candle.volumeBase = candle.volumeBase.plus(amountBase);
  candle.volumeQuote = candle.volumeQuote.plus(amountBase.times(priceQuote));
  candle.tradeCount += 1;
}

import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import { ZERO } from '../matching/exact-decimal.js';
import type { Candle } from './candle.js';
import { type CandleInterval, intervalStart, shiftInterval } from './candle-interval.js';

const DAY_MS = 86_400_000;

export interface CandleQuery {
  readonly interval: CandleInterval;
  /** Earliest open time; undefined: the newest candles. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly limit: number;
}

/**
 * Candles of a pair, ascending, without gaps: an interval without observations repeats the last close with no volume,
 * as Binance answers it. The last one may still be growing.
 */
export function queryCandles(state: ExchangeState, pair: Pair, query: CandleQuery): Candle[] {
  const { interval, limit } = query;
  const lastStart = intervalStart(interval, Math.min(query.toMs ?? Infinity, state.now()));
  const wantedStart =
    query.fromMs === undefined ? shiftInterval(interval, lastStart, 1 - limit) : alignUp(interval, query.fromMs);
  const firstKnown = firstObservation(state, pair, interval);
  if (firstKnown === undefined) return [];
  const firstStart = Math.max(wantedStart, intervalStart(interval, firstKnown));
  const endMs = Math.min(shiftInterval(interval, firstStart, limit), shiftInterval(interval, lastStart, 1));
  const parts = interval === '1s' ? pair.history.seconds : minutes(state, pair, firstStart, endMs);
  const merged = mergeInto(interval, parts.filter((part) => part.openMs >= firstStart && part.openMs < endMs));
  return fillGaps(interval, merged, firstStart, endMs, closeBefore(state, pair, interval, firstStart));
}

/** Complete minutes of the last day, merged once a minute: tickers are asked for far more often. */
const completeDays = new WeakMap<Pair, { readonly minuteMs: number; readonly merged: Candle | undefined }>();

/** Candles of the last 24 hours merged into one; undefined when there was never a price. */
export function dayCandle(state: ExchangeState, pair: Pair): Candle | undefined {
  const current = pair.history.minute;
  const minuteMs = intervalStart('1m', state.now());
  let complete = completeDays.get(pair);
  if (complete?.minuteMs !== minuteMs) {
    const stored = state.ledger.queries.candles(pair.instrument.symbol, minuteMs - DAY_MS, minuteMs - 1);
    const closed = current !== undefined && current.openMs < minuteMs ? withCurrent(stored, current) : stored;
    const [first, ...rest] = closed.filter((candle) => candle.openMs >= minuteMs - DAY_MS);
    complete = { minuteMs, merged: first === undefined ? undefined : rest.reduce(join, { ...first }) };
    // While the last minute is not stored yet the next request must look again.
    if (!pair.history.hasUnsavedOpen) completeDays.set(pair, complete);
  }
  const { merged } = complete;
  if (current?.openMs !== minuteMs) return merged ?? lastKnown(state, pair)[0];
  return merged === undefined ? { ...current } : join(merged, current);
}

function lastKnown(state: ExchangeState, pair: Pair): Candle[] {
  const last = pair.history.minute ?? state.ledger.queries.candleBefore(pair.instrument.symbol, state.now());
  return last === undefined ? [] : [flat(last.openMs, last)];
}

function alignUp(interval: CandleInterval, timeMs: number): number {
  const start = intervalStart(interval, timeMs);
  return start === timeMs ? start : shiftInterval(interval, start, 1);
}

function firstObservation(state: ExchangeState, pair: Pair, interval: CandleInterval): number | undefined {
  if (interval === '1s') return pair.history.seconds[0]?.openMs;
  return state.ledger.queries.firstCandleMs(pair.instrument.symbol) ?? pair.history.minute?.openMs;
}

/** Stored minutes, with the ones that are newer in memory over them. */
function minutes(state: ExchangeState, pair: Pair, fromMs: number, toMs: number): Candle[] {
  const stored = state.ledger.queries.candles(pair.instrument.symbol, fromMs, toMs - 1);
  const current = pair.history.minute;
  if (current === undefined || current.openMs < fromMs || current.openMs >= toMs) return stored;
  return withCurrent(stored, current);
}

function withCurrent(stored: readonly Candle[], current: Candle): Candle[] {
  return [...stored.filter((candle) => candle.openMs !== current.openMs), current];
}

function closeBefore(state: ExchangeState, pair: Pair, interval: CandleInterval, startMs: number): Candle | undefined {
  if (interval === '1s') return pair.history.seconds.findLast((candle) => candle.openMs < startMs);
  return state.ledger.queries.candleBefore(pair.instrument.symbol, startMs);
}

function mergeInto(interval: CandleInterval, parts: readonly Candle[]): Map<number, Candle> {
  const merged = new Map<number, Candle>();
  for (const part of parts) {
    const openMs = intervalStart(interval, part.openMs);
    const candle = merged.get(openMs);
    merged.set(openMs, candle === undefined ? { ...part, openMs } : join(candle, part));
  }
  return merged;
}

function join(first: Candle, second: Candle): Candle {
  return {
    openMs: first.openMs,
    open: first.open,
    high: second.high.gt(first.high) ? second.high : first.high,
    low: second.low.lt(first.low) ? second.low : first.low,
    close: second.close,
    volumeBase: first.volumeBase.plus(second.volumeBase),
    volumeQuote: first.volumeQuote.plus(second.volumeQuote),
    tradeCount: first.tradeCount + second.tradeCount,
  };
}

function fillGaps(
  interval: CandleInterval,
  merged: ReadonlyMap<number, Candle>,
  fromMs: number,
  endMs: number,
  before: Candle | undefined,
): Candle[] {
  const candles: Candle[] = [];
  let previous = before;
  for (let openMs = fromMs; openMs < endMs; openMs = shiftInterval(interval, openMs, 1)) {
    const candle = merged.get(openMs) ?? (previous === undefined ? undefined : flat(openMs, previous));
    if (candle !== undefined) candles.push(candle);
    previous = candle ?? previous;
  }
  return candles;
}

function flat(openMs: number, previous: Candle): Candle {
  const { close } = previous;
  const prices = { open: close, high: close, low: close, close };
  return { openMs, ...prices, volumeBase: ZERO, volumeQuote: ZERO, tradeCount: 0 };
}

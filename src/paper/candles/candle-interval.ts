const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FIXED_MS = {
  '1s': SECOND,
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
  '1w': 7 * DAY,
} as const;

export type CandleInterval = keyof typeof FIXED_MS | '1M';

export const CANDLE_INTERVALS: readonly CandleInterval[] = [...(Object.keys(FIXED_MS) as (keyof typeof FIXED_MS)[]), '1M'];

/** Weeks begin on Monday; the Unix epoch was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY;

/** Start (Unix ms, UTC) of the interval that contains `timeMs`. */
export function intervalStart(interval: CandleInterval, timeMs: number): number {
  if (interval === '1M') {
    const date = new Date(timeMs);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
  const length = FIXED_MS[interval];
  const origin = interval === '1w' ? FIRST_MONDAY_MS : 0;
  return timeMs - ((((timeMs - origin) % length) + length) % length);
}

/** Start of the interval `count` after (or, negative, before) the one that starts at `startMs`. */
export function shiftInterval(interval: CandleInterval, startMs: number, count: number): number {
  if (interval === '1M') {
    const date = new Date(startMs);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1);
  }
  return startMs + count * FIXED_MS[interval];
}

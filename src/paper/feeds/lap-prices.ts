import { Decimal } from '../matching/exact-decimal.js';

/**
 * How one lap of a recording maps recorded prices to market prices: `price * direction + shift`. A lap begins where the
 * last one ended. Direction -1 plays the prices mirrored (bids become asks).
 */
export interface LapPrices {
  readonly direction: 1 | -1;
  readonly shift: Decimal;
}

export const FIRST_LAP: LapPrices = { direction: 1, shift: new Decimal(0) };

/** Every lap repeats the recording's drift; beyond this fraction of the first price it is played back mirrored. */
const MAX_DRIFT = new Decimal('0.2');

/** @param recordedStart,recordedEnd middle prices of the recording. */
export function nextLap(last: LapPrices, recordedStart: Decimal, recordedEnd: Decimal, tick: Decimal): LapPrices {
  const endedAt = toMarket(last, recordedEnd);
  const drift = endedAt.minus(recordedStart);
  const isFarOff = drift.abs().gt(recordedStart.times(MAX_DRIFT));
  const leadsAway = drift.times(recordedEnd.minus(recordedStart)).gt(0);
  const direction = isFarOff && leadsAway ? -1 : 1;
  const shift = endedAt.minus(recordedStart.times(direction));
  return { direction, shift: shift.div(tick).round().times(tick) };
}

export function toMarket(lap: LapPrices, recorded: Decimal): Decimal {
  if (lap.direction === 1 && lap.shift.isZero()) return recorded;
  return recorded.times(lap.direction).plus(lap.shift);
}

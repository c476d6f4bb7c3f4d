import type { Side } from '../enumerations.js';
import { LIMITS } from '../limits.js';
import { DecimalRuleError, ONE, parseDecimal, ZERO, type Decimal } from '../money.js';

export const TWAP_MODES = ['TAKER', 'MAKER'] as const;
export type TwapMode = (typeof TWAP_MODES)[number];

/**
 * What becomes of slots whose time passed while nobody could act: `skip` drops their share, `stretch` appends as many
 * slots behind the last one, `burst` adds their share to the next slice.
 */
export const CATCH_UP_POLICIES = ['skip', 'stretch', 'burst'] as const;
export type CatchUpPolicy = (typeof CATCH_UP_POLICIES)[number];
export const DEFAULT_CATCH_UP: CatchUpPolicy = 'stretch';

/** What a TWAP is asked to do, as it stands in a plan: decimal strings, null = off. */
export interface TwapTermsRecord {
  readonly side: Side;
  /** Budget of all slices together, in quote. */
  readonly totalAmountQuote: string;
  readonly totalDurationMs: number;
  readonly orderIntervalMs: number;
  readonly mode: TwapMode;
  /** MAKER only: distance of the limit price from mid, as a fraction of mid. */
  readonly limitOrderBufferFraction: string | null;
  /** MAKER only: an order that is out longer than this is placed anew; null = it rests until it is filled. */
  readonly orderResubmissionMs: number | null;
  readonly catchUp: CatchUpPolicy;
  readonly leverage: number;
}

/** The record with its numbers read. */
export interface TwapTerms {
  readonly side: Side;
  readonly totalAmountQuote: Decimal;
  readonly totalDurationMs: number;
  readonly orderIntervalMs: number;
  /** floor(duration / interval) + 1: the first at once. */
  readonly slotCount: number;
  readonly execution:
    | { readonly mode: 'TAKER' }
    | { readonly mode: 'MAKER'; readonly bufferFraction: Decimal; readonly resubmissionMs: number | null };
  readonly catchUp: CatchUpPolicy;
  readonly leverage: number;
}

/**
 * Reads the terms; fields in errors have the names of the wire. Throws DecimalRuleError for a number out of its range, a
 * MAKER without buffer, and more slices than one plan may have. A buffer or resubmission time of a TAKER is not used.
 */
export function twapTerms(record: TwapTermsRecord): TwapTerms {
  const totalAmountQuote = parseDecimal('total_amount_quote', record.totalAmountQuote);
  if (!totalAmountQuote.greaterThan(ZERO)) throw new DecimalRuleError('total_amount_quote', record.totalAmountQuote, 'must be above 0');
  const orderIntervalMs = wholeNumber('order_interval', record.orderIntervalMs, 1);
  const totalDurationMs = wholeNumber('total_duration', record.totalDurationMs, 0);
  const slotCount = Math.floor(totalDurationMs / orderIntervalMs) + 1;
  if (slotCount > LIMITS.maxTwapSlices) {
    throw new DecimalRuleError('order_interval', orderIntervalMs, `ms gives ${slotCount} slices, at most ${LIMITS.maxTwapSlices}`);
  }
  return {
    side: record.side,
    totalAmountQuote,
    totalDurationMs,
    orderIntervalMs,
    slotCount,
    execution: execution(record),
    catchUp: record.catchUp,
    leverage: wholeNumber('leverage', record.leverage, 1),
  };
}

function execution(record: TwapTermsRecord): TwapTerms['execution'] {
  if (record.mode === 'TAKER') return { mode: 'TAKER' };
  const { limitOrderBufferFraction: buffer, orderResubmissionMs } = record;
  if (buffer === null) throw new DecimalRuleError('limit_order_buffer', null, 'must be given in MAKER mode');
  const bufferFraction = parseDecimal('limit_order_buffer', buffer);
  if (bufferFraction.isNegative() || !bufferFraction.lessThan(ONE)) throw new DecimalRuleError('limit_order_buffer', buffer, 'must be from 0 to below 1');
  const resubmissionMs = orderResubmissionMs === null ? null : wholeNumber('order_resubmission_time', orderResubmissionMs, 1);
  return { mode: 'MAKER', bufferFraction, resubmissionMs };
}

function wholeNumber(field: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) throw new DecimalRuleError(field, value, `must be a whole number of at least ${least}`);
  return value;
}

import type { Side } from '../enumerations.js';
import { LIMITS } from '../limits.js';
import { DecimalRuleError, ONE, parseDecimal, ZERO, type Decimal } from '../money.js';
import type { TrailingStop } from '../trailing-stop.js';

/**
 * What the stop loss is a fraction of. `average_entry`: the entry notional of what is filled, from the first fill.
 * `last_level`, as existing clients know it: MAKER the same, but only once every level is done; TAKER the whole plan.
 */
export const STOP_LOSS_REFERENCES = ['average_entry', 'last_level'] as const;
export type StopLossReference = (typeof STOP_LOSS_REFERENCES)[number];
export const DCA_MODES = ['MAKER', 'TAKER'] as const;
export type DcaMode = (typeof DCA_MODES)[number];

export const DEFAULT_STOP_LOSS_REFERENCE: StopLossReference = 'average_entry';

/** Sends a TAKER's levels close to their prices only. */
export const TAKER_BOUNDS = ['0.0001', '0.005'] as const;

/** What a DCA is asked to do, as it stands in a plan: decimal strings, null = off. */
export interface DcaTermsRecord {
  readonly side: Side;
  /** One level each, in the order in which they are sent. */
  readonly amountsQuote: readonly string[];
  readonly pricesQuote: readonly string[];
  readonly mode: DcaMode;
  /** Empty: a MAKER's levels rest at any distance, a TAKER's are sent close to their prices. */
  readonly activationBounds: readonly string[];
  readonly stopLossFraction: string | null;
  readonly stopLossReference: StopLossReference;
  readonly takeProfitFraction: string | null;
  readonly trailingStop: { readonly activationFraction: string; readonly deltaFraction: string } | null;
  /** Unix ms at which the time limit is over. */
  readonly timeLimitAtMs: number | null;
  readonly leverage: number;
}

/** The record with its numbers read. */
export interface DcaTerms {
  readonly side: Side;
  readonly levels: readonly { readonly amountQuote: Decimal; readonly priceQuote: Decimal }[];
  readonly mode: DcaMode;
  /** Empty: a MAKER's levels rest at any distance. */
  readonly activationBounds: readonly Decimal[];
  readonly stopLossFraction: Decimal | null;
  readonly stopLossReference: StopLossReference;
  readonly takeProfitFraction: Decimal | null;
  readonly trailingStop: TrailingStop | null;
  readonly timeLimitAtMs: number | null;
  readonly leverage: number;
}

/**
 * Reads the terms; fields in errors have the names of the wire. A stop loss or take profit of 0 is off. Throws
 * DecimalRuleError for lists of different lengths, no level or too many, and a number out of its range.
 */
export function dcaTerms(record: DcaTermsRecord): DcaTerms {
  const { amountsQuote, pricesQuote } = record;
  if (amountsQuote.length !== pricesQuote.length) throw new DecimalRuleError('prices', pricesQuote.length, `must be as many as amounts_quote, ${amountsQuote.length}`);
  if (amountsQuote.length === 0 || amountsQuote.length > LIMITS.maxDcaLevels) {
    throw new DecimalRuleError('amounts_quote', amountsQuote.length, `must have from 1 to ${LIMITS.maxDcaLevels} entries`);
  }
  if (!Number.isSafeInteger(record.leverage) || record.leverage < 1) throw new DecimalRuleError('leverage', record.leverage, 'must be a whole number of at least 1');
  const { trailingStop } = record;
  return {
    side: record.side,
    levels: amountsQuote.map((amount, index) => ({ amountQuote: positive(`amounts_quote.${index}`, amount), priceQuote: positive(`prices.${index}`, pricesQuote[index]) })),
    mode: record.mode,
    activationBounds: activationBounds(record),
    stopLossFraction: offWhenZero('stop_loss', record.stopLossFraction),
    stopLossReference: record.stopLossReference,
    takeProfitFraction: offWhenZero('take_profit', record.takeProfitFraction),
    trailingStop:
      trailingStop === null
        ? null
        : {
            activationFraction: notNegative('trailing_stop.activation_price', trailingStop.activationFraction),
            deltaFraction: notNegative('trailing_stop.trailing_delta', trailingStop.deltaFraction),
          },
    timeLimitAtMs: record.timeLimitAtMs,
    leverage: record.leverage,
  };
}

function activationBounds({ mode, activationBounds: given }: DcaTermsRecord): readonly Decimal[] {
  const texts = mode === 'TAKER' && given.length === 0 ? TAKER_BOUNDS : given;
  if (texts.length > 2) throw new DecimalRuleError('activation_bounds', texts.length, 'must have at most 2 entries');
  return texts.map((text, index) => {
    const bound = notNegative(`activation_bounds.${index}`, text);
    if (!bound.lessThan(ONE)) throw new DecimalRuleError(`activation_bounds.${index}`, text, 'must be below 1');
    return bound;
  });
}

function positive(field: string, value: unknown): Decimal {
  const parsed = parseDecimal(field, value);
  if (!parsed.greaterThan(ZERO)) throw new DecimalRuleError(field, value, 'must be above 0');
  return parsed;
}

function notNegative(field: string, value: string): Decimal {
  const parsed = parseDecimal(field, value);
  if (parsed.isNegative()) throw new DecimalRuleError(field, value, 'must not be negative');
  return parsed;
}

function offWhenZero(field: string, value: string | null): Decimal | null {
  const parsed = value === null ? null : notNegative(field, value);
  return parsed === null || parsed.isZero() ? null : parsed;
}

import { Decimal, DecimalRuleError, parseDecimal, toDecimalString, ZERO } from '../money.js';

/** What closes an LP position by itself; decimal strings, so that it can stand in history. Null: off. */
export interface LpTermsRecord {
  readonly upperLimitPriceQuote: string | null;
  readonly lowerLimitPriceQuote: string | null;
  /** Net P&L as a fraction of the deposit's value, 0.2 = 20 %; of a loss, also positive. */
  readonly takeProfit: string | null;
  readonly stopLoss: string | null;
  /** From the block of the deposit. */
  readonly timeLimitMs: number | null;
  /** Without a break out of range on that side. */
  readonly aboveRangeMs: number | null;
  readonly belowRangeMs: number | null;
  /** A close of its own leaves the net change to the controller instead of swapping it back. */
  readonly keepPosition: boolean;
}

export interface LpTerms {
  readonly upperLimitPriceQuote: Decimal | null;
  readonly lowerLimitPriceQuote: Decimal | null;
  readonly takeProfit: Decimal | null;
  readonly stopLoss: Decimal | null;
  readonly timeLimitMs: number | null;
  readonly aboveRangeMs: number | null;
  readonly belowRangeMs: number | null;
  readonly keepPosition: boolean;
}

/** Throws DecimalRuleError with the field, the value and the rule it breaks. */
export function lpTerms(record: LpTermsRecord): LpTerms {
  const upperLimitPriceQuote = positive('upper_limit_price', record.upperLimitPriceQuote);
  const lowerLimitPriceQuote = positive('lower_limit_price', record.lowerLimitPriceQuote);
  if (upperLimitPriceQuote !== null && lowerLimitPriceQuote !== null && !lowerLimitPriceQuote.lessThan(upperLimitPriceQuote)) {
    throw new DecimalRuleError('lower_limit_price', record.lowerLimitPriceQuote, `must be below upper_limit_price (${toDecimalString(upperLimitPriceQuote)})`);
  }
  return {
    upperLimitPriceQuote,
    lowerLimitPriceQuote,
    takeProfit: positive('take_profit', record.takeProfit),
    stopLoss: positive('stop_loss', record.stopLoss),
    timeLimitMs: duration('time_limit', record.timeLimitMs),
    aboveRangeMs: duration('auto_close_above_range_seconds', record.aboveRangeMs),
    belowRangeMs: duration('auto_close_below_range_seconds', record.belowRangeMs),
    keepPosition: record.keepPosition,
  };
}

function positive(field: string, value: string | null): Decimal | null {
  if (value === null) return null;
  const parsed = parseDecimal(field, value);
  if (!parsed.greaterThan(ZERO)) throw new DecimalRuleError(field, value, 'must be above 0');
  return parsed;
}

function duration(field: string, valueMs: number | null): number | null {
  if (valueMs !== null && (!Number.isSafeInteger(valueMs) || valueMs < 0)) {
    throw new DecimalRuleError(field, valueMs, 'must be a whole number of milliseconds, not negative');
  }
  return valueMs;
}

import type { OrderType, Side } from '../enumerations.js';
import { LIMITS } from '../limits.js';
import { Decimal, DecimalRuleError, ONE, parseDecimal, ZERO } from '../money.js';
import type { TrailingStop } from '../trailing-stop.js';

/** What a grid is asked to do, as it stands in a plan: decimal strings, null = off. */
export interface GridTermsRecord {
  readonly side: Side;
  /** Low and high edge for both sides, in quote. */
  readonly startPriceQuote: string;
  readonly endPriceQuote: string;
  /** Mid price that ends the grid: at or below it for BUY, at or above it for SELL; in quote. */
  readonly limitPriceQuote: string | null;
  /** Budget of all levels together, in quote. */
  readonly totalAmountQuote: string;
  /** Least distance between two levels, as a fraction of the start price. */
  readonly minSpreadFraction: string;
  readonly minOrderAmountQuote: string;
  /** Entries that may be out at once. */
  readonly maxOpenOrders: number;
  /** Entries sent by one decision; null = as many as `maxOpenOrders` allows. */
  readonly maxOrdersPerBatch: number | null;
  /** Least pause between two batches of entries, in ms. */
  readonly orderFrequencyMs: number;
  /** Fraction of mid within which orders rest; null = everywhere. */
  readonly activationBoundsFraction: string | null;
  /** Fraction of the best price by which an order that would cross stands behind it. */
  readonly safeExtraSpreadFraction: string;
  /** Fraction of the level's price; null only when it is taken from the step. */
  readonly takeProfitFraction: string | null;
  /** Take profit of a level = the greater of its own and the distance between levels. */
  readonly coerceTakeProfitToStep: boolean;
  /** Fraction of the open inventory's cost, entry fees counted. */
  readonly stopLossFraction: string | null;
  readonly trailingStop: { readonly activationFraction: string; readonly deltaFraction: string } | null;
  /** Unix ms at which the time limit is over. */
  readonly timeLimitAtMs: number | null;
  readonly openOrderType: OrderType;
  readonly takeProfitOrderType: OrderType;
  /** Accepted for existing clients: what trades took in base is never offered for sale, whatever it says. */
  readonly deductBaseFees: boolean;
  /** The limit price hands the inventory over instead of closing it. */
  readonly keepPosition: boolean;
  readonly leverage: number;
}

/** The record with its numbers read. Fractions: 0.01 = 1 %. */
export interface GridTerms {
  readonly side: Side;
  readonly startPriceQuote: Decimal;
  readonly endPriceQuote: Decimal;
  readonly limitPriceQuote: Decimal | null;
  readonly totalAmountQuote: Decimal;
  readonly minSpreadFraction: Decimal;
  readonly minOrderAmountQuote: Decimal;
  readonly maxOpenOrders: number;
  readonly maxOrdersPerBatch: number | null;
  readonly orderFrequencyMs: number;
  readonly activationBoundsFraction: Decimal | null;
  readonly safeExtraSpreadFraction: Decimal;
  readonly takeProfitFraction: Decimal | null;
  readonly coerceTakeProfitToStep: boolean;
  readonly stopLossFraction: Decimal | null;
  readonly trailingStop: TrailingStop | null;
  readonly timeLimitAtMs: number | null;
  readonly openOrderType: 'LIMIT' | 'LIMIT_MAKER';
  readonly takeProfitOrderType: OrderType;
  readonly deductBaseFees: boolean;
  readonly keepPosition: boolean;
  readonly leverage: number;
}

/**
 * Reads the terms; fields in errors have the names of the wire. A limit price, stop loss, take profit or time limit of 0
 * is off, as existing clients expect. Throws DecimalRuleError for a number out of its range, an edge or a limit price on
 * the wrong side, entries at market, and a grid without a take profit.
 */
export function gridTerms(record: GridTermsRecord): GridTerms {
  const limitPriceQuote = offWhenZero(optional('limit_price', record.limitPriceQuote));
  const terms: GridTerms = {
    side: record.side,
    startPriceQuote: positive('start_price', record.startPriceQuote),
    endPriceQuote: positive('end_price', record.endPriceQuote),
    limitPriceQuote,
    totalAmountQuote: positive('total_amount_quote', record.totalAmountQuote),
    minSpreadFraction: notNegative('min_spread_between_orders', record.minSpreadFraction),
    minOrderAmountQuote: notNegative('min_order_amount_quote', record.minOrderAmountQuote),
    maxOpenOrders: wholeNumber('max_open_orders', record.maxOpenOrders, 1, LIMITS.maxGridLevels),
    maxOrdersPerBatch: record.maxOrdersPerBatch === null ? null : wholeNumber('max_orders_per_batch', record.maxOrdersPerBatch, 1, LIMITS.maxGridLevels),
    orderFrequencyMs: wholeNumber('order_frequency', record.orderFrequencyMs, 0, Number.MAX_SAFE_INTEGER),
    activationBoundsFraction: optional('activation_bounds', record.activationBoundsFraction),
    safeExtraSpreadFraction: fractionBelowOne('safe_extra_spread', record.safeExtraSpreadFraction),
    takeProfitFraction: offWhenZero(optional('take_profit', record.takeProfitFraction)),
    coerceTakeProfitToStep: record.coerceTakeProfitToStep,
    stopLossFraction: offWhenZero(optional('stop_loss', record.stopLossFraction)),
    trailingStop:
      record.trailingStop === null
        ? null
        : {
            activationFraction: notNegative('trailing_stop.activation_price', record.trailingStop.activationFraction),
            deltaFraction: notNegative('trailing_stop.trailing_delta', record.trailingStop.deltaFraction),
          },
    timeLimitAtMs: record.timeLimitAtMs,
    openOrderType: restingType('open_order_type', record.openOrderType),
    takeProfitOrderType: record.takeProfitOrderType,
    deductBaseFees: record.deductBaseFees,
    keepPosition: record.keepPosition,
    leverage: wholeNumber('leverage', record.leverage, 1, Number.MAX_SAFE_INTEGER),
  };
  checkEdges(terms);
  checkTakeProfit(terms);
  return terms;
}

/** A kill price beyond the far edge is met wherever the grid could trade. */
function checkEdges({ side, startPriceQuote, endPriceQuote, limitPriceQuote }: GridTerms): void {
  if (!startPriceQuote.lessThan(endPriceQuote)) throw new DecimalRuleError('end_price', endPriceQuote.toFixed(), `must be above start_price ${startPriceQuote.toFixed()}`);
  if (limitPriceQuote === null) return;
  if (side === 'BUY' && !limitPriceQuote.lessThan(endPriceQuote)) {
    throw new DecimalRuleError('limit_price', limitPriceQuote.toFixed(), `of a BUY grid must be below end_price ${endPriceQuote.toFixed()}`);
  }
  if (side === 'SELL' && !limitPriceQuote.greaterThan(startPriceQuote)) {
    throw new DecimalRuleError('limit_price', limitPriceQuote.toFixed(), `of a SELL grid must be above start_price ${startPriceQuote.toFixed()}`);
  }
}

function checkTakeProfit({ side, takeProfitFraction, coerceTakeProfitToStep }: GridTerms): void {
  if (takeProfitFraction === null) {
    if (coerceTakeProfitToStep) return;
    throw new DecimalRuleError('take_profit', null, 'must be above 0, or coerce_tp_to_step must be true: a level is opened again only after its take profit');
  }
  if (side === 'SELL' && !takeProfitFraction.lessThan(ONE)) throw new DecimalRuleError('take_profit', takeProfitFraction.toFixed(), 'of a SELL grid must be below 1');
}

/** At market every level would be bought at once, at one price. */
function restingType(field: string, type: OrderType): 'LIMIT' | 'LIMIT_MAKER' {
  if (type === 'MARKET') throw new DecimalRuleError(field, type, 'must be LIMIT or LIMIT_MAKER in a grid');
  return type;
}

function positive(field: string, value: string): Decimal {
  const parsed = parseDecimal(field, value);
  if (!parsed.greaterThan(ZERO)) throw new DecimalRuleError(field, value, 'must be above 0');
  return parsed;
}

function notNegative(field: string, value: string): Decimal {
  const parsed = parseDecimal(field, value);
  if (parsed.isNegative()) throw new DecimalRuleError(field, value, 'must not be negative');
  return parsed;
}

function fractionBelowOne(field: string, value: string): Decimal {
  const parsed = notNegative(field, value);
  if (!parsed.lessThan(ONE)) throw new DecimalRuleError(field, value, 'must be below 1');
  return parsed;
}

function optional(field: string, value: string | null): Decimal | null {
  return value === null ? null : notNegative(field, value);
}

function wholeNumber(field: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) throw new DecimalRuleError(field, value, `must be a whole number from ${least} to ${most}`);
  return value;
}

function offWhenZero(value: Decimal | null): Decimal | null {
  return value === null || value.isZero() ? null : value;
}

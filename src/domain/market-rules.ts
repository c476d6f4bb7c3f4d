import type { Side } from './enumerations.js';
import { Decimal, DecimalRuleError, exactly, parseDecimal, toDecimalString, ZERO } from './money.js';

/** Trading rules of one pair as the exchange states them; decimal strings, so that they can stand in history. */
export interface MarketRulesRecord {
  readonly pair: string;
  readonly base: string;
  readonly quote: string;
  /** A perpetual is a contract on base, settled and charged in quote; nothing of base is ever held. */
  readonly contract: 'spot' | 'perpetual';
  /** The exchange keeps stop orders that fire a market order. */
  readonly supportsStop: boolean;
  /** Amounts are whole multiples of this, in base. */
  readonly amountStepBase: string;
  /** Prices are whole multiples of this, in quote. */
  readonly priceTickQuote: string;
  readonly minAmountBase: string;
  readonly maxAmountBase: string | null;
  /** Smallest amount x price, in quote. */
  readonly minNotionalQuote: string;
  /** Fee fractions as configured at the exchange, for balance checks only (0.001 = 0.1 %). */
  readonly makerFeeFraction: string;
  readonly takerFeeFraction: string;
  /** How the account stands on a perpetual; absent on spot, and where only the market was asked for. */
  readonly positionMode?: 'oneway' | 'hedge';
}

/** The assets a fee can be valued by without a third price. */
export interface MarketAssets {
  readonly base: string;
  readonly quote: string;
}

/** The record with its numbers read. */
export interface MarketRules extends MarketAssets {
  readonly pair: string;
  readonly contract: 'spot' | 'perpetual';
  readonly supportsStop: boolean;
  readonly amountStepBase: Decimal;
  readonly priceTickQuote: Decimal;
  readonly minAmountBase: Decimal;
  readonly maxAmountBase: Decimal | null;
  readonly minNotionalQuote: Decimal;
  readonly makerFeeFraction: Decimal;
  readonly takerFeeFraction: Decimal;
}

/** Why an order cannot be sent: the field, the value and the rule. */
export interface OrderRuleBreach {
  readonly field: 'amountBase' | 'priceQuote' | 'notionalQuote';
  readonly value: string;
  readonly rule: string;
}

/** Throws DecimalRuleError when a step is not positive or a bound is negative. Fees may be negative (rebates). */
export function marketRules(record: MarketRulesRecord): MarketRules {
  return {
    pair: record.pair,
    base: record.base,
    quote: record.quote,
    contract: record.contract,
    supportsStop: record.supportsStop,
    amountStepBase: positive('amountStepBase', record.amountStepBase),
    priceTickQuote: positive('priceTickQuote', record.priceTickQuote),
    minAmountBase: notNegative('minAmountBase', record.minAmountBase),
    maxAmountBase: record.maxAmountBase === null ? null : positive('maxAmountBase', record.maxAmountBase),
    minNotionalQuote: notNegative('minNotionalQuote', record.minNotionalQuote),
    makerFeeFraction: parseDecimal('makerFeeFraction', record.makerFeeFraction),
    takerFeeFraction: parseDecimal('takerFeeFraction', record.takerFeeFraction),
  };
}

/** Rules for what only closes: a perpetual's smallest order value does not hold for orders that reduce a position. */
export function closingRules(record: MarketRulesRecord): MarketRulesRecord {
  return record.contract === 'perpetual' ? { ...record, minNotionalQuote: '0' } : record;
}

/** The largest whole number of steps that is not above the amount. */
export function floorAmount(rules: MarketRules, amountBase: Decimal): Decimal {
  return amountBase.toNearest(rules.amountStepBase, Decimal.ROUND_FLOOR);
}

/** The nearest whole number of ticks not above (`down`) or not below (`up`) the price. */
export function roundPrice(rules: MarketRules, priceQuote: Decimal, direction: 'down' | 'up'): Decimal {
  return priceQuote.toNearest(rules.priceTickQuote, direction === 'down' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL);
}

/** A limit price on the tick, moved only to the side that costs its owner nothing: a buy down, a sell up. */
export function makerPrice(rules: MarketRules, side: Side, priceQuote: Decimal): Decimal {
  return roundPrice(rules, priceQuote, side === 'BUY' ? 'down' : 'up');
}

/** Whether the exchange takes an order of this size. The maximum does not count: a large amount goes in parts. */
export function isTradable(rules: MarketRules, amountBase: Decimal, priceQuote: Decimal): boolean {
  return (
    amountBase.greaterThan(ZERO) &&
    amountBase.greaterThanOrEqualTo(rules.minAmountBase) &&
    exactly.product(amountBase, priceQuote).greaterThanOrEqualTo(rules.minNotionalQuote)
  );
}

/**
 * First rule an order breaks, null when none. `priceQuote` null (MARKET): only the amount is checked, because what the
 * exchange takes as its notional is not known here.
 */
export function checkOrder(
  rules: MarketRules,
  order: { readonly amountBase: Decimal; readonly priceQuote: Decimal | null },
): OrderRuleBreach | null {
  const { amountBase, priceQuote } = order;
  return checkAmount(rules, amountBase) ?? (priceQuote === null ? null : checkPrice(rules, amountBase, priceQuote));
}

function checkAmount(rules: MarketRules, amountBase: Decimal): OrderRuleBreach | null {
  const breach = (rule: string): OrderRuleBreach => ({ field: 'amountBase', value: toDecimalString(amountBase), rule });
  if (!amountBase.greaterThan(ZERO)) return breach('must be above 0');
  if (amountBase.lessThan(rules.minAmountBase)) return breach(`must be at least ${toDecimalString(rules.minAmountBase)} ${rules.base}`);
  if (rules.maxAmountBase !== null && amountBase.greaterThan(rules.maxAmountBase)) {
    return breach(`must be at most ${toDecimalString(rules.maxAmountBase)} ${rules.base}`);
  }
  if (!floorAmount(rules, amountBase).equals(amountBase)) return breach(`must be a multiple of ${toDecimalString(rules.amountStepBase)} ${rules.base}`);
  return null;
}

function checkPrice(rules: MarketRules, amountBase: Decimal, priceQuote: Decimal): OrderRuleBreach | null {
  const breach = (rule: string): OrderRuleBreach => ({ field: 'priceQuote', value: toDecimalString(priceQuote), rule });
  if (!priceQuote.greaterThan(ZERO)) return breach('must be above 0');
  if (!roundPrice(rules, priceQuote, 'down').equals(priceQuote)) return breach(`must be a multiple of ${toDecimalString(rules.priceTickQuote)} ${rules.quote}`);
  const notionalQuote = exactly.product(amountBase, priceQuote);
  if (notionalQuote.lessThan(rules.minNotionalQuote)) {
    return { field: 'notionalQuote', value: toDecimalString(notionalQuote), rule: `must be at least ${toDecimalString(rules.minNotionalQuote)} ${rules.quote}` };
  }
  return null;
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

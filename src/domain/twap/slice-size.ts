import { checkOrder, floorAmount, makerPrice, type MarketRules, type OrderRuleBreach } from '../market-rules.js';
import { Decimal, divideToward, exactly, ONE } from '../money.js';
import type { TwapTerms } from './twap-terms.js';

/** Digits behind the point of a share of the budget: a quotient has no last digit, and the state stays small. */
const SHARE_DIGITS = 30;
const HALF = new Decimal('0.5');

/** The order of one slice: MARKET when it has no price. */
export interface SliceOrder {
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
}

/** (bid + ask) / 2, in quote. */
export function midPrice(bidQuote: Decimal, askQuote: Decimal): Decimal {
  return exactly.product(exactly.sum(bidQuote, askQuote), HALF);
}

/** budget * parts / of, cut to 30 digits behind the point; the whole budget for all parts, so that shares sum to it. */
export function shareOf(budgetQuote: Decimal, parts: number, of: number): Decimal {
  if (parts >= of) return budgetQuote;
  return divideToward('down', exactly.product(budgetQuote, new Decimal(parts)), new Decimal(of)).toDecimalPlaces(SHARE_DIGITS, Decimal.ROUND_FLOOR);
}

/** mid * (1 - buffer) for BUY, mid * (1 + buffer) for SELL, on the tick away from mid; null for TAKER, which is at market. */
export function slicePrice(terms: TwapTerms, rules: MarketRules, midQuote: Decimal): Decimal | null {
  const { execution, side } = terms;
  if (execution.mode === 'TAKER') return null;
  const factor = side === 'BUY' ? ONE.minus(execution.bufferFraction) : ONE.plus(execution.bufferFraction);
  return makerPrice(rules, side, exactly.product(midQuote, factor));
}

/**
 * What a share of the budget trades: share / mid, in whole steps, at most the exchange's maximum. A MAKER that sells
 * above mid is sized by its own price, so that no order is worth more than its share.
 */
export function sliceOrder(terms: TwapTerms, rules: MarketRules, shareQuote: Decimal, midQuote: Decimal): SliceOrder {
  const priceQuote = slicePrice(terms, rules, midQuote);
  const wanted = floorAmount(rules, divideToward('down', shareQuote, sizingPrice(priceQuote, midQuote)));
  const most = rules.maxAmountBase === null ? wanted : floorAmount(rules, rules.maxAmountBase);
  return { amountBase: Decimal.min(wanted, most), priceQuote };
}

/** First rule that an order of this size breaks; one at market is judged at mid, on the tick below. */
export function sliceBreach(rules: MarketRules, { amountBase, priceQuote }: SliceOrder, midQuote: Decimal): OrderRuleBreach | null {
  return checkOrder(rules, { amountBase, priceQuote: priceQuote ?? makerPrice(rules, 'BUY', midQuote) });
}

/** The smallest share, in quote, that gives a slice the exchange takes; null when no share does: the price is not positive. */
export function smallestShareQuote(terms: TwapTerms, rules: MarketRules, midQuote: Decimal): Decimal | null {
  const price = slicePrice(terms, rules, midQuote);
  const judged = price ?? makerPrice(rules, 'BUY', midQuote);
  if (!judged.greaterThan(0)) return null;
  const { amountStepBase: step, minAmountBase, minNotionalQuote } = rules;
  const steps = Decimal.max(ONE, divideToward('up', minAmountBase, step).ceil(), divideToward('up', minNotionalQuote, exactly.product(judged, step)).ceil());
  return exactly.product(steps, step, sizingPrice(price, midQuote)).toDecimalPlaces(SHARE_DIGITS, Decimal.ROUND_CEIL);
}

/** The largest share, in quote, that one order can trade; null without a maximum. */
export function largestShareQuote(terms: TwapTerms, rules: MarketRules, midQuote: Decimal): Decimal | null {
  if (rules.maxAmountBase === null) return null;
  return exactly.product(floorAmount(rules, rules.maxAmountBase), sizingPrice(slicePrice(terms, rules, midQuote), midQuote));
}

function sizingPrice(priceQuote: Decimal | null, midQuote: Decimal): Decimal {
  return priceQuote === null ? midQuote : Decimal.max(priceQuote, midQuote);
}

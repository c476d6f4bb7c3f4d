import { sideSign } from '../enumerations.js';
import { roundPrice, type MarketRules } from '../market-rules.js';
import { Decimal, decimal, exactly, ONE } from '../money.js';
import type { GridTerms } from './grid-terms.js';
import { steppedQuotient } from './whole-steps.js';

/** Digits behind the point that a step keeps; it stands in reports, and a quotient has no last digit. */
const STEP_DIGITS = 30;

/**
 * Prices of `count` levels, ascending: evenly spaced from start to end, both included; a single one in the middle. Each
 * is put on the tick on the side that costs its owner nothing (a buy down, a sell up), at the edges to the inside. Two
 * may be equal when the spacing is below a tick. Null when the range holds no tick.
 */
export function levelPrices(terms: GridTerms, rules: MarketRules, count: number): readonly Decimal[] | null {
  const { startPriceQuote: start, endPriceQuote: end } = terms;
  const range = exactly.difference(end, start);
  const gaps = new Decimal(count === 1 ? 2 : count - 1);
  const prices: Decimal[] = [];
  for (let index = 0; index < count; index += 1) {
    const position = new Decimal(count === 1 ? 1 : index);
    const price = onTick(terms, rules, exactly.sum(exactly.product(start, gaps), exactly.product(range, position)), gaps);
    if (price === null) return null;
    prices.push(price);
  }
  return prices;
}

function onTick({ side, startPriceQuote, endPriceQuote }: GridTerms, rules: MarketRules, numerator: Decimal, denominator: Decimal): Decimal | null {
  const inside = (price: Decimal): boolean => price.greaterThanOrEqualTo(startPriceQuote) && price.lessThanOrEqualTo(endPriceQuote);
  const [first, second] = side === 'BUY' ? (['down', 'up'] as const) : (['up', 'down'] as const);
  const price = steppedQuotient(first, numerator, denominator, rules.priceTickQuote);
  if (inside(price)) return price;
  const other = steppedQuotient(second, numerator, denominator, rules.priceTickQuote);
  return inside(other) ? other : null;
}

/** Distance between two of `count` levels as a fraction of the start price; the whole range for a single one. */
export function stepFraction({ startPriceQuote, endPriceQuote }: GridTerms, count: number): Decimal {
  const gaps = new Decimal(Math.max(1, count - 1));
  const range = exactly.difference(endPriceQuote, startPriceQuote);
  return range.dividedBy(exactly.product(startPriceQuote, gaps)).toDecimalPlaces(STEP_DIGITS, Decimal.ROUND_FLOOR);
}

/** The take profit all levels have: their own, or the step when that is greater and asked for. */
export function takeProfitFraction({ takeProfitFraction: own, coerceTakeProfitToStep }: GridTerms, step: Decimal): Decimal {
  if (own === null) return step;
  return coerceTakeProfitToStep ? Decimal.max(step, own) : own;
}

/** level * (1 + fraction) for BUY, level * (1 - fraction) for SELL, rounded away from the level. Not positive when a short's is too far. */
export function takeProfitPriceQuote({ side }: GridTerms, rules: MarketRules, levelPriceQuote: Decimal, fraction: Decimal): Decimal {
  const factor = exactly.sum(ONE, exactly.product(decimal(String(sideSign(side))), fraction));
  return roundPrice(rules, exactly.product(levelPriceQuote, factor), side === 'BUY' ? 'up' : 'down');
}

import type { Side } from './enumerations.js';
import { makerPrice, type MarketRules } from './market-rules.js';
import { exactly, ONE, type Decimal } from './money.js';

/** How an order follows the best price of its own side; both fractions of that price (0.001 = 0.1 %). */
export interface ChaserTerms {
  /** How far behind the best price the order is placed. */
  readonly distanceFraction: Decimal;
  /** How far the market may run away from the order before it is placed anew. */
  readonly refreshThresholdFraction: Decimal;
}

/**
 * Price of a chasing order: BUY bid * (1 - distance), SELL ask * (1 + distance), on the tick and never nearer to the
 * other side than that. Null when nothing positive is left of it.
 */
export function chaserPrice(rules: MarketRules, side: Side, terms: ChaserTerms, bestQuote: Decimal): Decimal | null {
  const factor = side === 'BUY' ? ONE.minus(terms.distanceFraction) : ONE.plus(terms.distanceFraction);
  const price = makerPrice(rules, side, exactly.product(bestQuote, factor));
  return price.greaterThan(0) ? price : null;
}

/**
 * True when the market ran away from the order by more than the threshold, and a new one would stand nearer to it. One
 * that came towards the order, or is the order itself alone at the top of the book, leaves it where it is.
 */
export function ranAway(rules: MarketRules, side: Side, terms: ChaserTerms, bestQuote: Decimal, orderPriceQuote: Decimal): boolean {
  const distance = side === 'BUY' ? bestQuote.minus(orderPriceQuote) : orderPriceQuote.minus(bestQuote);
  if (!distance.greaterThan(exactly.product(bestQuote, terms.refreshThresholdFraction))) return false;
  const renewed = chaserPrice(rules, side, terms, bestQuote);
  return renewed !== null && (side === 'BUY' ? renewed.greaterThan(orderPriceQuote) : renewed.lessThan(orderPriceQuote));
}

import type { OrderType, Side } from './enumerations.js';
import { exactly, ONE, type Decimal } from './money.js';

/**
 * Whether an order may stand (or, for MARKET, be sent) at this distance of its price from mid; ends included. `bounds`
 * are one or two fractions: the first counts for limit types and for the good side of MARKET, the second (the first,
 * when there is only one) for the bad side of MARKET; none: always.
 */
export function withinActivationBounds(bounds: readonly Decimal[], type: OrderType, side: Side, orderPriceQuote: Decimal, midQuote: Decimal): boolean {
  const [first, second = first] = bounds;
  if (first === undefined || second === undefined) return true;
  if (type !== 'MARKET') {
    return side === 'BUY'
      ? orderPriceQuote.greaterThanOrEqualTo(exactly.product(midQuote, ONE.minus(first)))
      : orderPriceQuote.lessThanOrEqualTo(exactly.product(midQuote, ONE.plus(first)));
  }
  const [below, above] = side === 'BUY' ? [first, second] : [second, first];
  return (
    midQuote.greaterThanOrEqualTo(exactly.product(orderPriceQuote, ONE.minus(below))) &&
    midQuote.lessThanOrEqualTo(exactly.product(orderPriceQuote, ONE.plus(above)))
  );
}

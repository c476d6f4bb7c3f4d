import { decimal, exactly, ZERO, type Decimal } from './money.js';

/** Average price in quote of taking an amount from levels, best first; null when they do not hold that much, or nothing is asked for. */
export function depthPrice(levels: readonly (readonly [priceQuote: string, amountBase: string])[], amountBase: Decimal): Decimal | null {
  if (!amountBase.greaterThan(ZERO)) return null;
  let left = amountBase;
  let costQuote = ZERO;
  for (const [price, amount] of levels) {
    const here = decimal(amount);
    const taken = here.lessThan(left) ? here : left;
    costQuote = exactly.sum(costQuote, exactly.product(taken, decimal(price)));
    left = exactly.difference(left, taken);
    if (left.isZero()) return costQuote.dividedBy(amountBase);
  }
  return null;
}

import { exactly, type Decimal } from '../money.js';

/** Prices of both sides for the whole amount: averages over the levels that it would take. */
export interface SpreadPrices {
  /** In the quote of the buying market. */
  readonly buyPriceQuote: Decimal;
  /** In the quote of the selling market. */
  readonly sellPriceQuote: Decimal;
  /** Worth of one unit of the selling quote in the buying one. */
  readonly rate: Decimal;
}

/**
 * What buying there and selling here earns, as a fraction of the buying price: with B and S the two prices, r the rate
 * and c the taker fees of both legs as a fraction of the traded value,
 *
 *   (S r - B) / B - c
 */
export function spreadProfit({ buyPriceQuote, sellPriceQuote, rate }: SpreadPrices, costFraction: Decimal): Decimal {
  const gain = exactly.difference(exactly.product(sellPriceQuote, rate), buyPriceQuote);
  return gain.dividedBy(buyPriceQuote).minus(costFraction);
}

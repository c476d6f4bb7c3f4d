/** Trading rules of one pair as the exchange states them; decimal strings, so that they can stand in history. */
export interface MarketRulesRecord {
  readonly pair: string;
  readonly base: string;
  readonly quote: string;
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
}

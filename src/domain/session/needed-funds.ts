import { exactly, type Decimal } from '../money.js';
import type { SessionPlan } from './session-plan.js';

export interface NeededFunds {
  readonly asset: string;
  /** In the asset. */
  readonly amount: Decimal;
}

/**
 * What an order of this amount takes out of the free balance: on spot the quote of a buy and the base of a sale, without
 * fees, which the exchange takes from what is received; on a perpetual the margin and the fee, both in quote,
 *
 *   price * amount / leverage + price * amount * taker fee
 *
 * whichever side it is. Null while it depends on a price and none is known.
 */
export function neededFunds(plan: SessionPlan, leverage: number, amountBase: Decimal, priceQuote: Decimal | null): NeededFunds | null {
  const { base, quote, contract, takerFeeFraction } = plan.rules;
  if (contract === 'spot' && plan.side === 'SELL') return { asset: base, amount: amountBase };
  if (priceQuote === null) return null;
  const notional = exactly.product(priceQuote, amountBase);
  if (contract === 'spot') return { asset: quote, amount: notional };
  return { asset: quote, amount: exactly.sum(notional.dividedBy(leverage), exactly.product(notional, takerFeeFraction)) };
}

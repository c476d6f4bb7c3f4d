import type { Decimal } from '../../src/domain/money.js';
import { neededFunds, type NeededFunds } from '../../src/domain/session/needed-funds.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import type { AccountServices } from './account-services.js';
import type { OrderSession } from './order-session.js';

/** What an order of that amount needs on these terms, at the prices of now; null while it depends on a price and none is known. */
export function fundsFor(services: AccountServices, session: OrderSession, plan: SessionPlan, amountBase: Decimal): NeededFunds | null {
  const best = services.feed.last(session.plan.pair)?.askQuote ?? null;
  // A market order is valued at the best ask; a chaser buys below it, whatever it will be by then.
  // A pegged buy stays below the price of its hedge, which may be known later.
  if (plan.peg !== undefined) return neededFunds(plan, session.plan.leverage, amountBase, session.current.hedgePrice?.priceQuote ?? null);
  const price = plan.strategy === 'MARKET' || plan.chaser !== null ? (best ?? plan.priceQuote) : plan.priceQuote;
  return neededFunds(plan, session.plan.leverage, amountBase, price);
}

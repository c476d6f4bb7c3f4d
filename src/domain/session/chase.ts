import { chaserPrice, ranAway, type ChaserTerms } from '../chaser-price.js';
import type { Side } from '../enumerations.js';
import type { Decimal } from '../money.js';
import { payRenewal, renewalAllowedFromMs } from './order-pace.js';
import type { SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';
import { wantCancelled } from './submit-order.js';

/** Best prices of a book; null on an empty side. */
export interface TopPrices {
  readonly bidQuote: Decimal | null;
  readonly askQuote: Decimal | null;
}

/** The price the next order goes out at; null while the book gives none, or may still show our own last order. */
export function chasePrice(plan: SessionPlan, chaser: ChaserTerms, state: SessionState): Decimal | null {
  const best = ownBest(plan.side, state);
  if (best === null || doubtful(plan, state, best)) return null;
  return chaserPrice(plan.rules, plan.side, chaser, best);
}

/** Cancels the resting order when the market ran away from it; the remainder follows when the cancel is confirmed. */
export function chase(plan: SessionPlan, chaser: ChaserTerms, state: SessionState): SessionState {
  if (!renewalDue(plan, chaser, state, state) || state.nowMs < renewalAllowedFromMs(plan.timing, state)) return state;
  return payRenewal(plan.timing, wantCancelled(state, () => true));
}

/** True when these prices call for a new order in place of the one that rests. */
export function renewalDue(plan: SessionPlan, chaser: ChaserTerms, state: SessionState, top: TopPrices): boolean {
  const best = ownBest(plan.side, top);
  if (best === null) return false;
  return state.orders.some(
    (order) => order.type === 'LIMIT_MAKER' && order.stage.kind === 'open' && !order.cancelWanted && order.priceQuote !== null && ranAway(plan.rules, plan.side, chaser, best, order.priceQuote),
  );
}

/** When a chase that waits may go on although nothing happens; null = only news can move it. */
export function chaseWakeAtMs(plan: SessionPlan, chaser: ChaserTerms, state: SessionState): number | null {
  if (renewalDue(plan, chaser, state, state)) return renewalAllowedFromMs(plan.timing, state);
  return state.bookDoubt === null ? null : state.bookDoubt.sinceMs + plan.timing.freshBookMs;
}

/**
 * The best price of our side may be our own order, which is gone by now: priced from it, an order alone at the top of
 * the book would chase itself away by its own distance. A book that refused an order is waited for in the same way.
 */
function doubtful(plan: SessionPlan, state: SessionState, best: Decimal): boolean {
  const doubt = state.bookDoubt;
  if (doubt === null || state.nowMs >= doubt.sinceMs + plan.timing.freshBookMs) return false;
  return doubt.priceQuote === null || doubt.priceQuote.equals(best);
}

function ownBest(side: Side, top: TopPrices): Decimal | null {
  return side === 'BUY' ? top.bidQuote : top.askQuote;
}

import { closableBase } from '../barriers.js';
import type { Decimal } from '../money.js';
import { liquidatedBase } from './liquidation.js';
import { exposedBase } from './session-order.js';
import type { SessionArm, SessionPlan } from './session-plan.js';
import { executedBase, type SessionState } from './session-state.js';

/** Mark of the bids for a long, of the asks for a short: the best price, see `markPrices` for an empty side. */
export function exitPrice(plan: SessionPlan, state: SessionState): Decimal | null {
  return plan.side === 'SELL' ? state.marks.bidMarkQuote : state.marks.askMarkQuote;
}

/** Base this exit still has to close, with what its open orders may yet execute taken off: never more than the entry left. */
export function uncoveredBase(plan: SessionPlan, arm: SessionArm, state: SessionState): Decimal {
  const closable = closableBase(state.protectedFills.totals, arm.entrySide, plan.rules);
  const before = closable.minus(state.predecessorFills.totals.filledBase).minus(liquidatedBase(state.liquidated));
  return state.orders.reduce((left, order) => left.minus(exposedBase(order)), before);
}

/** Base closed so far, by this exit and by earlier ones. */
export function closedBase(state: SessionState): Decimal {
  return state.predecessorFills.totals.filledBase.plus(executedBase(state));
}

/** Base not closed so far: what would be lost sight of if the session ended now. */
export function openBase(plan: SessionPlan, arm: SessionArm, state: SessionState): Decimal {
  const closable = closableBase(state.protectedFills.totals, arm.entrySide, plan.rules);
  return closable.minus(closedBase(state));
}

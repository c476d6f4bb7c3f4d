import { isTradable } from '../market-rules.js';
import { Decimal, ZERO } from '../money.js';
import { exitPrice } from './exit-amounts.js';
import { foldedBase } from './fold-orders.js';
import { exposedBase } from './session-order.js';
import type { SessionPlan } from './session-plan.js';
import { executedBase, type SessionState } from './session-state.js';
import { hasUnsettled, maySubmit, orderBase, submit, type Step } from './submit-order.js';

/** Base that the other leg filled and this one has not, whatever is under way. */
export function hedgeOwedBase(state: SessionState): Decimal {
  return state.protectedFills.totals.filledBase.minus(state.predecessorFills.totals.filledBase).minus(executedBase(state));
}

/**
 * Next step of a hedge: whatever the other leg has filled is taken at market on this one, from the first partial fill
 * on. It ends when the other leg can fill no more and nothing that the exchange takes is owed.
 */
export function advanceHedge(plan: SessionPlan, state: SessionState): Step {
  if (state.recovered === 'no') return { state, commands: [] };
  if (!state.takeoverSent && !state.predecessorFills.finished) {
    return { state: { ...state, takeoverSent: true }, commands: [{ kind: 'stopPredecessors', reason: 'a later hedge takes over' }] };
  }
  if (state.recovered !== 'final' || !state.predecessorFills.finished) return { state, commands: [] };
  // Nothing may be filled on the other side before this one could pay for it.
  if (state.funds !== 'reserved') return state.funds === 'asked' ? { state, commands: [] } : { state: { ...state, funds: 'asked' }, commands: [{ kind: 'reserve' }] };
  const amountBase = orderBase(plan.rules, sendableBase(state));
  if (isWorthSending(plan, state, amountBase)) {
    return maySubmit(plan, state) ? submit(plan, state, { purpose: 'work', type: 'MARKET', amountBase, priceQuote: null }) : { state, commands: [] };
  }
  if (hasUnsettled(state) || !state.protectedFills.finished) return { state, commands: [] };
  return { state: { ...state, end: { kind: 'completed' } }, commands: [] };
}

/** What is owed, less what orders on their way may still execute. */
function sendableBase(state: SessionState): Decimal {
  const planned = state.protectedFills.totals.filledBase.minus(state.predecessorFills.totals.filledBase).minus(foldedBase(state.folded));
  return Decimal.max(state.orders.reduce((left, order) => left.minus(exposedBase(order)), planned), ZERO);
}

/** A part below the smallest order waits for more of it; without any price only the amount can be judged. */
function isWorthSending(plan: SessionPlan, state: SessionState, amountBase: Decimal): boolean {
  const price = exitPrice(plan, state);
  if (price === null) return amountBase.greaterThan(ZERO) && amountBase.greaterThanOrEqualTo(plan.rules.minAmountBase);
  return isTradable(plan.rules, amountBase, price);
}

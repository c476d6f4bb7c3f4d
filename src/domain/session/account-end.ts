import { LIMITS } from '../limits.js';
import { ZERO } from '../money.js';
import { exchangeStopEnded } from './keep-exchange-stop.js';
import { foldOrders } from './fold-orders.js';
import type { Failure } from './session-events.js';
import { isSettled, type EndedHow, type SessionOrder } from './session-order.js';
import { backoffMs, type SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';

/** Keeps count of refusals: what the exchange refused or ended by itself unfilled counts, waiting and a part of the amount do not. */
export function accountEnd(plan: SessionPlan, state: SessionState, before: SessionOrder, after: SessionOrder, failure: Failure | null): SessionState {
  const told = failure === null ? state : { ...state, lastFailure: failure };
  if (before.stage.kind === 'ended' || after.stage.kind !== 'ended') return told;
  // A stop that the exchange does not keep must not hold up what closes the position.
  if (after.purpose === 'exchangeStop') return exchangeStopEnded(plan, { ...state, orders: withoutEmpty(told.orders, after) }, after, failure);
  const how = after.stage.how;
  // Whoever follows the best price must not follow its own order that is gone.
  const follows = plan.chaser !== null || (after.purpose === 'close' && after.type === 'LIMIT_MAKER');
  const doubt = !follows ? null : { sinceMs: told.nowMs, priceQuote: how === 'rejected' || how === 'expired' ? null : after.priceQuote };
  const noted = { ...folding(plan, { ...told, orders: withoutEmpty(told.orders, after) }), bookDoubt: doubt };
  // A chaser lives for days: refusals long ago say nothing about the next order.
  const retriesAfter = plan.chaser === null && plan.peg === undefined ? noted.retries : 0;
  if (how === 'filled' || (how === 'cancelled' && after.cancelWanted)) return { ...noted, failedInARow: 0, retries: retriesAfter };
  const traded = !after.ledger.totals.filledBase.isZero() || after.claimedBase?.greaterThan(ZERO) === true;
  if (traded) return { ...noted, failedInARow: 0, retries: retriesAfter, nextSubmitAtMs: noted.nowMs + plan.timing.firstBackoffMs };
  const retries = how === 'notSent' || repriced(plan, noted, how, failure) ? noted.retries : noted.retries + 1;
  const pauseMs = pauseAfter(plan, noted, how, failure?.retryAfterMs ?? null);
  return { ...noted, retries, failedInARow: noted.failedInARow + 1, nextSubmitAtMs: noted.nowMs + pauseMs };
}

/** What never left is sent as soon as there is room again, not when a growing pause ends: the most urgent has to be there then. */
function pauseAfter(plan: SessionPlan, state: SessionState, how: 'expired' | 'cancelled' | 'rejected' | 'notSent', retryAfterMs: number | null): number {
  if (how === 'notSent' && retryAfterMs !== null) return Math.max(retryAfterMs, plan.timing.firstBackoffMs);
  return Math.max(Math.min(backoffMs(plan.timing, state.failedInARow), longestPauseMs(plan, how)), retryAfterMs ?? 0);
}

/** An exit is never left waiting long; an order that the exchange refuses is tried again soon, because its tries are counted. */
function longestPauseMs(plan: SessionPlan, how: 'expired' | 'cancelled' | 'rejected' | 'notSent'): number {
  if (plan.arm !== null) return plan.timing.maxExitPauseMs;
  return how === 'notSent' ? plan.timing.maxBackoffMs : plan.timing.maxRefusalPauseMs;
}

/**
 * Orders that never existed are forgotten at the next one, and those that existed and traded nothing when there are too
 * many for a report: neither a long outage nor a long life fills the memory.
 */
function withoutEmpty(orders: readonly SessionOrder[], latest: SessionOrder): readonly SessionOrder[] {
  const crowded = orders.length > LIMITS.maxOrdersInReport;
  return orders.filter((order) => order === latest || !isSettled(order) || !order.ledger.totals.filledBase.isZero() || !(crowded || neverExisted(order)));
}

function neverExisted(order: SessionOrder): boolean {
  return order.stage.kind === 'ended' && (order.stage.how === 'rejected' || order.stage.how === 'notSent');
}

/** A chaser's order that would have taken is placed at the price of a fresh book; only a book that refuses for ever is a refusal. */
function repriced(plan: SessionPlan, state: SessionState, how: EndedHow, failure: Failure | null): boolean {
  if (plan.chaser === null || state.failedInARow >= LIMITS.maxPostOnlyRefusals) return false;
  return failure?.code === 'WOULD_TAKE' || how === 'expired';
}

/** The oldest orders as a sum. An exit keeps its own: they are counted by target. */
export function folding(plan: SessionPlan, state: SessionState): SessionState {
  if (plan.arm !== null && plan.role !== 'hedge') return state;
  const { orders, folded } = foldOrders(state.orders, state.folded, plan.timing.keptOrders);
  return orders === state.orders ? state : { ...state, orders, folded };
}

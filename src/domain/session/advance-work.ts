import { withinActivationBounds } from '../barriers.js';
import { LIMITS } from '../limits.js';
import { orderTypeOf } from '../enumerations.js';
import { isTradable, makerPrice } from '../market-rules.js';
import { Decimal, ZERO } from '../money.js';
import { onOldTerms } from './amended-plan.js';
import { chase, chasePrice } from './chase.js';
import { foldedBase } from './fold-orders.js';
import { payRenewal, renewalAllowedFromMs } from './order-pace.js';
import { keepPegged, pegPrice } from './peg.js';
import { exposedBase } from './session-order.js';
import type { SessionPlan } from './session-plan.js';
import { executedBase, unsettledOrders, type SessionEnd, type SessionState } from './session-state.js';
import { maySubmit, orderBase, submit, wantCancelled, type Step } from './submit-order.js';

/** Base of the plan that neither executed nor can still execute. */
export function remainingBase(plan: SessionPlan, state: SessionState): Decimal {
  const planned = (plan.amountBase ?? ZERO).minus(foldedBase(state.folded));
  const left = state.orders.reduce((rest, order) => rest.minus(exposedBase(order)), planned);
  return Decimal.max(left, ZERO);
}

/** Next step of a session that carries out an amount: one order at a time, the remainder of what was not executed. */
export function advanceWork(plan: SessionPlan, state: SessionState): Step {
  const live = unsettledOrders(state);
  if (live.length > 0) return { state: keepLive(plan, state), commands: [] };
  // An order that an earlier attempt sent may still be invisible: nothing is sent, and nothing ends, before that is over.
  if (state.recovered !== 'final') return { state, commands: [] };
  const amountBase = orderBase(plan.rules, remainingBase(plan, state));
  const priceQuote = workPrice(plan, state);
  const follows = plan.chaser !== null || plan.peg !== undefined;
  const reference = follows ? priceQuote : (priceQuote ?? takerPrice(plan, state));
  if (amountBase.isZero()) return ended(state, { kind: 'completed' });
  // Without any price the minimum notional cannot be judged yet; a rest below the minimums is the normal end of a partly filled order.
  const tooSmall = reference === null ? amountBase.lessThan(plan.rules.minAmountBase) : !isTradable(plan.rules, amountBase, reference);
  if (tooSmall) return ended(state, belowMinimum(state));
  const exhausted = retriesExhausted(plan, state);
  if (exhausted !== null) return ended(state, exhausted);
  if (state.funds !== 'reserved') return askForFunds(state);
  if (follows && priceQuote === null) return { state, commands: [] };
  if (!maySubmit(plan, state) || !active(plan, state, reference)) return { state, commands: [] };
  return submit(plan, state, { purpose: 'work', type: orderTypeOf(plan.strategy), amountBase, priceQuote });
}

/** What is out stays, unless it may not stand any more or stands at the wrong price. */
function keepLive(plan: SessionPlan, state: SessionState): SessionState {
  if (state.held || unguarded(plan, state)) return wantCancelled(state, () => true);
  const amended = wantCancelled(state, (_, order) => order.type !== 'MARKET' && onOldTerms(state, order));
  // Orders on old terms that ended stay in the list: only what this cancels is a reason to wait.
  if (amended !== state) return amended;
  if (plan.peg !== undefined) return keepPegged(plan, plan.peg, state);
  return plan.chaser === null ? keepWithinBounds(plan, state) : chase(plan, plan.chaser, keepWithinBounds(plan, state));
}

/** What rests may wait for its exit as long as one takes to come back, not longer. */
function unguarded(plan: SessionPlan, state: SessionState): boolean {
  return plan.guarded && !state.guardArmed && state.nowMs >= state.guardLostAtMs + plan.timing.siblingWaitMs;
}

/** Price of the next order: LIMIT as planned, LIMIT_MAKER not through the best price of its own side, MARKET none, a chaser by the book. */
function workPrice(plan: SessionPlan, state: SessionState): Decimal | null {
  if (plan.peg !== undefined) return pegPrice(plan, plan.peg, state);
  if (plan.chaser !== null) return chasePrice(plan, plan.chaser, state);
  if (plan.strategy === 'MARKET' || plan.priceQuote === null) return null;
  if (plan.strategy === 'LIMIT') return plan.priceQuote;
  const best = plan.side === 'BUY' ? state.bidQuote : state.askQuote;
  if (best === null) return plan.priceQuote;
  const price = plan.side === 'BUY' ? Decimal.min(plan.priceQuote, best) : Decimal.max(plan.priceQuote, best);
  return makerPrice(plan.rules, plan.side, price);
}

function takerPrice(plan: SessionPlan, state: SessionState): Decimal | null {
  return plan.side === 'BUY' ? state.askQuote : state.bidQuote;
}

function mid(state: SessionState): Decimal | null {
  return state.bidQuote === null || state.askQuote === null ? null : state.bidQuote.plus(state.askQuote).dividedBy(2);
}

function active(plan: SessionPlan, state: SessionState, orderPrice: Decimal | null): boolean {
  if (plan.activationBounds.length === 0) return true;
  const middle = mid(state);
  const price = plan.strategy === 'MARKET' ? (plan.priceQuote ?? orderPrice) : orderPrice;
  return middle !== null && price !== null && withinActivationBounds(plan.activationBounds, orderTypeOf(plan.strategy), plan.side, price, middle);
}

/** A resting order outside its activation bounds is cancelled; the remainder comes back when the price does. */
function keepWithinBounds(plan: SessionPlan, state: SessionState): SessionState {
  const middle = mid(state);
  if (plan.activationBounds.length === 0 || middle === null) return state;
  const outside = state.orders.some(
    (order) =>
      order.stage.kind === 'open' &&
      !order.cancelWanted &&
      order.priceQuote !== null &&
      !withinActivationBounds(plan.activationBounds, order.type, order.side, order.priceQuote, middle),
  );
  if (!outside) return state;
  // A price that toggles around a bound costs an order each time: it comes back at the pace of renewals.
  const withdrawn = payRenewal(plan.timing, wantCancelled(state, () => true));
  return { ...withdrawn, nextSubmitAtMs: Math.max(withdrawn.nextSubmitAtMs, renewalAllowedFromMs(plan.timing, withdrawn)) };
}

function retriesExhausted(plan: SessionPlan, state: SessionState): SessionEnd | null {
  if (state.lastFailure?.code === 'INSUFFICIENT_FUNDS' && executedBase(state).isZero()) {
    return { kind: 'insufficientBalance', message: state.lastFailure.message };
  }
  if (state.retries <= plan.maxRetries && state.failedInARow < LIMITS.maxFruitlessSubmissions) return null;
  const last = state.lastFailure;
  const message = `refused ${state.retries} times, allowed ${plan.maxRetries}: ${last?.message ?? 'the order ended unfilled'}`;
  return { kind: 'failed', failure: { code: 'RETRIES_EXHAUSTED', message, retryAfterMs: null } };
}

function belowMinimum(state: SessionState): SessionEnd {
  if (!executedBase(state).isZero()) return { kind: 'completed' };
  return { kind: 'failed', failure: { code: 'INVALID_ORDER', message: 'amount is below what the exchange trades', retryAfterMs: null } };
}

function askForFunds(state: SessionState): Step {
  if (state.funds === 'asked') return { state, commands: [] };
  return { state: { ...state, funds: 'asked' }, commands: [{ kind: 'reserve' }] };
}

function ended(state: SessionState, end: SessionEnd): Step {
  return { state: { ...state, end }, commands: [] };
}

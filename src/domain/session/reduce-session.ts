import { markPrices } from '../mark-price.js';
import { ZERO } from '../money.js';
import { accountEnd, folding } from './account-end.js';
import { absorbOrder, recoveredOrder, type OrderEvent } from './absorb-order.js';
import { amend, amendedSinceRecovery, currentPlan } from './amended-plan.js';
import { advanceArmed, advanceClosing, fired, exitPrice, peakSeen } from './advance-exit.js';
import { advanceHedge } from './advance-hedge.js';
import { advanceWork } from './advance-work.js';
import { exchangeStopTrouble } from './keep-exchange-stop.js';
import { withLiquidations, type LiquidationShare } from './liquidation.js';
import { closingStep, isOverdue } from './close-escalation.js';
import { dueRequest, requestCommand } from './request-order.js';
import type { SessionCommand, SessionEvent } from './session-events.js';
import type { SessionPlan } from './session-plan.js';
import { executedBase, hasUnvaluedFees, unsettledOrders, type Attention, type SessionState } from './session-state.js';
import { hasUnsettled, wantCancelled, type Step } from './submit-order.js';

/**
 * The order session as a pure function: what it knows, what it learns, what it asks for.
 * Same plan, state and event give the same answer; time comes with the event. A session that ended ignores everything.
 */
export function reduceSession(planned: SessionPlan, state: SessionState, event: SessionEvent): Step {
  if (state.end !== null) return { state, commands: [] };
  const now = { ...state, nowMs: Math.max(state.nowMs, event.nowMs) };
  const learnt = event.kind === 'amend' ? amend(planned, now, event.sequence, event.changes) : absorb(currentPlan(planned, state), now, event);
  const plan = currentPlan(planned, learnt);
  const step = learnt.end === null ? advance(plan, learnt) : { state: learnt, commands: [] };
  const held = step.state.end === null ? step.state : holdForFees(plan, step.state);
  return withRequests(noticeTrouble(plan, held), step.commands);
}

function absorb(plan: SessionPlan, state: SessionState, event: Exclude<SessionEvent, { kind: 'amend' }>): SessionState {
  switch (event.kind) {
    case 'tick':
      return state;
    case 'price':
      return { ...state, bidQuote: event.bidQuote, askQuote: event.askQuote, marks: event.marks ?? markPrices(event, state.marks), bookDoubt: state.bookDoubt?.priceQuote == null ? null : state.bookDoubt };
    case 'hedgePrice':
      return { ...state, hedgePrice: { priceQuote: event.priceQuote, atMs: state.nowMs } };
    case 'peak':
      return plan.arm === null ? state : peakSeen(plan.arm, plan, state, event.exitPriceQuote);
    case 'recovered':
      return recovered(plan, state, event);
    case 'funds':
      return funds(state, event.sufficient, event.message);
    case 'guard':
      return { ...state, guardArmed: event.armed, guardLostAtMs: state.guardArmed ? state.nowMs : state.guardLostAtMs };
    case 'hold':
      return { ...state, held: event.held };
    case 'liquidated':
      return liquidated(plan, state, event.shares);
    case 'reducible':
      return { ...state, reducibleInAllBase: event.leftBase.plus(executedBase(state)) };
    case 'protected':
      return { ...state, protectedFills: event.fills };
    case 'predecessors':
      return { ...state, predecessorFills: event.fills };
    case 'levels':
      return { ...state, protectedFills: event.protected, predecessorFills: event.predecessors };
    case 'fire':
      return command(plan, state, event.reason, plan.arm !== null && plan.role !== 'hedge');
    case 'cancel':
      return command(plan, state, event.reason, false, event.afterFills === true);
    default:
      return orderEvent(plan, state, event);
  }
}

function orderEvent(plan: SessionPlan, state: SessionState, event: OrderEvent): SessionState {
  const index = state.orders.findIndex((order) => order.sequence === event.sequence);
  const before = state.orders[index];
  if (before === undefined) return state;
  const after = absorbOrder(plan, before, event);
  if (after === before) return state;
  const orders = state.orders.with(index, after);
  return accountEnd(plan, { ...state, orders }, before, after, 'failure' in event ? event.failure : null);
}

function recovered(plan: SessionPlan, state: SessionState, event: Extract<SessionEvent, { kind: 'recovered' }>): SessionState {
  const known = new Set(state.orders.map((order) => order.sequence));
  const folded = state.folded?.throughSequence ?? 0;
  const found = event.orders.filter((order) => order.sequence > folded && !known.has(order.sequence)).map((order) => recoveredOrder(plan, order));
  const orders = [...state.orders, ...found].sort((a, b) => a.sequence - b.sequence);
  const nextSequence = Math.max(state.nextSequence, (orders.at(-1)?.sequence ?? 0) + 1);
  const goal = orders.some((order) => order.purpose === 'close') && state.goal.kind === 'work' ? fired(state, 'COMMAND', 'RESUMED', null) : state;
  return amendedSinceRecovery({ ...folding(plan, { ...goal, orders }), nextSequence, recovered: event.final ? 'final' : state.recovered === 'final' ? 'final' : 'listed' });
}

/** What is left is closed at once: the margin of the account does not carry it. */
function liquidated(plan: SessionPlan, state: SessionState, shares: readonly LiquidationShare[]): SessionState {
  const known = withLiquidations(state.liquidated, shares);
  if (known === state.liquidated) return state;
  const told = { ...state, liquidated: known };
  return state.goal.kind === 'work' && plan.arm !== null && plan.role !== 'hedge' ? fired(told, 'LIQUIDATION', null, exitPrice(plan, state)) : told;
}

function funds(state: SessionState, sufficient: boolean, message: string): SessionState {
  const isOwed = state.protectedFills.totals.fillCount > 0;
  if (sufficient || isOwed || !executedBase(state).isZero() || hasUnsettled(state)) return { ...state, funds: 'reserved' };
  return { ...state, end: { kind: 'insufficientBalance', message } };
}

/** The first decision wins: a session that is already closing or stopping takes no other. */
function command(plan: SessionPlan, state: SessionState, reason: string, close: boolean, afterFills = false): SessionState {
  if (state.goal.kind !== 'work') return state;
  return close ? fired(state, 'COMMAND', reason, exitPrice(plan, state)) : { ...state, goal: { kind: 'stop', reason, ...(afterFills && plan.arm !== null ? { afterFills } : {}) } };
}

function advance(plan: SessionPlan, state: SessionState): Step {
  switch (state.goal.kind) {
    case 'work':
      if (plan.role === 'hedge') return advanceHedge(plan, state);
      return plan.arm === null ? advanceWork(plan, state) : advanceArmed(plan, plan.arm, state);
    case 'close':
      return plan.arm === null ? advanceStopping(state, 'closing') : advanceClosing(plan, plan.arm, state);
    case 'stop':
      return advanceStopping(state, state.goal.reason, state.goal.afterFills === true);
    default:
      return unreachable(state.goal);
  }
}

function advanceStopping(state: SessionState, reason: string, afterFills = false): Step {
  const cancelling = wantCancelled(state, () => true);
  if (hasUnsettled(cancelling) || cancelling.recovered !== 'final') return { state: cancelling, commands: [] };
  if (!cancelling.predecessorFills.finished) {
    const commands: readonly SessionCommand[] = cancelling.stopsSent ? [] : [{ kind: 'stopPredecessors', reason }];
    return { state: { ...cancelling, stopsSent: true }, commands };
  }
  if (afterFills && !cancelling.protectedFills.finished) return { state: cancelling, commands: [] };
  return { state: { ...cancelling, end: { kind: 'stopped', reason } }, commands: [] };
}

/** A fee without a value delays the end, within a bound; after that it is reported beside the sum. */
function holdForFees(plan: SessionPlan, state: SessionState): SessionState {
  if (!hasUnvaluedFees(state)) return state;
  const sinceMs = state.endHeldSinceMs ?? state.nowMs;
  return state.nowMs >= sinceMs + plan.timing.feeValuationMs ? state : { ...state, end: null, endHeldSinceMs: sinceMs };
}

/** Asks for a person when requests go unanswered or an exit is refused again and again; takes it back when it works again. */
function noticeTrouble(plan: SessionPlan, state: SessionState): SessionState {
  const unanswered = unsettledOrders(state).some((order) => order.attempts >= plan.timing.attentionAfter);
  if (isOverdue(plan, state)) return withAttention(state, { code: 'CLOSING_OVERDUE', message: `closing takes longer than planned: ${state.lastFailure?.message ?? 'nothing is refused, and not all is closed'}` });
  const isPatient = plan.arm !== null && state.goal.kind === 'close' && closingStep(plan.arm, state) !== 'market';
  const refused = plan.arm !== null && state.failedInARow >= plan.timing.attentionAfter && !isPatient;
  const unreached = plan.arm === null && state.failedInARow >= plan.timing.attentionAfter && state.lastFailure?.code !== 'WOULD_TAKE';
  if (!unanswered && !refused && !unreached) return withAttention(state, exchangeStopTrouble(state));
  const { lastFailure } = state;
  if (lastFailure !== null) return withAttention(state, { code: lastFailure.code, message: lastFailure.message });
  if (unanswered) return withAttention(state, { code: 'OUTCOME_UNKNOWN', message: 'the exchange does not tell what became of an order' });
  return withAttention(state, { code: 'NOT_FILLABLE', message: `the exchange ended ${state.failedInARow} orders in a row without filling them` });
}

function withAttention(state: SessionState, attention: Attention | null): SessionState {
  const same = state.attention?.code === attention?.code && state.attention?.message === attention?.message;
  return same ? state : { ...state, attention };
}

function withRequests(state: SessionState, commands: readonly SessionCommand[]): Step {
  if (state.end !== null) return { state, commands };
  let orders = state.orders;
  const requests: SessionCommand[] = [];
  for (const [index, order] of state.orders.entries()) {
    const request = dueRequest(order, state.nowMs);
    if (request === null) continue;
    orders = orders.with(index, { ...order, request });
    requests.push(requestCommand(order, request));
  }
  return requests.length === 0 ? { state, commands } : { state: { ...state, orders }, commands: [...commands, ...requests] };
}

/** Base whose owner is this session: filled by an entry is the exit's, filled by an order is the caller's; here what is open. */
export function liveBase(state: SessionState): ReturnType<typeof executedBase> {
  return unsettledOrders(state).reduce((sum, order) => sum.plus(order.amountBase), ZERO);
}

function unreachable(goal: never): never {
  throw new Error(`unhandled goal ${JSON.stringify(goal)}`);
}

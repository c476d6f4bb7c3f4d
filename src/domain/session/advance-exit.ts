import { closableBase, evaluateBarriers, takeProfitPrice, withinActivationBounds } from '../barriers.js';
import { netPnlLine } from '../net-pnl.js';
import { followTrailingStop } from '../trailing-stop.js';
import { floorAmount, isTradable } from '../market-rules.js';
import { Decimal } from '../money.js';
import { exposedBase, isSettled } from './session-order.js';
import type { SessionArm, SessionPlan } from './session-plan.js';
import { executedBase, type SessionState, type Trigger } from './session-state.js';
import { hasUnsettled, maySubmit, orderBase, submit, wantCancelled, type Step } from './submit-order.js';

/** Mark of the bids for a long, of the asks for a short: the best price, see `markPrices` for an empty side. */
export function exitPrice(plan: SessionPlan, state: SessionState): Decimal | null {
  return plan.side === 'SELL' ? state.marks.bidMarkQuote : state.marks.askMarkQuote;
}

/** Base this exit still has to close, with what its open orders may yet execute taken off: never more than the entry left. */
export function uncoveredBase(plan: SessionPlan, arm: SessionArm, state: SessionState): Decimal {
  const closable = closableBase(state.protectedFills.totals, arm.entrySide, plan.rules);
  const before = closable.minus(state.predecessorFills.totals.filledBase);
  return state.orders.reduce((left, order) => left.minus(exposedBase(order)), before);
}

/** Base not closed so far: what would be lost sight of if the session ended now. */
export function openBase(plan: SessionPlan, arm: SessionArm, state: SessionState): Decimal {
  const closable = closableBase(state.protectedFills.totals, arm.entrySide, plan.rules);
  return closable.minus(state.predecessorFills.totals.filledBase).minus(executedBase(state));
}

/** Next step of an armed exit: judge the barriers, keep the take profit resting, end when everything is closed. */
export function advanceArmed(plan: SessionPlan, arm: SessionArm, state: SessionState): Step {
  if (!state.takeoverSent && !state.predecessorFills.finished) {
    const next = advanceArmed(plan, arm, { ...state, takeoverSent: true });
    return { state: next.state, commands: [{ kind: 'stopPredecessors', reason: 'a later exit takes over' }, ...next.commands] };
  }
  const open = openBase(plan, arm, state);
  // Before an earlier attempt's orders are known, or while more is closed than the entry told of, no verdict is true.
  if (state.recovered === 'no' || open.isNegative()) return { state, commands: [] };
  const nothingOpen = !hasUnsettled(state) && isDust(plan, state, open);
  if (nothingOpen && !executedBase(state).isZero()) {
    // The resting take profit closed all there was: the rest of the entry is not wanted any more.
    return state.recovered === 'final' ? advanceClosing(plan, arm, fired(state, 'TAKE_PROFIT', null, lastLimitPrice(state))) : { state, commands: [] };
  }
  const judged = judge(plan, arm, state);
  if (judged.goal.kind !== 'work') return advanceClosing(plan, arm, judged);
  if (nothingOpen && judged.protectedFills.finished && judged.predecessorFills.finished && judged.recovered === 'final') {
    return { state: { ...judged, end: { kind: 'completed' } }, commands: [] };
  }
  return arm.barriers.takeProfitOrderType === 'MARKET' ? { state: judged, commands: [] } : keepTakeProfit(plan, arm, judged);
}

function judge(plan: SessionPlan, arm: SessionArm, state: SessionState): SessionState {
  const price = exitPrice(plan, state);
  const position = { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules };
  // Dust cannot be closed: price barriers wait for a tradable amount, the clock does not.
  const judgedPrice = isDust(plan, state, openBase(plan, arm, state)) ? null : price;
  const verdict = evaluateBarriers(arm.barriers, position, judgedPrice, state.nowMs, state.trailingTrigger);
  const moved = verdict.trailingTrigger === state.trailingTrigger ? state : { ...state, trailingTrigger: verdict.trailingTrigger };
  return verdict.trigger === null ? moved : fired(moved, verdict.trigger, null, judgedPrice);
}

/** Pulls the trailing stop behind a price that was missed; never fires, because that price is gone. */
export function peakSeen(arm: SessionArm, plan: SessionPlan, state: SessionState, peakQuote: Decimal): SessionState {
  const stop = arm.barriers.trailingStop;
  const line = netPnlLine({ entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules });
  if (stop === null || line === null || state.goal.kind !== 'work') return state;
  return { ...state, trailingTrigger: followTrailingStop(stop, line, peakQuote, state.trailingTrigger).trailingTrigger };
}

/** The exit fires once; evidence is frozen at that moment. */
export function fired(state: SessionState, trigger: Trigger['trigger'], command: string | null, price: Decimal | null): SessionState {
  const evidence: Trigger = {
    trigger,
    command,
    atMs: state.nowMs,
    exitPriceQuote: price,
    protectedTotals: state.protectedFills.totals,
    trailingTrigger: state.trailingTrigger,
  };
  return { ...state, goal: { kind: 'close', sinceMs: state.nowMs }, trigger: evidence };
}

/** Next step of an exit that fired: everything cancelled and confirmed, last fills counted, the net remainder at market. */
export function advanceClosing(plan: SessionPlan, arm: SessionArm, state: SessionState): Step {
  if (!state.stopsSent) {
    const reason = state.trigger?.command ?? state.trigger?.trigger ?? 'closing';
    const next = advanceClosing(plan, arm, { ...state, stopsSent: true });
    return { state: next.state, commands: [{ kind: 'stopProtected', reason }, { kind: 'stopPredecessors', reason }, ...next.commands] };
  }
  const cancelling = wantCancelled(state, (purpose) => purpose === 'takeProfit');
  if (hasUnsettled(cancelling) || !cancelling.predecessorFills.finished || cancelling.recovered !== 'final') {
    return { state: cancelling, commands: [] };
  }
  const waited = cancelling.goal.kind === 'close' && cancelling.nowMs >= cancelling.goal.sinceMs + plan.timing.siblingWaitMs;
  if (!cancelling.protectedFills.finished && !waited) return { state: cancelling, commands: [] };
  const open = orderBase(plan.rules, uncoveredBase(plan, arm, cancelling));
  if (worthClosing(plan, open, exitPrice(plan, cancelling))) {
    if (!maySubmit(plan, cancelling)) return { state: cancelling, commands: [] };
    return submit(plan, cancelling, { purpose: 'close', type: 'MARKET', amountBase: open, priceQuote: null });
  }
  if (!cancelling.protectedFills.finished || waitsForPrice(plan, cancelling, open)) return { state: cancelling, commands: [] };
  return { state: { ...cancelling, end: { kind: 'completed' } }, commands: [] };
}

/** Keeps limit orders out for all that is filled and not yet covered, as far as the exchange trades such amounts. */
function keepTakeProfit(plan: SessionPlan, arm: SessionArm, state: SessionState): Step {
  const type = arm.barriers.takeProfitOrderType;
  const position = { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules };
  const price = takeProfitPrice(arm.barriers, position, plan.rules, { bid: state.bidQuote, ask: state.askQuote });
  if (price === null || type === 'MARKET') return { state, commands: [] };
  const active = withinExitBounds(arm, plan, type, price, state);
  if (!active) return { state: wantCancelled(state, (purpose) => purpose === 'takeProfit'), commands: [] };
  // What is being cancelled comes back as part of one new order: until then neither placed nor judged again.
  if (state.orders.some((order) => order.cancelWanted && !isSettled(order))) return { state, commands: [] };
  const uncovered = orderBase(plan.rules, uncoveredBase(plan, arm, state));
  const resting = state.orders.find((order) => order.purpose === 'takeProfit' && order.stage.kind === 'open' && !order.cancelWanted);
  if (state.protectedFills.finished && resting !== undefined) {
    const strayed = type === 'LIMIT' && state.orders.some((order) => isLive(order) && order.priceQuote !== null && !order.priceQuote.equals(price));
    const dustLeft = uncovered.greaterThan(0) && !isTradable(plan.rules, uncovered, price) && fitsOne(plan, state, uncovered);
    // Merge with the rest that is too small to stand alone, or move to the price of the complete entry.
    if (strayed || dustLeft) return { state: wantCancelled(state, (purpose) => purpose === 'takeProfit'), commands: [] };
  }
  // What an earlier exit has resting would close the same amount a second time.
  const alone = state.predecessorFills.finished;
  if (!alone || !isTradable(plan.rules, uncovered, price) || !maySubmit(plan, state)) return { state, commands: [] };
  return submit(plan, state, { purpose: 'takeProfit', type, amountBase: uncovered, priceQuote: price });
}

/** One of the resting orders can carry so much more; else cancelling them would bring the same rest back. */
function fitsOne(plan: SessionPlan, state: SessionState, moreBase: Decimal): boolean {
  const { maxAmountBase } = plan.rules;
  return maxAmountBase === null || state.orders.some((order) => isLive(order) && order.amountBase.plus(moreBase).lessThanOrEqualTo(maxAmountBase));
}

function isLive(order: SessionState['orders'][number]): boolean {
  return order.purpose === 'takeProfit' && !isSettled(order) && order.stage.kind === 'open';
}

function withinExitBounds(arm: SessionArm, plan: SessionPlan, type: 'LIMIT' | 'LIMIT_MAKER', price: Decimal, state: SessionState): boolean {
  if (arm.activationBounds.length === 0) return true;
  const { bidMarkQuote, askMarkQuote } = state.marks;
  if (bidMarkQuote === null || askMarkQuote === null) return false;
  const middle = bidMarkQuote.plus(askMarkQuote).dividedBy(2);
  return withinActivationBounds(arm.activationBounds, type, plan.side, price, middle);
}

/** Too small to be traded now, and at its cost too: a price of the moment does not turn a position into dust. */
function isDust(plan: SessionPlan, state: SessionState, amountBase: Decimal): boolean {
  if (worthClosing(plan, amountBase, exitPrice(plan, state))) return false;
  const { filledBase, filledQuote } = state.protectedFills.totals;
  return filledBase.isZero() || !worthClosing(plan, amountBase, filledQuote.dividedBy(filledBase));
}

/** A thin book or a fall below the minimum may pass: a rest that is no dust waits a while before it is left to the workflow. */
function waitsForPrice(plan: SessionPlan, state: SessionState, amountBase: Decimal): boolean {
  return state.goal.kind === 'close' && !isDust(plan, state, amountBase) && state.nowMs < state.goal.sinceMs + plan.timing.unsellableWaitMs;
}

/** Tradable at the price, or at any price while none is known. */
function worthClosing(plan: SessionPlan, amountBase: Decimal, price: Decimal | null): boolean {
  const floored = floorAmount(plan.rules, amountBase);
  if (price === null) return floored.greaterThanOrEqualTo(plan.rules.minAmountBase) && floored.greaterThan(0);
  return isTradable(plan.rules, floored, price);
}

function lastLimitPrice(state: SessionState): Decimal | null {
  return state.orders.reduce<Decimal | null>((price, order) => order.priceQuote ?? price, null);
}

import { evaluateBarriers } from '../barriers.js';
import { evaluateGridBarriers, type GridTrigger } from '../grid/grid-barriers.js';
import { inventoryOfLevels, type GridBounds } from '../grid/grid-guard.js';
import { floorAmount, isTradable } from '../market-rules.js';
import { Decimal, exactly } from '../money.js';
import { netPnlLine } from '../net-pnl.js';
import { followTrailingStop } from '../trailing-stop.js';
import { keepClosing, noticeHurry, sendClose } from './close-escalation.js';
import { closedBase, exitPrice, openBase, uncoveredBase } from './exit-amounts.js';
import { onOldTerms } from './amended-plan.js';
import { firedStop, keepExchangeStop } from './keep-exchange-stop.js';
import { keepTargets, noticeBreakeven } from './keep-targets.js';
import type { SessionOrder } from './session-order.js';
import type { SessionArm, SessionPlan } from './session-plan.js';
import { executedBase, type SessionState, type Trigger } from './session-state.js';
import { hasUnsettled, maySubmit, orderBase, wantCancelled, type Step } from './submit-order.js';

export { exitPrice, openBase, uncoveredBase } from './exit-amounts.js';

/** Next step of an armed exit: judge the barriers, keep the targets, end when everything is closed. */
export function advanceArmed(plan: SessionPlan, arm: SessionArm, state: SessionState): Step {
  if (arm.grid !== undefined) return advanceGrid(plan, arm, arm.grid, state);
  if (!state.takeoverSent && !state.predecessorFills.finished) {
    const next = advanceArmed(plan, arm, { ...state, takeoverSent: true });
    return { state: next.state, commands: [{ kind: 'stopPredecessors', reason: 'a later exit takes over' }, ...next.commands] };
  }
  const open = openBase(plan, arm, state);
  // Before an earlier attempt's orders are known, or while more is closed than the entry told of, no verdict is true.
  if (state.recovered === 'no' || open.isNegative()) return { state, commands: [] };
  const stop = firedStop(state);
  if (stop !== null) return advanceClosing(plan, arm, firedAtExchange(state, stop));
  const nothingOpen = !hasUnsettled(state) && isDust(plan, state, open);
  if (nothingOpen && !executedBase(state).isZero()) {
    // The targets closed all there was: the rest of the entry is not wanted any more.
    return state.recovered === 'final' ? advanceClosing(plan, arm, fired(state, 'TAKE_PROFIT', null, lastLimitPrice(state))) : { state, commands: [] };
  }
  const { state: judged, targetReached } = judge(plan, arm, noticeBreakeven(plan, arm, state));
  if (judged.goal.kind !== 'work') return advanceClosing(plan, arm, judged);
  if (nothingOpen && judged.protectedFills.finished && judged.predecessorFills.finished && judged.recovered === 'final') {
    return { state: { ...judged, end: { kind: 'completed' } }, commands: [] };
  }
  // Targets whose terms were amended rest on the old ones: all of those come back as one order each, after the cancel.
  const current = judged.orders.some((order) => onOldTerms(judged, order)) ? wantCancelled(judged, (purpose, order) => purpose === 'takeProfit' && order.type !== 'MARKET' && onOldTerms(judged, order)) : judged;
  return keepExchangeStop(plan, arm, keepTargets(plan, arm, current, targetReached));
}

function judge(plan: SessionPlan, arm: SessionArm, state: SessionState): { readonly state: SessionState; readonly targetReached: number } {
  const price = exitPrice(plan, state);
  const position = { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules };
  // Dust cannot be closed: price barriers wait for a tradable amount, the clock does not.
  const judgedPrice = isDust(plan, state, openBase(plan, arm, state)) ? null : price;
  const progress = { closedBase: closedBase(state), breakeven: movedStop(arm, state) };
  const { trigger, trailingTrigger, targetReached } = evaluateBarriers(arm.barriers, position, judgedPrice, state.nowMs, state.trailingTrigger, progress);
  const moved = trailingTrigger === state.trailingTrigger ? state : { ...state, trailingTrigger };
  return { state: trigger === null ? moved : fired(moved, trigger, null, judgedPrice), targetReached };
}

/** The exit of a grid: its levels rest their own take profits, it only waits for the barrier that ends them all. */
function advanceGrid(plan: SessionPlan, arm: SessionArm, bounds: GridBounds, state: SessionState): Step {
  if (state.recovered === 'no') return { state, commands: [] };
  const { bidMarkQuote: bid, askMarkQuote: ask } = state.marks;
  const mid = bid === null || ask === null ? null : exactly.sum(bid, ask).dividedBy(2);
  const inventory = inventoryOfLevels(arm.entrySide, state.protectedFills.totals, state.predecessorFills.totals);
  const { trigger, trailingTrigger } = evaluateGridBarriers({ terms: bounds, rules: plan.rules }, inventory, mid, state.nowMs, state.trailingTrigger);
  if (trigger === null) return { state: trailingTrigger === state.trailingTrigger ? state : { ...state, trailingTrigger }, commands: [] };
  const closing = fired(state, gridWord(trigger), null, mid);
  const told = closing.trigger === null ? closing : { ...closing, trigger: { ...closing.trigger, grid: trigger } };
  if (!trigger.keepPosition) return advanceClosing(plan, arm, told);
  // What the levels leave is kept: they are stopped, and nothing is closed.
  return { state: { ...told, goal: { kind: 'stop', reason: trigger.barrier } }, commands: [] };
}

/** The limit price closes as a stop loss does. */
function gridWord({ barrier }: GridTrigger): Trigger['trigger'] {
  switch (barrier) {
    case 'stop_loss':
    case 'limit_price':
      return 'STOP_LOSS';
    case 'time_limit':
      return 'TIME_LIMIT';
    case 'trailing_stop':
      return 'TRAILING_STOP';
    case 'take_profit':
      return 'TAKE_PROFIT';
  }
}

/** Pulls the trailing stop behind a price that was missed; never fires, because that price is gone. */
export function peakSeen(arm: SessionArm, plan: SessionPlan, state: SessionState, peakQuote: Decimal): SessionState {
  const stop = arm.barriers.trailingStop;
  const line = netPnlLine({ entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules });
  // A grid is judged by mid, and candles tell one side.
  if (stop === null || line === null || arm.grid !== undefined || state.goal.kind !== 'work') return state;
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
    closedBase: closedBase(state),
    breakeven: state.breakeven,
    amendment: state.amended?.sequence ?? 0,
    exchangeStop: false,
  };
  return { ...state, goal: { kind: 'close', sinceMs: state.nowMs }, trigger: evidence };
}

/** The exchange closed it while we may not have been there: its fills are the evidence. */
function firedAtExchange(state: SessionState, stop: SessionOrder): SessionState {
  const closing = fired(state, 'STOP_LOSS', null, stop.stopPriceQuote);
  return closing.trigger === null ? closing : { ...closing, trigger: { ...closing.trigger, exchangeStop: true } };
}

/** An amendment may have taken the breakeven back. */
function movedStop(arm: SessionArm, state: SessionState): boolean {
  return state.breakeven && arm.barriers.breakevenAfterTarget !== null;
}

/** Next step of an exit that fired: everything cancelled and confirmed, last fills counted, the net remainder sold as its patience says. */
export function advanceClosing(plan: SessionPlan, arm: SessionArm, state: SessionState): Step {
  if (!state.stopsSent) {
    const reason = state.trigger?.command ?? state.trigger?.trigger ?? 'closing';
    const next = advanceClosing(plan, arm, { ...state, stopsSent: true });
    return { state: next.state, commands: [{ kind: 'stopProtected', reason }, { kind: 'stopPredecessors', reason }, ...next.commands] };
  }
  const cancelling = keepClosing(plan, arm, wantCancelled(noticeHurry(plan, arm, state), (purpose) => purpose !== 'close'));
  if (hasUnsettled(cancelling) || !cancelling.predecessorFills.finished || cancelling.recovered !== 'final') {
    return { state: cancelling, commands: [] };
  }
  const waited = cancelling.goal.kind === 'close' && cancelling.nowMs >= cancelling.goal.sinceMs + plan.timing.siblingWaitMs;
  if (!cancelling.protectedFills.finished && !waited) return { state: cancelling, commands: [] };
  const open = orderBase(plan.rules, reducible(cancelling, uncoveredBase(plan, arm, cancelling)));
  if (worthClosing(plan, open, exitPrice(plan, cancelling))) {
    if (!maySubmit(plan, cancelling)) return { state: cancelling, commands: [] };
    return sendClose(plan, arm, cancelling, open);
  }
  if (!cancelling.protectedFills.finished || waitsForPrice(plan, cancelling, open)) return { state: cancelling, commands: [] };
  return { state: { ...cancelling, end: { kind: 'completed' } }, commands: [] };
}

/** An order that may only reduce, and finds less than that, is refused for ever; what cannot be reduced is left to the workflow. */
function reducible(state: SessionState, amountBase: Decimal): Decimal {
  if (state.reducibleInAllBase === null) return amountBase;
  return Decimal.max(Decimal.min(amountBase, state.reducibleInAllBase.minus(executedBase(state))), 0);
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

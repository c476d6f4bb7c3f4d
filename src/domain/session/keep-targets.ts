import { takeProfitPrice, withinActivationBounds } from '../barriers.js';
import { isTradable } from '../market-rules.js';
import { Decimal, ZERO } from '../money.js';
import type { ProtectedPosition } from '../net-pnl.js';
import { allotTargets, closedOfTargets, targetFilled, targetsOf, watchesPart, type Allotment, type Target } from '../targets.js';
import { exitPrice, uncoveredBase } from './exit-amounts.js';
import { isSettled, type SessionOrder } from './session-order.js';
import type { SessionArm, SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';
import { maySubmit, orderBase, submit, wantCancelled, type Step } from './submit-order.js';

/** One target as it stands: what it closes, what of that is closed, and what may still execute for it. */
interface Standing {
  /** Counted from 1. */
  readonly target: number;
  readonly terms: Target;
  readonly amountBase: Decimal;
  readonly closedBase: Decimal;
  readonly live: readonly SessionOrder[];
  readonly liveBase: Decimal;
  /** Of what rests; null for MARKET. */
  readonly priceQuote: Decimal | null;
}

/** Once the target that moves the stop is filled, the stop stays there. */
export function noticeBreakeven(plan: SessionPlan, arm: SessionArm, state: SessionState): SessionState {
  const after = arm.barriers.breakevenAfterTarget;
  if (after === null || state.breakeven) return state;
  const targets = targetsOf(arm.barriers);
  const position = protectedPosition(plan, arm, state);
  const allotments = allotTargets(targets, position);
  const closed = closedBase(targets, allotments, state);
  return targetFilled(targets, allotments, closed, position, after - 1) ? { ...state, breakeven: true } : state;
}

/**
 * Keeps limit orders out for every target that rests, as far as the exchange trades such amounts, and closes by MARKET
 * what `targetReached` says. All of them together never more than is open.
 */
export function keepTargets(plan: SessionPlan, arm: SessionArm, state: SessionState, targetReached: number): Step {
  const targets = targetsOf(arm.barriers);
  if (!targets.some((target, index) => target.orderType !== 'MARKET' || (watchesPart(targets, index) && index < targetReached))) return { state, commands: [] };
  const standings = standingsOf(plan, arm, state, targets);
  const away = new Set(standings.filter((standing) => standing.terms.orderType !== 'MARKET' && !withinExitBounds(arm, plan, standing, state)).map(({ target }) => target));
  const bounded = wantCancelled(state, (purpose, order) => purpose === 'takeProfit' && order.type !== 'MARKET' && order.target !== null && away.has(order.target));
  // What is being cancelled comes back as part of one new order: until then neither placed nor judged again.
  if (bounded.orders.some((order) => order.cancelWanted && !isSettled(order))) return { state: bounded, commands: [] };
  const uncovered = uncoveredBase(plan, arm, bounded).plus(stopBase(bounded));
  if (bounded.protectedFills.finished) {
    const misplaced = new Set(standings.filter((standing) => isMisplaced(plan, standing, uncovered)).map(({ target }) => target));
    if (misplaced.size > 0) return { state: wantCancelled(bounded, (purpose, order) => purpose === 'takeProfit' && order.target !== null && misplaced.has(order.target)), commands: [] };
  }
  const wanted = standings.filter(({ target, terms }) => !away.has(target) && (terms.orderType !== 'MARKET' || (watchesPart(targets, target - 1) && target <= targetReached)));
  return place(plan, arm, bounded, wanted);
}

/** One order for each target that lacks some, nearest first. */
function place(plan: SessionPlan, arm: SessionArm, state: SessionState, wanted: readonly Standing[]): Step {
  let step: Step = { state, commands: [] };
  const keptByStop = stopBase(state);
  for (const standing of wanted) {
    const uncovered = uncoveredBase(plan, arm, step.state).plus(keptByStop);
    const amountBase = orderBase(plan.rules, lackingBase(standing, uncovered));
    const price = standing.priceQuote ?? exitPrice(plan, state);
    // What an earlier exit has resting would close the same amount a second time.
    if (price === null || !state.predecessorFills.finished || !isTradable(plan.rules, amountBase, price) || !maySubmit(plan, step.state)) continue;
    const { terms, target, priceQuote } = standing;
    if (priceQuote === null && terms.orderType !== 'MARKET') continue;
    // The stop at the exchange holds the same base: it comes off first, and back for what is left.
    if (!keptByStop.isZero()) return { state: wantCancelled(state, (purpose) => purpose === 'exchangeStop'), commands: [] };
    const next = submit(plan, step.state, { purpose: 'takeProfit', target, type: terms.orderType, amountBase, priceQuote, stopPriceQuote: null });
    step = { state: next.state, commands: [...step.commands, ...next.commands] };
  }
  return step;
}

/** Of a complete entry: at another price than it should, more than its share, or to be merged with a rest that is too small to stand alone. */
function isMisplaced(plan: SessionPlan, standing: Standing, uncovered: Decimal): boolean {
  const { live, terms, priceQuote, amountBase, closedBase: closed, liveBase } = standing;
  const resting = live.filter((order) => order.stage.kind === 'open' && !order.cancelWanted);
  if (priceQuote === null || resting.length === 0) return false;
  if (terms.orderType === 'LIMIT' && resting.some((order) => order.priceQuote?.equals(priceQuote) === false)) return true;
  if (closed.plus(liveBase).greaterThan(amountBase)) return true;
  const lacking = orderBase(plan.rules, lackingBase(standing, uncovered));
  return lacking.greaterThan(ZERO) && !isTradable(plan.rules, lacking, priceQuote) && fitsOne(plan, resting, lacking);
}

/** One of the resting orders can carry so much more; else cancelling them would bring the same rest back. */
function fitsOne(plan: SessionPlan, resting: readonly SessionOrder[], moreBase: Decimal): boolean {
  const { maxAmountBase } = plan.rules;
  return maxAmountBase === null || resting.some((order) => order.amountBase.plus(moreBase).lessThanOrEqualTo(maxAmountBase));
}

/** What the stop at the exchange may execute. */
function stopBase(state: SessionState): Decimal {
  return state.orders.reduce((sum, order) => (order.purpose === 'exchangeStop' && !isSettled(order) ? sum.plus(order.amountBase) : sum), ZERO);
}

function lackingBase({ amountBase, closedBase: closed, liveBase }: Standing, uncovered: Decimal): Decimal {
  return Decimal.max(Decimal.min(amountBase.minus(closed).minus(liveBase), uncovered), ZERO);
}

function standingsOf(plan: SessionPlan, arm: SessionArm, state: SessionState, targets: readonly Target[]): readonly Standing[] {
  const position = protectedPosition(plan, arm, state);
  const allotments = allotTargets(targets, position);
  const closed = closedBase(targets, allotments, state);
  const top = { bid: state.bidQuote, ask: state.askQuote };
  return targets.map((terms, index) => {
    const live = state.orders.filter((order) => order.target === index + 1 && !isSettled(order));
    const liveBase = live.reduce((sum, order) => sum.plus(order.amountBase.minus(order.ledger.totals.filledBase)), ZERO);
    return {
      target: index + 1,
      terms,
      amountBase: allotments[index]?.amountBase ?? ZERO,
      closedBase: closed[index] ?? ZERO,
      live,
      liveBase,
      priceQuote: takeProfitPrice(terms, position, top),
    };
  });
}

/** Orders that are no target's, and earlier exits, count for the targets in their order. */
function closedBase(targets: readonly Target[], allotments: readonly Allotment[], state: SessionState): readonly Decimal[] {
  const own = targets.map(() => ZERO);
  let others = state.predecessorFills.totals.filledBase;
  for (const { target, ledger } of state.orders) {
    const { filledBase } = ledger.totals;
    const known = target === null ? undefined : own[target - 1];
    if (target === null || known === undefined) others = others.plus(filledBase);
    else own[target - 1] = known.plus(filledBase);
  }
  return closedOfTargets(allotments, own, others);
}

function protectedPosition(plan: SessionPlan, arm: SessionArm, state: SessionState): ProtectedPosition {
  return { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules };
}

function withinExitBounds(arm: SessionArm, plan: SessionPlan, { terms, priceQuote }: Standing, state: SessionState): boolean {
  if (arm.activationBounds.length === 0 || priceQuote === null) return true;
  const { bidMarkQuote, askMarkQuote } = state.marks;
  if (bidMarkQuote === null || askMarkQuote === null) return false;
  const middle = bidMarkQuote.plus(askMarkQuote).dividedBy(2);
  return withinActivationBounds(arm.activationBounds, terms.orderType, plan.side, priceQuote, middle);
}

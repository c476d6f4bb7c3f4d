import { exchangeStopPrice, type ExchangeStop } from '../exchange-stop-price.js';
import { LIMITS } from '../limits.js';
import { isTradable } from '../market-rules.js';
import type { Decimal } from '../money.js';
import { uncoveredBase } from './exit-amounts.js';
import type { Attention } from './session-state.js';
import { isSettled, type SessionOrder } from './session-order.js';
import type { Failure } from './session-events.js';
import { backoffMs, type SessionArm, type SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';
import { orderBase, submit, wantCancelled, type Step } from './submit-order.js';

interface StopTerms {
  readonly amountBase: Decimal;
  readonly stopPriceQuote: Decimal;
}

/** The stop that the exchange fired, in whole or in part; null while it has not. */
export function firedStop(state: SessionState): SessionOrder | null {
  return state.orders.find((order) => order.purpose === 'exchangeStop' && hasTraded(order)) ?? null;
}

/**
 * Keeps one native stop at the exchange for all that is open and that no target is closing. It is moved by a cancel that
 * is confirmed before the next one leaves; the session's own stop is armed all the while.
 */
export function keepExchangeStop(plan: SessionPlan, arm: SessionArm, step: Step): Step {
  const { state } = step;
  const live = state.orders.filter((order) => order.purpose === 'exchangeStop' && !isSettled(order));
  if (arm.exchangeStop === null && live.length === 0) return step;
  if (live.some((order) => order.cancelWanted || order.stage.kind !== 'open')) return step;
  const wanted = arm.exchangeStop === null ? null : wantedTerms(plan, arm, arm.exchangeStop, state, live);
  const [resting, ...others] = live;
  if (resting === undefined) return wanted === null || !state.predecessorFills.finished ? step : place(plan, step, wanted);
  if (others.length === 0 && wanted !== null && stands(resting, wanted)) return rested(step);
  return arm.exchangeStop !== null && waits(state, resting, wanted) ? step : { state: wantCancelled(state, (purpose) => purpose === 'exchangeStop'), commands: step.commands };
}

/**
 * While the entry fills piece by piece, the stop follows at a pace: each move costs two requests. And it never shrinks
 * then: a session that resumes hears of the entry's fills later than of its own stop.
 */
function waits(state: SessionState, resting: SessionOrder, wanted: StopTerms | null): boolean {
  if (state.protectedFills.finished) return false;
  return wanted === null || wanted.amountBase.lessThan(resting.amountBase) || state.nowMs < state.exchangeStop.nextAtMs;
}

/** When a stop that waits for its pace or for another try has to be looked at. */
export function exchangeStopWakeAtMs(plan: SessionPlan, state: SessionState): number | null {
  return plan.arm?.exchangeStop === null || state.goal.kind !== 'work' ? null : state.exchangeStop.nextAtMs;
}

/** A stop that ended without having fired. Refusals are counted by the terms refused, so that tries are bounded. */
export function exchangeStopEnded(plan: SessionPlan, state: SessionState, order: SessionOrder, failure: Failure | null): SessionState {
  if (order.stage.kind !== 'ended' || order.stage.how === 'filled' || (order.stage.how === 'cancelled' && order.cancelWanted)) return state;
  const refused = order.stage.how !== 'notSent';
  const terms = termsText({ amountBase: order.amountBase, stopPriceQuote: order.stopPriceQuote ?? order.amountBase });
  const known = state.exchangeStop.refusedTerms === terms ? state.exchangeStop.refusals : 0;
  const refusals = refused ? known + 1 : state.exchangeStop.refusals;
  const pauseMs = Math.max(backoffMs(plan.timing, refusals), failure?.retryAfterMs ?? 0);
  return { ...state, exchangeStop: { refusals, refusedTerms: refused ? terms : state.exchangeStop.refusedTerms, failure: failure ?? state.exchangeStop.failure, nextAtMs: state.nowMs + pauseMs } };
}

/** The alarm of a position whose stop the exchange does not take; its own stop is armed as ever. */
export function exchangeStopTrouble({ exchangeStop, goal }: SessionState): Attention | null {
  if (exchangeStop.refusals === 0 || goal.kind !== 'work') return null;
  const { failure } = exchangeStop;
  return { code: failure?.code ?? 'EXCHANGE_ERROR', message: `the exchange does not keep the stop: ${failure?.message ?? 'it ended it'}; the own stop stays armed` };
}

function place(plan: SessionPlan, step: Step, wanted: StopTerms): Step {
  const { state } = step;
  const { refusals, refusedTerms, nextAtMs } = state.exchangeStop;
  const givenUp = refusedTerms === termsText(wanted) && refusals >= LIMITS.maxExchangeStopRefusals;
  if (givenUp || state.recovered !== 'final' || state.nowMs < nextAtMs || !plan.rules.supportsStop) return step;
  const placed = submit(plan, state, { purpose: 'exchangeStop', type: 'MARKET', amountBase: wanted.amountBase, priceQuote: null, stopPriceQuote: wanted.stopPriceQuote });
  const nextMoveAtMs = state.nowMs + LIMITS.exchangeStopMoveMs;
  return { state: { ...placed.state, exchangeStop: { ...state.exchangeStop, nextAtMs: nextMoveAtMs } }, commands: [...step.commands, ...placed.commands] };
}

/** All that is open and not being closed by something else, as far as one order may carry it. */
function wantedTerms(plan: SessionPlan, arm: SessionArm, stop: ExchangeStop, state: SessionState, live: readonly SessionOrder[]): StopTerms | null {
  const stopPriceQuote = exchangeStopPrice(stop, { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules });
  if (stopPriceQuote === null) return null;
  const open = live.reduce((sum, order) => sum.plus(order.amountBase), uncoveredBase(plan, arm, state));
  const amountBase = orderBase(plan.rules, open);
  return isTradable(plan.rules, amountBase, stopPriceQuote) ? { amountBase, stopPriceQuote } : null;
}

function stands(order: SessionOrder, wanted: StopTerms): boolean {
  return order.amountBase.equals(wanted.amountBase) && order.stopPriceQuote?.equals(wanted.stopPriceQuote) === true;
}

function rested(step: Step): Step {
  const { exchangeStop } = step.state;
  return exchangeStop.refusals === 0 ? step : { ...step, state: { ...step.state, exchangeStop: { ...exchangeStop, refusals: 0, refusedTerms: null, failure: null } } };
}

function hasTraded(order: SessionOrder): boolean {
  return order.claimedBase?.greaterThan(0) === true || order.ledger.totals.filledBase.greaterThan(0);
}

function termsText({ amountBase, stopPriceQuote }: StopTerms): string {
  return `${amountBase.toFixed()} at ${stopPriceQuote.toFixed()}`;
}

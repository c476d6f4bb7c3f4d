import { evaluateBarriers, type BarrierTrigger } from '../barriers.js';
import type { ChaserTerms } from '../chaser-price.js';
import { isTradable } from '../market-rules.js';
import { decimal, type Decimal } from '../money.js';
import { chase, chasePrice, chaseWakeAtMs } from './chase.js';
import { closedBase, exitPrice } from './exit-amounts.js';
import type { SessionArm, SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';
import { submit, wantCancelled, type Step } from './submit-order.js';

/** Why a position may be closed with patience; a stop that the user asked for is EARLY_STOP. */
export type PatientClose = BarrierTrigger | 'EARLY_STOP';

/**
 * How a closing exit gets out: it rests at the best price of its own side, then follows it, then takes what the market
 * gives, and asks for a person when even that does not end it. Times in ms from the moment it fired.
 */
export interface ClosingTerms {
  readonly patientFor: readonly PatientClose[];
  readonly limitMs: number;
  readonly chaseMs: number;
  readonly attentionAfterMs: number;
  readonly chaser: ChaserTerms;
}

/** The terms with their decimals in digits. */
export interface ClosingText {
  readonly patientFor: readonly PatientClose[];
  readonly limitMs: number;
  readonly chaseMs: number;
  readonly attentionAfterMs: number;
  readonly distanceFraction: string;
  readonly refreshThresholdFraction: string;
}

export function closingFromText({ distanceFraction, refreshThresholdFraction, ...times }: ClosingText): ClosingTerms {
  return { ...times, chaser: { distanceFraction: decimal(distanceFraction), refreshThresholdFraction: decimal(refreshThresholdFraction) } };
}

export type ClosingStep = 'limit' | 'chase' | 'market';

/** The step a closing exit is at. Once at market it stays there: `state.closingAtMarket`. */
export function closingStep(arm: SessionArm, state: SessionState): ClosingStep {
  const { closing } = arm;
  if (closing === null || state.goal.kind !== 'close' || state.closingAtMarket || !isPatient(closing, state)) return 'market';
  const sinceMs = state.nowMs - state.goal.sinceMs;
  if (sinceMs < closing.limitMs) return 'limit';
  return sinceMs < closing.limitMs + closing.chaseMs ? 'chase' : 'market';
}

/** Notices that patience is over: its time is, or the price went on past the stop. */
export function noticeHurry(plan: SessionPlan, arm: SessionArm, state: SessionState): SessionState {
  if (state.goal.kind !== 'close' || state.closingAtMarket) return state;
  const patient = closingStep(arm, state) !== 'market' && !pastStop(plan, arm, state);
  return patient ? state : { ...state, closingAtMarket: true };
}

/** Takes closing orders back whose time is over or that the market ran away from. */
export function keepClosing(plan: SessionPlan, arm: SessionArm, state: SessionState): SessionState {
  const { closing } = arm;
  const step = closingStep(arm, state);
  if (step === 'market' || closing === null) return wantCancelled(state, (purpose, order) => purpose === 'close' && order.type !== 'MARKET');
  return step === 'chase' ? chase(plan, closing.chaser, state) : state;
}

/** Sends what is left to close: post-only while there is patience, else at market. */
export function sendClose(plan: SessionPlan, arm: SessionArm, state: SessionState, amountBase: Decimal): Step {
  const { closing } = arm;
  if (closing === null || closingStep(arm, state) === 'market') return submit(plan, state, { purpose: 'close', type: 'MARKET', amountBase, priceQuote: null });
  const priceQuote = chasePrice(plan, closing.chaser, state);
  if (priceQuote === null) return { state, commands: [] };
  // What the exchange would not take at that price is not waited for.
  if (!isTradable(plan.rules, amountBase, priceQuote)) return sendClose(plan, arm, { ...state, closingAtMarket: true }, amountBase);
  return submit(plan, state, { purpose: 'close', type: 'LIMIT_MAKER', amountBase, priceQuote });
}

/** When a closing exit has to be looked at although nothing happens. */
export function closingWakesAtMs(plan: SessionPlan, arm: SessionArm, state: SessionState): readonly number[] {
  const { closing } = arm;
  if (closing === null || state.goal.kind !== 'close') return [];
  const { sinceMs } = state.goal;
  const chaseAtMs = state.closingAtMarket ? null : chaseWakeAtMs(plan, closing.chaser, state);
  return [sinceMs + closing.limitMs, sinceMs + closing.limitMs + closing.chaseMs, sinceMs + closing.attentionAfterMs, ...(chaseAtMs === null ? [] : [chaseAtMs])];
}

/** True when a closing with terms of its own takes longer than they allow. */
export function isOverdue(plan: SessionPlan, state: SessionState): boolean {
  const closing = plan.arm?.closing ?? null;
  return closing !== null && state.goal.kind === 'close' && state.end === null && state.nowMs >= state.goal.sinceMs + closing.attentionAfterMs;
}

function isPatient(closing: ClosingTerms, { trigger }: SessionState): boolean {
  // Resumed without knowing why it closes: the reason may have been a stop.
  if (trigger === null || trigger.exchangeStop || trigger.trigger === 'LIQUIDATION' || trigger.command === 'RESUMED') return false;
  return closing.patientFor.includes(trigger.trigger === 'COMMAND' ? 'EARLY_STOP' : trigger.trigger);
}

/** The stop loss would fire now; it is no limit for a close that it caused itself. */
function pastStop(plan: SessionPlan, arm: SessionArm, state: SessionState): boolean {
  if (state.trigger?.trigger === 'STOP_LOSS' || state.trigger?.trigger === 'TRAILING_STOP') return false;
  const position = { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules };
  const progress = { closedBase: closedBase(state), breakeven: false };
  return evaluateBarriers(arm.barriers, position, exitPrice(plan, state), state.nowMs, null, progress).trigger === 'STOP_LOSS';
}

import type { SessionTiming } from './session-plan.js';
import type { SessionState } from './session-state.js';

/**
 * Orders that are placed anew by our own choice share an allowance: one per interval, a few at once after a quiet time.
 * What exchanges count is orders, so a session that follows every price must not be able to spend all of them.
 */
export function renewalAllowedFromMs(timing: SessionTiming, state: SessionState): number {
  return state.renewalsPaidUntilMs - timing.renewalBurst * timing.renewalIntervalMs;
}

/** The state with one more renewal paid. */
export function payRenewal(timing: SessionTiming, state: SessionState): SessionState {
  return { ...state, renewalsPaidUntilMs: Math.max(state.renewalsPaidUntilMs, state.nowMs) + timing.renewalIntervalMs };
}

import { currentPlan } from './amended-plan.js';
import { closingWakesAtMs } from './close-escalation.js';
import { chaseWakeAtMs } from './chase.js';
import { exchangeStopWakeAtMs } from './keep-exchange-stop.js';
import { pegWakeAtMs } from './peg.js';
import { requestWakeAtMs } from './request-order.js';
import type { SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';

/** When the session next needs a tick although nothing happens; null = only news can move it. */
export function sessionWakeAtMs(planned: SessionPlan, state: SessionState): number | null {
  const plan = currentPlan(planned, state);
  if (state.end !== null) return null;
  const times: number[] = [];
  for (const order of state.orders) {
    const atMs = requestWakeAtMs(order);
    if (atMs !== null) times.push(atMs);
  }
  if (state.nextSubmitAtMs > state.nowMs) times.push(state.nextSubmitAtMs);
  if (plan.chaser !== null && state.goal.kind === 'work') {
    const atMs = chaseWakeAtMs(plan, plan.chaser, state);
    if (atMs !== null) times.push(atMs);
  }
  const pegAtMs = plan.peg === undefined ? null : pegWakeAtMs(plan, state);
  if (pegAtMs !== null) times.push(pegAtMs);
  const stopAtMs = exchangeStopWakeAtMs(plan, state);
  if (stopAtMs !== null) times.push(stopAtMs);
  if (plan.arm !== null) times.push(...closingWakesAtMs(plan, plan.arm, state));
  if (state.goal.kind === 'close') times.push(state.goal.sinceMs + plan.timing.siblingWaitMs, state.goal.sinceMs + plan.timing.unsellableWaitMs);
  if (plan.guarded && !state.guardArmed) times.push(state.guardLostAtMs + plan.timing.siblingWaitMs);
  if (state.endHeldSinceMs !== null) times.push(state.endHeldSinceMs + plan.timing.feeValuationMs);
  const timeLimitAtMs = plan.arm?.barriers.timeLimitAtMs ?? null;
  if (state.goal.kind === 'work' && timeLimitAtMs !== null) times.push(timeLimitAtMs);
  const ahead = times.filter((atMs) => atMs > state.nowMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

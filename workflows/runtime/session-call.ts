import { ActivityFailure, TimeoutFailure, isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CommandActivities, MarketReading, SessionActivities } from '../../src/contract/activities.js';
import type { SessionCommand } from '../../src/contract/messages.js';
import type { OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import { commandQueue, sessionQueue } from '../../src/contract/queues.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { LIMITS } from '../../src/domain/limits.js';

/** One account of one connector, as its queues are named. */
export interface AccountAddress {
  readonly connector: string;
  readonly account: string;
}

/** Told when nobody takes the account's work, and when somebody does again. */
export type OwnerWatch = (missing: boolean) => void;

/**
 * Runs the session of a plan until it answers. Nobody owning the account is not a failure: it is told, and waited out
 * with growing patience, so that a long outage stays small in history.
 */
export async function workOrder(address: AccountAddress, plan: OrderPlan, watch: OwnerWatch): Promise<SessionResult> {
  let fresh = true;
  return patiently(watch, plan.path.path, (patienceMs) => {
    // A second activity cannot know whether an attempt of the first one got as far as sending.
    const given = fresh ? plan : { ...plan, firstRunId: null };
    fresh = false;
    const { workOrder: run } = proxyActivities<SessionActivities>({
      taskQueue: sessionQueue(address.connector, address.account),
      scheduleToStartTimeout: patienceMs,
      // A session may wait for its price for years; its pulse is the heartbeat.
      startToCloseTimeout: '3650 days',
      heartbeatTimeout: LIMITS.sessionHeartbeatTimeoutMs,
      retry: { initialInterval: LIMITS.sessionRetryMs, backoffCoefficient: 1 },
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      summary: describePlan(plan),
    });
    return run(given);
  });
}

export async function commandSession(address: AccountAddress, path: OrderPath, command: SessionCommand, watch: OwnerWatch): Promise<void> {
  return patiently(watch, `command ${path.path}`, (patienceMs) => {
    const { commandSession: deliver } = proxyActivities<CommandActivities>({
      taskQueue: commandQueue(address.connector, address.account),
      scheduleToStartTimeout: patienceMs,
      startToCloseTimeout: '10 seconds',
      // A session that comes back after a crash hears what it missed at once; tries leave no trace in history.
      retry: { initialInterval: LIMITS.sessionRetryMs, backoffCoefficient: 1.5, maximumInterval: '2 seconds' },
      summary: `${command.kind} ${path.path}: ${command.reason}`,
    });
    return deliver(path, command);
  });
}

export async function readMarket(address: AccountAddress, pair: string, watch: OwnerWatch): Promise<MarketReading> {
  return patiently(watch, pair, (patienceMs) => {
    const { readMarket: read } = proxyActivities<CommandActivities>({
      taskQueue: commandQueue(address.connector, address.account),
      scheduleToStartTimeout: patienceMs,
      startToCloseTimeout: '10 seconds',
      retry: { initialInterval: LIMITS.sessionRetryMs, backoffCoefficient: 2, maximumInterval: '10 seconds' },
      summary: `rules and prices of ${pair}`,
    });
    return read(pair);
  });
}

/** Run id when this run is the first of its chain (not one that a reset made), for OrderPlan.firstRunId. */
export function firstRunId(): string | null {
  const info = workflowInfo();
  return info.runId === info.firstExecutionRunId ? info.runId : null;
}

async function patiently<Answer>(watch: OwnerWatch, _what: string, attempt: (patienceMs: number) => Promise<Answer>): Promise<Answer> {
  let patienceMs: number = LIMITS.noOwnerMs;
  for (;;) {
    try {
      const answer = await attempt(patienceMs);
      watch(false);
      return answer;
    } catch (error) {
      if (isCancellation(error) || !nobodyTookIt(error)) throw error;
      watch(true);
      patienceMs = Math.min(patienceMs * 2, 3_600_000);
    }
  }
}

function nobodyTookIt(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_START';
}

function describePlan(plan: OrderPlan): string {
  const amount = plan.amountBase === null ? 'what is filled' : plan.amountBase;
  const price = plan.priceQuote === null ? '' : ` at ${plan.priceQuote}`;
  return `${plan.role} ${plan.path.path}: ${plan.side} ${amount} ${plan.pair} ${plan.strategy}${price}`;
}

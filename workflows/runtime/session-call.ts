import { ActivityFailure, TemporalFailure, TimeoutFailure, isCancellation, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { AmendmentCover, CommandActivities, MarketReading, NearbyActivities, SessionActivities, WaitedForOwner } from '../../src/contract/activities.js';
import type { SessionCommand } from '../../src/contract/messages.js';
import type { OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import type { PlanChanges } from '../../src/domain/session/amended-plan.js';
import { commandQueue, EXECUTORS_QUEUE, sessionQueue } from '../../src/contract/queues.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { SessionDetails } from '../../src/domain/session/resume-session.js';

/** One account of one connector, as its queues are named. */
export interface AccountAddress {
  readonly connector: string;
  readonly account: string;
}

/** Told when nobody takes the account's work, with what its last heartbeat carried, and when somebody did again. */
export type OwnerWatch = (missing: boolean, details?: unknown) => void;

const ONE_QUICK_TRY = { startToCloseTimeout: '2 seconds', retry: { maximumAttempts: 1 } } as const;
const local = proxyLocalActivities<NearbyActivities>(ONE_QUICK_TRY);
const recorded = proxyActivities<NearbyActivities>({ ...ONE_QUICK_TRY, taskQueue: EXECUTORS_QUEUE, scheduleToStartTimeout: '2 seconds', summary: 'rules and prices' });

/**
 * Runs the session of a plan until it answers. Nobody owning the account is not a failure: it is told, and waited out
 * with growing patience, so that a long outage stays small in history.
 */
export async function workOrder(address: AccountAddress, plan: OrderPlan, watch: OwnerWatch): Promise<SessionResult> {
  let given = plan;
  let waited: WaitedForOwner | undefined;
  const missing: OwnerWatch = (isMissing, details) => {
    watch(isMissing);
    if (!isMissing) return;
    // A second activity cannot know whether an attempt of the first one got as far as sending.
    given = { ...plan, firstRunId: null };
    waited = { details: sessionOf(details) ?? waited?.details ?? null };
  };
  return patiently(missing, plan.path.path, (patienceMs) => {
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
    return waited === undefined ? run(given) : run(given, waited);
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

/** Whether the account has what an order would need on other terms; it is reserved then. Throws ActivityFailure when nobody could say so in time. */
export async function coverAmendment({ connector, account }: AccountAddress, path: OrderPath, changes: PlanChanges): Promise<AmendmentCover> {
  const { coverAmendment: cover } = proxyActivities<CommandActivities>({
    taskQueue: commandQueue(connector, account),
    // The caller waits for the answer: an amendment that cannot be judged now is refused, and nothing has changed.
    scheduleToCloseTimeout: LIMITS.amendmentCoverMs,
    retry: { initialInterval: LIMITS.sessionRetryMs, backoffCoefficient: 1.5, maximumInterval: '1 second' },
    summary: `funds for an amendment of ${path.path}`,
  });
  return cover(path, changes);
}

/**
 * Rules and best prices of a pair, as the first act of an executor: by a local activity, which is the quickest. Only
 * there: when a query is answered meanwhile, its result can reach the workflow after signals that a replay tells after
 * it, and nobody but a caller who wants to stop sends signals yet.
 */
export async function readMarketFirst(address: AccountAddress, pair: string, watch: OwnerWatch): Promise<MarketReading> {
  return read(local, address, pair, watch);
}

/** Rules and best prices of a pair. */
export async function readMarket(address: AccountAddress, pair: string, watch: OwnerWatch): Promise<MarketReading> {
  return read(recorded, address, pair, watch);
}

async function read({ readOwnMarket }: Pick<NearbyActivities, 'readOwnMarket'>, address: AccountAddress, pair: string, watch: OwnerWatch): Promise<MarketReading> {
  try {
    const reading = await readOwnMarket(address.connector, address.account, pair);
    watch(false);
    return reading;
  } catch (error) {
    // Another process owns the account, or the answer took its time: asked for again over the account's queue.
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
  }
  return patiently(watch, pair, (patienceMs) => {
    const { readMarket: ask } = proxyActivities<CommandActivities>({
      taskQueue: commandQueue(address.connector, address.account),
      scheduleToStartTimeout: patienceMs,
      startToCloseTimeout: '10 seconds',
      retry: { initialInterval: LIMITS.sessionRetryMs, backoffCoefficient: 2, maximumInterval: '10 seconds' },
      summary: `rules and prices of ${pair}`,
    });
    return ask(pair);
  });
}

/** Run id when this run is the first of its chain (not one that a reset made), for OrderPlan.firstRunId. */
export function firstRunId(): string | null {
  const info = workflowInfo();
  return info.runId === info.firstExecutionRunId ? info.runId : null;
}

/** Runs an activity of the account; that nobody owns the account is told, and waited out. */
export async function patiently<Answer>(watch: OwnerWatch, _what: string, attempt: (patienceMs: number) => Promise<Answer>): Promise<Answer> {
  let patienceMs: number = LIMITS.noOwnerMs;
  for (;;) {
    try {
      const answer = await attempt(patienceMs);
      watch(false);
      return answer;
    } catch (error) {
      const expiry = isCancellation(error) ? null : nobodyTookIt(error);
      if (expiry === null) throw error;
      watch(true, expiry.lastHeartbeatDetails);
      patienceMs = Math.min(patienceMs * 2, 3_600_000);
    }
  }
}

function nobodyTookIt(error: unknown): TimeoutFailure | null {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof TimeoutFailure)) return null;
  return error.cause.timeoutType === 'SCHEDULE_TO_START' ? error.cause : null;
}

/** The details of a session's heartbeat, as `workOrder` sends them. */
function sessionOf(heartbeat: unknown): SessionDetails | null {
  return heartbeat !== null && typeof heartbeat === 'object' && 'session' in heartbeat ? (heartbeat.session as SessionDetails) : null;
}

function describePlan(plan: OrderPlan): string {
  const amount = plan.amountBase === null ? 'what is filled' : plan.amountBase;
  const price = plan.priceQuote === null ? '' : ` at ${plan.priceQuote}`;
  return `${plan.role} ${plan.path.path}: ${plan.side} ${amount} ${plan.pair} ${plan.strategy}${price}`;
}

/** What went wrong with an activity, in the words of whoever knew. */
export function failureText(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

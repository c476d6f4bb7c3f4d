import { ApplicationFailure, Context } from '@temporalio/activity';
import type { WaitedForOwner } from '../../src/contract/activities.js';
import { SIGNALS, type AttentionReport } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { SessionDetails } from '../../src/domain/session/resume-session.js';
import { crashPoint } from '../crash-points.js';
import type { AccountServices } from './account-services.js';
import { OrderSession } from './order-session.js';
import { orderLogger } from './session-logger.js';
import { watchDetached } from './detached-session.js';
import { startPulse } from './session-pulse.js';
import { whilePaused } from './paused-session.js';

/** Heartbeat details, and what the next attempt resumes from. */
interface Pulse {
  readonly session: SessionDetails;
  /** For whoever looks at the activity: why the session cannot trust what it sees; absent when it can. */
  readonly alarm?: string;
}

/**
 * The long activity of an order workflow. The session it runs belongs to the process: an attempt that the server gave
 * up leaves it armed, and the next attempt adopts it.
 */
export async function workOrder(services: AccountServices | null, plan: OrderPlan, waited: WaitedForOwner | null, maxSessions: number): Promise<SessionResult> {
  if (services === null || services.lease.lost) throw retryable('NotOwner', 'this process does not own the account', LIMITS.sessionRetryMs);
  const session = adopt(services, plan) ?? begin(services, plan, waited, maxSessions);
  if (waited !== null) void tellOwned(services, plan);
  const context = Context.current();
  const heartbeat = (): void => context.heartbeat(pulseOf(session));
  session.attemptedBy({ taskToken: context.info.taskToken, heartbeat });
  const stopPulse = startPulse(
    () => {
      crashPoint(session.isArmed() ? 'while-armed' : 'before-heartbeat');
      heartbeat();
    },
    () => services.registry.size,
  );
  // Of a first attempt the server knows all there is to tell.
  if (context.info.attempt > 1) heartbeat();
  try {
    return await untilAnswered(context, session, services);
  } catch (error) {
    // A failed attempt carries the last details to the next one.
    heartbeat();
    throw error;
  } finally {
    stopPulse();
  }
}

function pulseOf(session: OrderSession): Pulse {
  const alarm = session.streamAlarm;
  return { session: session.details(), ...(alarm === null ? {} : { alarm: `${alarm.code}: ${alarm.message}` }) };
}

/** Takes the alarm back that the workflow raised while nobody owned the account. */
async function tellOwned(services: AccountServices, plan: OrderPlan): Promise<void> {
  const report: AttentionReport = { code: 'NO_ACCOUNT_OWNER', message: null, atMs: Date.now() };
  for (let attempt = 0; attempt < 10 && !services.lease.lost; attempt += 1) {
    if ((await services.workflows.signal(plan.path.workflowId, SIGNALS.attention, report)) !== 'unreachable') return;
  }
}

async function untilAnswered(context: Context, session: OrderSession, services: AccountServices): Promise<SessionResult> {
  const cancelled = context.cancelled.catch(() => 'cancelled' as const);
  const first = await Promise.race([session.outcome, cancelled]);
  if (first !== 'cancelled') return answer(session, services, first);
  const details = context.cancellationDetails;
  switch (causeOf(details)) {
    case 'cancelRequested':
      session.command({ kind: 'cancel', reason: 'activity cancelled' });
      return answer(session, services, await session.outcome);
    case 'workerShutdown':
      throw retryable('LeaseLost', 'the workers of this account are stopping', 0);
    case 'paused':
      return answer(session, services, (await whilePaused(session, services)) ?? again('no longer paused'));
    case 'gone':
      // timedOut, notFound and reset look alike from here; the workflow's status tells them apart.
      session.detached();
      watchDetached(session, services);
      return again('the server gave this attempt up; the session stays');
    default:
      throw new Error('unhandled cancellation');
  }
}

/** Ends this attempt, which has heard its one cancellation; the next one adopts the session. */
function again(message: string): never {
  throw retryable('Detached', message, 0);
}

function causeOf(details: Context['cancellationDetails']): 'cancelRequested' | 'workerShutdown' | 'paused' | 'gone' {
  if (details?.cancelRequested === true) return 'cancelRequested';
  if (details?.workerShutdown === true) return 'workerShutdown';
  if (details?.paused === true) return 'paused';
  return 'gone';
}

function answer(session: OrderSession, services: AccountServices, outcome: Awaited<OrderSession['outcome']>): SessionResult {
  if (outcome.kind === 'abandoned') throw retryable('LeaseLost', 'this process no longer owns the account', 0);
  // Kept for a while: if the answer is lost on its way, the next attempt adopts the ended session and answers again.
  setTimeout(() => services.registry.remove(session), 60_000).unref();
  crashPoint('after-return');
  return outcome.result;
}

function adopt(services: AccountServices, plan: OrderPlan): OrderSession | null {
  const session = services.registry.get(plan.path.workflowId);
  if (session === null) return null;
  if (JSON.stringify(withoutRun(session.plan)) === JSON.stringify(withoutRun(plan))) return session;
  // Retried: failing would end a workflow whose orders are still at work under the other plan.
  orderLogger(services.logger, plan).error({}, 'another plan already runs under this workflow id: this one waits for its end');
  throw retryable('Contradiction', `another plan already runs as ${plan.path.workflowId}`, 5_000);
}

/** A reset run compiles the same plan under another run id. */
function withoutRun(plan: OrderPlan): OrderPlan {
  return { ...plan, firstRunId: null };
}

function begin(services: AccountServices, plan: OrderPlan, waited: WaitedForOwner | null, maxSessions: number): OrderSession {
  const reserved = plan.arm === null ? Math.floor(maxSessions * (1 - LIMITS.exitSlotShare)) : maxSessions;
  if (services.registry.working >= reserved) throw retryable('TooManySessions', `all ${reserved} sessions of the account are taken`, 2_000);
  const { info } = Context.current();
  const pulse = info.heartbeatDetails as Pulse | undefined;
  const details = services.registry.memory.take(plan.path, pulse?.session ?? waited?.details ?? null) ?? afterPredecessor(services, plan);
  const fresh = info.attempt === 1 && isFirstSchedule(info) && details === null && plan.firstRunId !== null && plan.firstRunId === info.workflowExecution?.runId;
  const session = new OrderSession(plan, services, details);
  session.start(fresh);
  if (fresh && (plan.role === 'exit' || plan.role === 'hedge')) crashPoint('between-exit-and-entry');
  return session;
}

/** An exit that takes over follows the same peak as the one before it, as far as that one is here. */
function afterPredecessor(services: AccountServices, plan: OrderPlan): SessionDetails | null {
  const last = plan.arm?.predecessors.at(-1);
  const predecessor = last === undefined ? null : services.registry.get(last.workflowId);
  if (predecessor === null) return null;
  return { ...predecessor.details(), nextSequence: 1, retries: 0, folded: null, amended: null, liquidated: [], goal: { kind: 'work' }, trigger: null };
}

function retryable(type: string, message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: false, nextRetryDelay: Math.max(1, delayMs) });
}

/** An activity that a person reset counts from attempt 1 again; only the times tell it from one that was never started. */
function isFirstSchedule(info: Context['info']): boolean {
  return info.currentAttemptScheduledTimestampMs - info.scheduledTimestampMs < LIMITS.sessionRetryMs;
}

import { ApplicationFailure, Context } from '@temporalio/activity';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { SessionDetails } from '../../src/domain/session/resume-session.js';
import { crashPoint } from '../crash-points.js';
import type { AccountServices } from './account-services.js';
import { OrderSession } from './order-session.js';
import { watchDetached } from './detached-session.js';

/** Heartbeat details, and what the next attempt resumes from. */
interface Pulse {
  readonly session: SessionDetails;
}

/**
 * The long activity of an order workflow. The session it runs belongs to the process: an attempt that the server gave
 * up leaves it armed, and the next attempt adopts it.
 */
export async function workOrder(services: AccountServices | null, plan: OrderPlan, maxSessions: number): Promise<SessionResult> {
  if (services === null || services.lease.lost) throw retryable('NotOwner', 'this process does not own the account', LIMITS.sessionRetryMs);
  const session = adopt(services, plan) ?? begin(services, plan, maxSessions);
  const context = Context.current();
  const pulse = setInterval(() => {
    crashPoint(session.isArmed() ? 'while-armed' : 'before-heartbeat');
    context.heartbeat({ session: session.details() } satisfies Pulse);
  }, LIMITS.sessionHeartbeatMs);
  context.heartbeat({ session: session.details() } satisfies Pulse);
  try {
    return await untilAnswered(context, session, services);
  } finally {
    clearInterval(pulse);
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
      throw retryable('LeaseLost', 'this process is stopping', 0);
    case 'paused':
      return answer(session, services, await whilePaused(session, services));
    case 'gone':
      // timedOut, notFound and reset look alike from here; the workflow's status tells them apart.
      watchDetached(session, services);
      throw retryable('Detached', 'the server gave this attempt up; the session stays', 0);
    default:
      throw new Error('unhandled cancellation');
  }
}

function causeOf(details: Context['cancellationDetails']): 'cancelRequested' | 'workerShutdown' | 'paused' | 'gone' {
  if (details?.cancelRequested === true) return 'cancelRequested';
  if (details?.workerShutdown === true) return 'workerShutdown';
  if (details?.paused === true) return 'paused';
  return 'gone';
}

/** Stays armed, adds nothing, tells; goes on when the activity is no longer paused. */
async function whilePaused(session: OrderSession, services: AccountServices): ReturnType<typeof pauseLoop> {
  session.dispatch({ kind: 'hold', held: true, nowMs: Date.now() });
  services.logger.warn({ workflowId: session.plan.path.workflowId }, 'session paused: it stays armed and adds no exposure');
  return pauseLoop(session, services);
}

async function pauseLoop(session: OrderSession, services: AccountServices): Promise<Awaited<OrderSession['outcome']>> {
  for (;;) {
    const next = await Promise.race([session.outcome, pause(1_000)]);
    if (next !== null) return next;
    if ((await services.workflows.isPaused(session.plan.path.workflowId)) === false) {
      session.dispatch({ kind: 'hold', held: false, nowMs: Date.now() });
      return session.outcome;
    }
  }
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
  throw ApplicationFailure.create({ type: 'Contradiction', nonRetryable: true, message: `another plan already runs as ${plan.path.workflowId}` });
}

/** A reset run compiles the same plan under another run id. */
function withoutRun(plan: OrderPlan): OrderPlan {
  return { ...plan, firstRunId: null };
}

function begin(services: AccountServices, plan: OrderPlan, maxSessions: number): OrderSession {
  const reserved = plan.arm === null ? Math.floor(maxSessions * (1 - LIMITS.exitSlotShare)) : maxSessions;
  if (services.registry.working >= reserved) throw retryable('TooManySessions', `all ${reserved} sessions of the account are taken`, 2_000);
  const { info } = Context.current();
  const pulse = info.heartbeatDetails as Pulse | undefined;
  const fresh = info.attempt === 1 && pulse === undefined && plan.firstRunId !== null && plan.firstRunId === info.workflowExecution?.runId;
  const session = new OrderSession(plan, services, pulse?.session ?? null);
  session.start(fresh);
  if (fresh && plan.role === 'exit') crashPoint('between-exit-and-entry');
  return session;
}

function retryable(type: string, message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: false, nextRetryDelay: Math.max(1, delayMs) });
}

async function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}

import { SIGNALS } from '../../src/contract/messages.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { AccountServices } from './account-services.js';
import { orderLogger } from './session-logger.js';
import type { OrderSession } from './order-session.js';

/**
 * Watches over a session whose attempt the server gave up. Workflow running: the next attempt will adopt it. Closed: an
 * entry or order is cancelled and confirmed, an exit stays armed, and the alarm is raised. Unreachable: it stays.
 */
export function watchDetached(session: OrderSession, services: AccountServices): void {
  void decide(session, services).catch((error: unknown) => {
    orderLogger(services.logger, session.plan).error({ error: String(error) }, 'detached session: left to the next sweep');
  });
}

async function decide(session: OrderSession, services: AccountServices): Promise<void> {
  for (let pauseMs = 100; !session.ended && !services.lease.lost; pauseMs = Math.min(pauseMs * 2, LIMITS.maxBackoffMs)) {
    const status = await services.workflows.status(session.plan.path.workflowId);
    if (status === 'running') return;
    if (status === 'closed' || status === 'missing') return orphaned(session, services);
    await pause(pauseMs);
  }
}

/** A session without a workflow: what adds exposure ends, what protects stays, and what it trades finds an owner. */
export function orphaned(session: OrderSession, services: AccountServices): void {
  if (!services.registry.markOrphan(session, 'workflow')) return;
  const { workflowId } = session.plan.path;
  const logger = orderLogger(services.logger, session.plan);
  const { parentId, arm } = session.plan;
  if (arm === null) {
    logger.error({}, 'the workflow of this order is gone: its orders are cancelled');
    session.command({ kind: 'cancel', reason: 'workflow gone' });
  } else logger.error({}, 'the workflow of this exit is gone: it stays armed until it fires or is taken over');
  if (parentId !== null) void services.workflows.signal(parentId, SIGNALS.legLost, { leg: workflowId, reason: 'its workflow is gone' });
  if (arm !== null) void handOverProtected(session, services);
  void settle(session, services).catch((error: unknown) => {
    logger.error({ error: String(error) }, 'the fills of a vanished order could not be handed to its controller');
  });
}

/**
 * An armed exit whose executor is gone too lives in this process alone. What it protects is given to the controller at
 * once, so that the exposure has an owner even if the process dies; what the exit trades later nets against it there.
 */
async function handOverProtected(session: OrderSession, services: AccountServices): Promise<void> {
  const { parentId } = session.plan;
  for (let pauseMs = 200; !session.ended && !services.lease.lost; pauseMs = Math.min(pauseMs * 2, LIMITS.maxBackoffMs)) {
    const above = parentId === null ? 'closed' : await services.workflows.status(parentId);
    if (above === 'running') return;
    const inventory = session.protectedInventory();
    if (above !== 'unreachable' && inventory !== null && (await handedOver(session, services, inventory))) return;
    await pause(pauseMs);
  }
}

/** Its executor counts what it traded; where that is gone too, the controller does. */
async function settle(session: OrderSession, services: AccountServices): Promise<void> {
  const outcome = await session.outcome;
  if (outcome.kind === 'abandoned') return;
  for (let pauseMs = 500; !services.lease.lost; pauseMs = Math.min(pauseMs * 2, LIMITS.maxBackoffMs)) {
    const { parentId } = session.plan;
    const above = parentId === null ? 'closed' : await services.workflows.status(parentId);
    if (above === 'running' || (above !== 'unreachable' && (await handedOver(session, services, outcome.result)))) break;
    await pause(pauseMs);
  }
  services.registry.remove(session);
}

async function handedOver(session: OrderSession, services: AccountServices, result: Parameters<AccountServices['handOver']>[1]): Promise<boolean> {
  try {
    await services.handOver(session.plan, result);
    return true;
  } catch (error) {
    orderLogger(services.logger, session.plan).warn({ error: String(error) }, 'the controller could not be told, trying again');
    return false;
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}

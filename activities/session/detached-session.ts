import { LIMITS } from '../../src/domain/limits.js';
import type { AccountServices } from './account-services.js';
import type { OrderSession } from './order-session.js';

/**
 * Watches over a session whose attempt the server gave up. Workflow running: the next attempt will adopt it. Closed: an
 * entry or order is cancelled and confirmed, an exit stays armed, and the alarm is raised. Unreachable: it stays.
 */
export function watchDetached(session: OrderSession, services: AccountServices): void {
  void decide(session, services);
}

async function decide(session: OrderSession, services: AccountServices): Promise<void> {
  for (let pauseMs = 100; !session.ended && !services.lease.lost; pauseMs = Math.min(pauseMs * 2, LIMITS.maxBackoffMs)) {
    const status = await services.workflows.status(session.plan.path.workflowId);
    if (status === 'running') return;
    if (status === 'closed' || status === 'missing') return orphaned(session, services);
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
}

/** A session without a workflow: what adds exposure ends, what protects stays. */
export function orphaned(session: OrderSession, services: AccountServices): void {
  const { workflowId } = session.plan.path;
  if (session.plan.arm === null) {
    services.logger.error({ workflowId }, 'the workflow of this order is gone: its orders are cancelled');
    session.command({ kind: 'cancel', reason: 'workflow gone' });
    void session.outcome.then(() => services.registry.remove(session));
    return;
  }
  services.logger.error({ workflowId }, 'the workflow of this exit is gone: it stays armed until it fires or is taken over');
}

import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '../../src/domain/limits.js';
import type { Failure, RecoveredOrder } from '../../src/domain/session/session-events.js';
import type { Permission } from '../ownership/lease.js';
import type { AccountServices } from './account-services.js';
import type { OrderSession } from './order-session.js';
import { listed } from './recover-orders.js';

/** Longer than a request of another process can be under way. */
const RIVAL_MS = LIMITS.requestDeadlineMs + 500;

/** What a session may do that is cut off from the server while another process may own the account. */
export type RivalVerdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'stay'; readonly permission: Exclude<Permission, 'granted'>; readonly failure: Failure | null }
  /** Somebody else sent these; the order that was about to leave is among them, or not needed any more. */
  | { readonly kind: 'sent'; readonly orders: readonly RecoveredOrder[]; readonly ours: boolean };

/**
 * A server that does not answer may be gone, or answer another process. Where one waits for the lease, what the session
 * was about to send may have been sent by it, at this very price: it gets the time of a request, and then the exchange
 * is asked. Without such a process nothing is lost by sending at once.
 */
export async function judgeRival(session: OrderSession, services: AccountServices, sequence: number): Promise<RivalVerdict> {
  if (!services.lease.rivals) return { kind: 'send' };
  const { workflowId } = session.plan.path;
  services.logger.warn({ workflowId, sequence }, 'the server does not answer and another process may own the account: the exchange is asked before anything is sent');
  await sleep(RIVAL_MS, undefined, { ref: false });
  const permission = await services.lease.permit(LIMITS.requestDeadlineMs);
  if (permission === 'granted') return { kind: 'send' };
  if (permission === 'lost') return { kind: 'stay', permission, failure: null };
  try {
    const { orders } = await listed(session, services);
    const known = new Set(session.current.orders.map((order) => order.sequence));
    const foreign = orders.filter((order) => order.sequence === sequence || !known.has(order.sequence));
    if (foreign.length === 0) return { kind: 'send' };
    services.logger.warn({ workflowId, orders: foreign.length }, 'another process owns the account: what it sent is counted, nothing is sent');
    return { kind: 'sent', orders: foreign.filter((order) => order.sequence !== sequence), ours: foreign.some((order) => order.sequence === sequence) };
  } catch (error) {
    const message = `whether another process sent it cannot be read: ${String(error)}`.slice(0, LIMITS.maxErrorText);
    return { kind: 'stay', permission, failure: { code: 'EXCHANGE_UNREACHABLE', message, retryAfterMs: null } };
  }
}

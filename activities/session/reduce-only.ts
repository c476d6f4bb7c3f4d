import { openBase } from '../../src/domain/session/advance-exit.js';
import type { AccountServices } from './account-services.js';
import type { OrderSession } from './order-session.js';

/**
 * Whether an order may only make the account's position smaller: it closes on a perpetual, and no other executor holds
 * the opposite side. Where one does, the two are one net position in one-way mode, and the exchange would refuse what is
 * rightly closed. In hedge mode the connector names the position instead, which has the same effect.
 */
export function isReduceOnly(session: OrderSession, services: Pick<AccountServices, 'registry'>): boolean {
  const { plan, rules } = session;
  if (rules.rules.contract !== 'perpetual') return false;
  if ((plan.arm === null || plan.role === 'hedge') && plan.positionAction !== 'CLOSE') return false;
  return !services.registry.all().some((other) => holdsAgainst(session, other));
}

/** A sale closes a long; a short is held against it, and was opened by a sale. */
function holdsAgainst({ plan }: OrderSession, other: OrderSession): boolean {
  if (other.ended || other.plan.pair !== plan.pair || other.plan.path.rootId === plan.path.rootId) return false;
  const { arm } = other.rules;
  if (arm !== null && other.plan.role !== 'hedge') return arm.entrySide === plan.side && openBase(other.rules, arm, other.current).greaterThan(0);
  return (other.plan.role === 'order' || other.plan.role === 'hedge') && other.plan.positionAction !== 'CLOSE' && other.plan.side === plan.side && other.totals.filledBase.greaterThan(0);
}

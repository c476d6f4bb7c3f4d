import type { AmendmentCover } from '../../src/contract/activities.js';
import type { OrderPath } from '../../src/contract/order-plan.js';
import { ZERO, exactly, toDecimalString } from '../../src/domain/money.js';
import { withChanges, type PlanChanges } from '../../src/domain/session/amended-plan.js';
import type { NeededFunds } from '../../src/domain/session/needed-funds.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import { executedBase } from '../../src/domain/session/session-state.js';
import type { AccountServices } from './account-services.js';
import { readFailure, retryable } from './commands.js';
import { fundsFor } from './funds-for.js';
import type { OrderSession } from './order-session.js';

/**
 * The order that rests stays out until the money for the one that takes its place is there: only the difference is
 * reserved here, what the resting order locks comes back with its cancel.
 */
export async function coverAmendment(services: AccountServices, path: OrderPath, changes: PlanChanges): Promise<AmendmentCover> {
  if (services.lease.lost) throw retryable('NotOwner', 'this process does not own the account');
  const session = services.registry.get(path.workflowId);
  if (session === null) throw retryable('NoSession', `no session of ${path.workflowId} runs here right now`);
  const missing = more(needs(services, session, session.rules), needs(services, session, withChanges(session.rules, changes)));
  if (missing === null) return { covered: true };
  // What it needs as planned is not reserved yet: the difference to that says nothing.
  if (session.current.funds !== 'reserved') throw retryable('NoSession', `the session of ${path.workflowId} has not begun to work yet`);
  const answer = await services.funds.reserve(path.workflowId, missing.asset, toDecimalString(missing.amount)).catch((error: unknown) => {
    throw readFailure(error);
  });
  return answer.ok ? { covered: true } : { covered: false, message: answer.message };
}

/** For all that is not executed, whether it is out or not. */
function needs(services: AccountServices, session: OrderSession, plan: SessionPlan): NeededFunds | null {
  const left = exactly.difference(plan.amountBase ?? ZERO, executedBase(session.current));
  return left.greaterThan(0) ? fundsFor(services, session, plan, left) : null;
}

function more(before: NeededFunds | null, after: NeededFunds | null): NeededFunds | null {
  if (before === null || after === null) return after;
  const amount = exactly.difference(after.amount, before.amount);
  return amount.greaterThan(0) ? { asset: after.asset, amount } : null;
}

import type { AccountServices } from '../session/account-services.js';
import { orphaned } from '../session/detached-session.js';

/** How old an order without a session must be before the sweep touches it: a session may be on its way back. */
const GRACE_MS = 30_000;

/**
 * Looks for what nobody owns: open orders of ours whose executor no longer runs are cancelled; sessions whose workflow is
 * closed end (entries) or stay armed and are told of (exits); entries whose executor is gone end.
 */
export async function sweepOrphans(services: AccountServices): Promise<void> {
  try {
    await sweepOrders(services);
    for (const session of services.registry.all()) {
      if (session.ended) continue;
      const { parentId } = session.plan;
      if ((await services.workflows.status(session.plan.path.workflowId)) === 'closed') orphaned(session, services);
      else if (parentId !== null && (await services.workflows.status(parentId)) === 'closed') withoutParent(session, services);
    }
  } catch (error) {
    services.logger.warn({ error: String(error) }, 'sweep for orphans was interrupted, next one in a minute');
  }
}

function withoutParent(session: Parameters<typeof orphaned>[0], services: AccountServices): void {
  const { workflowId } = session.plan.path;
  services.logger.error({ workflowId }, 'the executor of this leg is gone');
  if (session.plan.arm === null) session.command({ kind: 'cancel', reason: 'its executor is gone' });
}

async function sweepOrders(services: AccountServices): Promise<void> {
  const running = await services.workflows.runningRoots(services.connector, services.account);
  // Without knowing who runs, nothing can be called an orphan.
  if (running === null) return;
  const owned = new Set(running.map((root) => services.rootPrefix(root.rootId, root.rootCreatedAtMs)));
  const prefixLength = services.rootPrefix('', 0).length;
  for (const order of await services.exchange.openOrders(null)) {
    const { clientOrderId } = order;
    if (!services.isOurs(clientOrderId) || services.orders.isWatched(clientOrderId)) continue;
    if (Date.now() - order.createdAtMs < GRACE_MS) continue;
    if (owned.has(clientOrderId.slice(0, prefixLength))) continue;
    if (services.lease.lost) return;
    services.logger.error({ clientOrderId, pair: order.pair }, 'an open order of ours has no running executor: it is cancelled');
    await services.exchange.cancel({ pair: order.pair, clientOrderId, exchangeOrderId: order.exchangeOrderId });
  }
}

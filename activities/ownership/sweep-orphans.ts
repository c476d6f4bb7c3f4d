import { SIGNALS } from '../../src/contract/messages.js';
import type { WorkflowStatus } from '../../src/ports/workflow-link.js';
import type { AccountServices } from '../session/account-services.js';
import { orphaned } from '../session/detached-session.js';
import type { OrderSession } from '../session/order-session.js';
import { orderLogger } from '../session/session-logger.js';

/** How old an order without a session must be before the sweep touches it: a session may be on its way back. */
const GRACE_MS = 30_000;

const SWEEP_MS = 60_000;
/** At the grant of the lease sessions are still on their way to this process. */
const SECOND_SWEEP_MS = 12_000;

/** Sweeps when the lease is granted, once its sessions are here, and every minute, one sweep at a time. */
export class OrphanSweep {
  private readonly timer: NodeJS.Timeout;
  private readonly second: NodeJS.Timeout;
  private sweeping = false;
  private readonly handedOver = new Set<string>();

  constructor(private readonly services: AccountServices) {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS);
    this.second = setTimeout(() => void this.sweep(), SECOND_SWEEP_MS).unref();
    void this.sweep();
  }

  stop(): void {
    clearTimeout(this.second);
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    await sweepOrphans(this.services);
    await sweepCutExecutors(this.services, this.handedOver);
    this.sweeping = false;
  }
}

/**
 * Looks for what nobody owns: open orders of ours whose executor no longer runs are cancelled; sessions whose workflow is
 * closed end (entries) or stay armed and are told of (exits); entries whose executor is gone end, exits ask for attention.
 */
export async function sweepOrphans(services: AccountServices): Promise<void> {
  try {
    await sweepOrders(services);
    for (const session of services.registry.all()) {
      if (services.lease.lost) return;
      if (session.ended) continue;
      const { parentId } = session.plan;
      if (isGone(await services.workflows.status(session.plan.path.workflowId))) orphaned(session, services);
      else if (parentId !== null && isGone(await services.workflows.status(parentId))) await withoutParent(session, services);
      else if (parentId !== null && parentId !== session.plan.path.rootId && isGone(await services.workflows.status(session.plan.path.rootId))) withoutGrid(session, services);
    }
  } catch (error) {
    services.logger.warn({ connector: services.connector, account: services.account, error: String(error) }, 'sweep for orphans was interrupted, next one in a minute');
  }
}

/**
 * What an executor had filled by orders that are over is known to it alone; when its workflow is ended from outside, that
 * goes to its controller, once nothing of it trades any more and its last orders have told theirs. `done`: not looked at again.
 */
export async function sweepCutExecutors(services: AccountServices, done: Set<string>): Promise<void> {
  const { connector, account, workflows, logger } = services;
  try {
    const cut = await workflows.cutExecutors(connector, account);
    const running = cut === null || cut.length === 0 ? null : await workflows.runningRoots(connector, account);
    if (cut === null || running === null) return;
    for (const executor of cut) {
      const { id } = executor.config;
      if (services.lease.lost) return;
      // Sessions that ended are here until their fills are told.
      const atWork = running.some(({ rootId }) => rootId === id) || services.registry.all().some(({ plan }) => plan.path.rootId === id);
      if (done.has(id) || atWork) continue;
      // A run that was reset is closed too; the one after it goes on.
      if ((await workflows.status(id)) !== 'closed') continue;
      await services.handOverCut(executor);
      done.add(id);
      logger.error({ connector, account, executorId: id }, 'the workflow of this executor was ended from outside: what it had filled is handed to its controller');
    }
  } catch (error) {
    logger.warn({ connector, account, error: String(error) }, 'executors that were ended from outside: looked at again in a minute');
  }
}

function isGone(status: WorkflowStatus): boolean {
  return status === 'closed' || status === 'missing';
}

async function withoutParent(session: OrderSession, services: AccountServices): Promise<void> {
  const { path, arm, parentId } = session.plan;
  // A grid starts the child again that carried this level: it takes its legs up as they are.
  if (parentId !== null && parentId !== path.rootId && (await services.workflows.status(path.rootId)) === 'running') {
    return void (await services.workflows.signal(path.rootId, SIGNALS.legLost, { leg: parentId, reason: 'its workflow is gone' }));
  }
  if (arm === null) {
    orderLogger(services.logger, session.plan).error({}, 'the executor of this order is gone: its orders are cancelled');
    return session.command({ kind: 'cancel', reason: 'its executor is gone' });
  }
  if (!services.registry.markOrphan(session, 'executor')) return;
  orderLogger(services.logger, session.plan).error({}, 'the executor of this exit is gone: it stays armed');
  const message = `executor ${parentId ?? ''} is gone; ${path.path} stays armed until it fires or is told to`;
  await services.workflows.signal(path.workflowId, SIGNALS.attention, { code: 'EXECUTOR_GONE', message, atMs: Date.now() });
}

/** What a level of a grid that is gone has filled keeps its take profit; nothing is added to it. */
function withoutGrid(session: OrderSession, services: AccountServices): void {
  if (session.plan.arm !== null) return;
  orderLogger(services.logger, session.plan).error({}, 'the grid of this order is gone: its orders are cancelled');
  session.command({ kind: 'cancel', reason: 'its grid is gone' });
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
    services.logger.error({ connector: services.connector, account: services.account, clientOrderId, pair: order.pair }, 'an open order of ours has no running executor: it is cancelled');
    await services.exchange.cancel({ pair: order.pair, clientOrderId, exchangeOrderId: order.exchangeOrderId, stop: order.stop !== null });
  }
}

import type { AuditedExecutor, LedgerOrder } from './audit-input.js';
import type { Difference } from './difference.js';
import { digits, exact, NOTHING, sumOf, type Exact } from './exact.js';
import { closes, type OwnedOrder } from './order-owners.js';
import type { LedgerIndex } from './ledger-index.js';

/** One order per intent, no open order without a running owner, never more out than planned. */
export function checkOrders(index: LedgerIndex): readonly Difference[] {
  return [...sentOnce(index.owned), ...openOrders(index.owned), ...index.input.executors.flatMap((executor) => plannedAmount(index, executor)), ...ledgerItself(index)];
}

function sentOnce(owned: readonly OwnedOrder[]): readonly Difference[] {
  const byIntent = new Map<string, OwnedOrder[]>();
  for (const order of owned) byIntent.set(order.order.clientOrderId, [...(byIntent.get(order.order.clientOrderId) ?? []), order]);
  return [...byIntent].flatMap(([clientOrderId, orders]): Difference[] => {
    const [first] = orders;
    if (first === undefined || orders.length === 1) return [];
    const ids = orders.map(({ order }) => `${order.orderId} (${order.state}, ${order.filledBase} filled)`).join(', ');
    return [{ kind: 'intent-sent-twice', message: `${first.path} #${first.sequence} of executor ${first.executor.id} (${clientOrderId}) is ${orders.length} orders at the exchange: ${ids}` }];
  });
}

function openOrders(owned: readonly OwnedOrder[]): readonly Difference[] {
  return owned
    .filter(({ order, executor }) => isOpen(order) && executor.end.kind !== 'running')
    .map(({ order, executor, path }) => ({ kind: 'open-order-without-owner', message: `order ${order.orderId} (${order.clientOrderId}, ${path}) is open, and its executor ${executor.id} does not run` }));
}

/** What opens: filled at most the planned amount, and at no moment live and filled beyond it. On two markets each of them by itself. */
function plannedAmount(index: LedgerIndex, executor: AuditedExecutor): readonly Difference[] {
  const opening = index.ordersOf(executor).filter(({ path }) => !closes(path));
  if (executor.amountBase === null) return [];
  const { amountBase } = executor;
  const legs = executor.markets === undefined ? [opening] : ['maker/', 'hedge/', 'buy/', 'sell/'].map((leg) => opening.filter(({ path }) => path.startsWith(leg)));
  return legs.flatMap((orders) => withinPlan(executor, orders, amountBase));
}

function withinPlan(executor: AuditedExecutor, opening: readonly OwnedOrder[], amountBase: string): readonly Difference[] {
  const planned = exact(amountBase);
  const differences: Difference[] = [];
  const filled = sumOf(opening, ({ order }) => exact(order.filledBase));
  if (filled.greaterThan(planned)) differences.push({ kind: 'overfilled', message: `executor ${executor.id} was to trade ${amountBase} and traded ${digits(filled)}` });
  for (const { order } of opening) {
    const exposed = sumOf(opening, (other) => exposedWhenSent(other.order, order));
    if (exposed.greaterThan(planned)) {
      differences.push({ kind: 'exposed-beyond-plan', message: `when order ${order.orderId} of executor ${executor.id} was sent, live and filled together were ${digits(exposed)} of planned ${amountBase}` });
    }
  }
  return differences;
}

/** What an order could still trade or had traded when another one was sent. Order ids ascend with time. */
function exposedWhenSent(order: LedgerOrder, sent: LedgerOrder): Exact {
  if (order.orderId > sent.orderId) return NOTHING;
  const over = !isOpen(order) && order.orderId !== sent.orderId && order.updatedMs <= sent.createdMs;
  return exact(over || order.state === 'rejected' ? order.filledBase : order.amountBase);
}

/** The exchange's own books agree with themselves; without that no comparison means anything. */
function ledgerItself(index: LedgerIndex): readonly Difference[] {
  return index.input.ledger.orders.flatMap((order): Difference[] => {
    const traded = sumOf(index.tradesOfOrder(order.orderId), (trade) => exact(trade.amountBase));
    if (traded.equals(exact(order.filledBase)) && traded.lessThanOrEqualTo(exact(order.amountBase))) return [];
    return [{ kind: 'ledger-inconsistent', message: `order ${order.orderId} of ${order.amountBase} says ${order.filledBase} filled, its trades say ${digits(traded)}` }];
  });
}

export function isOpen(order: LedgerOrder): boolean {
  return order.state === 'new' || order.state === 'partially_filled';
}

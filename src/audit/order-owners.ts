import { LIMITS } from '../domain/limits.js';
import { clientOrderIdFor, isOurs, rootPrefix } from '../exchanges/client-order-id.js';
import type { AuditedExecutor, AuditInput, LedgerOrder } from './audit-input.js';
import type { Difference } from './difference.js';

/** An order at the exchange with the one executor, path and sequence its id derives from. */
export interface OwnedOrder {
  readonly order: LedgerOrder;
  readonly executor: AuditedExecutor;
  /** `order`, `entry/1`, `exit/2`. */
  readonly path: string;
  readonly sequence: number;
}

export interface OrderOwners {
  readonly owned: readonly OwnedOrder[];
  readonly differences: readonly Difference[];
}

/** Far above what an executor may use; ids behind them count as not derived. */
const MAX_SEQUENCE = 2_048;
const MAX_EXITS = 16;
const MAX_SLICES = 1_024;
const MAX_GRID_LEVELS = 60;
const MAX_CYCLES = 120;
const LIQUIDATION_ID = /^autoclose-/;
const FIRST_SEQUENCES = 8;

/** Finds the owner of every order by deriving ids from the executors, never by what a report says. */
export function findOwners(input: AuditInput): OrderOwners {
  const differences: Difference[] = [];
  const byPrefix = new Map<string, AuditedExecutor>();
  for (const executor of input.executors) {
    const prefix = rootPrefix(executor.id, executor.createdAtMs);
    const other = byPrefix.get(prefix);
    if (other !== undefined) differences.push({ kind: 'id-not-derived', message: `executors ${other.id} and ${executor.id} derive the same ids` });
    byPrefix.set(prefix, executor);
  }
  const ordersOf = new Map<AuditedExecutor, LedgerOrder[]>();
  for (const order of input.ledger.orders) {
    if (!isOurs(order.clientOrderId)) {
      // By its own orders the exchange closes what it liquidates.
      if (LIQUIDATION_ID.test(order.clientOrderId)) continue;
      differences.push({ kind: 'foreign-order', message: `order ${order.orderId} has the client order id ${order.clientOrderId}, which is not one of ours` });
      continue;
    }
    const executor = [...byPrefix].find(([prefix]) => order.clientOrderId.startsWith(prefix))?.[1];
    if (executor === undefined) differences.push({ kind: 'order-without-owner', message: `order ${order.orderId} (${order.clientOrderId}) belongs to no executor` });
    else ordersOf.set(executor, [...(ordersOf.get(executor) ?? []), order]);
  }
  const owned: OwnedOrder[] = [];
  for (const [executor, orders] of ordersOf) {
    const derived = derivedIds(executor, new Set(orders.map((order) => order.clientOrderId)));
    for (const order of orders) {
      const origin = derived.get(order.clientOrderId);
      if (origin === undefined) differences.push({ kind: 'id-not-derived', message: `no path and sequence of executor ${executor.id} gives ${order.clientOrderId} (order ${order.orderId})` });
      else owned.push({ order, executor, ...origin });
    }
  }
  return { owned, differences };
}

/** Path and sequence of every wanted id, looked for with growing sequences until all are found. */
function derivedIds(executor: AuditedExecutor, wanted: ReadonlySet<string>): ReadonlyMap<string, { readonly path: string; readonly sequence: number }> {
  const found = new Map<string, { readonly path: string; readonly sequence: number }>();
  let from = 1;
  for (let to = FIRST_SEQUENCES; from <= MAX_SEQUENCE && found.size < wanted.size; to *= 2) {
    for (const path of pathsOf(executor)) {
      for (let sequence = from; sequence <= to; sequence += 1) {
        const id = clientOrderIdFor({ workflowId: '', rootId: executor.id, rootCreatedAtMs: executor.createdAtMs, path }, sequence);
        if (wanted.has(id)) found.set(id, { path, sequence });
      }
    }
    from = to + 1;
  }
  return found;
}

function pathsOf(executor: AuditedExecutor): readonly string[] {
  switch (executor.type) {
    case 'order_executor':
      return ['order'];
    case 'position_executor':
      return ['entry/1', ...exits()];
    case 'twap_executor':
      return [...Array.from({ length: MAX_SLICES }, (_, index) => `slice/${index}`), ...exits()];
    case 'grid_executor':
      return [...gridPaths(), ...exits()];
    case 'dca_executor':
      return [...Array.from({ length: LIMITS.maxDcaLevels }, (_, index) => `entry/${index + 1}`), ...exits()];
  }
}

/** Round trips of an audited run: few, or their ids would be looked for among too many. */
function gridPaths(): readonly string[] {
  const trips = Array.from({ length: MAX_GRID_LEVELS * MAX_CYCLES }, (_, index) => `L${index % MAX_GRID_LEVELS}/${Math.floor(index / MAX_GRID_LEVELS) + 1}`);
  return trips.flatMap((trip) => [`${trip}/entry/1`, `${trip}/exit/1`, `${trip}/exit/2`, `${trip}/exit/3`]);
}

function exits(): readonly string[] {
  return Array.from({ length: MAX_EXITS }, (_, index) => `exit/${index + 1}`);
}

/** True for orders that close what an entry opened. */
export function closes(path: string): boolean {
  return /(?:^|\/)exit\//.test(path);
}

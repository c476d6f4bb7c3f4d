import { LIMITS } from '../domain/limits.js';
import { isOurs, orderSuffix, rootPrefix, suffixOf } from '../exchanges/client-order-id.js';
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
const MAX_GRID_LEVELS = 64;
/** Round trips and orders of a leg among which the ids of a grid are looked for, the likely first: there are many of both, and few have many of both. */
const LEVEL_SEARCHES = [{ cycles: 16, sequences: 128 }, { cycles: 512, sequences: 8 }, { cycles: 512, sequences: 128 }] as const;
const LEVEL_LEGS = ['entry/1', 'exit/1', 'exit/2', 'exit/3'];
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
  const origins = originsOf(ordersOf);
  const owned: OwnedOrder[] = [];
  for (const [executor, orders] of ordersOf) {
    for (const order of orders) {
      const origin = origins.get(executor)?.get(order.clientOrderId);
      if (origin === undefined) differences.push({ kind: 'id-not-derived', message: `no path and sequence of executor ${executor.id} gives ${order.clientOrderId} (order ${order.orderId})` });
      else owned.push({ order, executor, ...origin });
    }
  }
  return { owned, differences };
}

interface Origin {
  readonly path: string;
  readonly sequence: number;
}

/** By executor and id. What follows the executor's prefix depends on path and sequence alone, so all of a type are looked for at once. */
function originsOf(ordersOf: ReadonlyMap<AuditedExecutor, readonly LedgerOrder[]>): ReadonlyMap<AuditedExecutor, ReadonlyMap<string, Origin>> {
  const found = new Map<AuditedExecutor, Map<string, Origin>>();
  const wanted = new Map<AuditedExecutor['type'], Map<string, AuditedExecutor[]>>();
  for (const [executor, orders] of ordersOf) {
    found.set(executor, new Map());
    const ofType = wanted.get(executor.type) ?? new Map<string, AuditedExecutor[]>();
    wanted.set(executor.type, ofType);
    for (const { clientOrderId } of orders) ofType.set(suffixOf(clientOrderId), [...(ofType.get(suffixOf(clientOrderId)) ?? []), executor]);
  }
  for (const [type, suffixes] of wanted) {
    for (const origin of origins(type)) {
      if (suffixes.size === 0) break;
      const suffix = orderSuffix(origin.path, origin.sequence);
      for (const executor of suffixes.get(suffix) ?? []) found.get(executor)?.set(rootPrefix(executor.id, executor.createdAtMs) + suffix, origin);
      suffixes.delete(suffix);
    }
  }
  return found;
}

/** Everything an executor of the type may send, the likely first. */
function* origins(type: AuditedExecutor['type']): Generator<Origin> {
  yield* withSequences(() => pathsOf(type), MAX_SEQUENCE);
  if (type !== 'grid_executor') return;
  for (const { cycles, sequences } of LEVEL_SEARCHES) yield* withSequences(() => levelPaths(cycles), sequences);
}

function* withSequences(paths: () => Iterable<string>, most: number): Generator<Origin> {
  let from = 1;
  for (let to = FIRST_SEQUENCES; from <= most; to *= 2) {
    for (const path of paths()) for (let sequence = from; sequence <= to; sequence += 1) yield { path, sequence };
    from = to + 1;
  }
}

function pathsOf(type: AuditedExecutor['type']): readonly string[] {
  switch (type) {
    case 'order_executor':
      return ['order'];
    case 'position_executor':
      return ['entry/1', ...exits()];
    case 'twap_executor':
      return [...Array.from({ length: MAX_SLICES }, (_, index) => `slice/${index}`), ...exits()];
    case 'grid_executor':
      return exits();
    case 'arbitrage_executor':
      return ['buy', 'sell', 'unwind'].flatMap((kind) => Array.from({ length: MAX_EXITS }, (_, index) => `${kind}/${index + 1}`));
    case 'xemm_executor':
      return ['maker/1', ...Array.from({ length: MAX_EXITS }, (_, index) => `hedge/${index + 1}`)];
    case 'dca_executor':
      return [...Array.from({ length: LIMITS.maxDcaLevels }, (_, index) => `entry/${index + 1}`), ...exits()];
  }
}

/** By round trip, since all levels have first ones and few have many. */
function* levelPaths(cycles: number): Generator<string> {
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    for (let level = 0; level < MAX_GRID_LEVELS; level += 1) for (const leg of LEVEL_LEGS) yield `L${level}/${cycle}/${leg}`;
  }
}

function exits(): readonly string[] {
  return Array.from({ length: MAX_EXITS }, (_, index) => `exit/${index + 1}`);
}

/** True for orders that close what an entry opened. */
export function closes(path: string): boolean {
  return /(?:^|\/)exit\//.test(path);
}

import { EARLIER_ORDERS, type OrderRecord } from '../contract/session-result.js';
import type { AuditedExecutor, LedgerOrder } from './audit-input.js';
import type { Difference } from './difference.js';
import { digits, isNumber, sumOf } from './exact.js';
import { executed, type Executed } from './executed-trades.js';
import type { LedgerIndex } from './ledger-index.js';
import type { OwnedOrder } from './order-owners.js';

interface Claim {
  readonly executorId: string;
  readonly record: OrderRecord;
}

/** Every fill of the exchange is in exactly one report, or with a leg that a controller adopted; and every reported one is at the exchange. */
export function checkFills(index: LedgerIndex): readonly Difference[] {
  const claims = claimsByOrder(index.input.executors);
  const adopted = adoptedLegs(index);
  const differences: Difference[] = [];
  const filled = new Set<string>();
  const earlier = new Map(index.input.executors.filter(({ end }) => sumsOf(end).length > 0).map(({ id }) => [id, [] as EarlierOrder[]]));
  for (const order of index.owned) {
    const trades = index.tradesOfOrder(order.order.orderId);
    if (trades.length === 0) continue;
    filled.add(order.order.clientOrderId);
    const own = claims.get(order.order.clientOrderId) ?? [];
    const traded = executed(trades, index.market(order.order.symbol));
    if (own.length === 0 && earlier.has(order.executor.id)) earlier.get(order.executor.id)?.push({ side: order.order.side, traded });
    else differences.push(...compare(order, traded, own, adopted.has(`${order.executor.id}/${order.path}`)));
  }
  for (const [clientOrderId, own] of claims) {
    if (filled.has(clientOrderId)) continue;
    for (const { executorId, record } of own) {
      differences.push({ kind: 'fill-not-at-exchange', message: `executor ${executorId} reports ${record.totals.filledBase} filled by ${clientOrderId}, the exchange has no trade of it` });
    }
  }
  return [...differences, ...index.input.executors.flatMap((executor) => (earlier.has(executor.id) ? compareSums(executor, earlier.get(executor.id) ?? []) : []))];
}

interface EarlierOrder {
  readonly side: string;
  readonly traded: Executed;
}

/** A long report sums its oldest orders, a side each: what it lists no order of has to be in them. */
function compareSums({ id, end }: AuditedExecutor, orders: readonly EarlierOrder[]): readonly Difference[] {
  return (['BUY', 'SELL'] as const).flatMap((side) => {
    const told = sumsOf(end).filter((record) => record.side === side).map(({ totals }) => totals);
    const own = orders.filter((order) => order.side === side.toLowerCase()).map(({ traded }) => traded);
    const right = { base: sumOf(own, ({ base }) => base), quote: sumOf(own, ({ quote }) => quote), count: own.reduce((sum, { count }) => sum + count, 0) };
    const sum = told[0] ?? { filledBase: '0', filledQuote: '0', fillCount: 0 };
    const agrees = told.length <= 1 && isNumber(sum.filledBase, right.base) && isNumber(sum.filledQuote, right.quote) && sum.fillCount === right.count;
    return agrees ? [] : [{ kind: 'fill-differs' as const, message: `executor ${id} sums ${sum.filledBase} of ${sum.fillCount} earlier fills (${side}), the exchange has ${digits(right.base)} of ${right.count} that it does not list` }];
  });
}

function sumsOf(end: AuditedExecutor['end']): readonly OrderRecord[] {
  return end.kind === 'closed' ? end.report.orders.filter(({ state }) => state === EARLIER_ORDERS) : [];
}

function compare({ order, executor, path }: OwnedOrder, traded: Executed, claims: readonly Claim[], adopted: boolean): readonly Difference[] {
  const what = `${digits(traded.base)} filled by order ${order.orderId} (${order.clientOrderId}, ${path} of executor ${executor.id})`;
  const [claim] = claims;
  if (claim === undefined) {
    return executor.end.kind === 'running' || adopted ? [] : [{ kind: 'fill-not-reported', message: `${what} is in no report` }];
  }
  if (claims.length > 1 || adopted) {
    const where = [...claims.map(({ executorId }) => executorId), ...(adopted ? ['a controller'] : [])].join(', ');
    return [{ kind: 'fill-reported-twice', message: `${what} is reported by ${where}` }];
  }
  const wrong = disagreements(claim.record, order, traded);
  return wrong.length === 0 ? [] : [{ kind: 'fill-differs', message: `${what}: the report says ${wrong.join(', ')}` }];
}

function disagreements(record: OrderRecord, { orderId, exchangeOrderId = String(orderId), side }: LedgerOrder, traded: Executed): readonly string[] {
  const { totals } = record;
  const wrong: string[] = [];
  const expect = (name: string, told: string, right: string, agrees: boolean): void => {
    if (!agrees) wrong.push(`${name} ${told} instead of ${right}`);
  };
  expect('order', String(record.exchangeOrderId), exchangeOrderId, record.exchangeOrderId === exchangeOrderId);
  expect('side', record.side, side, record.side.toLowerCase() === side);
  expect('base', totals.filledBase, digits(traded.base), isNumber(totals.filledBase, traded.base));
  expect('quote', totals.filledQuote, digits(traded.quote), isNumber(totals.filledQuote, traded.quote));
  expect('fills', String(totals.fillCount), String(traded.count), totals.fillCount === traded.count);
  expect('fees in base', totals.feesBase, digits(traded.feesBase), isNumber(totals.feesBase, traded.feesBase));
  for (const asset of new Set([...Object.keys(totals.feesByAsset), ...traded.feesByAsset.keys()])) {
    const told = totals.feesByAsset[asset] ?? '0';
    const right = traded.feesByAsset.get(asset);
    expect(`fees in ${asset}`, told, right === undefined ? '0' : digits(right), right === undefined ? told === '0' : isNumber(told, right));
  }
  return wrong;
}

function claimsByOrder(executors: readonly AuditedExecutor[]): ReadonlyMap<string, readonly Claim[]> {
  const claims = new Map<string, Claim[]>();
  for (const { id, end } of executors) {
    if (end.kind !== 'closed') continue;
    for (const record of end.report.orders) {
      // A share of an order that is nobody's: its claims are summed elsewhere.
      if (record.purpose === 'liquidation' || record.state === EARLIER_ORDERS) continue;
      if (record.totals.fillCount === 0 && isNothing(record.totals.filledBase)) continue;
      claims.set(record.clientOrderId, [...(claims.get(record.clientOrderId) ?? []), { executorId: id, record }]);
    }
  }
  return claims;
}

/** Legs whose executor vanished hand their fills to a controller under their own workflow id: `{executor}/entry/1`. */
function adoptedLegs(index: LedgerIndex): ReadonlySet<string> {
  const executors = new Set(index.input.executors.map(({ id }) => id));
  return new Set(index.input.controllers.flatMap(({ seen }) => seen.filter((id) => !executors.has(id))));
}

function isNothing(text: string): boolean {
  return /^0*\.?0*$/.test(text);
}

import { EARLIER_ORDERS, type OrderRecord } from '../../src/contract/session-result.js';
import { addTotals, NO_FILLS, totalsFromRecord, totalsRecord } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';

/**
 * At most so many orders as a report carries: those without a fill go first, then the oldest fills become one sum for
 * each side, at the head of the list.
 */
export function foldOrders(orders: readonly OrderRecord[]): readonly OrderRecord[] {
  const excess = orders.length - LIMITS.maxOrdersInReport;
  if (excess <= 0) return orders;
  const idle = new Set(orders.filter((order) => order.totals.fillCount === 0).slice(0, excess));
  const kept = orders.filter((order) => !idle.has(order));
  if (kept.length <= LIMITS.maxOrdersInReport) return kept;
  const sums = kept.filter(isSum);
  const single = kept.filter((order) => !isSum(order));
  // Room for a sum of each side.
  const toFold = single.length - (LIMITS.maxOrdersInReport - 2);
  const oldest = [...sums, ...single.slice(0, toFold)];
  return [...(['BUY', 'SELL'] as const).flatMap((side) => sumOf(oldest.filter((order) => order.side === side))), ...single.slice(toFold)];
}

function isSum({ state }: OrderRecord): boolean {
  return state === EARLIER_ORDERS;
}

function sumOf(orders: readonly OrderRecord[]): readonly OrderRecord[] {
  const last = orders.at(-1);
  if (last === undefined) return [];
  const totals = totalsRecord(orders.reduce((sum, order) => addTotals(sum, totalsFromRecord(order.totals)), NO_FILLS));
  return [{ ...last, clientOrderId: `earlier/${last.side}`, exchangeOrderId: null, purpose: 'work', amountBase: totals.filledBase, priceQuote: null, state: EARLIER_ORDERS, totals }];
}

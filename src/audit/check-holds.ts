import type { ControllerPosition, ControllerState } from '../contract/controller.js';
import type { ExecutorReport } from '../contract/report.js';
import type { OrderRecord } from '../contract/session-result.js';
import type { Side } from '../domain/enumerations.js';
import type { AuditedExecutor, LedgerTrade } from './audit-input.js';
import type { Difference } from './difference.js';
import { reportedFunding } from './check-perpetuals.js';
import { digits, exact, isNumber, NOTHING, sumOf, type Exact } from './exact.js';
import { executed } from './executed-trades.js';
import type { LedgerIndex } from './ledger-index.js';

/** What reports hand over is what they filled, and controllers hold exactly that, once. */
export function checkHolds(index: LedgerIndex): readonly Difference[] {
  const holders = new Map<string, string[]>();
  const counters = new Map<string, string[]>();
  for (const { controllerId, positions, seen } of index.input.controllers) {
    for (const id of seen) counters.set(id, [...(counters.get(id) ?? []), controllerId]);
    for (const id of positions.flatMap(({ executorIds }) => executorIds)) holders.set(id, [...(holders.get(id) ?? []), controllerId]);
  }
  return [
    ...index.input.executors.flatMap((executor) => (executor.end.kind === 'closed' ? handedOver(executor, executor.end.report, holders.get(executor.id) ?? [], counters.get(executor.id) ?? []) : [])),
    ...index.input.controllers.flatMap((controller) => [...controller.positions.flatMap((position) => heldAmounts(index, controller, position)), ...totals(index, controller)]),
  ];
}

function handedOver(executor: AuditedExecutor, report: ExecutorReport, holders: readonly string[], counters: readonly string[]): readonly Difference[] {
  const differences: Difference[] = [];
  const filled = report.orders.filter((order) => order.totals.fillCount > 0).map((order) => order.clientOrderId);
  const due = executor.type === 'order_executor' ? filled.length > 0 : report.close_type === 'POSITION_HOLD';
  const held = report.hold?.orders.map((order) => order.clientOrderId) ?? [];
  if (due !== (report.hold !== null)) differences.push({ kind: 'hold-differs', message: `executor ${executor.id} ended ${report.close_type ?? 'open'} and hands over ${report.hold === null ? 'nothing' : 'its fills'}` });
  // A grid hands over one sum for each side, two markets what one is ahead; what controllers hold of them is told from the trades.
  else if (due && executor.type !== 'grid_executor' && executor.markets === undefined && held.join() !== filled.join()) differences.push({ kind: 'hold-differs', message: `executor ${executor.id} filled ${filled.join(', ')} and hands over ${held.join(', ')}` });
  if (holders.length !== (due ? 1 : 0)) differences.push({ kind: 'hold-differs', message: `what executor ${executor.id} filled is held by ${holders.length === 0 ? 'no controller' : `controllers ${holders.join(', ')}`}` });
  if (counters.length !== 1) differences.push({ kind: 'not-counted-once', message: `executor ${executor.id} is counted by ${counters.length === 0 ? 'no controller' : `controllers ${counters.join(', ')}`}` });
  return differences;
}

/** Sums of a held position do not depend on the order in which it was fed, so they can be told from the trades. */
function heldAmounts(index: LedgerIndex, controller: ControllerState, position: ControllerPosition): readonly Difference[] {
  const trades = position.executorIds.flatMap((id) => ordersHandedOver(index, id));
  const moved = (side: 'buy' | 'sell'): Exact => sumOf(trades.filter(([first]) => first?.side === side), (order) => movedBase(index, order));
  const ahead = position.executorIds.flatMap((id) => aheadOf(index, id));
  const aheadBase = (side: Side): Exact => sumOf(ahead.filter((order) => order.side === side), ({ totals }) => exact(totals.filledBase));
  const bought = moved('buy').plus(aheadBase('BUY'));
  const sold = moved('sell').plus(aheadBase('SELL'));
  const all = trades.flat();
  const [first] = all;
  const sums = first === undefined ? null : executed(all, index.market(first.symbol));
  const { held } = position;
  const expected: readonly (readonly [string, string, Exact | null])[] = [
    ['base bought', held.boughtBase, bought],
    ['base sold', held.soldBase, sold],
    ['net base', held.netBase, bought.minus(sold).minus(exact(position.cleared?.netBase ?? '0'))],
    ['volume', held.volumeQuote, (sums?.quote ?? NOTHING).plus(sumOf(ahead, ({ totals }) => exact(totals.filledQuote)))],
    ['fees', held.feesQuote, sums === null ? NOTHING : sums.feesQuote],
    ['funding', held.fundingQuote, sumOf(position.executorIds, (id) => fundingHandedOver(index, id))],
  ];
  return expected.flatMap(([name, told, right]): Difference[] =>
    right === null || isNumber(told, right) ? [] : [{ kind: 'controller-differs', message: `controller ${controller.controllerId} holds ${position.pair} with ${name} ${told}, ${name === 'funding' ? 'its reports' : "the exchange's trades"} give ${digits(right)}` }],
  );
}

/** As its report has it, which is checked by itself; a leg that was adopted brings none. */
function fundingHandedOver(index: LedgerIndex, id: string): Exact {
  const end = index.input.executors.find((executor) => executor.id === id)?.end;
  return end?.kind === 'closed' ? reportedFunding(end.report) : NOTHING;
}

/** Two markets hand over what one is ahead, as the report has it, which is checked by itself. */
function aheadOf(index: LedgerIndex, id: string): readonly OrderRecord[] {
  const executor = index.input.executors.find((candidate) => candidate.id === id);
  return executor?.markets !== undefined && executor.end.kind === 'closed' ? (executor.end.report.hold?.orders ?? []) : [];
}

/** Trades of each order that an executor, or an adopted leg of one, handed over. */
function ordersHandedOver(index: LedgerIndex, id: string): readonly (readonly LedgerTrade[])[] {
  const orders = index.owned.filter(({ executor, path }) => (executor.id === id && executor.markets === undefined) || `${executor.id}/${path}` === id);
  return orders.map(({ order }) => index.tradesOfOrder(order.orderId)).filter((trades) => trades.length > 0);
}

/** A buy's fee in base never arrived, a sale's left in addition. */
function movedBase(index: LedgerIndex, trades: readonly LedgerTrade[]): Exact {
  const [first] = trades;
  if (first === undefined) return NOTHING;
  const { base, feesBase } = executed(trades, index.market(first.symbol));
  return first.side === 'buy' ? base.minus(feesBase) : base.plus(feesBase);
}

function totals(index: LedgerIndex, controller: ControllerState): readonly Difference[] {
  const seen = new Set(controller.seen);
  const reports = index.input.executors.flatMap(({ id, end }) => (seen.has(id) && end.kind === 'closed' ? [end.report] : []));
  // Legs of vanished executors are counted too, and have no report to compare with.
  if (reports.length !== seen.size) return [];
  return Object.entries(controller.byType).flatMap(([type, told]): Difference[] => {
    const own = reports.filter((report) => report.executor_type === type);
    const sums: readonly (readonly [string, string, Exact])[] = [
      ['executors', String(told.executors), exact(String(own.length))],
      ['net P&L', told.netPnlQuote, sumOf(own, (report) => exact(report.net_pnl_quote))],
      ['fees', told.feesQuote, sumOf(own, (report) => exact(report.fees_paid_quote))],
      ['volume', told.volumeQuote, sumOf(own, (report) => exact(report.volume_quote))],
      ['wins', String(told.wins), exact(String(own.filter((report) => exact(report.net_pnl_quote).greaterThan(0)).length))],
      ['losses', String(told.losses), exact(String(own.filter((report) => exact(report.net_pnl_quote).lessThan(0)).length))],
    ];
    return sums.flatMap(([name, text, right]): Difference[] =>
      isNumber(text, right) ? [] : [{ kind: 'controller-differs', message: `controller ${controller.controllerId} counts ${name} ${text} for ${type}, the reports give ${digits(right)}` }],
    );
  });
}

import type { ExecutorReport } from '../contract/report.js';
import type { AuditedExecutor, AuditedMarket } from './audit-input.js';
import type { Difference, DifferenceKind } from './difference.js';
import { reportedFunding } from './check-perpetuals.js';
import { digits, exact, isNumber, NOTHING, reportedQuotient, sumOf, type Exact } from './exact.js';
import { executed, type Executed } from './executed-trades.js';
import type { LedgerIndex } from './ledger-index.js';
import { isTradable } from './tradable-rest.js';

/** Money of every closed executor, recomputed from the exchange's trades alone. */
export function checkMoney(index: LedgerIndex): readonly Difference[] {
  return index.input.executors.flatMap((executor) => {
    // What trades on two markets opens on one and closes on the other.
    if (executor.markets !== undefined) return [];
    const market = index.marketOf(executor);
    const closed = executor.end.kind === 'closed' ? reportMoney(index, executor, executor.end.report, market) : [];
    return market === null ? closed : [...closed, ...overclosed(index, executor, market)];
  });
}

function reportMoney(index: LedgerIndex, executor: AuditedExecutor, report: ExecutorReport, market: AuditedMarket | null): readonly Difference[] {
  // Nothing of an executor that never sent an order has a market; all its sums are nothing.
  const assets = market ?? { base: '', quote: '' };
  const opened = executed(index.tradesOf(executor, 'opened'), assets);
  const closed = withLiquidations(executed(index.tradesOf(executor, 'closed'), assets), report);
  const differences: Difference[] = [];
  const expect = (kind: DifferenceKind, name: string, told: string, right: Exact): void => {
    if (!isNumber(told, right)) differences.push({ kind, message: `executor ${executor.id} reports ${name} ${told}, the exchange's trades give ${digits(right)}` });
  };
  expect('volume-differs', 'volume_quote', report.volume_quote, opened.quote.plus(closed.quote));
  if (opened.feesQuote === null || closed.feesQuote === null) {
    return [...differences, { kind: 'fees-differ', message: `executor ${executor.id} paid fees in a third asset, which the exchange's ledger does not value` }];
  }
  const fees = opened.feesQuote.plus(closed.feesQuote);
  expect('fees-differ', 'fees_paid_quote', report.fees_paid_quote, fees);
  const attributed = executor.type !== 'order_executor' && report.close_type !== 'POSITION_HOLD';
  const net = attributed ? netPnl(executor, opened, closed, fees).plus(reportedFunding(report)) : NOTHING;
  if (attributed && executor.type === 'grid_executor') differences.push(...gridPnl(executor, report, net, brought(executor, opened).minus(closed.base), index));
  else expect('pnl-differs', 'net_pnl_quote', report.net_pnl_quote, net);
  if (attributed && market !== null) {
    const left = brought(executor, opened).minus(closed.base);
    expect('residue-differs', 'residue_base', report.residue_base, left);
    if (isTradable(left, opened, market)) differences.push({ kind: 'left-open', message: `executor ${executor.id} ended ${report.close_type ?? 'without a close type'} with ${digits(left)} ${market.base} still open` });
  }
  return differences;
}

/** What the exchange itself closed, as far as the report claims it; the sum of all claims is checked against its order. */
function withLiquidations(closed: Executed, report: ExecutorReport): Executed {
  const taken = report.orders.filter(({ purpose }) => purpose === 'liquidation').map(({ totals }) => totals);
  return {
    ...closed,
    base: closed.base.plus(sumOf(taken, ({ filledBase }) => exact(filledBase))),
    quote: closed.quote.plus(sumOf(taken, ({ filledQuote }) => exact(filledQuote))),
    feesQuote: closed.feesQuote === null ? null : closed.feesQuote.plus(sumOf(taken, ({ feesQuote }) => exact(feesQuote))),
  };
}

/**
 * Net P&L of a closed position: sign * (exit quote - entry quote * exit base / entry base) - fees, where the sign is +1
 * for a long. What is left as dust stands at its cost, so it adds nothing.
 */
function netPnl(executor: AuditedExecutor, opened: Executed, closed: Executed, fees: Exact): Exact {
  if (opened.base.isZero()) return fees.negated();
  const gained = closed.quote.times(opened.base).minus(opened.quote.times(closed.base));
  const perBase = reportedQuotient(gained, opened.base);
  return (executor.side === 'BUY' ? perBase : perBase.negated()).minus(fees);
}

/**
 * A grid reckons each round trip by itself, so the dust it leaves stands at the cost of its own level and not at the average
 * of all: the difference is at most that dust between the dearest and the cheapest of its trades.
 */
function gridPnl(executor: AuditedExecutor, report: ExecutorReport, right: Exact, left: Exact, index: LedgerIndex): readonly Difference[] {
  const prices = index.tradesOf(executor, 'all').map(({ priceQuote }) => exact(priceQuote));
  const [lowest = NOTHING, highest = NOTHING] = [prices.reduce((least, price) => (price.lessThan(least) ? price : least), prices[0] ?? NOTHING), prices.reduce((most, price) => (price.greaterThan(most) ? price : most), prices[0] ?? NOTHING)];
  const allowed = left.abs().times(highest.minus(lowest)).plus(exact('0.00000000000000000001'));
  if (exact(report.net_pnl_quote).minus(right).abs().lessThanOrEqualTo(allowed)) return [];
  return [{ kind: 'pnl-differs', message: `executor ${executor.id} reports net_pnl_quote ${report.net_pnl_quote}, the exchange's trades give ${digits(right)}, and its dust explains ${digits(allowed)}` }];
}

/** Base there is to close: a long's fees in base never arrived. */
function brought(executor: AuditedExecutor, opened: Executed): Exact {
  return executor.side === 'BUY' ? opened.base.minus(opened.feesBase) : opened.base;
}

/** Walks the trades in the exchange's order: what was closed never exceeds what was opened before it. */
function overclosed(index: LedgerIndex, executor: AuditedExecutor, market: AuditedMarket): readonly Difference[] {
  // By order: an exit that meets its own entry in the book shares the trade's id with it.
  const closing = new Set(index.tradesOf(executor, 'closed').map((trade) => trade.orderId));
  let open = NOTHING;
  for (const trade of index.tradesOf(executor, 'all')) {
    const amount = exact(trade.amountBase);
    const lost = executor.side === 'BUY' && trade.feeAsset === market.base ? exact(trade.feeAmount) : NOTHING;
    open = closing.has(trade.orderId) ? open.minus(amount) : open.plus(amount).minus(lost);
    if (!open.isNegative() || open.isZero()) continue;
    return [{ kind: 'overclosed', message: `executor ${executor.id} closed ${digits(open.negated())} ${market.base} more than it had opened, by trade ${trade.tradeId} of order ${trade.orderId}` }];
  }
  return [];
}

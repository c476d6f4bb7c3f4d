import type { ExecutorReport } from '../contract/report.js';
import type { AuditedExecutor, LedgerTrade, TradedMarkets } from './audit-input.js';
import type { Difference, DifferenceKind } from './difference.js';
import { digits, exact, isNumber, NOTHING, reportedQuotient, type Exact } from './exact.js';
import { executed, type Executed } from './executed-trades.js';
import type { LedgerIndex } from './ledger-index.js';
import { isTradable } from './tradable-rest.js';

/** What an executor did on its two markets, by the exchanges' trades. Both pairs have the same quote. */
interface TwoSided {
  /** Where it buys first, and where it sells. */
  readonly buying: { readonly bought: Executed; readonly sold: Executed };
  readonly selling: { readonly bought: Executed; readonly sold: Executed };
  /** Base bought minus sold, fees apart: what one market is ahead of the other. */
  readonly excess: Exact;
  /** Its worth at the average price of the leg that is ahead. */
  readonly excessQuote: Exact;
}

/**
 * Executors that buy on one market and sell on another: money recomputed from the trades of both, nothing left that an exchange
 * would have traded unless it is handed over, and a hedge never ahead of what it hedges.
 */
export function checkTwoMarkets(index: LedgerIndex): readonly Difference[] {
  return index.input.executors.flatMap((executor) => {
    const { markets, end } = executor;
    if (markets === undefined) return [];
    const sides = twoSided(index, executor, markets);
    return [...(end.kind === 'closed' ? reported(index, executor, markets, sides, end.report) : []), ...hedgedAhead(index, executor)];
  });
}

function twoSided(index: LedgerIndex, executor: AuditedExecutor, markets: TradedMarkets): TwoSided {
  const trades = index.tradesOf(executor, 'all');
  const on = (symbol: string, side: 'buy' | 'sell'): Executed => executed(trades.filter((trade) => trade.symbol === symbol && trade.side === side), index.market(symbol));
  const buying = { bought: on(markets.buying, 'buy'), sold: on(markets.buying, 'sell') };
  const selling = { bought: on(markets.selling, 'buy'), sold: on(markets.selling, 'sell') };
  const excess = buying.bought.base.minus(buying.sold.base).minus(selling.sold.base).plus(selling.bought.base);
  const ahead = excess.isNegative() ? selling.sold : buying.bought;
  return { buying, selling, excess, excessQuote: excess.isZero() || ahead.base.isZero() ? NOTHING : reportedQuotient(ahead.quote.times(excess.abs()), ahead.base) };
}

function reported(index: LedgerIndex, executor: AuditedExecutor, markets: TradedMarkets, sides: TwoSided, report: ExecutorReport): readonly Difference[] {
  const { buying, selling, excess, excessQuote } = sides;
  const all = [buying.bought, buying.sold, selling.bought, selling.sold];
  const differences: Difference[] = [];
  const expect = (kind: DifferenceKind, name: string, told: string, right: Exact): void => {
    if (!isNumber(told, right)) differences.push({ kind, message: `executor ${executor.id} reports ${name} ${told}, the trades of both exchanges give ${digits(right)}` });
  };
  const fees = all.reduce<Exact | null>((sum, { feesQuote }) => (sum === null || feesQuote === null ? null : sum.plus(feesQuote)), NOTHING);
  if (fees === null) return [{ kind: 'fees-differ', message: `executor ${executor.id} paid fees in a third asset, which the ledgers do not value` }];
  const flow = buying.sold.quote.plus(selling.sold.quote).minus(buying.bought.quote).minus(selling.bought.quote);
  expect('volume-differs', 'volume_quote', report.volume_quote, all.reduce((sum, { quote }) => sum.plus(quote), NOTHING));
  expect('fees-differ', 'fees_paid_quote', report.fees_paid_quote, fees);
  // What is ahead stands at its own average: an excess bought at what it cost, one sold at what it brought.
  expect('pnl-differs', 'net_pnl_quote', report.net_pnl_quote, flow.plus(excess.isNegative() ? excessQuote.negated() : excessQuote).minus(fees));
  if (report.close_type === 'POSITION_HOLD') {
    const [held] = report.hold?.orders ?? [];
    expect('hold-differs', 'base handed over', held?.totals.filledBase ?? '0', excess.abs());
    expect('hold-differs', 'quote handed over', held?.totals.filledQuote ?? '0', excessQuote);
    return differences;
  }
  expect('residue-differs', 'residue_base', report.residue_base, excess.abs());
  const ahead = excess.isNegative() ? selling.sold : buying.bought;
  const [first, second] = [index.market(markets.buying), index.market(markets.selling)];
  if (isTradable(excess.abs(), ahead, first) && isTradable(excess.abs(), ahead, second)) {
    differences.push({ kind: 'left-open', message: `executor ${executor.id} ended ${report.close_type ?? 'without a close type'} with ${digits(excess)} ${first.base} on one market alone` });
  }
  return differences;
}

/** By the exchanges' clocks, which are one clock here: what the hedge traded never exceeds what the maker leg had filled by then. */
function hedgedAhead(index: LedgerIndex, executor: AuditedExecutor): readonly Difference[] {
  if (executor.type !== 'xemm_executor') return [];
  const legs = index.ordersOf(executor).map(({ order, path }) => ({ isMaker: path.startsWith('maker/'), trades: index.tradesOfOrder(order.orderId) }));
  const of = (isMaker: boolean): readonly LedgerTrade[] => legs.filter((leg) => leg.isMaker === isMaker).flatMap(({ trades }) => trades);
  const maker = of(true);
  let hedged = NOTHING;
  for (const trade of of(false).toSorted((left, right) => left.timeMs - right.timeMs)) {
    hedged = hedged.plus(exact(trade.amountBase));
    const filled = maker.filter(({ timeMs }) => timeMs <= trade.timeMs).reduce((sum, { amountBase }) => sum.plus(exact(amountBase)), NOTHING);
    if (hedged.lessThanOrEqualTo(filled)) continue;
    return [{ kind: 'overclosed', message: `executor ${executor.id} had hedged ${digits(hedged)} when its maker leg had filled ${digits(filled)}, by trade ${trade.tradeId}` }];
  }
  return [];
}

import { Decimal } from 'decimal.js';
import type { PaperControlClient, TradeView } from '../../src/paper/control-client.js';
import { clientOrderIdFor } from '../../src/exchanges/client-order-id.js';
import type { ExecutorReport } from '../../src/contract/report.js';

const Exact = Decimal.clone({ precision: 60, defaults: true });

/** Money of an executor from the exchange's own trades, by its own arithmetic: nothing of the program's ledger is used. */
export interface RecomputedMoney {
  readonly netPnlQuote: string;
  readonly feesQuote: string;
  readonly volumeQuote: string;
  readonly entryBase: string;
  readonly exitBase: string;
}

/** All trades of the executor: every id its legs could have used, looked up in the ledger. */
export async function tradesOf(paper: PaperControlClient, report: Pick<ExecutorReport, 'executor_id' | 'created_at_ms'>): Promise<{ entry: TradeView[]; exit: TradeView[] }> {
  const all = await paper.trades({});
  const ids = (path: string): Set<string> => {
    const rootId = report.executor_id;
    return new Set(Array.from({ length: 60 }, (_, index) => clientOrderIdFor({ workflowId: '', rootId, rootCreatedAtMs: report.created_at_ms, path }, index + 1)));
  };
  const slices = Array.from({ length: 40 }, (_, index) => ids(`slice/${index}`));
  const entries = Array.from({ length: 10 }, (_, index) => ids(`entry/${index + 1}`));
  const entryIds = new Set([...ids('order'), ...[...entries, ...slices].flatMap((path) => [...path])]);
  const exitIds = new Set([...ids('exit/1'), ...ids('exit/2'), ...ids('exit/3')]);
  return { entry: all.filter((trade) => entryIds.has(trade.clientOrderId)), exit: all.filter((trade) => exitIds.has(trade.clientOrderId)) };
}

/** net = sign * (exit quote - average entry * exit base) - fees, every fee valued at its own trade's price. */
export function recompute(entry: readonly TradeView[], exit: readonly TradeView[], base: string): RecomputedMoney {
  const sum = (trades: readonly TradeView[], of: (trade: TradeView) => Decimal): Decimal => trades.reduce((total, trade) => total.plus(of(trade)), new Exact(0));
  const amount = (trade: TradeView): Decimal => new Exact(trade.amountBase);
  const quote = (trade: TradeView): Decimal => new Exact(trade.amountBase).times(trade.priceQuote);
  const fee = (trade: TradeView): Decimal => (trade.feeAsset === base ? new Exact(trade.feeAmount).times(trade.priceQuote) : new Exact(trade.feeAmount));
  const entryBase = sum(entry, amount);
  const entryQuote = sum(entry, quote);
  const exitBase = sum(exit, amount);
  const exitQuote = sum(exit, quote);
  const fees = sum(entry, fee).plus(sum(exit, fee));
  const sign = entry[0]?.side === 'sell' ? -1 : 1;
  const cost = entryBase.isZero() ? new Exact(0) : entryQuote.times(exitBase).dividedBy(entryBase);
  return {
    netPnlQuote: exitQuote.minus(cost).times(sign).minus(fees).toFixed(),
    feesQuote: fees.toFixed(),
    volumeQuote: entryQuote.plus(exitQuote).toFixed(),
    entryBase: entryBase.toFixed(),
    exitBase: exitBase.toFixed(),
  };
}

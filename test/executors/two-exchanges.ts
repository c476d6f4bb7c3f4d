import { Decimal } from 'decimal.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { ArbitrageExecutorConfig, XemmExecutorConfig } from '../../src/contract/executor-config.js';
import { clientOrderIdFor } from '../../src/exchanges/client-order-id.js';
import { PaperControlClient, type TradeView } from '../../src/paper/control-client.js';
import { createExecutorId } from '../../src/schema/executor-id.js';
import type { StackOptions } from '../../src/stack/stack-options.js';
import { ACCOUNT, CONNECTOR, PAIR, runStack, SYMBOL, type RunningStack } from './running-stack.js';

export const SECOND_CONNECTOR = 'kucoin_paper_trade';

/** A stack with two paper exchanges, each with scripted prices. */
export interface TwoExchanges extends RunningStack {
  readonly second: PaperControlClient;
  secondPrice(bid: string, ask: string): Promise<void>;
  /** Orders of an exchange that may still execute. */
  openOn(paper: PaperControlClient): Promise<readonly { readonly clientOrderId: string; readonly priceQuote: string | null; readonly amountBase: string }[]>;
}

export async function runTwoExchanges(options: StackOptions = {}): Promise<TwoExchanges> {
  const run = await runStack({ secondPaper: {}, ...options });
  const second = new PaperControlClient(run.stack.secondPaper?.controlUrl ?? '');
  const secondPrice = async (bid: string, ask: string): Promise<void> => {
    await second.setPrice(SYMBOL, bid, ask, { bidSize: '1000', askSize: '1000' });
  };
  await secondPrice('60000', '60000.01');
  return {
    ...run,
    second,
    secondPrice,
    openOn: async (paper) => (await paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled').map(({ clientOrderId, priceQuote, amountBase }) => ({ clientOrderId, priceQuote: priceQuote ?? null, amountBase })),
  };
}

/** Rests on the first exchange and hedges on the second. */
export function xemmConfig(change: Partial<XemmExecutorConfig> = {}): XemmExecutorConfig {
  return {
    controllerId: 'main',
    account: ACCOUNT,
    connector: CONNECTOR,
    pair: PAIR,
    levelId: null,
    leverage: 1,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'xemm_executor',
    side: 'BUY',
    hedge: { connector: SECOND_CONNECTOR, account: ACCOUNT, pair: PAIR },
    amountBase: '0.1',
    minProfitabilityFraction: '0.001',
    targetProfitabilityFraction: '0.002',
    maxProfitabilityFraction: '0.004',
    timeLimitSeconds: null,
    ...change,
  };
}

/** Buys on the first exchange and sells on the second. */
export function arbitrageConfig(change: Partial<ArbitrageExecutorConfig> = {}): ArbitrageExecutorConfig {
  return {
    controllerId: 'main',
    account: ACCOUNT,
    connector: CONNECTOR,
    pair: PAIR,
    levelId: null,
    leverage: 1,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'arbitrage_executor',
    side: 'BUY',
    selling: { connector: SECOND_CONNECTOR, account: ACCOUNT, pair: PAIR },
    amountBase: '0.1',
    minProfitabilityFraction: '0.001',
    onFailedLeg: 'unwind',
    timeLimitSeconds: null,
    ...change,
  };
}

const Exact = Decimal.clone({ precision: 60, defaults: true });

export interface LegMoney {
  readonly base: Decimal;
  readonly quote: Decimal;
  readonly fees: Decimal;
  readonly trades: readonly TradeView[];
}

/** What a leg traded, from the exchange's own trades: every id that it could have used, looked up in the ledger. */
export async function legMoney(paper: PaperControlClient, report: Pick<ExecutorReport, 'executor_id' | 'created_at_ms'>, paths: readonly string[]): Promise<LegMoney> {
  const ids = new Set(paths.flatMap((path) => Array.from({ length: 120 }, (_, index) => clientOrderIdFor({ workflowId: '', rootId: report.executor_id, rootCreatedAtMs: report.created_at_ms, path }, index + 1))));
  const trades = (await paper.trades({})).filter((trade) => ids.has(trade.clientOrderId));
  const sum = (of: (trade: TradeView) => Decimal): Decimal => trades.reduce((total, trade) => total.plus(of(trade)), new Exact(0));
  const quote = (trade: TradeView): Decimal => new Exact(trade.amountBase).times(trade.priceQuote);
  return {
    base: sum((trade) => new Exact(trade.amountBase)),
    quote: sum(quote),
    fees: sum((trade) => (trade.feeAsset === 'BTC' ? new Exact(trade.feeAmount).times(trade.priceQuote) : new Exact(trade.feeAmount))),
    trades,
  };
}

export interface XemmMoney {
  readonly maker: LegMoney;
  readonly hedge: LegMoney;
  /** Sold minus bought minus fees, of what is hedged; exact when all of it is. */
  readonly netPnlQuote: string;
  readonly feesQuote: string;
  readonly volumeQuote: string;
  readonly owedBase: string;
}

export async function xemmMoney(run: TwoExchanges, report: ExecutorReport): Promise<XemmMoney> {
  const makerOnFirst = report.connector_name === CONNECTOR;
  const [makerPaper, hedgePaper] = makerOnFirst ? [run.paper, run.second] : [run.second, run.paper];
  const maker = await legMoney(makerPaper, report, ['maker/1']);
  const hedge = await legMoney(hedgePaper, report, Array.from({ length: 6 }, (_, index) => `hedge/${index + 1}`));
  const fees = maker.fees.plus(hedge.fees);
  const held = maker.base.isZero() ? new Exact(0) : maker.quote.times(maker.base.minus(hedge.base)).dividedBy(maker.base);
  const hedged = maker.quote.minus(held);
  const gain = report.side === 'BUY' ? hedge.quote.minus(hedged) : hedged.minus(hedge.quote);
  return { maker, hedge, netPnlQuote: gain.minus(fees).toFixed(), feesQuote: fees.toFixed(), volumeQuote: maker.quote.plus(hedge.quote).toFixed(), owedBase: maker.base.minus(hedge.base).toFixed() };
}

export interface ArbitrageMoney {
  readonly netPnlQuote: string;
  readonly feesQuote: string;
  readonly volumeQuote: string;
  /** Bought minus sold, over both exchanges. */
  readonly excessBase: string;
  readonly bought: LegMoney;
  readonly sold: LegMoney;
  readonly unwound: LegMoney;
}

/** Of an arbitrage that buys on the first exchange and ends flat; both ledgers' own trades by their sides. */
export async function arbitrageMoney(run: TwoExchanges, report: ExecutorReport): Promise<ArbitrageMoney> {
  const counted = (kind: string): string[] => Array.from({ length: 12 }, (_, index) => `${kind}/${index + 1}`);
  const bought = await legMoney(run.paper, report, counted('buy'));
  const sold = await legMoney(run.second, report, counted('sell'));
  const [backOnFirst, backOnSecond] = [await legMoney(run.paper, report, counted('unwind')), await legMoney(run.second, report, counted('unwind'))];
  const fees = [bought, sold, backOnFirst, backOnSecond].reduce((sum, leg) => sum.plus(leg.fees), new Exact(0));
  const gain = sold.quote.plus(backOnFirst.quote).minus(bought.quote).minus(backOnSecond.quote);
  const excess = bought.base.minus(backOnFirst.base).minus(sold.base.minus(backOnSecond.base));
  const ahead = excess.isZero() ? new Exact(0) : excess.isPositive() ? bought.quote.times(excess).dividedBy(bought.base) : sold.quote.times(excess).dividedBy(sold.base);
  return {
    netPnlQuote: gain.plus(ahead).minus(fees).toFixed(),
    feesQuote: fees.toFixed(),
    volumeQuote: [bought, sold, backOnFirst, backOnSecond].reduce((sum, leg) => sum.plus(leg.quote), new Exact(0)).toFixed(),
    excessBase: excess.toFixed(),
    bought,
    sold,
    unwound: backOnFirst.trades.length > 0 ? backOnFirst : backOnSecond,
  };
}

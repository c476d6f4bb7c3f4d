import { INVENTORY_MEMO, inventoryMemo } from '../../src/contract/cut-executor.js';
import type { ArbitrageExecutorConfig } from '../../src/contract/executor-config.js';
import type { StopAnswer } from '../../src/contract/messages.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { SpreadEvidence } from '../../src/contract/spread-watch.js';
import type { MarketFills } from '../../src/domain/arbitrage/arbitrage-pnl.js';
import { spreadProfit } from '../../src/domain/arbitrage/spread-profit.js';
import { totalsRecord } from '../../src/domain/fills.js';
import { decimal, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { ArbitrageBook } from './arbitrage-book.js';
import { takerCosts } from './arbitrage-plans.js';
import type { DecisionLog } from './decisions.js';
import { heldOrders } from './held-orders.js';
import { isOver, legOpenOrders } from './position-legs.js';
import { attentionText, buildReport, type LifeState } from './report-base.js';
import type { StopDecision } from './stop-request.js';

/** What is told of an arbitrage. */
export interface ArbitrageView {
  readonly config: ArbitrageExecutorConfig;
  readonly life: LifeState;
  readonly log: DecisionLog;
  readonly book: ArbitrageBook;
  /** Prices it traded on; null before. */
  readonly evidence: SpreadEvidence | null;
  /** Legs that were over without having filled. */
  readonly failures: number;
}

const SHOWN_DIGITS = 20;

export function arbitrageReport(view: ArbitrageView, nowMs: number): ExecutorReport {
  const { config, life, log, book } = view;
  const pnl = book.pnl();
  const isFlat = life.closedAtMs !== null && life.hold === null;
  return buildReport(
    config,
    life,
    {
      netPnlQuote: pnl.netPnlQuote,
      netPnlFraction: pnl.netPnlFraction,
      feesQuote: pnl.feesQuote,
      volumeQuote: pnl.volumeQuote,
      residueBase: isFlat ? pnl.excessBase.abs() : ZERO,
      isTrading: pnl.volumeQuote.greaterThan(ZERO),
      earnsBesideHold: true,
      orders: book.orders(),
      customInfo: customInfo(view),
    },
    log,
    nowMs,
  );
}

/** The keys of the reference, and both legs beside them. */
function customInfo({ config, life, book, evidence, failures }: ArbitrageView): Readonly<Record<string, unknown>> {
  const cost = book.markets === null ? ZERO : takerCosts(book.markets);
  const prices = evidence === null ? null : { buyPriceQuote: decimal(evidence.buyPriceQuote), sellPriceQuote: decimal(evidence.sellPriceQuote), rate: decimal(evidence.rate) };
  const { bought, sold: taken } = book.fillsOn('buying');
  const { sold, bought: returned } = book.fillsOn('selling');
  return {
    level_id: config.levelId,
    buy_connector: config.connector,
    buy_pair: config.pair,
    buy_price: evidence?.buyPriceQuote ?? null,
    sell_connector: config.selling.connector,
    sell_pair: config.selling.pair,
    sell_price: evidence?.sellPriceQuote ?? null,
    trade_pnl_pct: prices === null ? null : shown(spreadProfit(prices, ZERO)),
    tx_cost_pct: shown(cost),
    profit_pct: prices === null ? null : shown(spreadProfit(prices, cost)),
    failures,
    order_amount: config.amountBase,
    min_profitability: config.minProfitabilityFraction,
    quote_conversion_rate: shown(book.rate),
    bought_base: toDecimalString(bought.filledBase),
    bought_quote: toDecimalString(bought.filledQuote),
    sold_base: toDecimalString(sold.filledBase),
    sold_quote: toDecimalString(sold.filledQuote),
    unwound_base: toDecimalString(taken.filledBase.plus(returned.filledBase)),
    unbalanced_base: toDecimalString(book.pnl().excessBase),
    unvalued_fees: book.unvaluedFees(),
    ...contractInfo(config, book),
    open_orders: book.legs.flatMap(({ leg }) => legOpenOrders(leg)),
    held_position_orders: life.hold === null ? [] : heldOrders(life.hold.pair, life.hold.orders),
  };
}

/** What stands on contracts: two positions of the same size against each other, and what they were paid and charged. */
function contractInfo({ leverage }: ArbitrageExecutorConfig, book: ArbitrageBook): Readonly<Record<string, unknown>> {
  if (!book.funding.isPerpetual) return {};
  const on = ({ bought, sold }: MarketFills): string => toDecimalString(bought.filledBase.minus(sold.filledBase));
  return { ...book.funding.customInfo(book.rate), leverage, buying_position_base: on(book.fillsOn('buying')), selling_position_base: on(book.fillsOn('selling')) };
}

/** Flat strings for lists and for clients that read no workflow. */
export function arbitrageMemo(view: ArbitrageView): Readonly<Record<string, string>> {
  const { config, life, book } = view;
  const { excessBase, aheadOn } = book.pnl();
  // Legs that live tell their own fills, were this executor gone; what is ahead elsewhere is in no other books.
  const kept = aheadOn === 'BUY' && excessBase.greaterThan(ZERO) && book.legs.every(({ leg }) => isOver(leg));
  return {
    entry_totals: JSON.stringify(totalsRecord(book.fillsOn('buying').bought)),
    exit_totals: JSON.stringify(totalsRecord(book.fillsOn('selling').sold)),
    config: JSON.stringify(config),
    unbalanced_base: toDecimalString(excessBase),
    [INVENTORY_MEMO]: inventoryMemo(kept ? book.hold().orders.map(({ side, totals }) => ({ side, totals, positionSide: book.hold().positionSide })) : []),
    custom_info: JSON.stringify(customInfo(view)),
    attention: attentionText(life),
  };
}

export function arbitrageStopAnswer({ config, life, book }: ArbitrageView, decision: StopDecision, decidedNow: boolean): StopAnswer {
  const ahead = toDecimalString(book.pnl().excessBase.abs());
  return {
    executor_id: config.id,
    status: life.status === 'TERMINATED' ? 'stopped' : 'stopping',
    keep_position: decision.keepPosition,
    reason: decision.reason,
    quantity_to_close_base: decision.keepPosition ? '0' : ahead,
    quantity_to_hand_over_base: decision.keepPosition ? ahead : '0',
    orders_to_cancel: 0,
    decided_now: decidedNow,
  };
}

function shown(value: Decimal): string {
  return toDecimalString(value.toDecimalPlaces(SHOWN_DIGITS));
}

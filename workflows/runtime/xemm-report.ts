import { INVENTORY_MEMO, inventoryMemo } from '../../src/contract/cut-executor.js';
import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import type { StopAnswer } from '../../src/contract/messages.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { totalsRecord } from '../../src/domain/fills.js';
import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import { makerQuotePrice, netProfitability, quoteBandFromText, type QuoteBand } from '../../src/domain/xemm/maker-quote.js';
import { marketRules } from '../../src/domain/market-rules.js';
import type { DecisionLog } from './decisions.js';
import { heldOrders } from './held-orders.js';
import { isOver, legOpenOrders } from './position-legs.js';
import { attentionText, buildReport, type LifeState } from './report-base.js';
import type { StopDecision } from './stop-request.js';
import type { XemmBook } from './xemm-book.js';
import { costFraction } from './xemm-plans.js';

/** What is told of a XEMM. */
export interface XemmView {
  readonly config: XemmExecutorConfig;
  readonly life: LifeState;
  readonly log: DecisionLog;
  readonly book: XemmBook;
  /** Best price at which the hedge could be taken when the markets were read, in the maker's quote; null before. */
  readonly hedgePriceQuote: Decimal | null;
}

const SHOWN_DIGITS = 20;

export function xemmReport(view: XemmView, nowMs: number): ExecutorReport {
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
      residueBase: isFlat ? pnl.unhedgedBase : ZERO,
      isTrading: !book.makerTotals().filledBase.isZero(),
      earnsBesideHold: true,
      orders: book.orders(),
      customInfo: { level_id: config.levelId, ...customInfo(view) },
    },
    log,
    nowMs,
  );
}

function bandOf(config: XemmExecutorConfig, book: XemmBook): QuoteBand {
  const cost = book.markets === null ? ZERO : costFraction(book.markets);
  return { ...quoteBandFromText({ minFraction: config.minProfitabilityFraction, targetFraction: config.targetProfitabilityFraction, maxFraction: config.maxProfitabilityFraction, costFraction: '0' }), costFraction: cost };
}

/** The keys of the reference, and both sides of the obligation beside them. */
function customInfo({ config, life, book, hedgePriceQuote }: XemmView): Readonly<Record<string, unknown>> {
  const band = bandOf(config, book);
  const maker = book.makerTotals();
  const hedge = book.hedgeTotals();
  const { markets } = book;
  const traded = { maker: average(maker.filledQuote, maker.filledBase), hedge: average(hedge.filledQuote, hedge.filledBase) };
  const hedgePrice = traded.hedge === null ? hedgePriceQuote : exactly.product(traded.hedge, book.rate);
  const target = markets === null || hedgePrice === null ? null : makerQuotePrice(marketRules(markets.maker), config.side, band, hedgePrice);
  const net = hedgePrice === null || (traded.maker ?? target) === null ? null : netProfitability(config.side, band, (traded.maker ?? target) as Decimal, hedgePrice);
  return {
    side: config.side,
    maker_connector: config.connector,
    maker_trading_pair: config.pair,
    taker_connector: config.hedge.connector,
    taker_trading_pair: config.hedge.pair,
    min_profitability: config.minProfitabilityFraction,
    target_profitability: config.targetProfitabilityFraction,
    max_profitability: config.maxProfitabilityFraction,
    order_amount: config.amountBase,
    tx_cost: shown(exactly.product(decimal(config.amountBase), band.costFraction)),
    tx_cost_pct: shown(band.costFraction),
    taker_price: orNull(hedgePrice),
    maker_target_price: orNull(target),
    trade_profitability: net === null ? null : shown(net.plus(band.costFraction)),
    net_profitability: orNull(net),
    quote_conversion_rate: shown(book.rate),
    maker_filled_base: toDecimalString(maker.filledBase),
    maker_filled_quote: toDecimalString(maker.filledQuote),
    hedge_filled_base: toDecimalString(hedge.filledBase),
    hedge_filled_quote: toDecimalString(hedge.filledQuote),
    hedge_obligation_base: toDecimalString(book.pnl().unhedgedBase),
    current_retries: book.retries(),
    unvalued_fees: book.unvaluedFees(),
    ...contractInfo(config, book),
    open_orders: openOrders(book),
    held_position_orders: life.hold === null ? [] : heldOrders(config.pair, life.hold.orders),
  };
}

/** What stands on contracts: two positions of the same size against each other, and what they were paid and charged. */
function contractInfo(config: XemmExecutorConfig, book: XemmBook): Readonly<Record<string, unknown>> {
  if (!book.funding.isPerpetual) return {};
  const [maker, hedge] = [book.makerTotals().filledBase, book.hedgeTotals().filledBase];
  const bought = config.side === 'BUY';
  return {
    ...book.funding.customInfo(book.rate),
    leverage: config.leverage,
    maker_position_base: toDecimalString(bought ? maker : maker.negated()),
    hedge_position_base: toDecimalString(bought ? hedge.negated() : hedge),
  };
}

/** Flat strings for lists and for clients that read no workflow. */
export function xemmMemo(view: XemmView): Readonly<Record<string, string>> {
  const { config, life, book } = view;
  const maker = book.makerTotals();
  const hold = book.hold();
  // Legs that live tell their own fills, were this executor gone.
  const isOverAll = book.maker !== null && isOver(book.maker) && book.hedge !== undefined && isOver(book.hedge);
  return {
    entry_totals: JSON.stringify(totalsRecord(maker)),
    exit_totals: JSON.stringify(totalsRecord(book.hedgeTotals())),
    config: JSON.stringify(config),
    filled_base: toDecimalString(maker.filledBase),
    hedge_obligation_base: toDecimalString(book.pnl().unhedgedBase),
    [INVENTORY_MEMO]: inventoryMemo(isOverAll && book.pnl().unhedgedBase.greaterThan(ZERO) ? hold.orders.map(({ side, totals }) => ({ side, totals, positionSide: hold.positionSide })) : []),
    custom_info: JSON.stringify({ level_id: config.levelId, ...customInfo(view) }),
    attention: attentionText(life),
  };
}

export function xemmStopAnswer({ config, life, book }: XemmView, decision: StopDecision, decidedNow: boolean): StopAnswer {
  const owed = toDecimalString(book.pnl().unhedgedBase);
  return {
    executor_id: config.id,
    status: life.status === 'TERMINATED' ? 'stopped' : 'stopping',
    keep_position: decision.keepPosition,
    reason: decision.reason,
    quantity_to_close_base: decision.keepPosition ? '0' : owed,
    quantity_to_hand_over_base: decision.keepPosition ? owed : '0',
    orders_to_cancel: openOrders(book).length,
    decided_now: decidedNow,
  };
}

function openOrders(book: XemmBook): ReturnType<typeof legOpenOrders> {
  return [...legOpenOrders(book.maker), ...legOpenOrders(book.hedge ?? null)];
}

function average(quote: Decimal, base: Decimal): Decimal | null {
  return base.isZero() ? null : quote.dividedBy(base);
}

function orNull(value: Decimal | null): string | null {
  return value === null ? null : shown(value);
}

function shown(value: Decimal): string {
  return toDecimalString(value.toDecimalPlaces(SHOWN_DIGITS));
}

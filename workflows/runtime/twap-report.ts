import { INVENTORY_MEMO, inventoryMemo } from '../../src/contract/cut-executor.js';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { OpenOrder, StopAnswer } from '../../src/contract/messages.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { totalsRecord } from '../../src/domain/fills.js';
import { toDecimalString, ZERO } from '../../src/domain/money.js';
import { slotsLeft } from '../../src/domain/twap/slice-schedule.js';
import { twapCustomInfo } from '../../src/domain/twap/twap-custom-info.js';
import type { DecisionLog } from './decisions.js';
import { heldOrders } from './held-orders.js';
import { attentionText, buildReport, type LifeState } from './report-base.js';
import type { StopDecision } from './stop-request.js';
import type { TwapBook } from './twap-book.js';

/** What is told of a TWAP. `openOrders`: those that may still execute. */
export interface TwapView {
  readonly config: TwapExecutorConfig;
  readonly life: LifeState;
  readonly log: DecisionLog;
  readonly book: TwapBook;
  readonly openOrders: readonly OpenOrder[];
}

/** While it runs what is open stands at its cost; at the end it is valued once, and that stays. */
export function twapReport(view: TwapView, nowMs: number): ExecutorReport {
  const { config, life, log, book } = view;
  const { phase } = book.state;
  const pnl = book.pnl(phase.kind === 'ended' ? phase.pnl.markPriceQuote : null);
  const isFlat = life.closedAtMs !== null && life.hold === null;
  return buildReport(
    config,
    life,
    {
      netPnlQuote: pnl?.netPnlQuote ?? ZERO,
      netPnlFraction: pnl?.netPnlFraction ?? ZERO,
      feesQuote: pnl?.feesQuote ?? ZERO,
      volumeQuote: pnl?.volumeQuote ?? ZERO,
      residueBase: isFlat ? (pnl?.residueBase ?? ZERO) : ZERO,
      isTrading: !book.totals().filledBase.isZero(),
      orders: book.allOrders(),
      customInfo: { level_id: config.levelId, ...customInfo(view) },
    },
    log,
    nowMs,
  );
}

function customInfo({ config, life, book, openOrders }: TwapView): Readonly<Record<string, unknown>> {
  if (!book.isPlanned) return { side: config.side };
  const { phase } = book.state;
  const orderLists = {
    currentRetries: book.retries,
    orderIds: book.allOrders().map(({ clientOrderId }) => clientOrderId),
    heldPositionOrders: life.hold === null ? [] : heldOrders(config.pair, life.hold.orders),
  };
  const atEnd = phase.kind !== 'ended' ? {} : { mark_price_at_end: phase.pnl.markPriceQuote === null ? null : toDecimalString(phase.pnl.markPriceQuote), net_pnl_quote_at_end: toDecimalString(phase.pnl.netPnlQuote) };
  return {
    ...twapCustomInfo(book.terms, book.planned.rules, book.state, orderLists),
    open_orders: openOrders,
    unvalued_fees: book.unvaluedFees(),
    ...atEnd,
    ...(book.isPerpetual ? book.funding.customInfo() : {}),
  };
}

/** Flat strings for lists and for clients that read no workflow. */
export function twapMemo({ config, life, book }: TwapView): Readonly<Record<string, string>> {
  const totals = book.totals();
  const { state } = book;
  return {
    entry_totals: JSON.stringify(totalsRecord(totals)),
    exit_totals: JSON.stringify(totalsRecord(book.exits)),
    config: JSON.stringify(config),
    filled_base: toDecimalString(totals.filledBase),
    // Slices that are open tell their own fills, were this executor gone.
    [INVENTORY_MEMO]: inventoryMemo([
      { side: config.side, totals: totalsRecord(state.doneSum.totals), positionSide: book.positionSide() },
      { side: oppositeSide(config.side), totals: totalsRecord(book.exits), positionSide: book.positionSide() },
    ]),
    slices_done: String(state.doneSum.count),
    slots_left: String(slotsLeft(state.schedule)),
    ...(book.isPerpetual ? { funding_quote: toDecimalString(book.funding.totalQuote) } : {}),
    attention: attentionText(life),
  };
}

export function twapStopAnswer({ config, life, book, openOrders }: TwapView, decision: StopDecision, decidedNow: boolean): StopAnswer {
  const open = toDecimalString(book.openBase());
  // Asked for when everything was decided already: what is kept is kept.
  const keeps = decision.keepPosition || life.hold !== null;
  return {
    executor_id: config.id,
    status: life.status === 'TERMINATED' ? 'stopped' : 'stopping',
    keep_position: keeps,
    reason: decision.reason,
    quantity_to_close_base: keeps ? '0' : open,
    quantity_to_hand_over_base: keeps ? open : '0',
    orders_to_cancel: openOrders.length,
    decided_now: decidedNow,
  };
}

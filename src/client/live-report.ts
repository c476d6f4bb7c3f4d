import { dcaTermsRecord, type DcaExecutorConfig, type GridExecutorConfig, type OrderExecutorConfig, type PositionExecutorConfig, type TwapExecutorConfig } from '../contract/executor-config.js';
import type { ExecutorReport } from '../contract/report.js';
import { wireConfig } from '../contract/wire-config.js';
import { dcaPlanInfo } from '../domain/dca/dca-custom-info.js';
import { dcaTerms } from '../domain/dca/dca-terms.js';
import { planDca } from '../domain/dca/plan-dca.js';
import { NO_FILLS, totalsFromRecord, type FillTotals } from '../domain/fills.js';
import type { Side } from '../domain/enumerations.js';
import { LIMITS } from '../domain/limits.js';
import { type Decimal, decimal, exactly, toDecimalString, ZERO } from '../domain/money.js';
import { positionPnl } from '../domain/position-accounting.js';
import { midPrice } from '../domain/twap/slice-size.js';
import type { ExecutorSnapshot } from './executor-snapshot.js';
import type { MarketView } from './market-prices.js';

/** A report as lists show it, and whether its P&L was marked with a current price. */
export interface LiveReport {
  readonly report: ExecutorReport;
  /** False for a running position whose price is not known now: the numbers are its last durable ones. */
  readonly marked: boolean;
}

/** Prices are shown with the digits a trader reads; money is never cut. */
const SHOWN_DIGITS = 16;

/**
 * The standard report of an executor that is not archived: its last durable state marked with the current price, by the
 * same pure function that the workflow reports with.
 */
export function liveReport(snapshot: ExecutorSnapshot, market: MarketView | null, nowMs: number): LiveReport {
  const { config } = snapshot;
  const entry = snapshot.entryTotals === null ? NO_FILLS : totalsFromRecord(snapshot.entryTotals);
  const exits = snapshot.exitTotals === null ? NO_FILLS : totalsFromRecord(snapshot.exitTotals);
  const base = baseReport(snapshot, !entry.filledBase.isZero(), nowMs);
  switch (config.type) {
    case 'order_executor':
      return { report: { ...base, custom_info: orderInfo(config, entry) }, marked: true };
    case 'position_executor': {
      const exitPrice = config.side === 'BUY' ? (market?.bidQuote ?? null) : (market?.askQuote ?? null);
      return marked(snapshot, base, positionInfo(config, snapshot, entry, exits, exitPrice), { side: config.side, entry, exits, market, markPriceQuote: exitPrice });
    }
    case 'dca_executor': {
      const exitPrice = config.side === 'BUY' ? (market?.bidQuote ?? null) : (market?.askQuote ?? null);
      return marked(snapshot, base, dcaInfo(config, snapshot, market, entry, exits, exitPrice), { side: config.side, entry, exits, market, markPriceQuote: exitPrice });
    }
    case 'grid_executor': {
      const mid = market === null || market.bidQuote === null || market.askQuote === null ? null : midPrice(market.bidQuote, market.askQuote);
      return marked(snapshot, base, gridInfo(config, snapshot, market), { side: config.side, entry, exits, market, markPriceQuote: mid });
    }
    case 'xemm_executor':
    case 'arbitrage_executor':
      // What is hedged or balanced has its P&L whatever the price does.
      return { report: { ...base, custom_info: JSON.parse(snapshot.memo['custom_info'] ?? '{}') as Record<string, unknown> }, marked: true };
    case 'twap_executor': {
      const mid = market === null || market.bidQuote === null || market.askQuote === null ? null : midPrice(market.bidQuote, market.askQuote);
      return marked(snapshot, base, twapInfo(config, snapshot, entry), { side: config.side, entry, exits, market, markPriceQuote: mid });
    }
  }
}

interface Marked {
  readonly side: Side;
  readonly entry: FillTotals;
  readonly exits: FillTotals;
  readonly market: MarketView | null;
  readonly markPriceQuote: Decimal | null;
}

/** With the P&L at that price, as long as something is open. */
function marked(snapshot: ExecutorSnapshot, base: ExecutorReport, customInfo: Record<string, unknown>, { side, entry, exits, market, markPriceQuote }: Marked): LiveReport {
  const held = snapshot.closeType === 'POSITION_HOLD';
  const open = !entry.filledBase.isZero() && snapshot.execution === 'open' && !held;
  if (!open) return { report: { ...base, custom_info: customInfo }, marked: true };
  if (market === null || markPriceQuote === null) return { report: { ...base, custom_info: customInfo }, marked: false };
  // What only closes a contract is not held to the smallest order value.
  const rules = market.rules.contract === 'perpetual' ? { ...market.rules, minNotionalQuote: ZERO } : market.rules;
  const fundingQuote = decimal(snapshot.memo['funding_quote'] ?? '0');
  const pnl = positionPnl({ side, entry, exits, rules, markPriceQuote, fundingQuote });
  const numbers = {
    net_pnl_quote: toDecimalString(pnl.netPnlQuote),
    net_pnl_pct: toDecimalString(pnl.netPnlFraction),
    fees_paid_quote: toDecimalString(pnl.feesQuote),
    volume_quote: toDecimalString(pnl.volumeQuote),
    filled_amount_quote: toDecimalString(pnl.volumeQuote),
  };
  return { report: { ...base, ...numbers, custom_info: customInfo }, marked: true };
}

function baseReport(snapshot: ExecutorSnapshot, hasFills: boolean, nowMs: number): ExecutorReport {
  const { config } = snapshot;
  const cut = snapshot.execution === 'cut';
  const closedAtMs = snapshot.execution === 'open' ? null : (snapshot.closedAtMs ?? nowMs);
  return {
    executor_id: config.id,
    executor_type: config.type,
    controller_id: config.controllerId,
    account_name: config.account,
    connector_name: config.connector,
    trading_pair: config.pair,
    side: config.side,
    status: snapshot.status,
    close_type: snapshot.closeType,
    outcome: snapshot.outcome,
    net_pnl_quote: snapshot.netPnlQuote,
    net_pnl_pct: snapshot.netPnlFraction,
    fees_paid_quote: snapshot.feesPaidQuote,
    volume_quote: snapshot.volumeQuote,
    filled_amount_quote: snapshot.closeType === 'POSITION_HOLD' ? '0' : snapshot.volumeQuote,
    duration_seconds: String(((closedAtMs ?? nowMs) - config.createdAtMs) / 1000),
    created_at_ms: config.createdAtMs,
    closed_at_ms: closedAtMs,
    is_trading: snapshot.status === 'RUNNING' && hasFills,
    needs_attention: cut || snapshot.needsAttention,
    error_count: snapshot.lastError === null ? 0 : 1,
    last_error: cut ? CUT_OFF : snapshot.lastError,
    config: wireConfig(config),
    custom_info: {},
    orders: [],
    residue_base: '0',
    hold: null,
    why: [],
  };
}

const CUT_OFF =
  'The workflow was ended from outside (terminated, cancelled by force or timed out), so it wrote no final report. ' +
  'Its order sessions wind up by themselves; check the held positions of the controller and the account.';

function orderInfo(config: OrderExecutorConfig, totals: FillTotals): Record<string, unknown> {
  return {
    side: config.side,
    level_id: config.levelId,
    max_retries: LIMITS.maxRetries,
    executed_amount_base: toDecimalString(totals.filledBase),
    average_executed_price: totals.filledBase.isZero() ? '0' : shown(totals.filledQuote.dividedBy(totals.filledBase)),
    order_last_update: totals.lastFillAtMs,
  };
}

function positionInfo(config: PositionExecutorConfig, snapshot: ExecutorSnapshot, entry: FillTotals, exits: FillTotals, exitPrice: Decimal | null): Record<string, unknown> {
  const averageExit = exits.filledBase.isZero() ? null : shown(exits.filledQuote.dividedBy(exits.filledBase));
  const current = exitPrice === null ? null : shown(exitPrice);
  const plannedEntry = snapshot.memo['entry_price_quote'] ?? '';
  const planned = plannedEntry === '' ? config.entryPriceQuote : plannedEntry;
  return {
    side: config.side,
    level_id: config.levelId,
    max_retries: LIMITS.maxRetries,
    current_position_average_price: entry.filledBase.isZero() ? planned : shown(entry.filledQuote.dividedBy(entry.filledBase)),
    close_price: averageExit ?? current,
    current_price: current,
    open_order_last_update: entry.lastFillAtMs,
    ...levels(snapshot.memo),
    ...funding(snapshot.memo),
    ...targets(snapshot.memo),
  };
}

function gridInfo(config: GridExecutorConfig, snapshot: ExecutorSnapshot, market: MarketView | null): Record<string, unknown> {
  return {
    side: config.side,
    grid_side: config.side,
    level_id: config.levelId,
    max_retries: LIMITS.maxRetries,
    grid_limit_price: config.limitPriceQuote,
    open_base: snapshot.memo['open_base'] ?? '0',
    levels: snapshot.memo['levels'] ?? '',
    current_market_price: market === null || market.bidQuote === null || market.askQuote === null ? null : shown(midPrice(market.bidQuote, market.askQuote)),
    ...counts(snapshot.memo, ['round_trips']),
    ...funding(snapshot.memo),
  };
}

function twapInfo(config: TwapExecutorConfig, snapshot: ExecutorSnapshot, totals: FillTotals): Record<string, unknown> {
  return {
    side: config.side,
    level_id: config.levelId,
    max_retries: LIMITS.maxRetries,
    current_position_average_price: totals.filledBase.isZero() ? null : shown(totals.filledQuote.dividedBy(totals.filledBase)),
    filled_amount_base: toDecimalString(totals.filledBase),
    filled_amount_quote: toDecimalString(totals.filledQuote),
    catch_up: config.catchUp,
    ...counts(snapshot.memo, ['slices_done', 'slots_left']),
  };
}

/** What the plan says needs the rules of the market, and they are known when its price is. */
function dcaInfo(config: DcaExecutorConfig, snapshot: ExecutorSnapshot, market: MarketView | null, entry: FillTotals, exits: FillTotals, exitPrice: Decimal | null): Record<string, unknown> {
  const planning = market === null ? null : planDca(dcaTerms(dcaTermsRecord(config)), market.rules);
  const current = exitPrice === null ? null : shown(exitPrice);
  return {
    side: config.side,
    level_id: config.levelId,
    max_retries: LIMITS.maxRetries,
    n_levels: config.amountsQuote.length,
    ...(planning?.kind === 'planned' ? dcaPlanInfo(planning.plan) : {}),
    current_position_average_price: entry.filledBase.isZero() ? '0' : shown(entry.filledQuote.dividedBy(entry.filledBase)),
    filled_amount: toDecimalString(entry.filledBase),
    current_market_price: current,
    close_price: exits.filledBase.isZero() ? current : shown(exits.filledQuote.dividedBy(exits.filledBase)),
    total_executed_amount_backup: toDecimalString(exits.filledBase),
    ...counts(snapshot.memo, ['levels_waiting', 'levels_out', 'levels_done']),
    ...levels(snapshot.memo),
    ...funding(snapshot.memo),
  };
}

function counts(memo: Readonly<Record<string, string>>, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.filter((name) => memo[name] !== undefined).map((name) => [name, Number(memo[name])]));
}

function funding(memo: Readonly<Record<string, string>>): Record<string, string> {
  const received = memo['funding_quote'];
  return received === undefined ? {} : { funding_fees_quote: toDecimalString(exactly.difference(ZERO, decimal(received))) };
}

/** Barrier levels as prices, as the workflow wrote them. */
function levels(memo: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(memo).filter(([name, value]) => name.startsWith('level_') && value !== ''));
}

function targets(memo: Readonly<Record<string, string>>): Record<string, unknown> {
  const text = memo['targets'] ?? '';
  return text === '' ? {} : { targets: JSON.parse(text) as unknown };
}

function shown(price: Decimal): string {
  return toDecimalString(price.toSignificantDigits(SHOWN_DIGITS));
}

import type { CloseType } from '../enumerations.js';
import { toDecimalString, type Decimal } from '../money.js';
import { priceAtFraction, scaledFraction, scaledNetPnl } from '../net-pnl.js';
import { followTrailingStop } from '../trailing-stop.js';
import type { GridGuard, OpenInventory } from './grid-guard.js';
import { inventoryLine, isGridTradable } from './grid-inventory.js';

export type GridBarrier = 'stop_loss' | 'limit_price' | 'time_limit' | 'trailing_stop' | 'take_profit';

/** The barrier that ends a grid, and the numbers it was judged by, as they stand in history. */
export interface GridTrigger {
  readonly barrier: GridBarrier;
  readonly closeType: CloseType;
  /** Hand the inventory over instead of closing it. */
  readonly keepPosition: boolean;
  readonly evidence: GridEvidence;
}

export interface GridEvidence {
  readonly midQuote: string | null;
  readonly atMs: number;
  /** Open inventory: base, its cost and its entry fees in quote. */
  readonly base: string;
  readonly costQuote: string;
  readonly feesQuote: string;
  /** Net P&L of it over its cost, to 30 digits; null when nothing that could be closed is open. */
  readonly netPnlFraction: string | null;
  readonly trailingTrigger: string | null;
}

export interface GridVerdict {
  readonly trigger: GridTrigger | null;
  /** Fraction of net P&L below which the trailing stop fires; null while not armed. */
  readonly trailingTrigger: Decimal | null;
}

const FRACTION_DIGITS = 30;

/**
 * The first that the mid price (quote) or the clock (unix ms) meets: stop loss (net <= -fraction), limit price (BUY mid <=
 * limit, SELL mid >= limit), time limit (now >= end), trailing stop (arms above, fires below), take profit (BUY mid > end
 * price, SELL mid < start price, whatever is held). Net P&L is that of the open inventory, entry fees taken off, over its
 * cost. Without a mid price only the clock counts.
 *
 * Stop loss and trailing need an inventory that could be closed; a trailing stop forgets its peak with the inventory
 * that it was reached with.
 */
export function evaluateGridBarriers(plan: GridGuard, inventory: OpenInventory, midQuote: Decimal | null, nowMs: number, trailingTrigger: Decimal | null): GridVerdict {
  const { side, stopLossFraction, limitPriceQuote, timeLimitAtMs, trailingStop, startPriceQuote, endPriceQuote, keepPosition } = plan.terms;
  const line = isGridTradable(plan, inventory) ? inventoryLine(plan, inventory) : null;
  const fires = (barrier: GridBarrier, closeType: CloseType, keeps = false): GridVerdict => ({
    trigger: { barrier, closeType, keepPosition: keeps, evidence: evidenceOf(plan, inventory, midQuote, nowMs, trailingTrigger) },
    trailingTrigger,
  });
  const overdue = timeLimitAtMs !== null && nowMs >= timeLimitAtMs;
  if (midQuote === null) return overdue ? fires('time_limit', 'TIME_LIMIT') : { trigger: null, trailingTrigger };
  const stops = line !== null && stopLossFraction !== null && scaledNetPnl(line, midQuote).lessThanOrEqualTo(scaledFraction(line, stopLossFraction.negated()));
  if (stops) return fires('stop_loss', 'STOP_LOSS');
  const limited = limitPriceQuote !== null && (side === 'BUY' ? midQuote.lessThanOrEqualTo(limitPriceQuote) : midQuote.greaterThanOrEqualTo(limitPriceQuote));
  if (limited) return keepPosition ? fires('limit_price', 'POSITION_HOLD', true) : fires('limit_price', 'STOP_LOSS');
  if (overdue) return fires('time_limit', 'TIME_LIMIT');
  const trailing = trailingStop === null || line === null ? { fires: false, trailingTrigger: null } : followTrailingStop(trailingStop, line, midQuote, trailingTrigger);
  if (trailing.fires) return fires('trailing_stop', 'TRAILING_STOP');
  const beyond = side === 'BUY' ? midQuote.greaterThan(endPriceQuote) : midQuote.lessThan(startPriceQuote);
  if (beyond) return fires('take_profit', 'TAKE_PROFIT');
  return { trigger: null, trailingTrigger: trailing.trailingTrigger };
}

function evidenceOf(plan: GridGuard, inventory: OpenInventory, midQuote: Decimal | null, nowMs: number, trailingTrigger: Decimal | null): GridEvidence {
  const line = midQuote !== null && isGridTradable(plan, inventory) ? inventoryLine(plan, inventory) : null;
  const net = line === null || midQuote === null ? null : scaledNetPnl(line, midQuote).dividedBy(line.scale).toDecimalPlaces(FRACTION_DIGITS);
  return {
    midQuote: midQuote === null ? null : toDecimalString(midQuote),
    atMs: nowMs,
    base: toDecimalString(inventory.base),
    costQuote: toDecimalString(inventory.costQuote),
    feesQuote: toDecimalString(inventory.openFeesQuote),
    netPnlFraction: net === null ? null : toDecimalString(net),
    trailingTrigger: trailingTrigger === null ? null : toDecimalString(trailingTrigger),
  };
}

/** Mid price at or beyond which the stop loss fires, in quote: below for BUY, above for SELL. Null when it is off or nothing could be closed. */
export function gridStopPriceQuote(plan: GridGuard, inventory: OpenInventory): Decimal | null {
  const { stopLossFraction, side } = plan.terms;
  const line = isGridTradable(plan, inventory) ? inventoryLine(plan, inventory) : null;
  if (stopLossFraction === null || line === null) return null;
  return priceAtFraction(line, stopLossFraction.negated(), side === 'BUY' ? 'down' : 'up');
}

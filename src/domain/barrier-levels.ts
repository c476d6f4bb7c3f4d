import { UNTOUCHED, type BarrierVerdict, type Barriers, type ExitProgress } from './barriers.js';
import { sideSign, type Side } from './enumerations.js';
import { Decimal, ZERO } from './money.js';
import { closableBase, lineAfterExitFee, netPnlLine, priceAtFraction, type NetPnlLine, type ProtectedPosition } from './net-pnl.js';
import { finalMarketFraction, targetsOf, watchesPart } from './targets.js';
import { followTrailingStop, type TrailingStop } from './trailing-stop.js';

/**
 * The barriers of a position turned into exit prices, so that a price frame costs comparisons only. `judge` on these
 * equals `evaluateBarriers` on the barriers they were compiled from, for every price of fewer than 40 digits.
 */
export interface BarrierLevels {
  readonly entrySide: Side;
  /** Base to close when one of them is met. */
  readonly quantityBase: Decimal;
  /** The nearer of stop loss and breakeven. Met at or beyond: at or below for a long, at or above for a short. */
  readonly stopPriceQuote: Decimal | null;
  /** Of the target by MARKET that closes all that is left. Met at or beyond: at or above for a long, at or below for a short. */
  readonly takeProfitPriceQuote: Decimal | null;
  /** By target, of those by MARKET that close a part only; null for the others. Met at or beyond, like the take profit. */
  readonly targetPricesQuote: readonly (Decimal | null)[];
  /** The trailing stop arms strictly beyond it: above for a long, below for a short. */
  readonly trailingArmPriceQuote: Decimal | null;
  readonly timeLimitAtMs: number | null;
  readonly trailing: { readonly stop: TrailingStop; readonly line: NetPnlLine } | null;
}

export function compileLevels(barriers: Barriers, position: ProtectedPosition, progress: ExitProgress = UNTOUCHED): BarrierLevels {
  const { entrySide } = position;
  const line = netPnlLine(position);
  if (line === null) return nothingToClose(barriers, entrySide);
  const { trailingStop } = barriers;
  const long = entrySide === 'BUY';
  const targets = targetsOf(barriers);
  const final = finalMarketFraction(targets);
  // Rounded to the side on which a coarser price compares with the rounded level as with the exact one.
  const above = (fraction: Decimal): Decimal => priceAtFraction(line, fraction, long ? 'up' : 'down');
  return {
    entrySide,
    quantityBase: Decimal.max(closableBase(position.totals, entrySide, position.rules).minus(progress.closedBase), ZERO),
    stopPriceQuote: stopPrice(barriers, position, line, progress),
    takeProfitPriceQuote: final === null ? null : above(final),
    targetPricesQuote: targets.map((target, index) => (watchesPart(targets, index) ? above(target.distanceFraction) : null)),
    trailingArmPriceQuote: trailingStop === null ? null : priceAtFraction(line, trailingStop.activationFraction, long ? 'down' : 'up'),
    timeLimitAtMs: barriers.timeLimitAtMs,
    trailing: trailingStop === null ? null : { stop: trailingStop, line },
  };
}

function stopPrice({ stopLossFraction }: Barriers, position: ProtectedPosition, line: NetPnlLine, { breakeven }: ExitProgress): Decimal | null {
  const long = position.entrySide === 'BUY';
  const loss = stopLossFraction === null ? null : priceAtFraction(line, stopLossFraction.negated(), long ? 'down' : 'up');
  const even = breakeven ? breakevenPrice(position) : null;
  if (loss === null || even === null) return loss ?? even;
  return long ? Decimal.max(loss, even) : Decimal.min(loss, even);
}

/** Where the stop stands once it is moved to the entry plus the fees of both sides; null while nothing can be closed. */
export function breakevenPrice(position: ProtectedPosition): Decimal | null {
  const line = netPnlLine(position);
  if (line === null) return null;
  return priceAtFraction(lineAfterExitFee(line, position.rules.takerFeeFraction), ZERO, position.entrySide === 'BUY' ? 'down' : 'up');
}

function nothingToClose(barriers: Barriers, entrySide: Side): BarrierLevels {
  return {
    entrySide,
    quantityBase: ZERO,
    stopPriceQuote: null,
    takeProfitPriceQuote: null,
    targetPricesQuote: [],
    trailingArmPriceQuote: null,
    timeLimitAtMs: barriers.timeLimitAtMs,
    trailing: null,
  };
}

/** The exit price strictly beyond which an armed trailing stop fires: below for a long, above for a short. Null when it is off. */
export function trailingPrice(levels: BarrierLevels, trailingTrigger: Decimal): Decimal | null {
  if (levels.trailing === null) return null;
  return priceAtFraction(levels.trailing.line, trailingTrigger, levels.entrySide === 'BUY' ? 'up' : 'down');
}

/** Judges one price frame; meaning, order and inequalities of `evaluateBarriers`. */
export function judge(levels: BarrierLevels, exitPriceQuote: Decimal | null, trailingTrigger: Decimal | null, nowMs: number): BarrierVerdict {
  const byPrice = exitPriceQuote === null ? { trigger: null, trailingTrigger, targetReached: 0 } : judgePrice(levels, exitPriceQuote, trailingTrigger);
  if (byPrice.trigger !== null) return byPrice;
  const overdue = levels.timeLimitAtMs !== null && nowMs >= levels.timeLimitAtMs;
  return overdue ? { trigger: 'TIME_LIMIT', trailingTrigger: byPrice.trailingTrigger, targetReached: 0 } : byPrice;
}

function judgePrice(levels: BarrierLevels, exitPriceQuote: Decimal, trailingTrigger: Decimal | null): BarrierVerdict {
  // Positive when the price is better for the position than the level, negative when worse.
  const against = (level: Decimal): number => sideSign(levels.entrySide) * exitPriceQuote.comparedTo(level);
  if (levels.stopPriceQuote !== null && against(levels.stopPriceQuote) <= 0) return { trigger: 'STOP_LOSS', trailingTrigger, targetReached: 0 };
  const trailing = judgeTrailing(levels, exitPriceQuote, trailingTrigger, against);
  if (trailing.fires) return { trigger: 'TRAILING_STOP', trailingTrigger: trailing.trailingTrigger, targetReached: 0 };
  if (levels.takeProfitPriceQuote !== null && against(levels.takeProfitPriceQuote) >= 0) {
    return { trigger: 'TAKE_PROFIT', trailingTrigger: trailing.trailingTrigger, targetReached: 0 };
  }
  const reached = levels.targetPricesQuote.findLastIndex((level) => level !== null && against(level) >= 0);
  return { trigger: null, trailingTrigger: trailing.trailingTrigger, targetReached: reached + 1 };
}

function judgeTrailing(
  levels: BarrierLevels,
  exitPriceQuote: Decimal,
  trailingTrigger: Decimal | null,
  against: (level: Decimal) => number,
): { readonly fires: boolean; readonly trailingTrigger: Decimal | null } {
  const { trailing, trailingArmPriceQuote } = levels;
  if (trailing === null || trailingArmPriceQuote === null) return { fires: false, trailingTrigger };
  if (trailingTrigger === null && against(trailingArmPriceQuote) <= 0) return { fires: false, trailingTrigger };
  // Armed, or arming now: the trigger moves with the price, and only products tell by how much.
  return followTrailingStop(trailing.stop, trailing.line, exitPriceQuote, trailingTrigger);
}

import type { BarrierVerdict, Barriers } from './barriers.js';
import { sideSign, type Side } from './enumerations.js';
import { ZERO, type Decimal } from './money.js';
import { closableBase, netPnlLine, priceAtFraction, type NetPnlLine, type ProtectedPosition } from './net-pnl.js';
import { followTrailingStop, type TrailingStop } from './trailing-stop.js';

/**
 * The barriers of a position turned into exit prices, so that a price frame costs comparisons only. `judge` on these
 * equals `evaluateBarriers` on the barriers they were compiled from, for every price of fewer than 40 digits.
 */
export interface BarrierLevels {
  readonly entrySide: Side;
  /** Base to close when one of them is met. */
  readonly quantityBase: Decimal;
  /** Met at or beyond: at or below for a long, at or above for a short. */
  readonly stopPriceQuote: Decimal | null;
  /** Of a take profit by MARKET. Met at or beyond: at or above for a long, at or below for a short. */
  readonly takeProfitPriceQuote: Decimal | null;
  /** The trailing stop arms strictly beyond it: above for a long, below for a short. */
  readonly trailingArmPriceQuote: Decimal | null;
  readonly timeLimitAtMs: number | null;
  readonly trailing: { readonly stop: TrailingStop; readonly line: NetPnlLine } | null;
}

export function compileLevels(barriers: Barriers, position: ProtectedPosition): BarrierLevels {
  const { entrySide } = position;
  const line = netPnlLine(position);
  if (line === null) return nothingToClose(barriers, entrySide);
  const { stopLossFraction, takeProfitFraction, trailingStop } = barriers;
  const takesAtMarket = takeProfitFraction !== null && barriers.takeProfitOrderType === 'MARKET';
  return {
    entrySide,
    quantityBase: closableBase(position.totals, entrySide, position.rules),
    // Rounded to the side on which a coarser price compares with the rounded level as with the exact one.
    stopPriceQuote: stopLossFraction === null ? null : priceAtFraction(line, stopLossFraction.negated(), entrySide === 'BUY' ? 'down' : 'up'),
    takeProfitPriceQuote: takesAtMarket ? priceAtFraction(line, takeProfitFraction, entrySide === 'BUY' ? 'up' : 'down') : null,
    trailingArmPriceQuote: trailingStop === null ? null : priceAtFraction(line, trailingStop.activationFraction, entrySide === 'BUY' ? 'down' : 'up'),
    timeLimitAtMs: barriers.timeLimitAtMs,
    trailing: trailingStop === null ? null : { stop: trailingStop, line },
  };
}

function nothingToClose(barriers: Barriers, entrySide: Side): BarrierLevels {
  return {
    entrySide,
    quantityBase: ZERO,
    stopPriceQuote: null,
    takeProfitPriceQuote: null,
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
  const byPrice = exitPriceQuote === null ? { trigger: null, trailingTrigger } : judgePrice(levels, exitPriceQuote, trailingTrigger);
  if (byPrice.trigger !== null) return byPrice;
  const overdue = levels.timeLimitAtMs !== null && nowMs >= levels.timeLimitAtMs;
  return overdue ? { trigger: 'TIME_LIMIT', trailingTrigger: byPrice.trailingTrigger } : byPrice;
}

function judgePrice(levels: BarrierLevels, exitPriceQuote: Decimal, trailingTrigger: Decimal | null): BarrierVerdict {
  // Positive when the price is better for the position than the level, negative when worse.
  const against = (level: Decimal): number => sideSign(levels.entrySide) * exitPriceQuote.comparedTo(level);
  if (levels.stopPriceQuote !== null && against(levels.stopPriceQuote) <= 0) return { trigger: 'STOP_LOSS', trailingTrigger };
  const trailing = judgeTrailing(levels, exitPriceQuote, trailingTrigger, against);
  if (trailing.fires) return { trigger: 'TRAILING_STOP', trailingTrigger: trailing.trailingTrigger };
  const takesProfit = levels.takeProfitPriceQuote !== null && against(levels.takeProfitPriceQuote) >= 0;
  return { trigger: takesProfit ? 'TAKE_PROFIT' : null, trailingTrigger: trailing.trailingTrigger };
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

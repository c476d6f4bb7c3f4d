import type { CloseType, OrderType } from './enumerations.js';
import { Decimal, DecimalRuleError, parseDecimal, ZERO } from './money.js';
import { netPnlLine, scaledFraction, scaledNetPnl, type NetPnlLine, type ProtectedPosition } from './net-pnl.js';
import type { Target } from './targets.js';
import { followTrailingStop, type TrailingStop } from './trailing-stop.js';

export { closableBase, netPnlFraction, type ProtectedPosition } from './net-pnl.js';
export type { TrailingStop } from './trailing-stop.js';
export type { Target } from './targets.js';
export { compileLevels, judge, trailingPrice, type BarrierLevels } from './barrier-levels.js';
export { takeProfitPrice, type BestPrices } from './take-profit-price.js';
export { withinActivationBounds } from './activation-bounds.js';

/** Barriers as they stand in a plan: fractions of net P&L in digits, null = off. */
export interface BarrierText {
  readonly stopLossFraction: string | null;
  readonly takeProfitFraction: string | null;
  readonly takeProfitOrderType: OrderType;
  readonly targets: readonly { readonly distanceFraction: string; readonly shareFraction: string; readonly orderType: OrderType }[];
  readonly breakevenAfterTarget: number | null;
  readonly trailingStop: { readonly activationFraction: string; readonly deltaFraction: string } | null;
  readonly timeLimitAtMs: number | null;
}

/** Barriers of a position; fractions of net P&L (0.01 = 1 %), null = off. */
export interface Barriers {
  readonly stopLossFraction: Decimal | null;
  readonly takeProfitFraction: Decimal | null;
  readonly takeProfitOrderType: OrderType;
  /** Parts with a distance of their own, nearest first; empty beside a take profit. */
  readonly targets: readonly Target[];
  /** Counted from 1: once that target is filled, the stop stands at the entry plus fees. */
  readonly breakevenAfterTarget: number | null;
  readonly trailingStop: TrailingStop | null;
  /** Unix ms at which the time limit is over. */
  readonly timeLimitAtMs: number | null;
}

export type BarrierTrigger = Extract<CloseType, 'STOP_LOSS' | 'TRAILING_STOP' | 'TAKE_PROFIT' | 'TIME_LIMIT'>;

export interface BarrierVerdict {
  readonly trigger: BarrierTrigger | null;
  /** Net P&L fraction below which the trailing stop fires from now on; null while not armed. */
  readonly trailingTrigger: Decimal | null;
}

/** Throws DecimalRuleError for a negative fraction. A stop loss or take profit of 0 is off, as existing clients expect. */
export function barriersFromRecord(record: BarrierText): Barriers {
  return {
    stopLossFraction: offWhenZero(fraction('stopLossFraction', record.stopLossFraction)),
    takeProfitFraction: offWhenZero(fraction('takeProfitFraction', record.takeProfitFraction)),
    takeProfitOrderType: record.takeProfitOrderType,
    targets: record.targets.map((target, index) => ({
      distanceFraction: fraction(`targets.${index}.distanceFraction`, target.distanceFraction) ?? ZERO,
      shareFraction: fraction(`targets.${index}.shareFraction`, target.shareFraction) ?? ZERO,
      orderType: target.orderType,
    })),
    breakevenAfterTarget: record.breakevenAfterTarget,
    trailingStop:
      record.trailingStop === null
        ? null
        : {
            activationFraction: fraction('trailingStop.activationFraction', record.trailingStop.activationFraction) ?? ZERO,
            deltaFraction: fraction('trailingStop.deltaFraction', record.trailingStop.deltaFraction) ?? ZERO,
          },
    timeLimitAtMs: record.timeLimitAtMs,
  };
}

/**
 * Which barrier the evidence meets, the first of: stop loss (net <= -fraction), trailing stop (net < trigger), take
 * profit by MARKET (net >= fraction), time limit (now >= end). A take profit by limit order ends by its own fills.
 *
 * The price barriers hold from the first fill that leaves something to close, and need a price; the time limit needs
 * neither fill nor price. `exitPriceQuote`: best bid for a long, best ask for a short, null when that side is empty.
 */
export function evaluateBarriers(
  barriers: Barriers,
  position: ProtectedPosition,
  exitPriceQuote: Decimal | null,
  nowMs: number,
  trailingTrigger: Decimal | null,
): BarrierVerdict {
  const line = exitPriceQuote === null ? null : netPnlLine(position);
  const byPrice = line === null || exitPriceQuote === null ? { trigger: null, trailingTrigger } : evaluateAtPrice(barriers, line, exitPriceQuote, trailingTrigger);
  if (byPrice.trigger !== null) return byPrice;
  const overdue = barriers.timeLimitAtMs !== null && nowMs >= barriers.timeLimitAtMs;
  return overdue ? { trigger: 'TIME_LIMIT', trailingTrigger: byPrice.trailingTrigger } : byPrice;
}

function evaluateAtPrice(barriers: Barriers, line: NetPnlLine, exitPriceQuote: Decimal, trailingTrigger: Decimal | null): BarrierVerdict {
  const net = scaledNetPnl(line, exitPriceQuote);
  const { stopLossFraction, takeProfitFraction, trailingStop } = barriers;
  if (stopLossFraction !== null && net.lessThanOrEqualTo(scaledFraction(line, stopLossFraction.negated()))) {
    return { trigger: 'STOP_LOSS', trailingTrigger };
  }
  const trailing = trailingStop === null ? { fires: false, trailingTrigger } : followTrailingStop(trailingStop, line, exitPriceQuote, trailingTrigger);
  if (trailing.fires) return { trigger: 'TRAILING_STOP', trailingTrigger: trailing.trailingTrigger };
  const takesProfit =
    takeProfitFraction !== null && barriers.takeProfitOrderType === 'MARKET' && net.greaterThanOrEqualTo(scaledFraction(line, takeProfitFraction));
  return { trigger: takesProfit ? 'TAKE_PROFIT' : null, trailingTrigger: trailing.trailingTrigger };
}

function fraction(field: string, text: string | null): Decimal | null {
  if (text === null) return null;
  const parsed = parseDecimal(field, text);
  if (parsed.isNegative()) throw new DecimalRuleError(field, text, 'must not be negative');
  return parsed;
}

function offWhenZero(value: Decimal | null): Decimal | null {
  return value === null || value.isZero() ? null : value;
}

import type { CloseType, OrderType } from './enumerations.js';
import { DecimalRuleError, parseDecimal, ZERO, type Decimal } from './money.js';
import { lineAfterExitFee, netPnlLine, scaledFraction, scaledNetPnl, type NetPnlLine, type ProtectedPosition } from './net-pnl.js';
import { finalMarketFraction, targetsOf, watchesPart, type Target } from './targets.js';
import { followTrailingStop, type TrailingStop } from './trailing-stop.js';

export { closableBase, netPnlFraction, type ProtectedPosition } from './net-pnl.js';
export type { TrailingStop } from './trailing-stop.js';
export type { Target } from './targets.js';
export { breakevenPrice, compileLevels, judge, trailingPrice, type BarrierLevels } from './barrier-levels.js';
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
  /** Where a take profit that rests stands, in place of a distance from the entry. */
  readonly takeProfitPriceQuote?: string;
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
  /** Where a take profit that rests stands; absent: by `takeProfitFraction`. */
  readonly takeProfitPriceQuote?: Decimal;
}

export type BarrierTrigger = Extract<CloseType, 'STOP_LOSS' | 'TRAILING_STOP' | 'TAKE_PROFIT' | 'TIME_LIMIT'>;

export interface BarrierVerdict {
  readonly trigger: BarrierTrigger | null;
  /** Net P&L fraction below which the trailing stop fires from now on; null while not armed. */
  readonly trailingTrigger: Decimal | null;
  /** Counted from 1: the farthest target by MARKET, of those that close a part only, whose distance is met; 0 = none. */
  readonly targetReached: number;
}

/** How far an exit has come. The barriers stand where the entry put them, and act on what is left. */
export interface ExitProgress {
  /** Closed so far, by targets and by earlier exits. */
  readonly closedBase: Decimal;
  /** The target that moves the stop to the entry plus fees is filled. */
  readonly breakeven: boolean;
}

export const UNTOUCHED: ExitProgress = { closedBase: ZERO, breakeven: false };

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
    ...(record.takeProfitPriceQuote === undefined ? {} : { takeProfitPriceQuote: parseDecimal('takeProfitPriceQuote', record.takeProfitPriceQuote) }),
  };
}

/**
 * Which barrier the evidence meets, the first of: stop loss (net <= -fraction, or net after the fee of the exit <= 0
 * once it stands at breakeven), trailing stop (net < trigger), take profit by MARKET for all that is left (net >=
 * fraction), time limit (now >= end). Targets by limit order end by their own fills; those by MARKET that close a part
 * only are told in `targetReached`.
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
  progress: ExitProgress = UNTOUCHED,
): BarrierVerdict {
  const line = exitPriceQuote === null ? null : netPnlLine(position);
  const nothing = { trigger: null, trailingTrigger, targetReached: 0 };
  const byPrice = line === null || exitPriceQuote === null ? nothing : evaluateAtPrice(barriers, position, line, exitPriceQuote, trailingTrigger, progress);
  if (byPrice.trigger !== null) return byPrice;
  const overdue = barriers.timeLimitAtMs !== null && nowMs >= barriers.timeLimitAtMs;
  return overdue ? { trigger: 'TIME_LIMIT', trailingTrigger: byPrice.trailingTrigger, targetReached: 0 } : byPrice;
}

function evaluateAtPrice(
  barriers: Barriers,
  position: ProtectedPosition,
  line: NetPnlLine,
  exitPriceQuote: Decimal,
  trailingTrigger: Decimal | null,
  progress: ExitProgress,
): BarrierVerdict {
  const net = scaledNetPnl(line, exitPriceQuote);
  const { stopLossFraction, trailingStop } = barriers;
  const stops = stopLossFraction !== null && net.lessThanOrEqualTo(scaledFraction(line, stopLossFraction.negated()));
  const brokeEven = progress.breakeven && !scaledNetPnl(lineAfterExitFee(line, position.rules.takerFeeFraction), exitPriceQuote).greaterThan(ZERO);
  if (stops || brokeEven) return { trigger: 'STOP_LOSS', trailingTrigger, targetReached: 0 };
  const trailing = trailingStop === null ? { fires: false, trailingTrigger } : followTrailingStop(trailingStop, line, exitPriceQuote, trailingTrigger);
  if (trailing.fires) return { trigger: 'TRAILING_STOP', trailingTrigger: trailing.trailingTrigger, targetReached: 0 };
  const targets = targetsOf(barriers);
  const final = finalMarketFraction(targets);
  const takesProfit = final !== null && net.greaterThanOrEqualTo(scaledFraction(line, final));
  if (takesProfit) return { trigger: 'TAKE_PROFIT', trailingTrigger: trailing.trailingTrigger, targetReached: 0 };
  const reached = targets.findLastIndex((target, index) => watchesPart(targets, index) && net.greaterThanOrEqualTo(scaledFraction(line, target.distanceFraction)));
  return { trigger: null, trailingTrigger: trailing.trailingTrigger, targetReached: reached + 1 };
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

import type { CloseType } from '../enumerations.js';
import type { RangeSide } from '../amm/tick-range.js';
import { toDecimalString, type Decimal } from '../money.js';
import type { LpGas } from './lp-gas.js';
import { lpPnl, type LpDeposit, type LpHolding, type LpPnl } from './lp-pnl.js';
import type { LpTerms } from './lp-terms.js';
import { trackRange, type OutOfRange } from './out-of-range.js';

/** What closes a position by itself. */
export type LpTrigger = 'STOP_LOSS' | 'UPPER_LIMIT' | 'LOWER_LIMIT' | 'TAKE_PROFIT' | 'TIME_LIMIT' | 'ABOVE_RANGE' | 'BELOW_RANGE';

/** One look at an open position: all of it from one block, and the time of the look. */
export interface LpEvidence {
  readonly priceQuote: Decimal;
  readonly tick: number;
  /** Where `tick` stands relative to the position's own ticks: `rangeSide`. */
  readonly side: RangeSide;
  readonly deposit: LpDeposit;
  readonly holding: LpHolding;
  readonly gas: LpGas;
  readonly openedAtMs: number;
  /** The timers as the last look left them. */
  readonly outOfRange: OutOfRange | null;
  readonly nowMs: number;
}

export type LpDecision =
  /** `wakeAtMs`: when time alone may close it, null when it cannot. */
  | { readonly kind: 'stay'; readonly pnl: LpPnl; readonly outOfRange: OutOfRange | null; readonly wakeAtMs: number | null }
  | {
      readonly kind: 'close';
      readonly pnl: LpPnl;
      readonly outOfRange: OutOfRange | null;
      readonly trigger: LpTrigger;
      readonly closeType: CloseType;
      /** May wait while gas is dear. A stop loss may not. */
      readonly discretionary: boolean;
      /** Numbers the decision rests on, as text. */
      readonly why: Readonly<Record<string, string>>;
    };

/**
 * The one judgement of an open position, in range or out of it. The first that applies closes: stop loss, limit prices (upper
 * first), take profit, time limit, time out of range. Comparisons include the barrier itself.
 */
export function decideLp(terms: LpTerms, evidence: LpEvidence): LpDecision {
  const pnl = lpPnl(evidence.deposit, evidence.holding, evidence.priceQuote, evidence.gas);
  const outOfRange = trackRange(evidence.outOfRange, evidence.side, evidence.nowMs);
  const trigger = firedTrigger(terms, evidence, pnl, outOfRange);
  if (trigger === null) return { kind: 'stay', pnl, outOfRange, wakeAtMs: nextWakeMs(terms, evidence.openedAtMs, outOfRange) };
  return {
    kind: 'close',
    pnl,
    outOfRange,
    trigger,
    closeType: terms.keepPosition ? 'POSITION_HOLD' : closeTypeOf(trigger),
    discretionary: trigger !== 'STOP_LOSS',
    why: { ...figures(evidence, pnl, outOfRange), trigger, barrier: barrierText(terms, trigger) },
  };
}

/** Close type of a trigger when the net change is swapped back. Limits and range timers are stops the config asked for. */
export function closeTypeOf(trigger: LpTrigger): CloseType {
  switch (trigger) {
    case 'STOP_LOSS':
    case 'TAKE_PROFIT':
    case 'TIME_LIMIT':
      return trigger;
    case 'UPPER_LIMIT':
    case 'LOWER_LIMIT':
    case 'ABOVE_RANGE':
    case 'BELOW_RANGE':
      return 'EARLY_STOP';
  }
}

function firedTrigger(terms: LpTerms, evidence: LpEvidence, pnl: LpPnl, outOfRange: OutOfRange | null): LpTrigger | null {
  const { priceQuote, nowMs, openedAtMs } = evidence;
  if (terms.stopLoss !== null && pnl.priced && pnl.netPnlFraction.lessThanOrEqualTo(terms.stopLoss.negated())) return 'STOP_LOSS';
  if (terms.upperLimitPriceQuote !== null && priceQuote.greaterThanOrEqualTo(terms.upperLimitPriceQuote)) return 'UPPER_LIMIT';
  if (terms.lowerLimitPriceQuote !== null && priceQuote.lessThanOrEqualTo(terms.lowerLimitPriceQuote)) return 'LOWER_LIMIT';
  if (terms.takeProfit !== null && pnl.priced && pnl.netPnlFraction.greaterThanOrEqualTo(terms.takeProfit)) return 'TAKE_PROFIT';
  if (terms.timeLimitMs !== null && nowMs - openedAtMs >= terms.timeLimitMs) return 'TIME_LIMIT';
  if (outOfRange === null) return null;
  const patienceMs = rangePatienceMs(terms, outOfRange);
  if (patienceMs === null || nowMs - outOfRange.sideSinceMs < patienceMs) return null;
  return outOfRange.side === 'above' ? 'ABOVE_RANGE' : 'BELOW_RANGE';
}

function nextWakeMs(terms: LpTerms, openedAtMs: number, outOfRange: OutOfRange | null): number | null {
  const patienceMs = outOfRange === null ? null : rangePatienceMs(terms, outOfRange);
  const limits = [
    ...(terms.timeLimitMs === null ? [] : [openedAtMs + terms.timeLimitMs]),
    ...(outOfRange === null || patienceMs === null ? [] : [outOfRange.sideSinceMs + patienceMs]),
  ];
  return limits.length === 0 ? null : Math.min(...limits);
}

function rangePatienceMs(terms: LpTerms, outOfRange: OutOfRange): number | null {
  return outOfRange.side === 'above' ? terms.aboveRangeMs : terms.belowRangeMs;
}

function barrierText(terms: LpTerms, trigger: LpTrigger): string {
  switch (trigger) {
    case 'STOP_LOSS':
      return `stop_loss ${text(terms.stopLoss)}`;
    case 'UPPER_LIMIT':
      return `upper_limit_price ${text(terms.upperLimitPriceQuote)}`;
    case 'LOWER_LIMIT':
      return `lower_limit_price ${text(terms.lowerLimitPriceQuote)}`;
    case 'TAKE_PROFIT':
      return `take_profit ${text(terms.takeProfit)}`;
    case 'TIME_LIMIT':
      return `time_limit ${terms.timeLimitMs} ms`;
    case 'ABOVE_RANGE':
      return `above range for ${terms.aboveRangeMs} ms`;
    case 'BELOW_RANGE':
      return `below range for ${terms.belowRangeMs} ms`;
  }
}

function figures(evidence: LpEvidence, pnl: LpPnl, outOfRange: OutOfRange | null): Readonly<Record<string, string>> {
  return {
    price_quote: toDecimalString(evidence.priceQuote.toSignificantDigits(20)),
    tick: String(evidence.tick),
    side: evidence.side,
    net_pnl_quote: toDecimalString(pnl.netPnlQuote),
    net_pnl_fraction: toDecimalString(pnl.netPnlFraction),
    gas_excluded: String(pnl.gasExcluded),
    open_for_ms: String(evidence.nowMs - evidence.openedAtMs),
    out_of_range_for_ms: outOfRange === null ? '0' : String(evidence.nowMs - outOfRange.sideSinceMs),
  };
}

function text(value: Decimal | null): string {
  return value === null ? 'off' : toDecimalString(value);
}

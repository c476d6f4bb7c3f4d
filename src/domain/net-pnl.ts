import { sideSign, type Side } from './enumerations.js';
import type { FillTotals } from './fills.js';
import { floorAmount, type MarketRules } from './market-rules.js';
import { Decimal, divideToward, exactly, ZERO } from './money.js';

/** What an exit protects: the entry's fills, and the rules that say how much of them can be closed. */
export interface ProtectedPosition {
  readonly entrySide: Side;
  readonly totals: FillTotals;
  readonly rules: MarketRules;
}

/**
 * Base that the entry's fills leave to close. A long can sell only what fees in the base asset left, in whole steps; a
 * short buys back all that was sold.
 */
export function closableBase(totals: FillTotals, entrySide: Side, rules: MarketRules): Decimal {
  if (entrySide === 'SELL') return totals.filledBase;
  if (totals.feesBase.isZero()) return floorAmount(rules, totals.filledBase);
  const leftBase = floorAmount(rules, exactly.difference(totals.filledBase, totals.feesBase));
  return leftBase.greaterThan(ZERO) ? leftBase : ZERO;
}

/**
 * Net P&L as a function of the exit price, without a division: fraction(price) = (slope * price + offset) / scale.
 *
 * With F and Q the entry's base and quote, A = Q / F its average, N the closable base and C the fees in quote:
 *   fraction(price) = (sign * (price - A) * N - C) / (N * A)
 * multiplied by F above and below, so that every comparison with a fraction is one between exact products.
 */
export interface NetPnlLine {
  /** sign * N * F */
  readonly slope: Decimal;
  /** -sign * N * Q - C * F */
  readonly offset: Decimal;
  /** N * Q, positive */
  readonly scale: Decimal;
}

/** Null while nothing can be closed. */
export function netPnlLine(position: ProtectedPosition): NetPnlLine | null {
  const { filledBase, filledQuote, feesQuote } = position.totals;
  const closable = closableBase(position.totals, position.entrySide, position.rules);
  const scale = exactly.product(closable, filledQuote);
  if (!scale.greaterThan(ZERO)) return null;
  const sign = new Decimal(sideSign(position.entrySide));
  return {
    slope: exactly.product(sign, closable, filledBase),
    offset: exactly.difference(exactly.product(sign.negated(), scale), exactly.product(feesQuote, filledBase)),
    scale,
  };
}

/**
 * The line that the fee of the exit is taken off too, at `exitFeeFraction` of what it trades: net = 0 on it is where
 * closing brings back the entry and all fees of both sides,
 *   (sign * (price - A) * N - C - fee * price * N) = 0
 * A fee that the rules do not tell is 0 there.
 */
export function lineAfterExitFee(line: NetPnlLine, exitFeeFraction: Decimal): NetPnlLine {
  return { ...line, slope: exactly.difference(line.slope, exactly.product(exitFeeFraction, line.slope.abs())) };
}

/** slope * price + offset: the net P&L, times the positive `scale`. */
export function scaledNetPnl(line: NetPnlLine, exitPriceQuote: Decimal): Decimal {
  return exactly.sum(exactly.product(line.slope, exitPriceQuote), line.offset);
}

/** A fraction brought to the scale of `scaledNetPnl`. */
export function scaledFraction(line: NetPnlLine, fraction: Decimal): Decimal {
  return exactly.product(fraction, line.scale);
}

/**
 * Exit price at which the net P&L is exactly `fraction`, to 40 digits toward `direction`. Rounded down, prices of fewer
 * digits compare `<=` and `>` with it as with the exact one; rounded up, `>=` and `<`.
 */
export function priceAtFraction(line: NetPnlLine, fraction: Decimal, direction: 'down' | 'up'): Decimal {
  return divideToward(direction, exactly.difference(scaledFraction(line, fraction), line.offset), line.slope);
}

/**
 * Net P&L at the exit price as a fraction of the entry notional of what can be closed, fees paid so far taken off; null
 * while nothing can be closed. One division, to 40 digits.
 */
export function netPnlFraction(position: ProtectedPosition, exitPriceQuote: Decimal): Decimal | null {
  const line = netPnlLine(position);
  return line === null ? null : scaledNetPnl(line, exitPriceQuote).dividedBy(line.scale);
}

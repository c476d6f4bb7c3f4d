import { compileLevels, takeProfitPrice, type Barriers, type ProtectedPosition } from '../domain/barriers.js';
import { exactly, toDecimalString, ZERO, type Decimal } from '../domain/money.js';
import { allotTargets, closedOfTargets, targetFilled, type Target } from '../domain/targets.js';
import type { DecimalString } from './order-plan.js';

/** One target of a position as reports show it, under the names of the wire. */
export interface TargetState {
  readonly distance: DecimalString;
  readonly share: DecimalString;
  readonly order_type: string;
  /** Where it is met (MARKET), or rests; null before the first fill. */
  readonly price_quote: DecimalString | null;
  /** What it closes of the fills so far. */
  readonly amount_base: DecimalString;
  readonly closed_base: DecimalString;
  /** `merged`: its share is less than the exchange trades and is closed with target `merged_into`. */
  readonly state: 'waiting' | 'partly_filled' | 'filled' | 'merged';
  /** Counted from 1. */
  readonly merged_into: number | null;
}

const SHOWN_DIGITS = 16;

/** `ownBase`: fills of each target's orders, as far as they are known one by one; `othersBase`: fills that count in the order of the list. */
export function targetStates(barriers: Barriers, position: ProtectedPosition, ownBase: readonly Decimal[], othersBase: Decimal): readonly TargetState[] {
  const { targets } = barriers;
  const allotments = allotTargets(targets, position);
  const closed = closedOfTargets(allotments, ownBase, othersBase);
  return targets.map((target, index) => {
    const amountBase = allotments[index]?.amountBase ?? ZERO;
    const closedBase = closed[index] ?? ZERO;
    const mergedInto = allotments[index]?.mergedInto ?? null;
    const filled = targetFilled(targets, allotments, closed, position, index);
    const price = priceOf(barriers, target, index, position);
    return {
      distance: toDecimalString(target.distanceFraction),
      share: toDecimalString(target.shareFraction),
      order_type: target.orderType,
      price_quote: price === null ? null : toDecimalString(price.toSignificantDigits(SHOWN_DIGITS)),
      amount_base: toDecimalString(amountBase),
      closed_base: toDecimalString(closedBase),
      state: mergedInto !== null ? 'merged' : filled ? 'filled' : closedBase.isZero() ? 'waiting' : 'partly_filled',
      merged_into: mergedInto,
    };
  });
}

function priceOf(barriers: Barriers, target: Target, index: number, position: ProtectedPosition): Decimal | null {
  if (target.orderType !== 'MARKET') return takeProfitPrice(target, position, { bid: null, ask: null });
  const levels = compileLevels(barriers, position);
  return levels.targetPricesQuote[index] ?? (index === barriers.targets.length - 1 ? levels.takeProfitPriceQuote : null);
}

/** Whether the target that moves the stop is filled, by these states. */
export function stopMoved(barriers: Barriers, states: readonly TargetState[]): boolean {
  const after = barriers.breakevenAfterTarget;
  const state = after === null ? undefined : states[after - 1];
  const closing = state?.merged_into === null || state === undefined ? state : states[state.merged_into - 1];
  return closing?.state === 'filled';
}

/** Base closed by targets, of what exits closed. */
export function sumBase(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce<Decimal>((sum, amount) => exactly.sum(sum, amount), ZERO);
}

import type { Barriers } from './barriers.js';
import { sideSign, type OrderType } from './enumerations.js';
import { floorAmount, isTradable } from './market-rules.js';
import { Decimal, exactly, ONE, ZERO } from './money.js';
import { closableBase, type ProtectedPosition } from './net-pnl.js';

/** A part of a position that is closed at a distance of its own. */
export interface Target {
  /** MARKET: net P&L fraction at which it is closed. What rests: distance from the average entry, fees not counted. */
  readonly distanceFraction: Decimal;
  /** Of all that the entry leaves to close. */
  readonly shareFraction: Decimal;
  readonly orderType: OrderType;
  /** Of what rests, in place of the distance. */
  readonly priceQuote?: Decimal;
}

/** Bounded by the numbers that an exit gives its orders. */
export const MAX_TARGETS = 6;

/** What a target closes of the fills so far. */
export interface Allotment {
  readonly amountBase: Decimal;
  /** Counted from 1: the target that closes this one's share, because the exchange does not trade so little; null = itself. */
  readonly mergedInto: number | null;
}

/** All targets, nearest first; a take profit is one for everything. */
export function targetsOf(barriers: Barriers): readonly Target[] {
  const { targets, takeProfitFraction, takeProfitOrderType, takeProfitPriceQuote } = barriers;
  if (targets.length > 0 || takeProfitFraction === null) return targets;
  return [{ distanceFraction: takeProfitFraction, shareFraction: ONE, orderType: takeProfitOrderType, ...(takeProfitPriceQuote === undefined ? {} : { priceQuote: takeProfitPriceQuote }) }];
}

/** Nothing is left for the other barriers once all targets are filled. */
export function closesAll(targets: readonly Target[]): boolean {
  return targets.reduce((sum, target) => exactly.sum(sum, target.shareFraction), ZERO).greaterThanOrEqualTo(ONE);
}

/** Net P&L fraction at which a target by MARKET closes all that is left; null when none does. */
export function finalMarketFraction(targets: readonly Target[]): Decimal | null {
  const last = targets.at(-1);
  return last?.orderType === 'MARKET' && closesAll(targets) ? last.distanceFraction : null;
}

/** Whether target `index` is watched and closes a part only; the one that closes the rest is a barrier like the others. */
export function watchesPart(targets: readonly Target[], index: number): boolean {
  return targets[index]?.orderType === 'MARKET' && !(index === targets.length - 1 && closesAll(targets));
}

/**
 * What each target closes of the closable base N: floor(N * sum of shares up to it) less what the nearer ones close, so
 * that roundings never add up and the last of a full sum takes the remainder. A part that the exchange would not trade
 * goes to the next farther target; at the end of the list, to the nearest one before that trades.
 */
export function allotTargets(targets: readonly Target[], position: ProtectedPosition): readonly Allotment[] {
  const amounts = shares(targets, position);
  const mergedInto: (number | null)[] = targets.map(() => null);
  const merge = (from: readonly number[], into: number): void => {
    for (const index of from) {
      amounts[into] = (amounts[into] ?? ZERO).plus(amounts[index] ?? ZERO);
      amounts[index] = ZERO;
      mergedInto[index] = into + 1;
    }
  };
  let carried: number[] = [];
  for (const [index, target] of targets.entries()) {
    const amountBase = carried.reduce((sum, from) => sum.plus(amounts[from] ?? ZERO), amounts[index] ?? ZERO);
    if (tradesAt(position, amountBase, target)) merge(carried.splice(0), index);
    else carried = [...carried, index];
  }
  const [first] = carried;
  if (first !== undefined) {
    const receiver = first > 0 ? first - 1 : targets.length - 1;
    merge(carried.filter((index) => index !== receiver), receiver);
  }
  return amounts.map((amountBase, index) => ({ amountBase, mergedInto: mergedInto[index] ?? null }));
}

function shares(targets: readonly Target[], position: ProtectedPosition): Decimal[] {
  const closable = closableBase(position.totals, position.entrySide, position.rules);
  const full = closesAll(targets);
  let share = ZERO;
  let before = ZERO;
  return targets.map((target, index) => {
    share = exactly.sum(share, target.shareFraction);
    const upTo = full && index === targets.length - 1 ? closable : floorAmount(position.rules, exactly.product(closable, share));
    const amountBase = upTo.minus(before);
    before = upTo;
    return amountBase;
  });
}

/** Whether the exchange trades this much of the target's price, fees not counted. */
export function tradesAt(position: ProtectedPosition, amountBase: Decimal, target: Target): boolean {
  const { filledBase, filledQuote } = position.totals;
  if (!filledBase.greaterThan(ZERO)) return false;
  const factor = ONE.plus(target.distanceFraction.times(sideSign(position.entrySide)));
  return isTradable(position.rules, floorAmount(position.rules, amountBase), filledQuote.times(factor).dividedBy(filledBase));
}

/**
 * What is closed of each target: its own fills, and what others closed (an earlier exit, or more than its share) in the
 * order of the list. The sum is all that was closed, as far as the targets go.
 */
export function closedOfTargets(allotments: readonly Allotment[], ownBase: readonly Decimal[], othersBase: Decimal): readonly Decimal[] {
  let spare = othersBase;
  const own = allotments.map(({ amountBase }, index) => {
    const filled = ownBase[index] ?? ZERO;
    const counted = Decimal.min(filled, amountBase);
    spare = spare.plus(filled.minus(counted));
    return counted;
  });
  return own.map((counted, index) => {
    const room = Decimal.min(spare, (allotments[index]?.amountBase ?? ZERO).minus(counted));
    spare = spare.minus(room);
    return counted.plus(room);
  });
}

/** Filled, up to a rest that the exchange does not trade; one that was merged is filled with the target that closes its share. */
export function targetFilled(targets: readonly Target[], allotments: readonly Allotment[], closed: readonly Decimal[], position: ProtectedPosition, index: number): boolean {
  const closing = (allotments[index]?.mergedInto ?? index + 1) - 1;
  const target = targets[closing];
  const closedBase = closed[closing] ?? ZERO;
  if (target === undefined || closedBase.isZero()) return false;
  return !tradesAt(position, (allotments[closing]?.amountBase ?? ZERO).minus(closedBase), target);
}

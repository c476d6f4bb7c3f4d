import { addFill, NO_FILLS, type Fill, type FillTotals } from './fills.js';
import type { MarketAssets } from './market-rules.js';
import { Decimal, exactly, ZERO } from './money.js';

/**
 * Deals the base that the exchange took from a position to those who held it, in whole steps:
 *
 *   share = taken * held / position before
 *
 * where the position before is what was taken and what is left of it, or what all holders had together when that is more
 * (longs and shorts of one net position). What the steps cut off goes to the first holders that still have room. Never
 * more than a holder had, and together never more than was taken.
 */
export function dealTaken(takenBase: Decimal, leftBase: Decimal, heldBase: readonly Decimal[], stepBase: Decimal): readonly Decimal[] {
  const together = exactly.sum(ZERO, ...heldBase);
  if (!together.greaterThan(ZERO)) return heldBase.map(() => ZERO);
  const before = Decimal.max(together, exactly.sum(takenBase, leftBase));
  const floored = (share: Decimal): Decimal => share.toNearest(stepBase, Decimal.ROUND_FLOOR);
  const ours = takenBase.greaterThanOrEqualTo(before) ? together : floored(exactly.product(takenBase, together).dividedBy(before));
  const shares = heldBase.map((held) => Decimal.min(held, ours.equals(together) ? held : floored(exactly.product(ours, held).dividedBy(together))));
  let rest = exactly.difference(ours, exactly.sum(ZERO, ...shares));
  return shares.map((share, index) => {
    const more = Decimal.min(rest, exactly.difference(heldBase[index] ?? ZERO, share));
    rest = exactly.difference(rest, more);
    return exactly.sum(share, more);
  });
}

/** Base `fromBase` to `fromBase + amountBase` of an order's trades, in their order; a trade at a border is split, its fee with it. */
export function sliceOfTrades(fills: readonly Fill[], fromBase: Decimal, amountBase: Decimal, market: MarketAssets): FillTotals {
  let totals = NO_FILLS;
  let position = ZERO;
  const endBase = exactly.sum(fromBase, amountBase);
  for (const fill of fills) {
    const start = Decimal.max(position, fromBase);
    position = exactly.sum(position, fill.amountBase);
    const part = exactly.difference(Decimal.min(position, endBase), start);
    if (part.greaterThan(ZERO)) totals = addFill(totals, partOf(fill, part), market);
  }
  return totals;
}

function partOf(fill: Fill, amountBase: Decimal): Fill {
  if (amountBase.equals(fill.amountBase)) return fill;
  const share = (amount: Decimal): Decimal => exactly.product(amount, amountBase).dividedBy(fill.amountBase).toDecimalPlaces(18);
  return { ...fill, amountBase, fees: fill.fees.map((fee) => ({ ...fee, amount: share(fee.amount), valueQuote: fee.valueQuote === null ? null : share(fee.valueQuote) })) };
}

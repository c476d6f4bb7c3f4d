import { Decimal, ZERO } from '../matching/exact-decimal.js';
import { type Position, type PositionChange, isFlat, unrealizedQuote } from './position.js';

const MONEY_DECIMALS = 8;

/**
 * The margin set apart for an isolated position after a fill. A close realises into it and gives back the closed
 * share of what the whole position was worth at that price; an opening sets `price * amount / leverage` apart.
 * Nothing is set apart below zero: a loss beyond the margin is the wallet's, which a liquidation prevents.
 *
 * @param before the position as it was before the fill.
 */
export function isolatedAfterFill(before: Position, change: PositionChange, priceQuote: Decimal, leverage: number): Decimal {
  const kept = keptAfterClose(before, change, priceQuote);
  const added = change.openedBase.times(priceQuote).div(leverage);
  return kept.plus(added).toDecimalPlaces(MONEY_DECIMALS, Decimal.ROUND_HALF_UP);
}

function keptAfterClose(before: Position, change: PositionChange, priceQuote: Decimal): Decimal {
  if (change.closedBase.isZero()) return before.isolatedQuote;
  if (isFlat(change.position) || change.closedBase.eq(before.amountBase.abs())) return ZERO;
  const worth = before.isolatedQuote.plus(unrealizedQuote(before, priceQuote));
  const released = Decimal.max(worth, ZERO).times(change.closedBase).div(before.amountBase.abs());
  return Decimal.max(before.isolatedQuote.plus(change.realizedQuote).minus(released), ZERO);
}

import { sideSign } from './enumerations.js';
import { roundPrice } from './market-rules.js';
import { Decimal, divideToward, exactly, ONE, ZERO } from './money.js';
import type { ProtectedPosition } from './net-pnl.js';
import type { Target } from './targets.js';

/** Best prices of the book; a side is null when it is empty. */
export interface BestPrices {
  readonly bid: Decimal | null;
  readonly ask: Decimal | null;
}

/**
 * Price of a target that rests in the book: its own, or the entry's average moved by the fraction (fees not counted); for
 * LIMIT_MAKER not beyond the best price of its own side, so that it rests; on the tick, rounded away from the entry.
 * Null when it is by MARKET, nothing is filled, or no positive price is that far away.
 */
export function takeProfitPrice(target: Target, position: ProtectedPosition, top: BestPrices): Decimal | null {
  const { distanceFraction, orderType, priceQuote } = target;
  const { filledBase, filledQuote } = position.totals;
  if (orderType === 'MARKET' || !filledBase.greaterThan(ZERO)) return null;
  const direction = position.entrySide === 'BUY' ? 'up' : 'down';
  const factor = exactly.sum(ONE, exactly.product(new Decimal(sideSign(position.entrySide)), distanceFraction));
  const away = priceQuote ?? divideToward(direction, exactly.product(filledQuote, factor), filledBase);
  const resting = orderType === 'LIMIT_MAKER' ? restingPrice(position, away, top) : away;
  const price = roundPrice(position.rules, resting, direction);
  return price.greaterThan(ZERO) ? price : null;
}

function restingPrice(position: ProtectedPosition, target: Decimal, top: BestPrices): Decimal {
  if (position.entrySide === 'BUY') return top.ask === null ? target : Decimal.max(target, top.ask);
  return top.bid === null ? target : Decimal.min(target, top.bid);
}

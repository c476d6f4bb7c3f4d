import { sideSign } from './enumerations.js';
import { roundPrice } from './market-rules.js';
import { Decimal, divideToward, exactly, ONE, ZERO } from './money.js';
import type { ProtectedPosition } from './net-pnl.js';

/** A stop that the exchange keeps. */
export interface ExchangeStop {
  readonly distanceFraction: Decimal;
  readonly triggeredBy: 'last' | 'mark';
}

/**
 * Price at which the exchange fires it: the entry's average moved against the position by the fraction (fees not
 * counted), on the tick, rounded away from the entry. Null while nothing is filled, or when no positive price is there.
 */
export function exchangeStopPrice(stop: ExchangeStop, position: ProtectedPosition): Decimal | null {
  const { filledBase, filledQuote } = position.totals;
  if (!filledBase.greaterThan(ZERO)) return null;
  const direction = position.entrySide === 'BUY' ? 'down' : 'up';
  const factor = exactly.difference(ONE, exactly.product(new Decimal(sideSign(position.entrySide)), stop.distanceFraction));
  const price = roundPrice(position.rules, divideToward(direction, exactly.product(filledQuote, factor), filledBase), direction);
  return price.greaterThan(ZERO) ? price : null;
}

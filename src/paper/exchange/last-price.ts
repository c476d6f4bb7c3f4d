import type { Decimal } from '../matching/exact-decimal.js';
import type { ExchangeState, Pair } from './exchange-state.js';

/** Middle of the best prices, when both sides show one. */
export function middlePrice(state: ExchangeState, pair: Pair): Decimal | undefined {
  const { bid, ask } = state.bestPrices(pair);
  if (bid === undefined || ask === undefined) return undefined;
  return bid.priceQuote.plus(ask.priceQuote).div(2);
}

/**
 * Last price: the last print while it lies between the best prices, else the middle of them, so that a book that moved
 * without a print does not leave a stale price behind.
 */
export function lastPrice(state: ExchangeState, pair: Pair): Decimal | undefined {
  const print = pair.history.lastPrintQuote;
  const { bid, ask } = state.bestPrices(pair);
  const isInside =
    print !== undefined && (bid === undefined || print.gte(bid.priceQuote)) && (ask === undefined || print.lte(ask.priceQuote));
  return isInside ? print : (middlePrice(state, pair) ?? print ?? pair.history.minute?.close);
}

import { parseDecimal, toDecimalString } from '../domain/money.js';
import { BOOK_LEVELS, type BookLevel, type OrderBook } from '../ports/exchange.js';
import type { CcxtOrderBook } from './ccxt-client.js';

/**
 * A book of ccxt as one of ours. What a stream changed has passed through doubles, printed here by their shortest digits:
 * exact up to fifteen of them. Sorted again, because ccxt sorts text as text.
 */
export function readOrderBook(book: CcxtOrderBook, receivedAtMs: number): OrderBook {
  const bids = levels(book.bids, 'highestFirst');
  const asks = levels(book.asks, 'lowestFirst');
  return { bids, asks, bidQuote: bids[0]?.[0] ?? null, askQuote: asks[0]?.[0] ?? null, atMs: book.timestamp ?? receivedAtMs };
}

function levels(side: CcxtOrderBook['bids'], order: 'highestFirst' | 'lowestFirst'): readonly BookLevel[] {
  const direction = order === 'highestFirst' ? -1 : 1;
  const nearest = side
    .filter(([, amount]) => Number(amount) > 0)
    .map(([price, amount]) => [price, amount] as const)
    .sort(([left], [right]) => direction * (Number(left) - Number(right)))
    .slice(0, BOOK_LEVELS);
  return nearest.map(([price, amount]) => [digits('price', price), digits('amount', amount)]);
}

function digits(field: string, value: string | number): string {
  return toDecimalString(parseDecimal(field, value));
}

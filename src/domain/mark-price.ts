import { Decimal } from './money.js';

/** Best prices of the book; a side is null when it is empty. */
interface BestPrices {
  readonly bidQuote: Decimal | null;
  readonly askQuote: Decimal | null;
}

/** What barriers are judged by; null only while nothing at all is known of that side. */
export interface MarkPrices {
  readonly bidMarkQuote: Decimal | null;
  readonly askMarkQuote: Decimal | null;
}

export const NO_MARKS: MarkPrices = { bidMarkQuote: null, askMarkQuote: null };

/**
 * Prices by which a position is marked, in quote. A side that has orders is marked by its best price. An empty one keeps
 * the last mark, moved only to the worse: nobody bids more than the best ask, nobody asks less than the best bid. So a
 * stop goes on being judged on a book of one side, and a profit that nobody offers any more is not taken.
 */
export function markPrices(best: BestPrices, last: MarkPrices): MarkPrices {
  return {
    bidMarkQuote: best.bidQuote ?? worse('lower', last.bidMarkQuote, best.askQuote),
    askMarkQuote: best.askQuote ?? worse('higher', last.askMarkQuote, best.bidQuote),
  };
}

/** The price of the other side alone is no mark: how far away this side would be is not known. */
function worse(which: 'lower' | 'higher', last: Decimal | null, other: Decimal | null): Decimal | null {
  if (last === null || other === null) return last;
  return which === 'lower' ? Decimal.min(last, other) : Decimal.max(last, other);
}

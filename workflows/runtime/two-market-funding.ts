import type { FundedPosition } from '../../src/contract/perpetual.js';
import type { MarketReference } from '../../src/contract/order-plan.js';
import { totalsRecord } from '../../src/domain/fills.js';
import { exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';
import { FundingBook } from './funding-book.js';
import { legTotals, type Leg } from './position-legs.js';
import type { OwnerWatch } from './session-call.js';

/** One of the two markets of an executor, and the legs that moved its position there. */
export interface FundedMarket {
  readonly market: MarketReference;
  readonly legs: () => readonly Leg[];
}

/** Funding of an executor that trades on two markets, each of them a perpetual or not. */
export class TwoMarketFunding {
  private readonly books: readonly { readonly book: FundingBook; readonly position: () => FundedPosition }[];
  private perpetual: readonly [boolean, boolean] = [false, false];

  /** The first market's quote is the one that all is told in. */
  constructor(first: FundedMarket, second: FundedMarket, log: DecisionLog, watchOf: (market: MarketReference) => OwnerWatch) {
    this.books = [first, second].map(({ market, legs }) => ({
      book: new FundingBook(market, log, watchOf(market)),
      position: () => ({ legs: legs().map((leg) => ({ path: leg.plan.path, side: leg.plan.side, totals: totalsRecord(legTotals(leg)) })), liquidated: [] }),
    }));
  }

  /** Known once the rules of both markets are read. */
  markets(first: 'spot' | 'perpetual', second: 'spot' | 'perpetual'): void {
    this.perpetual = [first === 'perpetual', second === 'perpetual'];
  }

  get isPerpetual(): boolean {
    return this.perpetual.some((is) => is);
  }

  async book(throughMs: number): Promise<void> {
    await Promise.all(this.ofPerpetuals().map(({ book, position }) => book.book(position, throughMs)));
  }

  /** For the last time: what is settled later is in no sum. */
  async close(closedAtMs: number): Promise<void> {
    await Promise.all(this.ofPerpetuals().map(({ book, position }) => book.close(position, closedAtMs)));
  }

  /** Positive: received. `rate`: worth of one unit of the second market's quote in the first's. */
  totalQuote(rate: Decimal): Decimal {
    const [first, second] = this.books.map(({ book }) => book.totalQuote);
    return exactly.sum(first ?? ZERO, exactly.product(second ?? ZERO, rate));
  }

  customInfo(rate: Decimal): Readonly<Record<string, unknown>> {
    if (!this.isPerpetual) return {};
    const total = this.totalQuote(rate);
    const settlements = this.ofPerpetuals().reduce((sum, { book }) => sum + Number(book.customInfo()['funding_settlements']), 0);
    return { funding_fees_quote: toDecimalString(total.isZero() ? ZERO : total.negated()), funding_settlements: settlements };
  }

  private ofPerpetuals(): TwoMarketFunding['books'] {
    return this.books.filter((_, index) => this.perpetual[index] === true);
  }
}

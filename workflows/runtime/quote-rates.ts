import type { ConversionRecord, MarketReference } from '../../src/contract/order-plan.js';
import { decimal, exactly, ONE, type Decimal } from '../../src/domain/money.js';
import { readMarket, type OwnerWatch } from './session-call.js';

type Venue = Pick<MarketReference, 'connector' | 'account'>;

/** What one quote asset is worth in another, for executors that trade on two markets. */
export class QuoteRates {
  /** As last read; 1 where both are one asset. */
  last: Decimal = ONE;

  constructor(private readonly watchOwnerOf: (market: Venue) => OwnerWatch) {}

  /** The pair that converts, looked for on these exchanges either way round; null when nothing is to be converted; a text refuses. */
  async find(from: string, into: string, venues: readonly Venue[]): Promise<ConversionRecord | null | string> {
    if (from === into) return null;
    for (const venue of venues) {
      for (const inverted of [false, true]) {
        const conversion = { connector: venue.connector, pair: inverted ? `${into}-${from}` : `${from}-${into}`, inverted };
        const rate = await this.readAt(venue, conversion);
        if (rate === null) continue;
        this.last = rate;
        return conversion;
      }
    }
    return `no market of ${venues.map(({ connector }) => connector).join(' or ')} tells what ${from} is worth in ${into}`;
  }

  /** The rate of now, or the last one when it cannot be read. */
  async read(conversion: ConversionRecord, venues: readonly Venue[]): Promise<Decimal> {
    const venue = venues.find(({ connector }) => connector === conversion.connector);
    if (venue !== undefined) this.last = (await this.readAt(venue, conversion)) ?? this.last;
    return this.last;
  }

  private async readAt(venue: Venue, { pair, inverted }: ConversionRecord): Promise<Decimal | null> {
    try {
      const { bidQuote, askQuote } = await readMarket(venue, pair, this.watchOwnerOf(venue));
      if (bidQuote === null || askQuote === null) return null;
      const middle = exactly.sum(decimal(bidQuote), decimal(askQuote)).dividedBy(2);
      return inverted ? ONE.dividedBy(middle) : middle;
    } catch {
      return null;
    }
  }
}

import { exactly, ONE, decimal, type Decimal } from '../src/domain/money.js';
import type { ConversionRecord } from '../src/contract/order-plan.js';
import type { MarketDataPort, TopOfBook } from '../src/ports/exchange.js';

/** Opens public data of a connector; one that was opened is kept. */
export type OpenMarketData = (connector: string) => Promise<MarketDataPort>;

/** Public data of every connector that an executor of this process looks at without an account there, opened once. */
export class PublicMarkets {
  private readonly ports = new Map<string, Promise<MarketDataPort>>();

  constructor(private readonly open: OpenMarketData) {}

  /** Throws what opening it throws; what cannot be opened now is tried again by the next one who asks. */
  async port(connector: string): Promise<MarketDataPort> {
    const opened = this.ports.get(connector) ?? this.open(connector);
    this.ports.set(connector, opened);
    try {
      return await opened;
    } catch (error) {
      if (this.ports.get(connector) === opened) this.ports.delete(connector);
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.ports.values()].map(async (port) => await (await port).close()));
    this.ports.clear();
  }
}

/** Units of the second asset for one of the first: the middle of the pair that trades them. Null while it has none. */
export function rateOf({ inverted }: ConversionRecord, { bidQuote, askQuote }: TopOfBook): Decimal | null {
  if (bidQuote === null || askQuote === null) return null;
  const middle = exactly.sum(decimal(bidQuote), decimal(askQuote)).dividedBy(2);
  return inverted ? ONE.dividedBy(middle) : middle;
}

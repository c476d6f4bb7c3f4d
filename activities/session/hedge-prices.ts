import { depthPrice } from '../../src/domain/depth-price.js';
import { decimal, exactly, ONE, type Decimal } from '../../src/domain/money.js';
import type { Side } from '../../src/domain/enumerations.js';
import type { PegRecord } from '../../src/contract/order-plan.js';
import type { OrderBook, TopOfBook } from '../../src/ports/exchange.js';
import { rateOf, type PublicMarkets } from '../public-markets.js';
import type { SessionLogger } from './account-services.js';

/** What a hedge would be taken at, in the quote of the order it hedges; null: the book does not hold that much. */
export type HedgePriceListener = (priceQuote: Decimal | null) => void;

/** Books of other exchanges for the orders of this process that are priced by them: one subscription per pair, without credentials. */
export class HedgePrices {
  constructor(private readonly markets: PublicMarkets) {}

  /** The price comes with the first book, whenever the book changes, and at least every few seconds while it is known. */
  subscribe(peg: PegRecord, orderSide: Side, listener: HedgePriceListener, logger: SessionLogger): () => void {
    const follower = new HedgePriceFollower(peg, orderSide, listener);
    const stops: (() => void)[] = [];
    let left = false;
    const follow = async (): Promise<void> => {
      const market = await this.markets.port(peg.hedge.connector);
      const rates = peg.conversion === null ? null : await this.markets.port(peg.conversion.connector);
      if (left) return;
      stops.push(market.subscribeOrderBook(peg.hedge.pair, (book) => follower.onBook(book)));
      if (rates !== null && peg.conversion !== null) stops.push(rates.subscribeTopOfBook(peg.conversion.pair, (top) => follower.onRate(top)));
    };
    void follow().catch((error: unknown) => logger.error({ connector: peg.hedge.connector, error: String(error) }, 'the market of a hedge cannot be followed: nothing is quoted'));
    return () => {
      left = true;
      for (const stop of stops) stop();
    };
  }
}

/** One order's view of the book it is hedged on. */
class HedgePriceFollower {
  private rate: Decimal | null;
  private price: Decimal | null = null;
  private readonly depthBase: Decimal;

  constructor(private readonly peg: PegRecord, private readonly orderSide: Side, private readonly listener: HedgePriceListener) {
    this.rate = peg.conversion === null ? ONE : null;
    this.depthBase = decimal(peg.depthBase);
  }

  onBook({ bids, asks }: OrderBook): void {
    // What is bought here is sold there.
    this.price = depthPrice(this.orderSide === 'BUY' ? bids : asks, this.depthBase);
    this.tell();
  }

  onRate(top: TopOfBook): void {
    const { conversion } = this.peg;
    this.rate = conversion === null ? ONE : rateOf(conversion, top);
    this.tell();
  }

  private tell(): void {
    this.listener(this.price === null || this.rate === null ? null : exactly.product(this.price, this.rate));
  }
}

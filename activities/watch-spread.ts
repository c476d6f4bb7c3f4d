import { Context } from '@temporalio/activity';
import type { ConversionRecord } from '../src/contract/order-plan.js';
import type { SpreadEvidence, SpreadPlan } from '../src/contract/spread-watch.js';
import { spreadProfit } from '../src/domain/arbitrage/spread-profit.js';
import { depthPrice } from '../src/domain/depth-price.js';
import { decimal, ONE, toDecimalString, type Decimal } from '../src/domain/money.js';
import type { OrderBook, TopOfBook } from '../src/ports/exchange.js';
import { rateOf, type PublicMarkets } from './public-markets.js';

const HEARTBEAT_MS = 2_000;
/** A book or rate that nobody tells again is none. */
const STALE_MS = 5_000;

interface Seen<Value> {
  readonly value: Value;
  readonly atMs: number;
}

/** The two sides of a spread as the books tell them. */
class SpreadView {
  private buy: Seen<Decimal | null> | null = null;
  private sell: Seen<Decimal | null> | null = null;
  private rate: Seen<Decimal | null> | null;
  private readonly amountBase: Decimal;

  constructor(private readonly plan: SpreadPlan) {
    this.amountBase = decimal(plan.amountBase);
    this.rate = plan.conversion === null ? { value: ONE, atMs: Number.MAX_SAFE_INTEGER } : null;
  }

  onBuying({ asks }: OrderBook): void {
    this.buy = { value: depthPrice(asks, this.amountBase), atMs: Date.now() };
  }

  onSelling({ bids }: OrderBook): void {
    this.sell = { value: depthPrice(bids, this.amountBase), atMs: Date.now() };
  }

  /** What was asked for; frames that came meanwhile are younger. */
  readBuying(book: OrderBook): void {
    if (this.buy === null) this.onBuying(book);
  }

  readSelling(book: OrderBook): void {
    if (this.sell === null) this.onSelling(book);
  }

  onRate(conversion: ConversionRecord, top: TopOfBook): void {
    this.rate = { value: rateOf(conversion, top), atMs: Date.now() };
  }

  /** Null while one of them is unknown, old, or not deep enough. */
  now(): SpreadEvidence | null {
    const atMs = Date.now();
    const fresh = (seen: Seen<Decimal | null> | null): Decimal | null => (seen !== null && atMs < seen.atMs + STALE_MS ? seen.value : null);
    const [buy, sell, rate] = [fresh(this.buy), fresh(this.sell), fresh(this.rate)];
    if (buy === null || sell === null || rate === null) return null;
    return { buyPriceQuote: toDecimalString(buy), sellPriceQuote: toDecimalString(sell), rate: toDecimalString(rate), atMs };
  }

  pays(): SpreadEvidence | null {
    const evidence = this.now();
    if (evidence === null) return null;
    const prices = { buyPriceQuote: decimal(evidence.buyPriceQuote), sellPriceQuote: decimal(evidence.sellPriceQuote), rate: decimal(evidence.rate) };
    return spreadProfit(prices, decimal(this.plan.costFraction)).greaterThan(this.plan.minProfitabilityFraction) ? evidence : null;
  }
}

/** Ends with the first books whose spread pays more than the plan asks for; a cancelled watch ends within a heartbeat. */
export async function watchSpread(markets: PublicMarkets, plan: SpreadPlan): Promise<SpreadEvidence> {
  const context = Context.current();
  const view = new SpreadView(plan);
  const stops: (() => void)[] = [];
  const pulse = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    const found = new Promise<SpreadEvidence>((resolve, reject) => {
      const look = (): void => {
        const evidence = view.pays();
        if (evidence !== null) resolve(evidence);
      };
      follow(markets, plan, view, look, stops).catch(reject);
      // What the streams tell is what changed since: where the books stand now has to be read.
      readInto(markets, plan, view).then(look, reject);
    });
    return await Promise.race([found, context.cancelled]);
  } finally {
    clearInterval(pulse);
    for (const stop of stops) stop();
  }
}

async function follow(markets: PublicMarkets, plan: SpreadPlan, view: SpreadView, look: () => void, stops: (() => void)[]): Promise<void> {
  const { buying, selling, conversion } = plan;
  const [buyMarket, sellMarket] = [await markets.port(buying.connector), await markets.port(selling.connector)];
  stops.push(fromNowOn((listener) => buyMarket.subscribeOrderBook(buying.pair, listener), (book: OrderBook) => (view.onBuying(book), look())));
  stops.push(fromNowOn((listener) => sellMarket.subscribeOrderBook(selling.pair, listener), (book: OrderBook) => (view.onSelling(book), look())));
  if (conversion === null) return;
  const rates = await markets.port(conversion.connector);
  stops.push(fromNowOn((listener) => rates.subscribeTopOfBook(conversion.pair, listener), (top: TopOfBook) => (view.onRate(conversion, top), look())));
}

/** A stream that others follow tells its last frame at once; how old that is nobody knows, and money would be spent on it. */
function fromNowOn<Frame>(subscribe: (listener: (frame: Frame) => void) => () => void, listener: (frame: Frame) => void): () => void {
  let subscribed = false;
  const stop = subscribe((frame) => {
    if (subscribed) listener(frame);
  });
  subscribed = true;
  return stop;
}

export async function readSpread(markets: PublicMarkets, plan: SpreadPlan): Promise<SpreadEvidence | null> {
  const view = new SpreadView(plan);
  await readInto(markets, plan, view);
  return view.now();
}

async function readInto(markets: PublicMarkets, { buying, selling, conversion }: SpreadPlan, view: SpreadView): Promise<void> {
  const read = [
    markets.port(buying.connector).then(async (market) => view.readBuying(await market.orderBook(buying.pair))),
    markets.port(selling.connector).then(async (market) => view.readSelling(await market.orderBook(selling.pair))),
    ...(conversion === null ? [] : [markets.port(conversion.connector).then(async (market) => view.onRate(conversion, await market.topOfBook(conversion.pair)))]),
  ];
  await Promise.all(read);
}

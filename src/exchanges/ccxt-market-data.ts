import type { MarketRulesRecord } from '../domain/market-rules.js';
import { decimal, parseDecimal, toDecimalString } from '../domain/money.js';
import { BOOK_LEVELS, type Candle, ExchangeReadError, type MarketDataPort, type OrderBook, type TopOfBook } from '../ports/exchange.js';
import type { CcxtTicker } from './ccxt-client.js';
import type { CcxtConnection } from './ccxt-connection.js';
import type { StreamHealth } from '../ports/stream-health.js';
import { describeFailure } from './describe-failure.js';
import { dropSockets } from './stream-sockets.js';
import type { RequestPriority } from './request-limiter.js';
import { PriceHub } from './price-hub.js';
import { readOrderBook } from './read-order-book.js';

const TIMEFRAMES: ReadonlyMap<number, string> = new Map([
  [1_000, '1s'],
  [60_000, '1m'],
  [300_000, '5m'],
  [900_000, '15m'],
  [3_600_000, '1h'],
  [14_400_000, '4h'],
  [86_400_000, '1d'],
]);
const STREAM_LINGER_MS = 10_000;
/** More than are shown, for levels vanish and what stood behind them is only told when it changes. */
const WATCHED_LEVELS = 500;
/** Orders stand at prices made from a book of another exchange: it is not believed for long. */
const SILENT_BOOK_MS = 1_000;

/** Public data of one connector through ccxt. */
export class CcxtMarketData implements MarketDataPort {
  readonly connector: string;
  protected readonly connection: CcxtConnection;
  readonly #hub: PriceHub;
  readonly #books: PriceHub<OrderBook>;
  #closed = false;

  constructor(connection: CcxtConnection) {
    this.connection = connection;
    this.connector = connection.definition.name;
    const source = {
      watch: async (pair: string) => await this.#nextFrame(pair),
      unwatch: async (pair: string) => await this.#leaveStream(pair),
      renew: (pair: string, reason: string) => this.#renewStream(pair, reason),
      // In place of a stream that barriers are judged by: before other reads.
      poll: async (pair: string) => await this.#readTop(pair, 'create'),
    };
    const bookSource = {
      watch: async (pair: string) => await this.#nextBook(pair),
      unwatch: async (pair: string) => await this.#leaveBook(pair),
      renew: (pair: string, reason: string) => this.#renewBook(pair, reason),
      poll: async (pair: string) => await this.orderBook(pair),
    };
    const measured = { connector: this.connector, metrics: connection.metrics };
    this.#hub = new PriceHub(source, { silentMs: connection.silentStreamMs, lingerMs: STREAM_LINGER_MS, measured: { ...measured, stream: 'prices' } }, connection.logger);
    this.#books = new PriceHub(bookSource, { silentMs: SILENT_BOOK_MS, lingerMs: STREAM_LINGER_MS, measured: { ...measured, stream: 'depth' } }, connection.logger);
  }

  async rules(pair: string): Promise<MarketRulesRecord> {
    await this.connection.freshRules();
    await this.connection.market(pair);
    return this.connection.catalog.rules(pair);
  }

  async topOfBook(pair: string): Promise<TopOfBook> {
    return await this.#readTop(pair, 'read');
  }

  async candles(pair: string, intervalMs: number, sinceMs: number, limit: number): Promise<readonly Candle[]> {
    const timeframe = TIMEFRAMES.get(intervalMs);
    if (timeframe === undefined) throw new ExchangeReadError(describeFailure({ code: 'NOT_SUPPORTED', exchangeText: `candles of ${intervalMs} ms` }));
    const { symbol } = await this.connection.market(pair);
    const rows = await this.connection.read(async () => await this.connection.client.fetchOHLCV(symbol, timeframe, sinceMs, limit));
    return rows.slice(0, limit).map(([openTime, open, high, low, close]) => ({
      openTimeMs: Number(openTime),
      openQuote: canonical(open),
      highQuote: canonical(high),
      lowQuote: canonical(low),
      closeQuote: canonical(close),
    }));
  }

  async orderBook(pair: string): Promise<OrderBook> {
    const { symbol } = await this.connection.market(pair);
    const askedAtMs = Date.now();
    const book = await this.connection.read(async () => await this.connection.client.fetchOrderBook(symbol, BOOK_LEVELS), { priority: 'create' });
    return readOrderBook(book, askedAtMs);
  }

  subscribeTopOfBook(pair: string, listener: (top: TopOfBook) => void): () => void {
    return this.#hub.subscribe(pair, listener);
  }

  subscribeOrderBook(pair: string, listener: (book: OrderBook) => void): () => void {
    return this.#books.subscribe(pair, listener);
  }

  /** Hears of price streams that are not believed any more, and when they are again. */
  protected subscribePriceHealth(listener: (health: StreamHealth) => void): () => void {
    return this.#hub.subscribeHealth(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#hub.close();
    this.#books.close();
    await this.connection.close();
  }

  protected get isClosed(): boolean {
    return this.#closed;
  }

  async #readTop(pair: string, priority: RequestPriority): Promise<TopOfBook> {
    const { symbol } = await this.connection.market(pair);
    const askedAtMs = Date.now();
    const tickers = await this.connection.read(async () => await this.connection.client.fetchBidsAsks([symbol]), { priority });
    return readTop(tickers[symbol], askedAtMs);
  }

  async #nextFrame(pair: string): Promise<TopOfBook> {
    const { symbol } = await this.connection.market(pair);
    const tickers = await this.connection.client.watchBidsAsks([symbol]);
    return readTop(tickers[symbol], Date.now());
  }

  #renewStream(pair: string, reason: string): void {
    if (this.#closed || this.connection.client.markets === undefined) return;
    const { symbol } = this.connection.catalog.market(pair);
    dropSockets(this.connection.client, (messageHash) => messageHash.endsWith(`@${symbol}`), reason);
  }

  async #nextBook(pair: string): Promise<OrderBook> {
    const { symbol } = await this.connection.market(pair);
    return readOrderBook(await this.connection.client.watchOrderBook(symbol, WATCHED_LEVELS), Date.now());
  }

  #renewBook(pair: string, reason: string): void {
    if (this.#closed || this.connection.client.markets === undefined) return;
    const { symbol } = this.connection.catalog.market(pair);
    dropSockets(this.connection.client, (messageHash) => messageHash.includes('orderbook') && messageHash.endsWith(symbol), reason);
  }

  async #leaveBook(pair: string): Promise<void> {
    if (this.#closed) return;
    const { symbol } = await this.connection.market(pair);
    await this.connection.client.unWatchOrderBook(symbol);
  }

  async #leaveStream(pair: string): Promise<void> {
    if (this.#closed) return;
    const { symbol } = await this.connection.market(pair);
    await this.connection.client.unWatchBidsAsks([symbol]);
  }
}

/** `number = String` makes these the exchange's own digits; an order book of ccxt would have passed through doubles. */
function readTop(ticker: CcxtTicker | undefined, receivedAtMs: number): TopOfBook {
  if (ticker === undefined) throw new ExchangeReadError(describeFailure({ code: 'EXCHANGE_ERROR', exchangeText: 'an answer without the pair that was asked for' }));
  return { bidQuote: price(ticker.bid), askQuote: price(ticker.ask), atMs: ticker.timestamp ?? receivedAtMs };
}

/** An empty side is told as zero. */
function price(text: string | undefined): string | null {
  if (text === undefined || text === null) return null;
  const value = parseDecimal('price', text);
  return value.isZero() ? null : toDecimalString(value);
}

function canonical(text: string): string {
  return toDecimalString(decimal(text));
}

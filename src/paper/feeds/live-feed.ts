import { setTimeout as delay } from 'node:timers/promises';
import ccxt from 'ccxt';
import type { BookUpdate } from '../exchange/market-intake.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { Instrument } from '../matching/instrument.js';
import type { LevelUpdate } from '../matching/market.js';
import { isContractSymbol } from '../perpetual/contract-symbol.js';
import type { Feed, FeedSink } from './feed.js';

export type LiveClient = InstanceType<typeof ccxt.pro.binance>;

const CONNECT_TIMEOUT_MS = 10_000;
const LEVELS = 50;
const RETRY_MS = 2_000;

/** An unsigned ccxt client of a real exchange. @throws Error when ccxt does not know the exchange. */
export function createLiveClient(exchange: string): LiveClient {
  const constructors = ccxt.pro as unknown as Record<string, (new (options: object) => LiveClient) | undefined>;
  const Client = Object.hasOwn(constructors, exchange) ? constructors[exchange] : undefined;
  if (Client === undefined) throw new Error(`live:${exchange}: ccxt has no streaming client of this name`);
  return new Client({ enableRateLimit: true, options: { defaultType: 'spot' }, timeout: CONNECT_TIMEOUT_MS });
}

/** Public books and trades of a real exchange. Orders never leave this process: only reads are sent. */
export class LiveFeed implements Feed {
  private isRunning = false;
  private isPaused = false;
  private readonly books = new Map<string, BookUpdate>();

  constructor(
    readonly name: string,
    private readonly client: LiveClient,
    private instruments: readonly Instrument[],
    private readonly onProblem: (problem: string) => void,
  ) {
    (client as unknown as { number: unknown }).number = String;
  }

  get symbols(): readonly string[] {
    return this.instruments.map((instrument) => instrument.symbol);
  }

  async start(sink: FeedSink): Promise<void> {
    try {
      const markets = await this.client.loadMarkets();
      // Not every exchange has a perpetual for every pair; those pairs then have no live feed.
      this.instruments = this.instruments.filter((instrument) => !isContractSymbol(instrument.symbol) || unifiedSymbol(instrument) in markets);
      await Promise.all(this.instruments.map((instrument) => this.readFirstBook(sink, instrument)));
    } catch (error) {
      await this.client.close();
      throw new Error(`feed ${this.name} needs the network and got none: ${summary(error)}`, { cause: error });
    }
    this.isRunning = true;
    for (const instrument of this.instruments) {
      void this.repeat(() => this.followBook(sink, instrument));
      void this.repeat(() => this.followTrades(sink, instrument));
    }
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await this.client.close();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  /** A live market has one speed. */
  setSpeed(): void {}

  position(): undefined {
    return undefined;
  }

  snapshot(symbol: string): BookUpdate | undefined {
    return this.books.get(symbol);
  }

  private async readFirstBook(sink: FeedSink, instrument: Instrument): Promise<void> {
    const book = await this.client.fetchOrderBook(unifiedSymbol(instrument), LEVELS);
    this.deliver(sink, instrument, book);
  }

  private async followBook(sink: FeedSink, instrument: Instrument): Promise<void> {
    this.deliver(sink, instrument, await this.client.watchOrderBook(unifiedSymbol(instrument)));
  }

  private async followTrades(sink: FeedSink, instrument: Instrument): Promise<void> {
    for (const trade of await this.client.watchTrades(unifiedSymbol(instrument))) {
      if (this.isPaused || trade.price === undefined || trade.amount === undefined) continue;
      const buyerIsMaker = trade.side === undefined ? undefined : trade.side === 'sell';
      const priceQuote = new Decimal(String(trade.price));
      sink.print(instrument.symbol, { priceQuote, amountBase: new Decimal(String(trade.amount)), buyerIsMaker });
    }
  }

  /** Only levels that changed are renewed: an unchanged level must keep what was used up of it. */
  private deliver(sink: FeedSink, instrument: Instrument, book: { bids: RawLevels; asks: RawLevels }): void {
    if (this.isPaused) return;
    const snapshot: BookUpdate = { kind: 'snapshot', bids: toLevels(book.bids), asks: toLevels(book.asks) };
    const before = this.books.get(instrument.symbol);
    this.books.set(instrument.symbol, snapshot);
    if (before === undefined) {
      sink.book(instrument.symbol, snapshot);
      return;
    }
    const bids = changes(before.bids, snapshot.bids);
    const asks = changes(before.asks, snapshot.asks);
    if (bids.length + asks.length > 0) sink.book(instrument.symbol, { kind: 'delta', bids, asks });
  }

  private async repeat(read: () => Promise<void>): Promise<void> {
    while (this.isRunning) {
      try {
        await read();
      } catch (error) {
        if (!this.isRunning) return;
        this.onProblem(`feed ${this.name}: ${summary(error)}`);
        await delay(RETRY_MS);
      }
    }
  }
}

type RawLevels = readonly (readonly unknown[])[];

function toLevels(levels: RawLevels): LevelUpdate[] {
  return levels.slice(0, LEVELS).map(([price, size]) => [new Decimal(String(price)), new Decimal(String(size))]);
}

function changes(before: readonly LevelUpdate[], after: readonly LevelUpdate[]): LevelUpdate[] {
  const sizes = new Map(after.map(([price, size]) => [price.toFixed(), size]));
  const known = new Map(before.map(([price, size]) => [price.toFixed(), size]));
  const gone = before.filter(([price]) => !sizes.has(price.toFixed())).map(([price]): LevelUpdate => [price, new Decimal(0)]);
  const changed = after.filter(([price, size]) => known.get(price.toFixed())?.eq(size) !== true);
  return [...gone, ...changed];
}

function unifiedSymbol(instrument: Instrument): string {
  const { baseAsset, quoteAsset, symbol } = instrument;
  return isContractSymbol(symbol) ? `${baseAsset}/${quoteAsset}:${quoteAsset}` : `${baseAsset}/${quoteAsset}`;
}

/** First line only: client errors can carry whole pages. */
function summary(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);
}

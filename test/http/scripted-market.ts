import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import { ExchangeReadError, type MarketDataPort, type OrderBook, type TopOfBook } from '../../src/ports/exchange.js';
import type { ErrorCode } from '../../src/domain/errors.js';

const RULES: Readonly<Record<string, MarketRulesRecord>> = {
  'BTC-USDT': {
    pair: 'BTC-USDT',
    base: 'BTC',
    quote: 'USDT',
    contract: 'spot',
    supportsStop: true,
    amountStepBase: '0.00001',
    priceTickQuote: '0.01',
    minAmountBase: '0.0001',
    maxAmountBase: '100',
    minNotionalQuote: '5',
    makerFeeFraction: '0.001',
    takerFeeFraction: '0.001',
  },
};

/** Market data whose price and failures a test decides. */
export class ScriptedMarket implements MarketDataPort {
  readonly connector = 'binance_paper_trade';
  top: TopOfBook = { bidQuote: '60000', askQuote: '60010', atMs: 0 };
  /** Set: every read fails with this code. */
  failure: { readonly code: ErrorCode; readonly message: string } | null = null;
  /** True: reads never answer. */
  silent = false;
  reads = 0;

  async rules(pair: string): Promise<MarketRulesRecord> {
    await this.#answer();
    const rules = RULES[pair];
    if (rules === undefined) throw this.#error('UNKNOWN_PAIR', `${pair} is not listed; near: BTC-USDT.`);
    return rules;
  }

  async topOfBook(): Promise<TopOfBook> {
    await this.#answer();
    return this.top;
  }

  async orderBook(): Promise<OrderBook> {
    await this.#answer();
    const level = (price: string | null): [string, string][] => (price === null ? [] : [[price, '100']]);
    return { ...this.top, bids: level(this.top.bidQuote), asks: level(this.top.askQuote) };
  }

  subscribeOrderBook(): () => void {
    return () => undefined;
  }

  async candles(): Promise<readonly never[]> {
    return await Promise.resolve([]);
  }

  subscribeTopOfBook(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {}

  async #answer(): Promise<void> {
    this.reads += 1;
    if (this.silent) await new Promise(() => undefined);
    if (this.failure !== null) throw this.#error(this.failure.code, this.failure.message);
  }

  #error(code: ErrorCode, message: string): ExchangeReadError {
    return new ExchangeReadError({ code, exchangeCode: null, message, retryAfterMs: null });
  }
}

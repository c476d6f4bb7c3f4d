import type { RequestCost } from './rate-limits.js';

/**
 * The part of a ccxt exchange object that this program uses. ccxt's own types say `number` for money; with
 * `number = String` every such value is a string, which is what stands here.
 */
export interface CcxtClient {
  readonly id: string;
  readonly has: Readonly<Record<string, unknown>>;
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined;
  readonly commonCurrencies: Readonly<Record<string, string>>;
  readonly precisionMode: number;
  /** Error classes by HTTP status. */
  readonly httpExceptions: Readonly<Record<string, unknown>>;
  urls: Record<string, unknown>;
  options: Record<string, unknown>;
  exceptions: Record<string, unknown>;
  number: (value: unknown) => unknown;
  enableRateLimit: boolean;
  /** Takes every message of every socket. */
  handleMessage: (socket: unknown, message: unknown) => void;
  enableLastHttpResponse: boolean;
  enableLastJsonResponse: boolean;
  enableLastResponseHeaders: boolean;
  readonly rateLimit: number;
  timeout: number;

  loadMarkets(reload?: boolean): Promise<unknown>;
  amountToPrecision(symbol: string, amount: string): string;
  priceToPrecision(symbol: string, price: string): string;
  createOrder(symbol: string, type: string, side: string, amount: string, price: string | undefined, params: Params): Promise<CcxtOrder>;
  cancelOrder(id: string | undefined, symbol: string, params: Params): Promise<CcxtOrder>;
  fetchOrder(id: string | undefined, symbol: string, params: Params): Promise<CcxtOrder>;
  fetchOrders(symbol: string, since: number | undefined, limit: number, params: Params): Promise<CcxtOrder[]>;
  fetchOpenOrders(symbol: string | undefined, since?: undefined, limit?: undefined, params?: Params): Promise<CcxtOrder[]>;
  fetchMyTrades(symbol: string, since: number | undefined, limit: number, params: Params): Promise<CcxtTrade[]>;
  fetchBalance(): Promise<CcxtBalances>;
  fetchPositionMode(): Promise<{ readonly hedged: boolean | undefined }>;
  fetchLeverages(symbols: string[]): Promise<Readonly<Record<string, CcxtLeverage>>>;
  fetchFundingRateHistory(symbol: string, since: number, limit: number): Promise<CcxtFundingRate[]>;
  setLeverage(leverage: number, symbol: string, params: Params): Promise<unknown>;
  fetchPositions(): Promise<CcxtPosition[]>;
  fetchFundingHistory(symbol: string, since: number, limit: number): Promise<CcxtIncome[]>;
  fetchBidsAsks(symbols: string[]): Promise<Record<string, CcxtTicker>>;
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<CcxtCandle[]>;
  watchBidsAsks(symbols: string[]): Promise<Record<string, CcxtTicker>>;
  unWatchBidsAsks(symbols: string[]): Promise<unknown>;
  fetchOrderBook(symbol: string, limit: number): Promise<CcxtOrderBook>;
  /** Answers the same object each time, changed in place. */
  watchOrderBook(symbol: string, limit?: number): Promise<CcxtOrderBook>;
  unWatchOrderBook(symbol: string): Promise<unknown>;
  watchOrders(): Promise<CcxtOrder[]>;
  watchMyTrades(): Promise<CcxtTrade[]>;
  watchBalance(): Promise<unknown>;
  authenticate(): Promise<unknown>;
  loadHttpProxyAgent(): Promise<unknown>;
  loadTimeDifference(): Promise<unknown>;
  log: (...texts: unknown[]) => void;
  close(): Promise<void>;

  // Hooks that ccxt calls on itself; replaced per instance by `guardRequests`.
  calculateRateLimiterCost(api: unknown, method: string, path: string, params: Params, config: unknown): unknown;
  throttle(cost?: RequestCost): Promise<void>;
  fetch2(...args: unknown[]): Promise<unknown>;
  sign(path: string, api: unknown, method: string, params: Params, headers: unknown, body: unknown): SignedRequest;
  fetch(url: string, method: string, headers: unknown, body: unknown): Promise<unknown>;
  undiciRequest(url: string, params: { signal?: AbortSignal } & Record<string, unknown>): Promise<unknown>;
  onRestResponse(status: number, statusText: string, url: string, method: string, headers: Record<string, string>, body: string, ...rest: unknown[]): string;
  client(url: string): unknown;

  /** Open sockets by address; undefined before the first. */
  readonly clients?: Readonly<Record<string, CcxtSocket>>;
}

/** What streams need of ccxt's socket client. */
export interface CcxtSocket {
  /** What somebody waits for, by ccxt's name of the update. */
  readonly futures: Readonly<Record<string, unknown>>;
  /** Unix ms; undefined before the first answer to a ping. */
  readonly lastPong?: number;
  readonly connectionEstablished?: number;
  onError(error: Error): void;
  close(): unknown;
}

export type Params = Readonly<Record<string, unknown>>;

export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: unknown;
  readonly body: unknown;
}

export interface CcxtMarket {
  readonly id: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly spot: boolean;
  readonly swap: boolean;
  readonly linear: boolean | undefined;
  readonly active: boolean | undefined;
  readonly taker: number | string | undefined;
  readonly maker: number | string | undefined;
  readonly info?: unknown;
  readonly precision: { readonly amount: string | undefined; readonly price: string | undefined };
  readonly limits: {
    readonly amount?: { readonly min?: string; readonly max?: string };
    readonly cost?: { readonly min?: string };
    readonly market?: { readonly max?: string };
  };
}

export interface CcxtFee {
  readonly currency: string | undefined;
  readonly cost: string | undefined;
}

export interface CcxtTrade {
  readonly id: string | undefined;
  readonly order: string | undefined;
  readonly symbol: string | undefined;
  readonly price: string | undefined;
  readonly amount: string | undefined;
  readonly timestamp: number | undefined;
  readonly fee: CcxtFee | undefined;
  readonly fees: readonly CcxtFee[] | undefined;
  readonly info: unknown;
}

export interface CcxtOrder {
  readonly id: string | undefined;
  readonly clientOrderId: string | undefined;
  readonly symbol: string | undefined;
  readonly side: string | undefined;
  readonly type: string | undefined;
  readonly postOnly: boolean | undefined;
  readonly amount: string | undefined;
  readonly price: string | undefined;
  readonly triggerPrice?: string | undefined;
  readonly filled: string | undefined;
  readonly status: string | undefined;
  readonly timestamp: number | undefined;
  readonly lastTradeTimestamp: number | undefined;
  readonly trades: readonly CcxtTrade[] | undefined;
  readonly info: unknown;
}

export interface CcxtPosition {
  readonly symbol: string | undefined;
  readonly hedged: boolean | undefined;
  readonly entryPrice: string | undefined;
  readonly markPrice: string | undefined;
  readonly liquidationPrice: string | undefined;
  readonly leverage: number | string | undefined;
  readonly info: unknown;
}

export interface CcxtLeverage {
  readonly longLeverage: number | string | undefined;
}

/** One settlement of funding, the same for every account. */
export interface CcxtFundingRate {
  readonly fundingRate: string | number | undefined;
  readonly timestamp: number | undefined;
  readonly info: unknown;
}

/** A payment of the account that is no trade. */
export interface CcxtIncome {
  readonly id: string | undefined;
  readonly code: string | undefined;
  readonly amount: string | undefined;
  readonly timestamp: number | undefined;
}

export interface CcxtTicker {
  readonly symbol: string | undefined;
  readonly bid: string | undefined;
  readonly ask: string | undefined;
  readonly timestamp: number | undefined;
}

/** Prices and amounts are text in what was read, and numbers where a stream changed them. */
export interface CcxtOrderBook {
  readonly bids: readonly (readonly [price: string | number, amount: string | number])[];
  readonly asks: readonly (readonly [price: string | number, amount: string | number])[];
  readonly timestamp: number | undefined;
}

export interface CcxtBalances {
  readonly free: Readonly<Record<string, string | undefined>>;
  readonly total: Readonly<Record<string, string | undefined>>;
}

/** Open time in ms, open, high, low, close, volume. */
export type CcxtCandle = readonly [number | string, string, string, string, string, string];

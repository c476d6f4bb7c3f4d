import type { OrderType, PositionAction, Side } from '../domain/enumerations.js';
import type { ErrorCode } from '../domain/errors.js';
import type { MarketRulesRecord } from '../domain/market-rules.js';
import type { StreamHealth } from './stream-health.js';

/** A decimal number in digits. Prices in quote, amounts in base, fees in their asset. */
type DecimalString = string;

/** Everything that identifies one order of ours at the exchange. */
export interface OrderReference {
  readonly pair: string;
  readonly clientOrderId: string;
  /** Known once the exchange answered; never used to look an order up while it is null. */
  readonly exchangeOrderId: string | null;
  /** A native stop: some exchanges keep those apart from orders of the book. */
  readonly stop: boolean;
}

/**
 * What makes a native stop fire. A sale fires at or below the price, a buy at or above it. `mark` exists on perpetuals
 * only; elsewhere it is refused.
 */
export interface StopTrigger {
  readonly triggerPriceQuote: DecimalString;
  readonly triggeredBy: 'last' | 'mark';
}

/** One frozen order: sent once; an answer that does not come is resolved by `clientOrderId`, never by sending again. */
export interface OrderIntent {
  readonly pair: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: DecimalString;
  /** Null for MARKET: a price on a market order changes its meaning on some exchanges. */
  readonly priceQuote: DecimalString | null;
  /** With type MARKET: rests outside the book until the price crosses, then it is a market order. Null: sent to the book at once. */
  readonly stop: StopTrigger | null;
  readonly reduceOnly: boolean;
  readonly positionAction: PositionAction;
  /** What the exchange must refuse after: the request's own validity, in ms from sending. */
  readonly deadlineMs: number;
}

/** Which turn a request gets when requests have to wait for the limits of the exchange. */
export interface RequestTurn {
  /** It lowers exposure, or what lowers exposure waits for its answer. */
  readonly reduces: boolean;
  /** Among those: larger goes first, see `exitUrgency`. 0 for what is no exit. */
  readonly urgency: number;
  /** Aborted when nobody is there any more for whom to send: a request that still waits then stays here. */
  readonly ended: AbortSignal | null;
}

export interface TradeFee {
  readonly asset: string;
  /** Positive: paid. Negative: rebate. */
  readonly amount: DecimalString;
}

export interface ExchangeTrade {
  readonly tradeId: string;
  readonly exchangeOrderId: string;
  readonly priceQuote: DecimalString;
  readonly amountBase: DecimalString;
  readonly fees: readonly TradeFee[];
  readonly atMs: number;
}

export type ExchangeOrderState = 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';

/** An order as the exchange tells it. `executedBase` is a claim that trades have to back; money is summed from trades only. */
export interface ExchangeOrder {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly pair: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: DecimalString;
  readonly priceQuote: DecimalString | null;
  /** Of a native stop; it is `open` with nothing executed until it fires, and keeps its ids afterwards. */
  readonly stop: StopTrigger | null;
  readonly state: ExchangeOrderState;
  readonly executedBase: DecimalString;
  readonly createdAtMs: number;
}

/** A foreign error cast once: code of our registry, the exchange's own code, a text without address, key or signature. */
export interface ExchangeFailure {
  readonly code: ErrorCode;
  readonly exchangeCode: string | null;
  readonly message: string;
  /** Ms to wait before anything is tried again, when the exchange said so. */
  readonly retryAfterMs: number | null;
}

/** A read that brought nothing. The failure is already without address, key or signature. */
export class ExchangeReadError extends Error {
  override readonly name = 'ExchangeReadError';

  constructor(readonly failure: ExchangeFailure) {
    super(failure.message);
  }
}

/** `unknown` is everything not known to be one of the others. */
export type SubmitOutcome =
  | { readonly kind: 'accepted'; readonly order: ExchangeOrder; readonly trades: readonly ExchangeTrade[] }
  /** The exchange refused it: no order exists. */
  | { readonly kind: 'rejected'; readonly failure: ExchangeFailure }
  /** It never left this process, or was refused before the exchange looked at it (throttled, its time stamp, maintenance): no order exists. */
  | { readonly kind: 'notSent'; readonly failure: ExchangeFailure }
  | { readonly kind: 'unknown'; readonly failure: ExchangeFailure };

export type CancelOutcome =
  /** The exchange confirmed it; `order` when the answer carried it, with the time of that answer as `createdAtMs`. */
  | { readonly kind: 'cancelled'; readonly order: ExchangeOrder | null }
  /** Not open (any more): filled, cancelled before, or never there. Look it up. */
  | { readonly kind: 'notOpen'; readonly failure: ExchangeFailure }
  /** It never left this process: the order is as it was. */
  | { readonly kind: 'notSent'; readonly failure: ExchangeFailure }
  | { readonly kind: 'unknown'; readonly failure: ExchangeFailure };

export type LookUpOutcome =
  | { readonly kind: 'found'; readonly order: ExchangeOrder }
  /** The exchange answered that it does not know this id. Final only after the request's deadline and read lag. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown'; readonly failure: ExchangeFailure };

/** Best prices; a side is null when it is empty. */
export interface TopOfBook {
  readonly bidQuote: DecimalString | null;
  readonly askQuote: DecimalString | null;
  /** Exchange time of the frame, or the time of receipt when it has none. */
  readonly atMs: number;
}

/** One price of a book and what stands there. */
export type BookLevel = readonly [priceQuote: DecimalString, amountBase: DecimalString];

/**
 * The nearest prices of a book, best first, at most BOOK_LEVELS a side. For pricing only: digits beyond the fifteenth may
 * be lost on the way through the client's book.
 */
export interface OrderBook extends TopOfBook {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export const BOOK_LEVELS = 100;

export interface Balance {
  readonly free: DecimalString;
  readonly total: DecimalString;
}

/** News of the user data stream: hints that wake sessions; REST decides. */
export type AccountNews =
  | { readonly kind: 'order'; readonly order: ExchangeOrder }
  | { readonly kind: 'trade'; readonly clientOrderId: string | null; readonly trade: ExchangeTrade }
  | { readonly kind: 'balance' }
  /** Positions of the account changed, or funding was settled: read both again. */
  | { readonly kind: 'position'; readonly reason: 'order' | 'funding' | 'other' }
  /** The exchange itself closes a position of ours, by an order under an id that is not ours: read `liquidations`. */
  | { readonly kind: 'liquidation' }
  /** The stream was (re)connected: whatever happened before may have been missed, reconcile. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly failure: ExchangeFailure };

export interface Candle {
  readonly openTimeMs: number;
  readonly openQuote: DecimalString;
  readonly highQuote: DecimalString;
  readonly lowQuote: DecimalString;
  readonly closeQuote: DecimalString;
}

/** Public data of one exchange, usable without credentials. Methods throw ExchangeReadError. */
export interface MarketDataPort {
  readonly connector: string;
  /** Throws ExchangeReadError with code UNKNOWN_PAIR, naming near candidates, when the exchange does not list it. */
  rules(pair: string): Promise<MarketRulesRecord>;
  topOfBook(pair: string): Promise<TopOfBook>;
  orderBook(pair: string): Promise<OrderBook>;
  /** At most `limit` candles of `intervalMs` from `sinceMs` on, oldest first. */
  candles(pair: string, intervalMs: number, sinceMs: number, limit: number): Promise<readonly Candle[]>;
  /** Every frame to every listener; one subscription per pair at the exchange. Answers a function that ends it. */
  subscribeTopOfBook(pair: string, listener: (top: TopOfBook) => void): () => void;
  /** Like `subscribeTopOfBook`, with the depth. A book that is silent is read again every second. */
  subscribeOrderBook(pair: string, listener: (book: OrderBook) => void): () => void;
  close(): Promise<void>;
}

/** A position of the account at the exchange; what several executors hold adds up in it. */
export interface ExchangePosition {
  readonly pair: string;
  /** `net` in one-way mode, where longs and shorts of the account are one position. */
  readonly side: 'long' | 'short' | 'net';
  /** Positive: long. Negative: short. Never 0. */
  readonly netBase: DecimalString;
  readonly entryPriceQuote: DecimalString;
  readonly markPriceQuote: DecimalString | null;
  /** Null when the exchange sees no price at which it would close the position. */
  readonly liquidationPriceQuote: DecimalString | null;
  readonly leverage: number | null;
}

/** One settlement of funding for the whole position of the account in a pair. */
export interface FundingPayment {
  /** The exchange's id of it, unique per account. */
  readonly id: string;
  readonly pair: string;
  readonly asset: string;
  /** Positive: received. Negative: paid. */
  readonly amount: DecimalString;
  /** Rate and mark price by which it was settled; null where the exchange does not tell them (any more). */
  readonly rate: DecimalString | null;
  readonly markPriceQuote: DecimalString | null;
  readonly atMs: number;
}

export type PositionMode = 'oneway' | 'hedge';

/** What an account of a perpetual market has beside orders. Methods throw ExchangeReadError. */
export interface DerivativesPort {
  /** Read, never changed by us: other programs of the account rely on it. Unless `fresh`, as it was a minute ago at most. */
  positionMode(fresh?: boolean): Promise<PositionMode>;
  /** As it stands for the pair. */
  leverage(pair: string): Promise<number>;
  /** Sets it for the pair; that it stands already is success. Throws with the exchange's reason when it refuses. */
  setLeverage(pair: string, leverage: number): Promise<void>;
  /** Positions that are not zero. */
  positions(): Promise<readonly ExchangePosition[]>;
  /** All settlements of a pair since then, complete (it pages), bounded, oldest first. */
  fundingPayments(pair: string, sinceMs: number): Promise<readonly FundingPayment[]>;
  /** Orders by which the exchange closed positions of a pair since then, with the trades of each; bounded, oldest first. */
  liquidations(pair: string, sinceMs: number): Promise<readonly Liquidation[]>;
}

export interface Liquidation {
  readonly order: ExchangeOrder;
  readonly trades: readonly ExchangeTrade[];
}

/** One account of one exchange. Submit, cancel and look-up never throw for what an exchange or a network does. */
export interface ExchangePort extends MarketDataPort {
  readonly account: string;
  /** Null on a spot market. */
  readonly derivatives: DerivativesPort | null;
  /** Without a turn, an order is new exposure, and what is asked about one reduces. */
  submit(intent: OrderIntent, turn?: RequestTurn): Promise<SubmitOutcome>;
  cancel(order: OrderReference, turn?: RequestTurn): Promise<CancelOutcome>;
  lookUp(order: OrderReference, turn?: RequestTurn): Promise<LookUpOutcome>;
  /** All trades of one order. */
  tradesOf(pair: string, exchangeOrderId: string, turn?: RequestTurn): Promise<readonly ExchangeTrade[]>;
  /** Open orders of the account; null = all pairs. */
  openOrders(pair: string | null): Promise<readonly ExchangeOrder[]>;
  /** All orders of a pair, open or not, created since then; complete (it pages), bounded, oldest first. */
  ordersSince(pair: string, sinceMs: number): Promise<readonly ExchangeOrder[]>;
  balances(): Promise<Readonly<Record<string, Balance>>>;
  subscribeAccount(listener: (news: AccountNews) => void): () => void;
  /** Hears of streams that are not believed any more, those that are not now at once, and when they are again. */
  subscribeHealth(listener: (health: StreamHealth) => void): () => void;
  /** A read found what the account's stream should have told and did not: the stream is stale and is made anew. */
  doubtAccountStream(reason: string): void;
}

import type { ErrorCode } from '../domain/errors.js';
import { parseDecimal, toDecimalString } from '../domain/money.js';
import {
  type AccountNews,
  type Balance,
  type CancelOutcome,
  type DerivativesPort,
  type ExchangeFailure,
  type ExchangeOrder,
  type ExchangePort,
  ExchangeReadError,
  type ExchangeTrade,
  type LookUpOutcome,
  type OrderIntent,
  type OrderReference,
  type RequestTurn,
  type SubmitOutcome,
} from '../ports/exchange.js';
import type { StreamHealth } from '../ports/stream-health.js';
import { AccountStream } from './account-stream.js';
import type { CcxtOrder, CcxtTrade, Params } from './ccxt-client.js';
import type { CcxtConnection } from './ccxt-connection.js';
import { CcxtMarketData } from './ccxt-market-data.js';
import { describeFailure } from './describe-failure.js';
import { readPages } from './read-pages.js';
import { quantiserDisagreement } from './order-terms.js';
import { readOrder, readTrade } from './read-order.js';
import { UnusableAnswerError } from './request-error.js';

const PAGE_ROWS = 1_000;
const NO_TURN: RequestTurn = { reduces: false, urgency: 0, ended: null };
/** What became of an order is asked because something waits for the answer. */
const ASKED: RequestTurn = { ...NO_TURN, reduces: true };

/** Refusals of the request, not of the order in it: the same order is sent again when the reason has passed. */
const NOT_LOOKED_AT: ReadonlySet<ErrorCode> = new Set(['CLOCK_SKEW', 'MAINTENANCE']);

interface Submitted {
  readonly order: ExchangeOrder;
  readonly trades: readonly ExchangeTrade[];
}

/** One account of one exchange through ccxt. Orders are addressed by client order id, always. */
export class CcxtExchange extends CcxtMarketData implements ExchangePort {
  readonly account: string;
  readonly derivatives: DerivativesPort | null = null;
  readonly #stream: AccountStream;
  readonly #healthListeners = new Set<{ readonly listener: (health: StreamHealth) => void }>();

  constructor(connection: CcxtConnection, account: string) {
    super(connection);
    this.account = account;
    this.#stream = new AccountStream({
      client: connection.client,
      ready: async () => await connection.ready(),
      orderNews: (order) => ({ kind: 'order', order: this.#readOrder(order) }),
      tradeNews: (trade) => ({ kind: 'trade', clientOrderId: clientOrderIdOf(trade), trade: readTrade(trade, null) }),
      failureOf: (error) => connection.failureOf(error),
      silentMs: connection.silentAccountStreamMs,
      onHealth: (stale) => this.#tellHealth(stale),
      measured: { connector: connection.definition.name, metrics: connection.metrics },
      logger: connection.logger,
    });
  }

  async submit(intent: OrderIntent, turn: RequestTurn = NO_TURN): Promise<SubmitOutcome> {
    const startedAtMs = Date.now();
    const prepared = await this.#prepare(intent);
    if ('kind' in prepared) return prepared;
    const leftMs = intent.deadlineMs - (Date.now() - startedAtMs);
    if (leftMs <= 0) return { kind: 'notSent', failure: describeFailure({ code: 'EXCHANGE_UNREACHABLE', exchangeText: 'reading the markets took the whole deadline' }) };
    const priority = turn.reduces || intent.reduceOnly || intent.positionAction === 'CLOSE' ? 'reduce' : 'create';
    const options = { operation: 'create', priority, urgency: turn.urgency, ended: turn.ended, deadlineMs: leftMs, mustContain: intent.clientOrderId } as const;
    const attempt = await this.connection.attempt(options, async () => this.#readSubmitted(await this.#create(prepared.symbol, intent), intent));
    if (attempt.ok) return { kind: 'accepted', ...attempt.value };
    const { kind, failure } = attempt.classified;
    switch (kind) {
      case 'refused':
        return { kind: NOT_LOOKED_AT.has(failure.code) ? 'notSent' : 'rejected', failure };
      case 'notSent':
      case 'throttled':
        return { kind: 'notSent', failure };
      // An order of this id is there: whether it is this one, the look-up tells.
      case 'exists':
      case 'missing':
      case 'unknown':
        return { kind: 'unknown', failure };
    }
  }

  async cancel(order: OrderReference, turn: RequestTurn = NO_TURN): Promise<CancelOutcome> {
    const symbol = await this.#symbolOf(order.pair);
    if (typeof symbol !== 'string') return { kind: 'unknown', failure: symbol };
    const attempt = await this.connection.attempt(
      { operation: 'cancel', priority: 'cancel', urgency: turn.urgency, ended: turn.ended, deadlineMs: this.connection.requestDeadlineMs, mustContain: order.clientOrderId },
      async () => await this.connection.client.cancelOrder(undefined, symbol, this.#signed({ clientOrderId: order.clientOrderId })),
    );
    if (attempt.ok) return { kind: 'cancelled', order: this.#readCancelled(attempt.value, order.clientOrderId) };
    const { kind, failure } = attempt.classified;
    if (kind === 'missing') return { kind: 'notOpen', failure };
    return kind === 'notSent' ? { kind: 'notSent', failure } : { kind: 'unknown', failure };
  }

  async lookUp(order: OrderReference, turn: RequestTurn = ASKED): Promise<LookUpOutcome> {
    const symbol = await this.#symbolOf(order.pair);
    if (typeof symbol !== 'string') return { kind: 'unknown', failure: symbol };
    const attempt = await this.connection.attempt(
      { operation: 'lookUp', priority: turn.reduces ? 'reduce' : 'create', urgency: turn.urgency, ended: turn.ended, deadlineMs: this.connection.requestDeadlineMs, mustContain: order.clientOrderId },
      async () => {
        const found = await this.connection.client.fetchOrder(undefined, symbol, this.#signed({ clientOrderId: order.clientOrderId }));
        return this.#readNamed(found, order.clientOrderId);
      },
    );
    if (attempt.ok) return { kind: 'found', order: attempt.value };
    const { kind, failure } = attempt.classified;
    return kind === 'missing' ? { kind: 'missing' } : { kind: 'unknown', failure };
  }

  async tradesOf(pair: string, exchangeOrderId: string, turn: RequestTurn = ASKED): Promise<readonly ExchangeTrade[]> {
    const { symbol } = await this.connection.market(pair);
    return await readPages({
      rows: PAGE_ROWS,
      first: async () => await this.#tradePage(symbol, { orderId: exchangeOrderId }, exchangeOrderId, turn),
      after: async (last) => await this.#tradePage(symbol, { orderId: exchangeOrderId, fromId: next(last.tradeId) }, exchangeOrderId, turn),
      keyOf: (trade) => trade.tradeId,
    });
  }

  async openOrders(pair: string | null): Promise<readonly ExchangeOrder[]> {
    await this.connection.ready();
    const symbol = pair === null ? undefined : (await this.connection.market(pair)).symbol;
    const orders = await this.connection.read(async () => await this.connection.client.fetchOpenOrders(symbol));
    return orders.map((order) => this.#readOrder(order));
  }

  async ordersSince(pair: string, sinceMs: number): Promise<readonly ExchangeOrder[]> {
    const { symbol } = await this.connection.market(pair);
    const orders = await readPages({
      rows: PAGE_ROWS,
      first: async () => await this.#orderPage(symbol, sinceMs, {}),
      after: async (last) => await this.#orderPage(symbol, undefined, { orderId: next(last.exchangeOrderId) }),
      keyOf: (order) => order.exchangeOrderId,
    });
    return orders.filter((order) => order.createdAtMs >= sinceMs);
  }

  async balances(): Promise<Readonly<Record<string, Balance>>> {
    await this.connection.ready();
    const { free, total } = await this.connection.read(async () => await this.connection.client.fetchBalance());
    return Object.fromEntries(Object.keys(total).map((asset) => [asset, { free: amount(free[asset]), total: amount(total[asset]) }]));
  }

  subscribeAccount(listener: (news: AccountNews) => void): () => void {
    return this.#stream.subscribe(listener);
  }

  subscribeHealth(listener: (health: StreamHealth) => void): () => void {
    const entry = { listener };
    this.#healthListeners.add(entry);
    const { stale } = this.#stream;
    if (stale !== null) listener(accountHealth(stale));
    const leave = this.subscribePriceHealth(listener);
    return () => {
      this.#healthListeners.delete(entry);
      leave();
    };
  }

  doubtAccountStream(reason: string): void {
    this.#stream.doubt(reason);
  }

  #tellHealth(stale: string | null): void {
    for (const { listener } of this.#healthListeners) listener(accountHealth(stale));
  }

  override async close(): Promise<void> {
    this.#healthListeners.clear();
    this.#stream.close();
    await super.close();
  }

  /** The symbol to send to, or why nothing is sent. */
  async #prepare(intent: OrderIntent): Promise<{ readonly symbol: string } | Extract<SubmitOutcome, { kind: 'notSent' | 'rejected' }>> {
    const symbol = await this.#symbolOf(intent.pair);
    if (typeof symbol !== 'string') return { kind: symbol.code === 'UNKNOWN_PAIR' ? 'rejected' : 'notSent', failure: symbol };
    if ((intent.type === 'MARKET') !== (intent.priceQuote === null)) {
      return bug(`a ${intent.type} order with price ${String(intent.priceQuote)}`);
    }
    try {
      const disagreement = quantiserDisagreement(this.connection.client, symbol, intent);
      return disagreement === null ? { symbol } : bug(disagreement);
    } catch (error) {
      // ccxt throws when its own rounding leaves nothing.
      return bug(error instanceof Error ? error.message : String(error));
    }
  }

  async #create(symbol: string, intent: OrderIntent): Promise<CcxtOrder> {
    const type = intent.type === 'MARKET' ? 'market' : 'limit';
    const params: Params = {
      clientOrderId: intent.clientOrderId,
      recvWindow: intent.deadlineMs,
      ...(intent.type === 'LIMIT_MAKER' ? { postOnly: true } : {}),
      ...(intent.reduceOnly && this.connection.definition.marketType === 'perpetual' ? { reduceOnly: true } : {}),
    };
    // With a price, a market order means "spend this much" on some exchanges.
    const price = intent.priceQuote ?? undefined;
    return await this.connection.client.createOrder(symbol, type, intent.side.toLowerCase(), intent.amountBase, price, params);
  }

  #readSubmitted(answer: CcxtOrder, intent: OrderIntent): Submitted {
    const order = this.#readNamed(answer, intent.clientOrderId);
    const fallback = { exchangeOrderId: order.exchangeOrderId, atMs: answer.lastTradeTimestamp ?? order.createdAtMs };
    return { order, trades: (answer.trades ?? []).map((trade) => readTrade(trade, fallback)) };
  }

  #readNamed(answer: CcxtOrder, clientOrderId: string): ExchangeOrder {
    const order = this.#readOrder(answer);
    if (order.clientOrderId !== clientOrderId) throw new UnusableAnswerError(`the answer is about ${order.clientOrderId}`);
    return order;
  }

  /** A confirmed cancel stays one when its answer carries no readable order. */
  #readCancelled(answer: CcxtOrder, clientOrderId: string): ExchangeOrder | null {
    try {
      // Some exchanges put the id of the cancel itself where the order's belongs.
      return this.#readOrder({ ...answer, clientOrderId });
    } catch (error) {
      if (error instanceof UnusableAnswerError) return null;
      throw error;
    }
  }

  #readOrder(order: CcxtOrder): ExchangeOrder {
    return readOrder(order, (symbol) => this.connection.catalog.pairOf(symbol));
  }

  async #orderPage(symbol: string, sinceMs: number | undefined, params: Params): Promise<readonly ExchangeOrder[]> {
    const orders = await this.connection.read(async () => await this.connection.client.fetchOrders(symbol, sinceMs, PAGE_ROWS, params));
    return orders.map((order) => this.#readOrder(order));
  }

  async #tradePage(symbol: string, params: Params, mustContain: string, turn: RequestTurn): Promise<readonly ExchangeTrade[]> {
    const options = { mustContain, priority: turn.reduces ? 'reduce' : 'create', urgency: turn.urgency, ended: turn.ended } as const;
    const trades = await this.connection.read(async () => await this.connection.client.fetchMyTrades(symbol, undefined, PAGE_ROWS, params), options);
    return trades.map((trade) => readTrade(trade, null));
  }

  async #symbolOf(pair: string): Promise<string | ExchangeFailure> {
    try {
      return (await this.connection.market(pair)).symbol;
    } catch (error) {
      if (error instanceof ExchangeReadError) return error.failure;
      throw error;
    }
  }

  #signed(params: Params): Params {
    return { ...params, recvWindow: this.connection.requestDeadlineMs };
  }
}

function accountHealth(stale: string | null): StreamHealth {
  return { stream: 'account', pair: null, stale, atMs: Date.now() };
}

function bug(what: string): Extract<SubmitOutcome, { kind: 'rejected' }> {
  return { kind: 'rejected', failure: describeFailure({ code: 'INTERNAL', exchangeText: `not sent: ${what}` }) };
}

/** The next whole number after an id of digits. */
function next(id: string): string {
  return (BigInt(id) + 1n).toString();
}

function amount(text: string | undefined): string {
  return toDecimalString(parseDecimal('balance', text ?? '0'));
}

/** Where an update of the user data stream names the order of a trade. */
function clientOrderIdOf(trade: CcxtTrade): string | null {
  const raw = trade.info as { readonly c?: unknown } | undefined;
  return typeof raw?.c === 'string' && raw.c !== '' ? raw.c : null;
}

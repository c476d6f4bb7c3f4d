import type { ErrorCode } from '../domain/errors.js';
import { parseDecimal, toDecimalString } from '../domain/money.js';
import {
  type AccountNews,
  type Balance,
  type CancelOutcome,
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
import type { Attempt, CcxtConnection } from './ccxt-connection.js';
import { CcxtDerivatives, isLiquidationId } from './ccxt-derivatives.js';
import { CcxtMarketData } from './ccxt-market-data.js';
import { CONDITIONAL, firedOrderId, firedStop, hasFired, isConditional, isWaitingStopId, waitingStop } from './conditional-orders.js';
import { noticeDerivativeEvents } from './derivative-events.js';
import { isOurs } from './client-order-id.js';
import { describeFailure } from './describe-failure.js';
import { readPages } from './read-pages.js';
import { quantiserDisagreement } from './order-terms.js';
import { readOrder, readTrade } from './read-order.js';
import { UnusableAnswerError } from './request-error.js';

const PAGE_ROWS = 1_000;
const NOT_KEPT: Params = {};
/** "Order's position side does not match user's setting": somebody changed the mode since it was read. */
const OTHER_POSITION_MODE = '-4061';
const NO_TURN: RequestTurn = { reduces: false, urgency: 0, ended: null };
/** What became of an order is asked because something waits for the answer. */
const ASKED: RequestTurn = { ...NO_TURN, reduces: true };

/** Refusals of the request, not of the order in it: the same order is sent again when the reason has passed. */
const NOT_LOOKED_AT: ReadonlySet<ErrorCode> = new Set(['CLOCK_SKEW', 'MAINTENANCE']);

interface Prepared {
  readonly symbol: string;
  readonly positionTerms: Params;
}

interface Submitted {
  readonly order: ExchangeOrder;
  readonly trades: readonly ExchangeTrade[];
}

/** One account of one exchange through ccxt. Orders are addressed by client order id, always. */
export class CcxtExchange extends CcxtMarketData implements ExchangePort {
  readonly account: string;
  readonly derivatives: CcxtDerivatives | null;
  readonly #stream: AccountStream;
  readonly #healthListeners = new Set<{ readonly listener: (health: StreamHealth) => void }>();

  constructor(connection: CcxtConnection, account: string) {
    super(connection);
    this.account = account;
    this.derivatives = connection.definition.marketType === 'perpetual' ? new CcxtDerivatives(connection, this) : null;
    this.#stream = new AccountStream({
      client: connection.client,
      ready: async () => await connection.ready(),
      orderNews: (order) => (isConditional(order) && hasFired(order) ? [] : [{ kind: 'order', order: this.#readOrder(order) }]),
      tradeNews: (trade) => ({ kind: 'trade', clientOrderId: clientOrderIdOf(trade), trade: readTrade(trade, null) }),
      failureOf: (error) => connection.failureOf(error),
      silentMs: connection.silentAccountStreamMs,
      onHealth: (stale) => this.#tellHealth(stale),
      measured: { connector: connection.definition.name, metrics: connection.metrics },
      logger: connection.logger,
    });
    if (this.derivatives !== null) noticeDerivativeEvents(connection.client, isLiquidationId, (news) => this.#stream.tell(news));
  }

  async submit(intent: OrderIntent, turn: RequestTurn = NO_TURN): Promise<SubmitOutcome> {
    const startedAtMs = Date.now();
    const prepared = await this.#prepare(intent);
    if ('kind' in prepared) return prepared;
    const leftMs = intent.deadlineMs - (Date.now() - startedAtMs);
    if (leftMs <= 0) return { kind: 'notSent', failure: describeFailure({ code: 'EXCHANGE_UNREACHABLE', exchangeText: 'reading the markets took the whole deadline' }) };
    const priority = turn.reduces || intent.reduceOnly || intent.positionAction === 'CLOSE' ? 'reduce' : 'create';
    const options = { operation: 'create', priority, urgency: turn.urgency, ended: turn.ended, deadlineMs: leftMs, mustContain: intent.clientOrderId } as const;
    const attempt = await this.connection.attempt(options, async () => this.#readSubmitted(await this.#create(prepared, intent), intent));
    if (attempt.ok) return { kind: 'accepted', ...attempt.value };
    const { kind, failure } = attempt.classified;
    if (failure.exchangeCode === OTHER_POSITION_MODE) this.derivatives?.forgetMode();
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
      async () => await this.connection.client.cancelOrder(undefined, symbol, this.#signed({ clientOrderId: order.clientOrderId, ...this.#kept(order.stop) })),
    );
    if (attempt.ok) return { kind: 'cancelled', order: this.#readCancelled(attempt.value, order.clientOrderId) };
    const { kind, failure } = attempt.classified;
    if (kind === 'missing') return { kind: 'notOpen', failure };
    return kind === 'notSent' ? { kind: 'notSent', failure } : { kind: 'unknown', failure };
  }

  async lookUp(order: OrderReference, turn: RequestTurn = ASKED): Promise<LookUpOutcome> {
    const symbol = await this.#symbolOf(order.pair);
    if (typeof symbol !== 'string') return { kind: 'unknown', failure: symbol };
    const kept = this.#kept(order.stop);
    const asked = { id: undefined, clientOrderId: order.clientOrderId };
    const attempt = await this.#fetchOrder(symbol, { ...asked, kept }, turn);
    if (attempt.ok) {
      const stop = this.#readOrder(attempt.value);
      const firedId = isConditional(attempt.value) ? firedOrderId(attempt.value) : null;
      if (firedId === null) return { kind: 'found', order: stop };
      const fired = await this.#fetchOrder(symbol, { ...asked, id: firedId, kept: {} }, turn);
      return fired.ok ? { kind: 'found', order: firedStop(this.#readOrder(fired.value), stop) } : { kind: 'unknown', failure: fired.classified.failure };
    }
    const { kind, failure } = attempt.classified;
    if (kind !== 'missing') return { kind: 'unknown', failure };
    // Stops are forgotten sooner than the orders they became.
    return kept === NOT_KEPT ? { kind: 'missing' } : await this.lookUp({ ...order, stop: false }, turn);
  }

  /** By our id, or by the exchange's where ours is not known any more. */
  async #fetchOrder(symbol: string, asked: { readonly id: string | undefined; readonly clientOrderId: string; readonly kept: Params }, turn: RequestTurn): Promise<Attempt<CcxtOrder>> {
    const { id, clientOrderId, kept } = asked;
    return await this.connection.attempt(
      { operation: 'lookUp', priority: turn.reduces ? 'reduce' : 'create', urgency: turn.urgency, ended: turn.ended, deadlineMs: this.connection.requestDeadlineMs, mustContain: id ?? clientOrderId },
      async () => {
        const found = await this.connection.client.fetchOrder(id, symbol, this.#signed(id === undefined ? { clientOrderId, ...kept } : {}));
        if (id === undefined) this.#readNamed(found, clientOrderId);
        return found;
      },
    );
  }

  async tradesOf(pair: string, exchangeOrderId: string, turn: RequestTurn = ASKED): Promise<readonly ExchangeTrade[]> {
    if (isWaitingStopId(exchangeOrderId)) return [];
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
    const { client } = this.connection;
    const orders = await this.connection.read(async () => this.#readOrders(await client.fetchOpenOrders(symbol)));
    const stops = this.derivatives === null ? [] : await this.connection.read(async () => this.#readOrders(await client.fetchOpenOrders(symbol, undefined, undefined, CONDITIONAL)));
    return [...orders, ...stops];
  }

  async ordersSince(pair: string, sinceMs: number): Promise<readonly ExchangeOrder[]> {
    const { symbol } = await this.connection.market(pair);
    const orders = await readPages({
      rows: PAGE_ROWS,
      first: async () => await this.#orderPage(symbol, sinceMs, {}),
      after: async (last) => await this.#orderPage(symbol, undefined, { orderId: next(last.exchangeOrderId) }),
      keyOf: (order) => order.exchangeOrderId,
    });
    const stops = this.derivatives === null ? [] : await this.#stopsSince(symbol, sinceMs, orders);
    return [...withoutFired(orders, stops), ...stops].filter((order) => order.createdAtMs >= sinceMs);
  }

  async balances(): Promise<Readonly<Record<string, Balance>>> {
    await this.connection.ready();
    return await this.connection.read(async () => {
      const { free, total } = await this.connection.client.fetchBalance();
      return Object.fromEntries(Object.keys(total).map((asset) => [asset, { free: amount(free[asset]), total: amount(total[asset]) }]));
    });
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
  async #prepare(intent: OrderIntent): Promise<Prepared | Extract<SubmitOutcome, { kind: 'notSent' | 'rejected' }>> {
    const symbol = await this.#symbolOf(intent.pair);
    if (typeof symbol !== 'string') return { kind: symbol.code === 'UNKNOWN_PAIR' ? 'rejected' : 'notSent', failure: symbol };
    if ((intent.type === 'MARKET') !== (intent.priceQuote === null)) {
      return bug(`a ${intent.type} order with price ${String(intent.priceQuote)}`);
    }
    try {
      const disagreement = quantiserDisagreement(this.connection.client, symbol, intent);
      return disagreement === null ? { symbol, positionTerms: await this.#positionTerms(intent) } : bug(disagreement);
    } catch (error) {
      if (error instanceof ExchangeReadError) return { kind: 'notSent', failure: error.failure };
      // ccxt throws when its own rounding leaves nothing.
      return bug(error instanceof Error ? error.message : String(error));
    }
  }

  async #create({ symbol, positionTerms }: Prepared, intent: OrderIntent): Promise<CcxtOrder> {
    const type = intent.type === 'MARKET' ? 'market' : 'limit';
    const params: Params = {
      clientOrderId: intent.clientOrderId,
      recvWindow: intent.deadlineMs,
      ...(intent.type === 'LIMIT_MAKER' ? { postOnly: true } : {}),
      ...positionTerms,
      ...stopTerms(intent),
    };
    // With a price, a market order means "spend this much" on some exchanges.
    const price = intent.priceQuote ?? undefined;
    return await this.connection.client.createOrder(symbol, type, intent.side.toLowerCase(), intent.amountBase, price, params);
  }

  /** Hedge mode names the position; there, to close it is to reduce it, and the flag itself is refused. */
  async #positionTerms(intent: OrderIntent): Promise<Params> {
    if (this.derivatives === null) return {};
    if ((await this.derivatives.positionMode()) === 'oneway') return intent.reduceOnly ? { reduceOnly: true } : {};
    const opens = intent.positionAction !== 'CLOSE';
    return { positionSide: (intent.side === 'BUY') === opens ? 'LONG' : 'SHORT' };
  }

  /** Where a native stop is kept: on USD-M apart from the orders of the book. */
  #kept(stop: boolean): Params {
    return stop && this.derivatives !== null ? CONDITIONAL : NOT_KEPT;
  }

  /** Stops of a pair; one that fired is told as the order it became, which is among `orders` or asked for. */
  async #stopsSince(symbol: string, sinceMs: number, orders: readonly ExchangeOrder[]): Promise<readonly ExchangeOrder[]> {
    const { client } = this.connection;
    const listed = await readPages({
      rows: PAGE_ROWS,
      first: async () => await this.connection.read(async () => await client.fetchOrders(symbol, sinceMs, PAGE_ROWS, CONDITIONAL)),
      after: async (last) => await this.connection.read(async () => await client.fetchOrders(symbol, undefined, PAGE_ROWS, { ...CONDITIONAL, algoId: next(last.id ?? '0') })),
      keyOf: (stop) => String(stop.id),
    });
    const byId = new Map(orders.map((order) => [order.exchangeOrderId, order]));
    const stops: ExchangeOrder[] = [];
    for (const row of listed) {
      const stop = this.#readOrder(row);
      const firedId = firedOrderId(row);
      const fired = firedId === null ? undefined : (byId.get(firedId) ?? this.#readOrder(await this.connection.read(async () => await client.fetchOrder(firedId, symbol, this.#signed({})))));
      stops.push(fired === undefined ? stop : firedStop(fired, stop));
    }
    return stops;
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

  /** A list that is complete by itself. An order of somebody else that cannot be read is no reason to know nothing of ours. */
  #readOrders(orders: readonly CcxtOrder[]): readonly ExchangeOrder[] {
    return orders.flatMap((order) => {
      try {
        return [this.#readOrder(order)];
      } catch (error) {
        if (!(error instanceof UnusableAnswerError) || this.#mayBeOurs(order.clientOrderId)) throw error;
        this.connection.logger.debug({ error }, 'an order that is not ours cannot be read');
        return [];
      }
    });
  }

  #mayBeOurs(clientOrderId: string | undefined): boolean {
    return clientOrderId === undefined || this.connection.definition.clientOrderIdRender !== 'text27' || isOurs(clientOrderId);
  }

  #readOrder(order: CcxtOrder): ExchangeOrder {
    const read = readOrder(order, (symbol) => this.connection.catalog.pairOf(symbol));
    return isConditional(order) ? waitingStop(read) : read;
  }

  async #orderPage(symbol: string, sinceMs: number | undefined, params: Params): Promise<readonly ExchangeOrder[]> {
    return await this.connection.read(async () => {
      const orders = await this.connection.client.fetchOrders(symbol, sinceMs, PAGE_ROWS, params);
      // None is left out: a page that is not full would be taken for the last.
      return orders.map((order) => this.#readOrder(order));
    });
  }

  async #tradePage(symbol: string, params: Params, mustContain: string, turn: RequestTurn): Promise<readonly ExchangeTrade[]> {
    const options = { mustContain, priority: turn.reduces ? 'reduce' : 'create', urgency: turn.urgency, ended: turn.ended } as const;
    const page = async (): Promise<readonly ExchangeTrade[]> => {
      const trades = await this.connection.client.fetchMyTrades(symbol, undefined, PAGE_ROWS, params);
      return trades.map((trade) => readTrade(trade, null));
    };
    return await this.connection.read(page, options);
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

/** ccxt makes of these, with the order type, what the market calls a stop. */
function stopTerms({ stop }: OrderIntent): Params {
  if (stop === null) return {};
  return { stopLossPrice: stop.triggerPriceQuote, ...(stop.triggeredBy === 'mark' ? { workingType: 'MARK_PRICE' } : {}) };
}

/** A stop that fired is listed twice: among the stops, and as the order it became under the same or another id. */
function withoutFired(orders: readonly ExchangeOrder[], stops: readonly ExchangeOrder[]): readonly ExchangeOrder[] {
  const fired = new Set(stops.map((stop) => stop.exchangeOrderId));
  return orders.filter((order) => !fired.has(order.exchangeOrderId));
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

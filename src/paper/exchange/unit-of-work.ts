import type { Batch, EventKind, LedgerEvent } from '../ledger/batch.js';
import type { Level } from '../matching/external-book.js';
import type { Order, Side, Trade } from '../matching/order.js';
import type { ExchangeListener, OrderUpdate, PublicTrade } from './exchange-listener.js';
import type { ExchangeState } from './exchange-state.js';

type EventSubject = Pick<LedgerEvent, 'account' | 'symbol' | 'orderId' | 'clientOrderId'>;

/** Collects what one request or one frame changes; `commit` makes it durable and only then tells the listeners. */
export class UnitOfWork {
  readonly timeMs: number;
  private readonly batch: Batch;
  private readonly updates: OrderUpdate[] = [];
  private readonly publicTrades: PublicTrade[] = [];
  private readonly tellings: ((listener: ExchangeListener) => void)[] = [];
  private readonly changedBooks = new Set<string>();

  constructor(private readonly state: ExchangeState) {
    this.timeMs = state.now();
    this.batch = {
      orders: new Set(),
      trades: [],
      balances: [],
      usedLevels: [],
      settings: new Map(),
      newAccounts: [],
      renewedSymbols: [],
      rows: [],
      events: [],
    };
  }

  event(kind: EventKind, subject: EventSubject, data: Readonly<Record<string, unknown>>): void {
    const sequence = this.state.nextEventSequence;
    this.state.nextEventSequence += 1;
    this.batch.events.push({ sequence, timeMs: this.timeMs, kind, ...subject, data });
  }

  accepted(order: Order): void {
    this.batch.orders.add(order);
    this.updates.push({ execution: 'new', order: { ...order } });
    this.event('order-new', subjectOf(order), {
      side: order.side,
      type: order.type,
      timeInForce: order.timeInForce,
      priceQuote: order.priceQuote?.toFixed() ?? null,
      ...(order.stopPriceQuote === null ? {} : { stopPriceQuote: order.stopPriceQuote.toFixed() }),
      amountBase: order.amountBase.toFixed(),
      requestedQuote: order.requestedQuote?.toFixed() ?? null,
    });
  }

  /** Its stop price was reached: the order goes to the market now. */
  triggered(order: Order): void {
    this.batch.orders.add(order);
    this.updates.push({ execution: 'new', order: { ...order } });
    this.event('order-triggered', subjectOf(order), { stopPriceQuote: order.stopPriceQuote?.toFixed() ?? null });
  }

  traded(order: Order, trade: Trade): void {
    this.batch.orders.add(order);
    this.batch.trades.push(trade);
    this.updates.push({ execution: 'trade', order: { ...order }, trade });
    this.event('order-trade', subjectOf(order), {
      tradeId: trade.tradeId,
      role: trade.role,
      priceQuote: trade.priceQuote.toFixed(),
      amountBase: trade.amountBase.toFixed(),
      feeAsset: trade.feeAsset,
      feeAmount: trade.feeAmount.toFixed(),
      state: order.state,
    });
  }

  ended(order: Order, execution: 'expired' | 'rejected'): void {
    this.batch.orders.add(order);
    this.updates.push({ execution, order: { ...order } });
    this.event(`order-${execution}`, subjectOf(order), { filledBase: order.filledBase.toFixed() });
  }

  canceled(order: Order, cancelClientOrderId: string): void {
    this.batch.orders.add(order);
    this.updates.push({ execution: 'canceled', order: { ...order }, cancelClientOrderId });
    this.event('order-canceled', subjectOf(order), { filledBase: order.filledBase.toFixed(), cancelClientOrderId });
  }

  /** Price or amount of an open order changed at its owner's wish, or because less is left to reduce. */
  amended(order: Order): void {
    this.batch.orders.add(order);
    this.updates.push({ execution: 'amended', order: { ...order } });
    const amounts = { priceQuote: order.priceQuote?.toFixed() ?? null, amountBase: order.amountBase.toFixed() };
    this.event('order-amended', subjectOf(order), amounts);
  }

  /** A row of a table that only one market has. */
  row(sql: string, values: readonly (string | number | null)[]): void {
    this.batch.rows.push({ sql, values });
  }

  /** Something to tell every listener once this is durable, after the order updates. */
  tell(telling: (listener: ExchangeListener) => void): void {
    this.tellings.push(telling);
  }

  /** The order row changed without anything its owner is told. */
  touch(order: Order): void {
    this.batch.orders.add(order);
  }

  usedUp(symbol: string, side: Side, level: Level): void {
    this.batch.usedLevels.push({ symbol, side, level });
    this.state.usedLevelKeys.add(`${symbol}|${side}|${level.priceQuote.toFixed()}`);
  }

  /** A book was put in place by hand: no used-up size of before may come back at a restart. */
  forgetUsedLevels(symbol: string): void {
    this.batch.renewedSymbols.push(symbol);
    for (const key of this.state.usedLevelKeys) {
      if (key.startsWith(`${symbol}|`)) this.state.usedLevelKeys.delete(key);
    }
  }

  newAccount(name: string): void {
    this.batch.newAccounts.push(name);
  }

  setting(name: string, value: unknown): void {
    this.batch.settings.set(name, JSON.stringify(value));
  }

  printed(trade: PublicTrade): void {
    this.publicTrades.push(trade);
  }

  bookChanged(symbol: string): void {
    this.changedBooks.add(symbol);
  }

  private get isDurable(): boolean {
    const { orders, trades, usedLevels, settings, events, rows } = this.batch;
    return orders.size + trades.length + usedLevels.length + settings.size + events.length + rows.length > 0;
  }

  /** Nothing is written when nothing durable changed: a frame that fills nobody costs no disk access. */
  commit(): void {
    const hasTraded = this.batch.usedLevels.length + this.batch.trades.length > 0;
    // Stored with the trade, so that the feed continues after the frame that caused it.
    const position = hasTraded ? this.state.feedPosition() : undefined;
    if (position !== undefined) this.batch.settings.set('feed-position', position);
    this.batch.balances = this.state.balances.drainTouched();
    if (this.isDurable || this.batch.balances.length > 0) this.state.ledger.commit(this.batch);
    this.publish();
  }

  private publish(): void {
    for (const listener of this.state.listeners) {
      for (const update of this.updates) listener.orderUpdated?.(update);
      for (const [account, rows] of groupByAccount(this.batch.balances)) {
        listener.balancesChanged?.(account, rows, this.timeMs);
      }
      for (const telling of this.tellings) telling(listener);
      for (const trade of this.publicTrades) listener.traded?.(trade);
      for (const symbol of this.changedBooks) listener.bookChanged?.(symbol);
      if (this.batch.events.length > 0) listener.recorded?.(this.batch.events);
    }
  }
}

function subjectOf(order: Order): EventSubject {
  const { account, symbol, orderId, clientOrderId } = order;
  return { account, symbol, orderId, clientOrderId };
}

function groupByAccount<Row extends { readonly account: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.account);
    if (group === undefined) groups.set(row.account, [row]);
    else group.push(row);
  }
  return groups;
}

/**
 * Runs a change and commits it. A `Rejection` must be thrown before anything was changed; any error after that leaves
 * memory ahead of the ledger, so the process is told to stop.
 */
export function transact<Result>(state: ExchangeState, change: (work: UnitOfWork) => Result): Result {
  const work = new UnitOfWork(state);
  try {
    const result = change(work);
    work.commit();
    return result;
  } catch (error) {
    state.fail(error);
    throw error;
  }
}

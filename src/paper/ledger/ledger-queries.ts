import type Database from 'libsql';
import type { Candle } from '../candles/candle.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { Order, Side, Trade } from '../matching/order.js';
import type { EventKind, LedgerEvent } from './batch.js';
import { type OrderRow, type TradeRow, orderFromRow, tradeFromRow } from './rows.js';

type Value = string | number;

const IS_OPEN = `state IN ('new', 'partially_filled')`;
const FORGOTTEN = {
  ended: `(${IS_OPEN} OR updated_ms >= ?)`,
  unfilled: `(${IS_OPEN} OR filled_base <> '0' OR updated_ms >= ?)`,
} as const;

/** Collects WHERE terms for the filters that were given. */
class Where {
  private readonly terms: string[] = [];
  readonly values: Value[] = [];

  and(term: string, value: Value | undefined): this {
    if (value !== undefined) {
      this.terms.push(term);
      this.values.push(value);
    }
    return this;
  }

  get sql(): string {
    return this.terms.length === 0 ? '' : `WHERE ${this.terms.join(' AND ')}`;
  }
}

export interface OrderFilter {
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly state?: string | undefined;
  readonly fromOrderId?: number | undefined;
  readonly createdFromMs?: number | undefined;
  readonly createdToMs?: number | undefined;
  /** Orders committed later than this are left out. */
  readonly createdBeforeMs?: number | undefined;
  /** Ended orders last changed before this are left out, or only those without a fill. */
  readonly forgotten?: { readonly beforeMs: number; readonly forget: 'unfilled' | 'ended' } | undefined;
  readonly newestFirst?: boolean;
  readonly limit: number;
}

export interface TradeFilter {
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly orderId?: number | undefined;
  readonly fromTradeId?: number | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly beforeMs?: number | undefined;
  readonly newestFirst?: boolean;
  readonly limit: number;
  readonly afterKey?: number | undefined;
}

export interface EventFilter {
  readonly after: number;
  readonly kind?: string | undefined;
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly limit: number;
}

export interface StoredUsedLevel {
  readonly symbol: string;
  readonly side: Side;
  readonly priceQuote: Decimal;
  readonly displayedBase: Decimal;
  readonly takenBase: Decimal;
}

/** Reads of the ledger. Every list is bounded by its `limit` and comes in ascending order. */
export class LedgerQueries {
  constructor(private readonly database: Database.Database) {}

  orders(filter: OrderFilter): Order[] {
    const where = new Where()
      .and('account = ?', filter.account)
      .and('symbol = ?', filter.symbol)
      .and('client_order_id = ?', filter.clientOrderId)
      .and('state = ?', filter.state)
      .and('order_id >= ?', filter.fromOrderId)
      .and('created_ms >= ?', filter.createdFromMs)
      .and('created_ms <= ?', filter.createdToMs)
      .and('created_ms < ?', filter.createdBeforeMs)
      .and(FORGOTTEN[filter.forgotten?.forget ?? 'ended'], filter.forgotten?.beforeMs);
    const rows = this.page<OrderRow>('SELECT * FROM orders', where, 'order_id', filter);
    return rows.map(orderFromRow);
  }

  order(orderId: number): Order | undefined {
    const row = this.database.prepare('SELECT * FROM orders WHERE order_id = ?').get([orderId]);
    return row === undefined ? undefined : orderFromRow(row as OrderRow);
  }

  openOrders(): Order[] {
    const sql = `SELECT * FROM orders WHERE state IN ('new', 'partially_filled') ORDER BY order_id`;
    return this.all<OrderRow>(sql, []).map(orderFromRow);
  }

  trades(filter: TradeFilter): Trade[] {
    const where = new Where()
      .and('account = ?', filter.account)
      .and('symbol = ?', filter.symbol)
      .and('client_order_id = ?', filter.clientOrderId)
      .and('order_id = ?', filter.orderId)
      .and('trade_id >= ?', filter.fromTradeId)
      .and('trade_key > ?', filter.afterKey)
      .and('time_ms >= ?', filter.fromMs)
      .and('time_ms <= ?', filter.toMs)
      .and('time_ms < ?', filter.beforeMs);
    return this.page<TradeRow>('SELECT * FROM trades', where, 'trade_key', filter).map(tradeFromRow);
  }

  events(filter: EventFilter): LedgerEvent[] {
    const where = new Where()
      .and('sequence > ?', filter.after)
      .and('kind = ?', filter.kind)
      .and('account = ?', filter.account)
      .and('symbol = ?', filter.symbol)
      .and('client_order_id = ?', filter.clientOrderId);
    return this.page<EventRow>('SELECT * FROM events', where, 'sequence', filter).map(eventFromRow);
  }

  balances(): { account: string; asset: string; free: Decimal; locked: Decimal }[] {
    const rows = this.all<{ account: string; asset: string; free: string; locked: string }>('SELECT * FROM balances', []);
    return rows.map((row) => ({ ...row, free: new Decimal(row.free), locked: new Decimal(row.locked) }));
  }

  usedLevels(): StoredUsedLevel[] {
    const rows = this.all<Record<'symbol' | 'price_quote' | 'displayed_base' | 'taken_base', string> & { side: Side }>(
      'SELECT * FROM used_levels',
      [],
    );
    return rows.map((row) => ({
      symbol: row.symbol,
      side: row.side,
      priceQuote: new Decimal(row.price_quote),
      displayedBase: new Decimal(row.displayed_base),
      takenBase: new Decimal(row.taken_base),
    }));
  }

  /** Minute candles with `openMs` in [fromMs, toMs], ascending. */
  candles(symbol: string, fromMs: number, toMs: number): Candle[] {
    const sql = 'SELECT * FROM candles WHERE symbol = ? AND open_ms >= ? AND open_ms <= ? ORDER BY open_ms';
    return this.all<CandleRow>(sql, [symbol, fromMs, toMs]).map(candleFromRow);
  }

  /** The last minute candle that opened before `beforeMs`. */
  candleBefore(symbol: string, beforeMs: number): Candle | undefined {
    const sql = 'SELECT * FROM candles WHERE symbol = ? AND open_ms < ? ORDER BY open_ms DESC LIMIT 1';
    const row = this.all<CandleRow>(sql, [symbol, beforeMs])[0];
    return row === undefined ? undefined : candleFromRow(row);
  }

  firstCandleMs(symbol: string): number | undefined {
    const rows = this.all<{ first: number | null }>('SELECT min(open_ms) AS first FROM candles WHERE symbol = ?', [symbol]);
    return rows[0]?.first ?? undefined;
  }

  accountExists(name: string): boolean {
    return this.all('SELECT name FROM accounts WHERE name = ?', [name]).length > 0;
  }

  settings(): Map<string, string> {
    const rows = this.all<{ name: string; value: string }>('SELECT * FROM settings', []);
    return new Map(rows.map((row) => [row.name, row.value]));
  }

  lastOrderId(): number {
    return this.scalar('SELECT max(order_id) AS value FROM orders');
  }

  lastTradeId(symbol: string): number {
    const rows = this.all<{ value: number | null }>('SELECT max(trade_id) AS value FROM trades WHERE symbol = ?', [symbol]);
    return rows[0]?.value ?? 0;
  }

  lastEventSequence(): number {
    return this.scalar('SELECT max(sequence) AS value FROM events');
  }

  private scalar(sql: string): number {
    return this.all<{ value: number | null }>(sql, [])[0]?.value ?? 0;
  }

  private page<Row>(select: string, where: Where, key: string, page: { limit: number; newestFirst?: boolean }): Row[] {
    const direction = page.newestFirst === true ? 'DESC' : 'ASC';
    const sql = `${select} ${where.sql} ORDER BY ${key} ${direction} LIMIT ?`;
    const rows = this.all<Row>(sql, [...where.values, page.limit]);
    return page.newestFirst === true ? rows.reverse() : rows;
  }

  private readonly prepared = new Map<string, Database.Statement>();

  /** Any other read; the statement is prepared once. */
  all<Row>(sql: string, values: readonly (Value | null)[]): Row[] {
    let statement = this.prepared.get(sql);
    if (statement === undefined) this.prepared.set(sql, (statement = this.database.prepare(sql)));
    return statement.all([...values]) as Row[];
  }
}

interface CandleRow extends Record<'open' | 'high' | 'low' | 'close' | 'volume_base' | 'volume_quote', string> {
  readonly open_ms: number;
  readonly trade_count: number;
}

function candleFromRow(row: CandleRow): Candle {
  return {
    openMs: row.open_ms,
    open: new Decimal(row.open),
    high: new Decimal(row.high),
    low: new Decimal(row.low),
    close: new Decimal(row.close),
    volumeBase: new Decimal(row.volume_base),
    volumeQuote: new Decimal(row.volume_quote),
    tradeCount: row.trade_count,
  };
}

interface EventRow {
  readonly sequence: number;
  readonly time_ms: number;
  readonly kind: EventKind;
  readonly account: string | null;
  readonly symbol: string | null;
  readonly order_id: number | null;
  readonly client_order_id: string | null;
  readonly data: string;
}

function eventFromRow(row: EventRow): LedgerEvent {
  return {
    sequence: row.sequence,
    timeMs: row.time_ms,
    kind: row.kind,
    ...(row.account === null ? {} : { account: row.account }),
    ...(row.symbol === null ? {} : { symbol: row.symbol }),
    ...(row.order_id === null ? {} : { orderId: row.order_id }),
    ...(row.client_order_id === null ? {} : { clientOrderId: row.client_order_id }),
    data: JSON.parse(row.data) as Record<string, unknown>,
  };
}

import Database from 'libsql';
import type { MinuteCandle } from '../candles/candle.js';
import type { Order } from '../matching/order.js';
import type { Batch, LedgerEvent } from './batch.js';
import { LedgerQueries } from './ledger-queries.js';
import { orderValues, tradeValues } from './rows.js';
import { SCHEMA } from './schema.js';
import { refuseLaterLedger, upgradeLedger } from './upgrade.js';
import { PERPETUAL_SCHEMA } from '../perpetual/perpetual-tables.js';

const INSERT_ORDER = `INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (order_id) DO UPDATE SET price_quote = excluded.price_quote, amount_base = excluded.amount_base, filled_base = excluded.filled_base,
    filled_quote = excluded.filled_quote, state = excluded.state, locked = excluded.locked,
    queue_ahead_base = excluded.queue_ahead_base, updated_ms = excluded.updated_ms, triggered_ms = excluded.triggered_ms`;
const INSERT_TRADE = `INSERT INTO trades (trade_id, order_id, account, symbol, client_order_id, side, role, price_quote,
  amount_base, amount_quote, fee_asset, fee_amount, time_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`;
const UPSERT_BALANCE = `INSERT INTO balances VALUES (?,?,?,?)
  ON CONFLICT (account, asset) DO UPDATE SET free = excluded.free, locked = excluded.locked`;
const UPSERT_USED = `INSERT INTO used_levels VALUES (?,?,?,?,?) ON CONFLICT (symbol, side, price_quote)
  DO UPDATE SET displayed_base = excluded.displayed_base, taken_base = excluded.taken_base`;
const UPSERT_SETTING = 'INSERT INTO settings VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
const UPSERT_CANDLE = `INSERT INTO candles VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (symbol, open_ms) DO UPDATE SET
  high = excluded.high, low = excluded.low, close = excluded.close, volume_base = excluded.volume_base,
  volume_quote = excluded.volume_quote, trade_count = excluded.trade_count`;
const INSERT_EVENT = 'INSERT INTO events VALUES (?,?,?,?,?,?,?,?)';

export interface Progress {
  readonly candles: readonly MinuteCandle[];
  readonly queuePositions: readonly Order[];
  readonly settings: ReadonlyMap<string, string>;
  /** Symbol, side and price of levels whose used-up size the feed has renewed. */
  readonly renewedLevels: readonly (readonly [string, string, string])[];
}

/**
 * The exchange's truth: a SQLite file in WAL mode with full sync, so that a committed batch survives the death of the
 * process and of the machine. One writer: the file is locked while it is open.
 */
export class Ledger {
  readonly queries: LedgerQueries;
  private readonly database: Database.Database;
  private readonly statements;

  /** @throws Error when the file cannot be opened, another process holds it, or a later version wrote it. */
  constructor(file: string) {
    this.database = new Database(file);
    refuseLaterLedger(this.database, file);
    this.database.exec('PRAGMA locking_mode = EXCLUSIVE');
    this.database.exec('PRAGMA journal_mode = WAL');
    this.database.exec('PRAGMA synchronous = FULL');
    this.database.exec(SCHEMA);
    this.database.exec(PERPETUAL_SCHEMA);
    upgradeLedger(this.database);
    this.queries = new LedgerQueries(this.database);
    this.statements = {
      order: this.database.prepare(INSERT_ORDER),
      trade: this.database.prepare(INSERT_TRADE),
      balance: this.database.prepare(UPSERT_BALANCE),
      used: this.database.prepare(UPSERT_USED),
      setting: this.database.prepare(UPSERT_SETTING),
      candle: this.database.prepare(UPSERT_CANDLE),
      event: this.database.prepare(INSERT_EVENT),
      account: this.database.prepare('INSERT INTO accounts VALUES (?)'),
      forgetUsed: this.database.prepare('DELETE FROM used_levels WHERE symbol = ?'),
      renewed: this.database.prepare('DELETE FROM used_levels WHERE symbol = ? AND side = ? AND price_quote = ?'),
      queue: this.database.prepare('UPDATE orders SET queue_ahead_base = ? WHERE order_id = ?'),
    };
  }

  /** Writes all of the batch or nothing. */
  commit(batch: Batch): void {
    this.transaction(() => {
      for (const order of batch.orders) this.statements.order.run(orderValues(order));
      for (const trade of batch.trades) this.statements.trade.run(tradeValues(trade));
      for (const row of batch.balances) {
        this.statements.balance.run([row.account, row.asset, row.free.toFixed(), row.locked.toFixed()]);
      }
      for (const symbol of batch.renewedSymbols) this.statements.forgetUsed.run([symbol]);
      for (const { symbol, side, level } of batch.usedLevels) {
        const sizes = [level.displayedBase.toFixed(), level.takenBase.toFixed()];
        this.statements.used.run([symbol, side, level.priceQuote.toFixed(), ...sizes]);
      }
      for (const [name, value] of batch.settings) this.statements.setting.run([name, value]);
      for (const name of batch.newAccounts) this.statements.account.run([name]);
      for (const { sql, values } of batch.rows) this.prepare(sql).run([...values]);
      for (const event of batch.events) this.statements.event.run(eventValues(event));
    });
  }

  /** What frames moved without filling anybody. Losing the last second of it only makes an order wait longer. */
  saveProgress(progress: Progress): void {
    this.transaction(() => {
      for (const { symbol, candle } of progress.candles) {
        const prices = [candle.open, candle.high, candle.low, candle.close, candle.volumeBase, candle.volumeQuote];
        const values = prices.map((value) => value.toFixed());
        this.statements.candle.run([symbol, candle.openMs, ...values, candle.tradeCount]);
      }
      for (const order of progress.queuePositions) {
        this.statements.queue.run([order.queueAheadBase.toFixed(), order.orderId]);
      }
      for (const [name, value] of progress.settings) this.statements.setting.run([name, value]);
      for (const key of progress.renewedLevels) this.statements.renewed.run([...key]);
    });
  }

  saveSetting(name: string, value: string): void {
    this.statements.setting.run([name, value]);
  }

  close(): void {
    this.database.close();
  }

  private readonly prepared = new Map<string, Database.Statement>();

  private prepare(sql: string): Database.Statement {
    let statement = this.prepared.get(sql);
    if (statement === undefined) this.prepared.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }

  private transaction(write: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      write();
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }
}

function eventValues(event: LedgerEvent): (string | number | null)[] {
  return [
    event.sequence,
    event.timeMs,
    event.kind,
    event.account ?? null,
    event.symbol ?? null,
    event.orderId ?? null,
    event.clientOrderId ?? null,
    JSON.stringify(event.data),
  ];
}

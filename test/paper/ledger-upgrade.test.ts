import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeOrder } from '../../src/paper/exchange/order-entry.js';
import { SCHEMA } from '../../src/paper/ledger/schema.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { openTestExchange, order } from './exchange-fixture.js';

let directory: string;
let databaseFile: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'paper-ledger-'));
  databaseFile = join(directory, 'exchange.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A file as an earlier or later version left it: other columns, other numbers. */
function write(...statements: readonly string[]): void {
  const database = new Database(databaseFile);
  for (const statement of statements) database.exec(statement);
  database.close();
}

test('a ledger of before there were stop orders is opened with all that is in it, and takes stop orders', () => {
  const early = SCHEMA.replace(', stop_price_quote TEXT, triggered_ms INTEGER', '');
  expect(early).not.toBe(SCHEMA);
  write(
    early,
    "INSERT INTO accounts VALUES ('paper')",
    "INSERT INTO balances VALUES ('paper', 'USDT', '50000', '50000'), ('paper', 'BTC', '10', '0')",
    "INSERT INTO orders VALUES (7, 'paper', 'BTCUSDT', 'early', 'buy', 'limit', 'GTC', '50000', '1', NULL, '0', '0', 'new', 'USDT', '50000', '0', 1, 1)",
  );
  const exchange = openTestExchange({ databaseFile });
  expect(exchange.openOrders.byOrderId(7)).toMatchObject({ state: 'new', stopPriceQuote: null, triggeredMs: null });
  const stop = placeOrder(exchange, order('sell', 'stop_loss', '1', null, { stopPriceQuote: new Decimal(40_000) })).order;
  const stored = exchange.ledger.queries.orders({ limit: 10 }).map(({ orderId, stopPriceQuote }) => [orderId, stopPriceQuote?.toFixed() ?? null]);
  expect(stored.sort()).toEqual([[7, null], [stop.orderId, '40000']]);
  exchange.ledger.close();
});

test('a ledger of a later version is refused, with its file and what to do, and left as it is', () => {
  write('CREATE TABLE orders (order_id INTEGER PRIMARY KEY, shape TEXT)', 'PRAGMA user_version = 99');
  expect(() => openTestExchange({ databaseFile })).toThrow(`${databaseFile}: a later version of the paper exchange wrote this ledger (99, this one knows 2)`);
  const database = new Database(databaseFile);
  expect(database.prepare('SELECT name FROM sqlite_master').all().map((row) => (row as { name: string }).name)).toEqual(['orders']);
  database.close();
});

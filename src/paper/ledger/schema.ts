/**
 * Amounts are decimal strings: SQLite would store a REAL and lose digits. `settings` holds everything the control API
 * can change that has to survive a restart (fees, rules, books of scripted pairs, manual mode, feed position).
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS balances (
  account TEXT NOT NULL, asset TEXT NOT NULL, free TEXT NOT NULL, locked TEXT NOT NULL,
  PRIMARY KEY (account, asset)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
  order_id INTEGER PRIMARY KEY, account TEXT NOT NULL, symbol TEXT NOT NULL, client_order_id TEXT NOT NULL,
  side TEXT NOT NULL, type TEXT NOT NULL, time_in_force TEXT NOT NULL, price_quote TEXT, amount_base TEXT NOT NULL,
  requested_quote TEXT, filled_base TEXT NOT NULL, filled_quote TEXT NOT NULL, state TEXT NOT NULL,
  locked_asset TEXT NOT NULL, locked TEXT NOT NULL, queue_ahead_base TEXT NOT NULL,
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, stop_price_quote TEXT, triggered_ms INTEGER
);
CREATE INDEX IF NOT EXISTS orders_by_client_id ON orders (client_order_id, order_id);
CREATE INDEX IF NOT EXISTS orders_by_account ON orders (account, symbol, order_id);
CREATE INDEX IF NOT EXISTS orders_by_time ON orders (account, symbol, created_ms);
CREATE INDEX IF NOT EXISTS orders_open ON orders (order_id) WHERE state IN ('new', 'partially_filled');
CREATE TABLE IF NOT EXISTS trades (
  trade_key INTEGER PRIMARY KEY AUTOINCREMENT, trade_id INTEGER NOT NULL, order_id INTEGER NOT NULL,
  account TEXT NOT NULL, symbol TEXT NOT NULL, client_order_id TEXT NOT NULL, side TEXT NOT NULL, role TEXT NOT NULL,
  price_quote TEXT NOT NULL, amount_base TEXT NOT NULL, amount_quote TEXT NOT NULL,
  fee_asset TEXT NOT NULL, fee_amount TEXT NOT NULL, time_ms INTEGER NOT NULL,
  UNIQUE (symbol, trade_id, order_id)
);
CREATE INDEX IF NOT EXISTS trades_by_order ON trades (order_id, trade_id);
CREATE INDEX IF NOT EXISTS trades_by_account ON trades (account, symbol, trade_id);
CREATE INDEX IF NOT EXISTS trades_by_client_id ON trades (client_order_id, trade_id);
CREATE TABLE IF NOT EXISTS used_levels (
  symbol TEXT NOT NULL, side TEXT NOT NULL, price_quote TEXT NOT NULL,
  displayed_base TEXT NOT NULL, taken_base TEXT NOT NULL,
  PRIMARY KEY (symbol, side, price_quote)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS candles (
  symbol TEXT NOT NULL, open_ms INTEGER NOT NULL, open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL,
  close TEXT NOT NULL, volume_base TEXT NOT NULL, volume_quote TEXT NOT NULL, trade_count INTEGER NOT NULL,
  PRIMARY KEY (symbol, open_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT NOT NULL, account TEXT, symbol TEXT,
  order_id INTEGER, client_order_id TEXT, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_client_id ON events (client_order_id, sequence);
`;

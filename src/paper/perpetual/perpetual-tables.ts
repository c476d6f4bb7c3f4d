/** Tables of the perpetual market, in the same ledger as everything else. Amounts are decimal strings. */
export const PERPETUAL_SCHEMA = `
CREATE TABLE IF NOT EXISTS perpetual_accounts (account TEXT PRIMARY KEY, hedged INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS perpetual_wallets (
  account TEXT NOT NULL, asset TEXT NOT NULL, balance TEXT NOT NULL, PRIMARY KEY (account, asset)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS perpetual_leverage (
  account TEXT NOT NULL, symbol TEXT NOT NULL, leverage INTEGER NOT NULL, margin_mode TEXT NOT NULL,
  PRIMARY KEY (account, symbol)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS perpetual_positions (
  account TEXT NOT NULL, symbol TEXT NOT NULL, position_side TEXT NOT NULL, amount_base TEXT NOT NULL,
  entry_cost_quote TEXT NOT NULL, isolated_quote TEXT NOT NULL, realized_quote TEXT NOT NULL, updated_ms INTEGER NOT NULL,
  PRIMARY KEY (account, symbol, position_side)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS perpetual_income (
  income_id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, symbol TEXT, type TEXT NOT NULL,
  amount TEXT NOT NULL, asset TEXT NOT NULL, trade_id INTEGER, time_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS perpetual_income_by_account ON perpetual_income (account, income_id);
CREATE TABLE IF NOT EXISTS perpetual_orders (
  order_id INTEGER PRIMARY KEY, position_side TEXT NOT NULL, reduce_only INTEGER NOT NULL,
  close_position INTEGER NOT NULL, origin TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS perpetual_trades (
  symbol TEXT NOT NULL, trade_id INTEGER NOT NULL, order_id INTEGER NOT NULL, position_side TEXT NOT NULL,
  realized_quote TEXT NOT NULL, PRIMARY KEY (symbol, trade_id, order_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS perpetual_funding (
  funding_id INTEGER PRIMARY KEY AUTOINCREMENT, symbol TEXT NOT NULL, rate TEXT NOT NULL, mark_quote TEXT NOT NULL,
  time_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS perpetual_conditionals (
  conditional_id INTEGER PRIMARY KEY, account TEXT NOT NULL, symbol TEXT NOT NULL, client_id TEXT NOT NULL,
  side TEXT NOT NULL, position_side TEXT NOT NULL, type TEXT NOT NULL, time_in_force TEXT NOT NULL, price_quote TEXT,
  amount_base TEXT NOT NULL, trigger_quote TEXT NOT NULL, working_type TEXT NOT NULL,
  reduce_only INTEGER NOT NULL, close_position INTEGER NOT NULL, state TEXT NOT NULL, order_id INTEGER,
  reason TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, triggered_ms INTEGER
);
CREATE INDEX IF NOT EXISTS perpetual_conditionals_by_account ON perpetual_conditionals (account, symbol, conditional_id);
CREATE INDEX IF NOT EXISTS perpetual_conditionals_by_client ON perpetual_conditionals (client_id, conditional_id);
`;

export const UPSERT_ACCOUNT = `INSERT INTO perpetual_accounts VALUES (?,?)
  ON CONFLICT (account) DO UPDATE SET hedged = excluded.hedged`;
export const UPSERT_WALLET = `INSERT INTO perpetual_wallets VALUES (?,?,?)
  ON CONFLICT (account, asset) DO UPDATE SET balance = excluded.balance`;
export const UPSERT_LEVERAGE = `INSERT INTO perpetual_leverage VALUES (?,?,?,?)
  ON CONFLICT (account, symbol) DO UPDATE SET leverage = excluded.leverage, margin_mode = excluded.margin_mode`;
export const UPSERT_POSITION = `INSERT INTO perpetual_positions VALUES (?,?,?,?,?,?,?,?)
  ON CONFLICT (account, symbol, position_side) DO UPDATE SET amount_base = excluded.amount_base,
    entry_cost_quote = excluded.entry_cost_quote, isolated_quote = excluded.isolated_quote,
    realized_quote = excluded.realized_quote, updated_ms = excluded.updated_ms`;
export const INSERT_INCOME = `INSERT INTO perpetual_income (account, symbol, type, amount, asset, trade_id, time_ms)
  VALUES (?,?,?,?,?,?,?)`;
export const INSERT_TERMS = 'INSERT INTO perpetual_orders VALUES (?,?,?,?,?)';
export const INSERT_TRADE_DETAILS = 'INSERT INTO perpetual_trades VALUES (?,?,?,?,?)';
export const INSERT_FUNDING = 'INSERT INTO perpetual_funding (symbol, rate, mark_quote, time_ms) VALUES (?,?,?,?)';
export const UPSERT_CONDITIONAL = `INSERT INTO perpetual_conditionals VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (conditional_id) DO UPDATE SET state = excluded.state, order_id = excluded.order_id,
    reason = excluded.reason, updated_ms = excluded.updated_ms, triggered_ms = excluded.triggered_ms`;

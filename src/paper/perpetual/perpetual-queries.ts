import { Decimal } from '../matching/exact-decimal.js';
import type { Order, Trade } from '../matching/order.js';
import type { ConditionalOrder, ConditionalState, ConditionalType, ContractTimeInForce, WorkingType } from './conditional-order.js';
import type { ContractTerms, LeverageTerms, PositionSide } from './contract.js';
import type { IncomeType, StoredIncome } from './income.js';
import type { Position } from './position.js';

type Value = string | number | null;

/** Reads rows of the ledger. */
export interface RowReader {
  all<Row>(sql: string, values: readonly Value[]): Row[];
}

interface Page {
  readonly limit: number;
  /** Rows of earlier pages to pass over; none unless given. */
  readonly offset?: number;
}

export interface IncomeFilter extends Page {
  readonly account: string | undefined;
  readonly symbol: string | undefined;
  readonly type: string | undefined;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export interface ConditionalFilter extends Page {
  readonly account: string;
  readonly symbol: string | undefined;
  readonly conditionalId: number | undefined;
  readonly clientId: string | undefined;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export interface StoredFunding {
  readonly symbol: string;
  readonly rate: Decimal;
  readonly markQuote: Decimal;
  readonly timeMs: number;
}

/** Reads of the perpetual tables. Lists are bounded and ascending. */
export class PerpetualQueries {
  constructor(private readonly reader: RowReader) {}

  accounts(): { account: string; hedged: boolean }[] {
    const rows = this.reader.all<{ account: string; hedged: number }>('SELECT * FROM perpetual_accounts', []);
    return rows.map((row) => ({ account: row.account, hedged: row.hedged === 1 }));
  }

  wallets(): { account: string; asset: string; balance: Decimal }[] {
    const rows = this.reader.all<{ account: string; asset: string; balance: string }>('SELECT * FROM perpetual_wallets', []);
    return rows.map((row) => ({ ...row, balance: new Decimal(row.balance) }));
  }

  leverage(): ({ account: string; symbol: string } & LeverageTerms)[] {
    const sql = 'SELECT account, symbol, leverage, margin_mode AS marginMode FROM perpetual_leverage';
    return this.reader.all(sql, []);
  }

  positions(): Position[] {
    const rows = this.reader.all<PositionRow>('SELECT * FROM perpetual_positions', []);
    return rows.map((row) => ({
      account: row.account,
      symbol: row.symbol,
      positionSide: row.position_side,
      amountBase: new Decimal(row.amount_base),
      entryCostQuote: new Decimal(row.entry_cost_quote),
      isolatedQuote: new Decimal(row.isolated_quote),
      realizedQuote: new Decimal(row.realized_quote),
      updatedMs: row.updated_ms,
    }));
  }

  /** The order with what makes it a contract's; unchanged when it is a spot order. */
  withTerms(order: Order): Order {
    const rows = this.reader.all<TermsRow>('SELECT * FROM perpetual_orders WHERE order_id = ?', [order.orderId]);
    const row = rows[0];
    if (row === undefined) return order;
    const contract: ContractTerms = {
      positionSide: row.position_side,
      reduceOnly: row.reduce_only === 1,
      closePosition: row.close_position === 1,
      origin: row.origin,
    };
    return { ...order, contract };
  }

  withDetails(trade: Trade): Trade {
    const sql = 'SELECT * FROM perpetual_trades WHERE symbol = ? AND trade_id = ? AND order_id = ?';
    const rows = this.reader.all<{ position_side: PositionSide; realized_quote: string }>(sql, [trade.symbol, trade.tradeId, trade.orderId]);
    const row = rows[0];
    if (row === undefined) return trade;
    return { ...trade, contract: { positionSide: row.position_side, realizedQuote: new Decimal(row.realized_quote) } };
  }

  /** The newest `limit` that fit, or the oldest when a start is given. */
  incomes(filter: IncomeFilter): StoredIncome[] {
    const where = new Conditions()
      .and('account = ?', filter.account)
      .and('symbol = ?', filter.symbol)
      .and('type = ?', filter.type)
      .and('time_ms >= ?', filter.fromMs)
      .and('time_ms <= ?', filter.toMs);
    const rows = this.page<IncomeRow>('perpetual_income', 'income_id', where, filter.fromMs === undefined, filter);
    return rows.map((row) => ({
      incomeId: row.income_id,
      account: row.account,
      symbol: row.symbol ?? undefined,
      type: row.type,
      amount: new Decimal(row.amount),
      asset: row.asset,
      tradeId: row.trade_id ?? undefined,
      timeMs: row.time_ms,
    }));
  }

  funding(symbol: string | undefined, fromMs: number | undefined, toMs: number | undefined, limit: number): StoredFunding[] {
    const where = new Conditions().and('symbol = ?', symbol).and('time_ms >= ?', fromMs).and('time_ms <= ?', toMs);
    const rows = this.page<FundingRow>('perpetual_funding', 'funding_id', where, fromMs === undefined, { limit });
    return rows.map((row) => ({
      symbol: row.symbol,
      rate: new Decimal(row.rate),
      markQuote: new Decimal(row.mark_quote),
      timeMs: row.time_ms,
    }));
  }

  conditionals(filter: ConditionalFilter): ConditionalOrder[] {
    const where = new Conditions()
      .and('account = ?', filter.account)
      .and('symbol = ?', filter.symbol)
      .and('conditional_id = ?', filter.conditionalId)
      .and('client_id = ?', filter.clientId)
      .and('created_ms >= ?', filter.fromMs)
      .and('created_ms <= ?', filter.toMs);
    return this.page<ConditionalRow>('perpetual_conditionals', 'conditional_id', where, true, filter).map(conditionalOf);
  }

  /** Those that wait, and those whose order was still open when the exchange went down. */
  liveConditionals(): ConditionalOrder[] {
    const sql = `SELECT * FROM perpetual_conditionals WHERE state IN ('new', 'triggered') ORDER BY conditional_id`;
    return this.reader.all<ConditionalRow>(sql, []).map(conditionalOf);
  }

  lastConditionalId(): number {
    const sql = 'SELECT max(conditional_id) AS value FROM perpetual_conditionals';
    return this.reader.all<{ value: number | null }>(sql, [])[0]?.value ?? 0;
  }

  private page<Row>(table: string, key: string, where: Conditions, newest: boolean, page: Page): Row[] {
    const direction = newest ? 'DESC' : 'ASC';
    const sql = `SELECT * FROM ${table} ${where.sql} ORDER BY ${key} ${direction} LIMIT ? OFFSET ?`;
    const rows = this.reader.all<Row>(sql, [...where.values, page.limit, page.offset ?? 0]);
    return newest ? rows.reverse() : rows;
  }
}

/** WHERE terms of the filters that were given. */
class Conditions {
  private readonly terms: string[] = [];
  readonly values: Value[] = [];

  and(term: string, value: string | number | undefined): this {
    if (value === undefined) return this;
    this.terms.push(term);
    this.values.push(value);
    return this;
  }

  get sql(): string {
    return this.terms.length === 0 ? '' : `WHERE ${this.terms.join(' AND ')}`;
  }
}

function conditionalOf(row: ConditionalRow): ConditionalOrder {
  return {
    conditionalId: row.conditional_id,
    account: row.account,
    symbol: row.symbol,
    clientId: row.client_id,
    side: row.side,
    positionSide: row.position_side,
    type: row.type,
    timeInForce: row.time_in_force,
    priceQuote: row.price_quote === null ? null : new Decimal(row.price_quote),
    amountBase: new Decimal(row.amount_base),
    triggerQuote: new Decimal(row.trigger_quote),
    workingType: row.working_type,
    reduceOnly: row.reduce_only === 1,
    closePosition: row.close_position === 1,
    state: row.state,
    orderId: row.order_id,
    reason: row.reason,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    triggeredMs: row.triggered_ms,
  };
}

interface PositionRow {
  readonly account: string;
  readonly symbol: string;
  readonly position_side: PositionSide;
  readonly amount_base: string;
  readonly entry_cost_quote: string;
  readonly isolated_quote: string;
  readonly realized_quote: string;
  readonly updated_ms: number;
}

interface TermsRow {
  readonly position_side: PositionSide;
  readonly reduce_only: number;
  readonly close_position: number;
  readonly origin: ContractTerms['origin'];
}

interface IncomeRow {
  readonly income_id: number;
  readonly account: string;
  readonly symbol: string | null;
  readonly type: IncomeType;
  readonly amount: string;
  readonly asset: string;
  readonly trade_id: number | null;
  readonly time_ms: number;
}

interface FundingRow {
  readonly symbol: string;
  readonly rate: string;
  readonly mark_quote: string;
  readonly time_ms: number;
}

interface ConditionalRow {
  readonly conditional_id: number;
  readonly account: string;
  readonly symbol: string;
  readonly client_id: string;
  readonly side: 'buy' | 'sell';
  readonly position_side: PositionSide;
  readonly type: ConditionalType;
  readonly time_in_force: ContractTimeInForce;
  readonly price_quote: string | null;
  readonly amount_base: string;
  readonly trigger_quote: string;
  readonly working_type: WorkingType;
  readonly reduce_only: number;
  readonly close_position: number;
  readonly state: ConditionalState;
  readonly order_id: number | null;
  readonly reason: string;
  readonly created_ms: number;
  readonly updated_ms: number;
  readonly triggered_ms: number | null;
}

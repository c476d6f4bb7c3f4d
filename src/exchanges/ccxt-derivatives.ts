import { Decimal, parseDecimal, toDecimalString, ZERO } from '../domain/money.js';
import { type DerivativesPort, type ExchangeOrder, type ExchangePosition, type ExchangeTrade, ExchangeReadError, type FundingPayment, type Liquidation, type PositionMode } from '../ports/exchange.js';
import type { CcxtConnection } from './ccxt-connection.js';
import type { CcxtFundingRate, CcxtIncome, CcxtPosition } from './ccxt-client.js';
import { readPages } from './read-pages.js';
import { UnusableAnswerError } from './request-error.js';

const MODE_MAX_AGE_MS = 60_000;
const PAGE_ROWS = 1_000;
/** Settlements are an hour apart at least; what is booked for one is booked within this. */
const SETTLEMENT_SLACK_MS = 60_000;

/** Rate and mark price of one settlement, as published. */
interface Settlement {
  readonly atMs: number;
  readonly rate: string | null;
  readonly markPriceQuote: string | null;
}

/** Client order ids that Binance gives to orders by which it closes a position itself. */
const LIQUIDATION_IDS = /^(?:autoclose-|adl_autoclose|settlement_autoclose-)/;

export function isLiquidationId(clientOrderId: string): boolean {
  return LIQUIDATION_IDS.test(clientOrderId);
}

/** Orders and trades as the account's own port reads them. */
export interface OrderReads {
  ordersSince(pair: string, sinceMs: number): Promise<readonly ExchangeOrder[]>;
  tradesOf(pair: string, exchangeOrderId: string): Promise<readonly ExchangeTrade[]>;
}

/** Leverage, position mode, positions and funding of one account of a perpetual market. */
export class CcxtDerivatives implements DerivativesPort {
  readonly #connection: CcxtConnection;
  readonly #orders: OrderReads;
  #mode: { readonly value: PositionMode; readonly readAtMs: number } | null = null;

  constructor(connection: CcxtConnection, orders: OrderReads) {
    this.#connection = connection;
    this.#orders = orders;
  }

  async positionMode(fresh = false): Promise<PositionMode> {
    const known = this.#mode;
    if (!fresh && known !== null && Date.now() - known.readAtMs < MODE_MAX_AGE_MS) return known.value;
    await this.#connection.ready();
    const readAtMs = Date.now();
    const { hedged } = await this.#connection.read(async () => await this.#connection.client.fetchPositionMode(), { priority: 'create' });
    if (typeof hedged !== 'boolean') throw new UnusableAnswerError('the answer does not tell the position mode');
    const value: PositionMode = hedged ? 'hedge' : 'oneway';
    this.#mode = { value, readAtMs };
    return value;
  }

  /** Somebody changed it: the next order asks again. */
  forgetMode(): void {
    this.#mode = null;
  }

  async leverage(pair: string): Promise<number> {
    const { symbol } = await this.#connection.market(pair);
    const leverages = await this.#connection.read(async () => await this.#connection.client.fetchLeverages([symbol]), { priority: 'create' });
    const leverage = Number(leverages[symbol]?.longLeverage);
    if (!Number.isInteger(leverage) || leverage < 1) throw new UnusableAnswerError('the answer does not tell the leverage');
    return leverage;
  }

  async setLeverage(pair: string, leverage: number): Promise<void> {
    const { symbol } = await this.#connection.market(pair);
    const options = { operation: 'read', priority: 'create', deadlineMs: this.#connection.requestDeadlineMs, mustContain: null } as const;
    const attempt = await this.#connection.attempt(options, async () => await this.#connection.client.setLeverage(leverage, symbol, {}));
    if (!attempt.ok && !isAlreadySo(attempt.classified.failure.exchangeCode)) throw new ExchangeReadError(attempt.classified.failure);
  }

  async positions(): Promise<readonly ExchangePosition[]> {
    await this.#connection.ready();
    const positions = await this.#connection.read(async () => await this.#connection.client.fetchPositions());
    return positions.map((position) => this.#readPosition(position)).filter((position) => position.netBase !== '0');
  }

  async fundingPayments(pair: string, sinceMs: number): Promise<readonly FundingPayment[]> {
    const { symbol } = await this.#connection.market(pair);
    const { client } = this.#connection;
    const page = async (fromMs: number): Promise<readonly CcxtIncome[]> => await this.#connection.read(async () => await client.fetchFundingHistory(symbol, fromMs, PAGE_ROWS));
    // A page begins where the last one ended: several settlements may have one time, so it is asked for again.
    const rows = await readPages({ rows: PAGE_ROWS, first: async () => await page(sinceMs), after: async (last) => await page(last.timestamp ?? sinceMs), keyOf: (row) => String(row.id) });
    const first = rows[0]?.timestamp;
    if (first === undefined) return [];
    const settlements = await readPages({
      rows: PAGE_ROWS,
      first: async () => await this.#settlements(symbol, first - SETTLEMENT_SLACK_MS),
      after: async (last) => await this.#settlements(symbol, last.atMs),
      keyOf: (settlement) => String(settlement.atMs),
    });
    return rows.map((row) => readFunding(row, pair, settlements));
  }

  async #settlements(symbol: string, sinceMs: number): Promise<readonly Settlement[]> {
    const rows = await this.#connection.read(async () => await this.#connection.client.fetchFundingRateHistory(symbol, sinceMs, PAGE_ROWS));
    return rows.map(readSettlement);
  }

  async liquidations(pair: string, sinceMs: number): Promise<readonly Liquidation[]> {
    const orders = (await this.#orders.ordersSince(pair, sinceMs)).filter((order) => isLiquidationId(order.clientOrderId));
    return await Promise.all(orders.map(async (order) => ({ order, trades: await this.#orders.tradesOf(pair, order.exchangeOrderId) })));
  }

  #readPosition(position: CcxtPosition): ExchangePosition {
    // ccxt tells the side by the sign of a value that is 0 while no mark price is known; the exchange's own amount has a sign.
    const { positionAmt } = (position.info ?? {}) as { readonly positionAmt?: unknown };
    if (typeof positionAmt !== 'string') throw new UnusableAnswerError('a position without an amount');
    const netBase = parseDecimal('positionAmt', positionAmt);
    return {
      pair: this.#connection.catalog.pairOf(position.symbol ?? ''),
      side: position.hedged === true ? (netBase.isNegative() ? 'short' : 'long') : 'net',
      netBase: netBase.isZero() ? '0' : toDecimalString(netBase),
      entryPriceQuote: text(position.entryPrice) ?? '0',
      markPriceQuote: text(position.markPrice),
      liquidationPriceQuote: positive(position.liquidationPrice),
      leverage: position.leverage === undefined || position.leverage === null ? null : Number(position.leverage),
    };
  }
}

function readFunding(row: CcxtIncome, pair: string, settlements: readonly Settlement[]): FundingPayment {
  const { id, code, timestamp } = row;
  if (id === undefined || row.amount === undefined || code === undefined || timestamp === undefined) {
    throw new UnusableAnswerError('a funding payment lacks its id, amount, asset or time');
  }
  const settlement = nearest(settlements, timestamp);
  return {
    id,
    pair,
    asset: code,
    amount: toDecimalString(parseDecimal('funding', row.amount)),
    rate: settlement?.rate ?? null,
    markPriceQuote: settlement?.markPriceQuote ?? null,
    atMs: timestamp,
  };
}

/** The payment is booked a moment after the time of its settlement. */
function nearest(settlements: readonly Settlement[], atMs: number): Settlement | null {
  const distance = (settlement: Settlement): number => Math.abs(settlement.atMs - atMs);
  const best = settlements.reduce<Settlement | null>((found, next) => (found === null || distance(next) < distance(found) ? next : found), null);
  return best !== null && distance(best) <= SETTLEMENT_SLACK_MS ? best : null;
}

function readSettlement(row: CcxtFundingRate): Settlement {
  const { markPrice } = (row.info ?? {}) as { readonly markPrice?: unknown };
  if (row.timestamp === undefined) throw new UnusableAnswerError('a funding rate without a time');
  return {
    atMs: row.timestamp,
    rate: row.fundingRate === undefined ? null : toDecimalString(parseDecimal('fundingRate', String(row.fundingRate))),
    markPriceQuote: typeof markPrice === 'string' ? positive(markPrice) : null,
  };
}

/** "No need to change" is what was asked for. */
function isAlreadySo(exchangeCode: string | null): boolean {
  return exchangeCode === '-4059' || exchangeCode === '-4046';
}

function text(value: string | undefined | null): string | null {
  return value === undefined || value === null ? null : toDecimalString(parseDecimal('price', value));
}

function positive(value: string | undefined | null): string | null {
  const price = value === undefined || value === null ? ZERO : parseDecimal('price', value);
  return price.greaterThan(ZERO) ? toDecimalString(Decimal.abs(price)) : null;
}

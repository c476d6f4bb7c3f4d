import { Decimal, parseDecimal, toDecimalString, ZERO } from '../domain/money.js';
import { type DerivativesPort, type ExchangeOrder, type ExchangePosition, type ExchangeTrade, ExchangeReadError, type FundingPayment, type Liquidation, type PositionMode } from '../ports/exchange.js';
import type { CcxtConnection } from './ccxt-connection.js';
import type { CcxtIncome, CcxtPosition } from './ccxt-client.js';
import { readPages } from './read-pages.js';
import { UnusableAnswerError } from './request-error.js';

const MODE_MAX_AGE_MS = 60_000;
const PAGE_ROWS = 1_000;

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

  async positionMode(): Promise<PositionMode> {
    const known = this.#mode;
    if (known !== null && Date.now() - known.readAtMs < MODE_MAX_AGE_MS) return known.value;
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
    const page = async (fromMs: number): Promise<readonly FundingPayment[]> => {
      const rows = await this.#connection.read(async () => await this.#connection.client.fetchFundingHistory(symbol, fromMs, PAGE_ROWS));
      return rows.map((row) => readFunding(row, pair));
    };
    // A page begins where the last one ended: several settlements may have one time, so it is asked for again.
    return await readPages({ rows: PAGE_ROWS, first: async () => await page(sinceMs), after: async (last) => await page(last.atMs), keyOf: (payment) => payment.id });
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

function readFunding(row: CcxtIncome, pair: string): FundingPayment {
  if (row.id === undefined || row.amount === undefined || row.code === undefined || row.timestamp === undefined) {
    throw new UnusableAnswerError('a funding payment lacks its id, amount, asset or time');
  }
  return { id: row.id, pair, asset: row.code, amount: toDecimalString(parseDecimal('funding', row.amount)), atMs: row.timestamp };
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

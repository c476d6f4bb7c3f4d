import type { Account } from '../../src/paper/exchange/account-file.js';
import type { ExchangeState } from '../../src/paper/exchange/exchange-state.js';
import { DEFAULT_INSTRUMENTS, instrumentSchema, toInstrument } from '../../src/paper/exchange/instrument-file.js';
import type { BookUpdate } from '../../src/paper/exchange/market-intake.js';
import type { OrderRequest } from '../../src/paper/exchange/order-entry.js';
import { openExchange } from '../../src/paper/exchange/recovery.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';

export const INSTRUMENT_SETUPS = DEFAULT_INSTRUMENTS.map((input) => toInstrument(instrumentSchema.parse(input)));

export interface ExchangeFixtureOptions {
  readonly databaseFile?: string;
  readonly accounts?: readonly Account[];
  readonly now?: () => number;
  readonly rate?: string;
}

export function account(name: string, balances: Account['balances']): Account {
  return { name, apiKey: `${name}-key`, secret: `${name}-secret`, balances, perpetualBalances: {} };
}

/** An exchange without wires, in memory unless a file is named. A failure inside it fails the test. */
export function openTestExchange(options: ExchangeFixtureOptions = {}): ExchangeState {
  const rate = new Decimal(options.rate ?? '0.001');
  return openExchange({
    databaseFile: options.databaseFile ?? ':memory:',
    accounts: options.accounts ?? [account('paper', { USDT: '100000', BTC: '10', BNB: '10' })],
    instruments: INSTRUMENT_SETUPS.map(({ instrument }) => instrument),
    fees: { makerRate: rate, takerRate: rate, feeAsset: 'received' },
    now: options.now ?? Date.now,
    fail: () => undefined,
  });
}

export function levels(...pairs: readonly (readonly [string, string])[]): [Decimal, Decimal][] {
  return pairs.map(([price, size]) => [new Decimal(price), new Decimal(size)]);
}

export function snapshot(bids: readonly (readonly [string, string])[], asks: readonly (readonly [string, string])[]): BookUpdate {
  return { kind: 'snapshot', bids: levels(...bids), asks: levels(...asks) };
}

let counter = 0;

/** A BTCUSDT order; amounts and prices as text. */
export function order(
  side: 'buy' | 'sell',
  type: OrderRequest['type'],
  amountBase: string | null,
  priceQuote: string | null,
  more: Partial<OrderRequest> = {},
): OrderRequest {
  counter += 1;
  return {
    account: 'paper',
    symbol: 'BTCUSDT',
    clientOrderId: `order-${counter}`,
    side,
    type,
    timeInForce: 'GTC',
    priceQuote: priceQuote === null ? null : new Decimal(priceQuote),
    amountBase: amountBase === null ? null : new Decimal(amountBase),
    stopPriceQuote: null,
    amountQuote: null,
    ...more,
  };
}

/** Free and locked of an asset, as text. */
export function balanceOf(state: ExchangeState, asset: string, name = 'paper'): [free: string, locked: string] {
  const { free, locked } = state.balances.of(name, asset);
  return [free.toFixed(), locked.toFixed()];
}

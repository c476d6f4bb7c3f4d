import type { ExchangeState } from '../../src/paper/exchange/exchange-state.js';
import { openExchange } from '../../src/paper/exchange/recovery.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { DEFAULT_CONTRACTS, contractSchema, toContract } from '../../src/paper/perpetual/contract-file.js';
import type { ContractOrderRequest } from '../../src/paper/perpetual/contract-order-entry.js';
import { openPerpetuals } from '../../src/paper/perpetual/open-perpetuals.js';
import type { PerpetualExchange } from '../../src/paper/perpetual/perpetual-exchange.js';

export const BTC = 'BTCUSDT_PERP';

const SETUPS = DEFAULT_CONTRACTS.map((input) => toContract(contractSchema.parse(input)));

export interface PerpetualFixtureOptions {
  readonly databaseFile?: string;
  readonly wallets?: Readonly<Record<string, string>>;
  readonly feeRate?: string;
  readonly now?: () => number;
}

/** A perpetual market without wires, in memory unless a file is named. A failure inside it fails the test. */
export function openTestPerpetuals(options: PerpetualFixtureOptions = {}): PerpetualExchange {
  const wallets = options.wallets ?? { alice: '10000', bob: '10000' };
  const accounts = Object.entries(wallets).map(([name, amount]) => ({
    name,
    apiKey: `${name}-key`,
    secret: `${name}-secret`,
    balances: {},
    perpetualBalances: { USDT: amount },
  }));
  const rate = new Decimal(options.feeRate ?? '0.0005');
  const state: ExchangeState = openExchange({
    databaseFile: options.databaseFile ?? ':memory:',
    accounts,
    instruments: SETUPS.map(({ instrument }) => instrument),
    fees: { makerRate: rate, takerRate: rate, feeAsset: 'received' },
    now: options.now ?? Date.now,
    fail: () => undefined,
  });
  const contracts = SETUPS.map(({ contract }) => contract);
  return openPerpetuals(state, { contracts, accounts, fees: { makerRate: rate, takerRate: rate } });
}

let counter = 0;

/** A BTCUSDT perpetual order; amounts and prices as text. */
export function contractOrder(
  account: string,
  side: 'buy' | 'sell',
  amountBase: string,
  priceQuote: string | null,
  more: Partial<ContractOrderRequest> = {},
): ContractOrderRequest {
  counter += 1;
  return {
    account,
    symbol: BTC,
    clientOrderId: `order-${counter}`,
    side,
    positionSide: 'both',
    priceQuote: priceQuote === null ? null : new Decimal(priceQuote),
    timeInForce: 'GTC',
    amountBase: new Decimal(amountBase),
    reduceOnly: false,
    closePosition: false,
    origin: 'customer',
    ...more,
  };
}

/** Signed size and entry price of a position, as text. */
export function positionOf(perpetuals: PerpetualExchange, account: string, side: 'both' | 'long' | 'short' = 'both'): [string, string] {
  const { amountBase, entryCostQuote } = perpetuals.account(account).position(BTC, side);
  return [amountBase.toFixed(), amountBase.isZero() ? '0' : entryCostQuote.div(amountBase).toFixed()];
}

export function walletOf(perpetuals: PerpetualExchange, account: string): string {
  return perpetuals.account(account).wallet('USDT').toFixed();
}

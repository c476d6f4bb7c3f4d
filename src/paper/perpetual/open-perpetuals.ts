import { z } from 'zod';
import type { ExchangeState } from '../exchange/exchange-state.js';
import { transact } from '../exchange/unit-of-work.js';
import { Decimal } from '../matching/exact-decimal.js';
import { FIRST_CONDITIONAL_ID } from './conditional-orders.js';
import { contractSetting } from './contract-control.js';
import { createContractHooks } from './contract-hooks.js';
import type { ContractMarket, ContractSettings } from './contract-market.js';
import type { Contract } from './contract.js';
import { nextSettlement } from './funding.js';
import { type PerpetualFees, PerpetualExchange } from './perpetual-exchange.js';
import { PerpetualQueries } from './perpetual-queries.js';
import { UPSERT_ACCOUNT } from './perpetual-tables.js';

const EIGHT_HOURS_MS = 28_800_000;
const DEFAULT_FUNDING_RATE = '0.0001';

export interface PerpetualOptions {
  readonly contracts: readonly Contract[];
  /** Deposited once into the perpetual wallet, when the ledger sees the account there for the first time. */
  readonly accounts: readonly { readonly name: string; readonly perpetualBalances: Readonly<Record<string, string>> }[];
  readonly fees: PerpetualFees;
}

/** Rebuilds the perpetual market from the ledger: wallets, positions, settings and conditional orders. Pairs must exist. */
export function openPerpetuals(state: ExchangeState, options: PerpetualOptions): PerpetualExchange {
  const queries = new PerpetualQueries(state.ledger.queries);
  const perpetuals = new PerpetualExchange(state, queries, options.fees);
  const settings = state.ledger.queries.settings();
  for (const contract of options.contracts) addContract(perpetuals, contract, settings.get(contractSetting(contract.symbol)));
  restoreAccounts(perpetuals);
  for (const account of options.accounts) openAccount(perpetuals, account.name, account.perpetualBalances);
  perpetuals.conditionals.nextId = Math.max(queries.lastConditionalId() + 1, FIRST_CONDITIONAL_ID);
  for (const order of queries.liveConditionals()) perpetuals.conditionals.add(order);
  return perpetuals;
}

const storedSchema = z.object({
  markQuote: z.string().nullable(),
  fundingRate: z.string(),
  fundingIntervalMs: z.number(),
  nextFundingMs: z.number(),
});

function addContract(perpetuals: PerpetualExchange, contract: Contract, stored: string | undefined): void {
  const pair = perpetuals.state.pair(contract.symbol);
  const market: ContractMarket = { contract, pair, settings: settingsOf(perpetuals, stored), lastMarkQuote: undefined };
  perpetuals.markets.set(contract.symbol, market);
  pair.contract = createContractHooks(perpetuals, market);
}

function settingsOf(perpetuals: PerpetualExchange, stored: string | undefined): ContractSettings {
  if (stored === undefined) {
    const nextFundingMs = nextSettlement(perpetuals.state.now(), EIGHT_HOURS_MS);
    return { markQuote: null, fundingRate: new Decimal(DEFAULT_FUNDING_RATE), fundingIntervalMs: EIGHT_HOURS_MS, nextFundingMs };
  }
  const { markQuote, fundingRate, ...times } = storedSchema.parse(JSON.parse(stored));
  return { markQuote: markQuote === null ? null : new Decimal(markQuote), fundingRate: new Decimal(fundingRate), ...times };
}

function restoreAccounts(perpetuals: PerpetualExchange): void {
  const { queries } = perpetuals;
  for (const { account, hedged } of queries.accounts()) perpetuals.account(account).hedged = hedged;
  for (const { account, asset, balance } of queries.wallets()) perpetuals.account(account).wallets.set(asset, balance);
  for (const { account, symbol, leverage, marginMode } of queries.leverage()) {
    perpetuals.account(account).leverage.set(symbol, { leverage, marginMode });
  }
  for (const position of queries.positions()) perpetuals.account(position.account).setPosition(position);
}

function openAccount(perpetuals: PerpetualExchange, name: string, balances: Readonly<Record<string, string>>): void {
  if (perpetuals.queries.accounts().some(({ account }) => account === name)) return;
  transact(perpetuals.state, (work) => {
    work.row(UPSERT_ACCOUNT, [name, 0]);
    for (const [asset, amount] of Object.entries(balances)) {
      perpetuals.book(work, { account: name, symbol: undefined, type: 'TRANSFER', amount: new Decimal(amount), asset, tradeId: undefined });
      work.event('perpetual-deposit', { account: name }, { asset, amount });
    }
  });
}

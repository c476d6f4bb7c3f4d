import type { Pair } from '../exchange/exchange-state.js';
import type { Decimal } from '../matching/exact-decimal.js';
import type { Contract } from './contract.js';

/** What of a contract the control API can set; kept in the ledger. */
export interface ContractSettings {
  /** Mark price laid down by hand; null follows the market. */
  markQuote: Decimal | null;
  /** Fraction of the notional that longs pay shorts at a settlement; below zero shorts pay. */
  fundingRate: Decimal;
  fundingIntervalMs: number;
  nextFundingMs: number;
}

/** One contract as it runs: its rules, its pair and its prices. */
export interface ContractMarket {
  readonly contract: Contract;
  readonly pair: Pair;
  readonly settings: ContractSettings;
  /** Last middle price seen, for while the book shows only one side. */
  lastMarkQuote: Decimal | undefined;
}

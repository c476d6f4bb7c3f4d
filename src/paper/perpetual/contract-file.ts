import { z } from 'zod';
import { type InstrumentSetup, instrumentSchema, positiveDecimal, toInstrument } from '../exchange/instrument-file.js';
import { Decimal } from '../matching/exact-decimal.js';
import { contractSymbol } from './contract-symbol.js';
import type { Contract } from './contract.js';
import { type BracketStep, buildBrackets } from './leverage-brackets.js';

const bracketSchema = z.tuple([z.int().min(1).max(125), positiveDecimal, positiveDecimal]);

/** A perpetual as a file describes it: the rules of a pair (its symbol as on the wire) and those of the contract. */
export const contractSchema = instrumentSchema.extend({
  settleAsset: z.string().regex(/^[A-Z0-9]{1,10}$/).default('USDT'),
  /** Largest leverage, notional cap and maintenance rate of each step, from the smallest notional up. */
  brackets: z.array(bracketSchema).min(1).max(50).optional(),
  liquidationFeeRate: positiveDecimal.default('0.0125'),
  defaultLeverage: z.int().min(1).max(125).default(20),
});

export type ContractInput = z.input<typeof contractSchema>;

export interface ContractSetup extends InstrumentSetup {
  readonly contract: Contract;
}

/** The scale Binance has for its largest contracts. */
const DEFAULT_STEPS: readonly BracketStep[] = [
  [125, '50000', '0.004'],
  [100, '600000', '0.005'],
  [75, '3000000', '0.0065'],
  [50, '12000000', '0.01'],
  [25, '70000000', '0.02'],
  [20, '100000000', '0.025'],
  [10, '230000000', '0.05'],
  [5, '480000000', '0.1'],
  [4, '600000000', '0.125'],
  [3, '800000000', '0.15'],
  [2, '1200000000', '0.25'],
  [1, '1800000000', '0.5'],
];

export function toContract(input: z.output<typeof contractSchema>): ContractSetup {
  const { settleAsset, brackets, liquidationFeeRate, defaultLeverage, ...pair } = input;
  const symbol = contractSymbol(pair.symbol);
  const { instrument, syntheticPriceQuote } = toInstrument(pair);
  const contract: Contract = {
    symbol,
    wireSymbol: pair.symbol,
    settleAsset,
    brackets: buildBrackets(brackets ?? DEFAULT_STEPS),
    liquidationFeeRate: new Decimal(liquidationFeeRate),
    defaultLeverage,
  };
  return { instrument: { ...instrument, symbol }, syntheticPriceQuote, contract };
}

/** Ticks, steps and smallest notionals are those of Binance USD-M. */
export const DEFAULT_CONTRACTS: readonly ContractInput[] = [
  contract('BTC', '0.1', '0.001', '1000', '120', '100', '60000'),
  contract('ETH', '0.01', '0.001', '10000', '2000', '20', '2600'),
  contract('BNB', '0.01', '0.01', '100000', '2000', '5', '500'),
];

function contract(
  base: string,
  priceTickQuote: string,
  amountStepBase: string,
  maxAmountBase: string,
  maxMarketAmountBase: string,
  minNotionalQuote: string,
  syntheticPriceQuote: string,
): ContractInput {
  const rules = { priceTickQuote, amountStepBase, maxAmountBase, maxMarketAmountBase, minNotionalQuote, maxOpenOrders: 200 };
  return { symbol: `${base}USDT`, baseAsset: base, quoteAsset: 'USDT', ...rules, syntheticPriceQuote };
}

import type { PairAmounts } from '../amm/pair-amounts.js';
import { exactly, ZERO, type Decimal } from '../money.js';
import { gasExcluded, type LpGas } from './lp-gas.js';

/** What was really put in, from the receipt of the deposit, and the pool's price in that block. */
export interface LpDeposit extends PairAmounts {
  readonly priceQuote: Decimal;
}

/** What the position is now: in the pool and owed as fees while it is open, what came back once it is closed. */
export interface LpHolding extends PairAmounts {
  readonly feeBase: Decimal;
  readonly feeQuote: Decimal;
}

export interface LpPnl {
  /** False without a price: every figure of value is then 0. */
  readonly priced: boolean;
  /** Deposit at the price of its own block. */
  readonly initialQuote: Decimal;
  /** Without fees. */
  readonly valueQuote: Decimal;
  readonly feesEarnedQuote: Decimal;
  /** Gas of known rate. */
  readonly gasQuote: Decimal;
  /** Some gas has no known rate and is missing in the net. */
  readonly gasExcluded: boolean;
  /** valueQuote + feesEarnedQuote - initialQuote - gasQuote. */
  readonly netPnlQuote: Decimal;
  /** Of initialQuote; 0.01 is 1 %. 0 without a deposit. To 40 digits. */
  readonly netPnlFraction: Decimal;
  /** The deposit had it stayed in the wallet, at the price of now. */
  readonly hodlQuote: Decimal;
  /** valueQuote - hodlQuote: what providing liquidity cost against holding, fees apart. Negative or 0 while nothing is withdrawn. */
  readonly divergenceQuote: Decimal;
}

/**
 * P&L of one liquidity position, at quote per base. Without a deposit (the open failed) only the gas is lost; without a
 * price nothing is valued, because any number would be an invention.
 */
export function lpPnl(deposit: LpDeposit | null, holding: LpHolding, priceQuote: Decimal | null, gas: LpGas): LpPnl {
  const gasFigures = { gasQuote: gas.gasQuote, gasExcluded: gasExcluded(gas) };
  if (priceQuote === null || !priceQuote.greaterThan(ZERO)) return { ...NOTHING, ...gasFigures, priced: false };
  if (deposit === null) return { ...NOTHING, ...gasFigures, priced: true, netPnlQuote: gas.gasQuote.negated() };
  const initialQuote = valueAt(deposit, deposit.priceQuote);
  const valueQuote = valueAt(holding, priceQuote);
  const feesEarnedQuote = valueAt({ amountBase: holding.feeBase, amountQuote: holding.feeQuote }, priceQuote);
  const hodlQuote = valueAt(deposit, priceQuote);
  const netPnlQuote = exactly.difference(exactly.sum(valueQuote, feesEarnedQuote), exactly.sum(initialQuote, gas.gasQuote));
  return {
    priced: true,
    initialQuote,
    valueQuote,
    feesEarnedQuote,
    ...gasFigures,
    netPnlQuote,
    netPnlFraction: initialQuote.isZero() ? ZERO : netPnlQuote.dividedBy(initialQuote),
    hodlQuote,
    divergenceQuote: exactly.difference(valueQuote, hodlQuote),
  };
}

/** Base at the price, and quote. */
export function valueAt(amounts: PairAmounts, priceQuote: Decimal): Decimal {
  return exactly.sum(exactly.product(amounts.amountBase, priceQuote), amounts.amountQuote);
}

const NOTHING: LpPnl = {
  priced: false,
  initialQuote: ZERO,
  valueQuote: ZERO,
  feesEarnedQuote: ZERO,
  gasQuote: ZERO,
  gasExcluded: false,
  netPnlQuote: ZERO,
  netPnlFraction: ZERO,
  hodlQuote: ZERO,
  divergenceQuote: ZERO,
};

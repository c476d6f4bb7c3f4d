import { Decimal, exactly, ZERO } from '../money.js';

/** Gas an executor has paid: every receipt counts, reverted attempts, replacements and approvals included. */
export interface LpGas {
  /** All of it, in the chain's own coin. */
  readonly gasNative: Decimal;
  /** The part that a rate was known for when it was paid, in quote. */
  readonly gasQuote: Decimal;
  /** The part without a rate, in the chain's own coin. It is in no P&L: a rate of 1 would be an invention. */
  readonly unpricedNative: Decimal;
}

export type LpGasText = { readonly [Field in keyof LpGas]: string };

export const NO_GAS: LpGas = { gasNative: ZERO, gasQuote: ZERO, unpricedNative: ZERO };

/** Books what one receipt cost. `nativePriceQuote`: quote per native coin at that time, null while nobody knows it. */
export function bookGas(gas: LpGas, paidNative: Decimal, nativePriceQuote: Decimal | null): LpGas {
  const gasNative = exactly.sum(gas.gasNative, paidNative);
  if (nativePriceQuote === null) return { ...gas, gasNative, unpricedNative: exactly.sum(gas.unpricedNative, paidNative) };
  return { ...gas, gasNative, gasQuote: exactly.sum(gas.gasQuote, exactly.product(paidNative, nativePriceQuote)) };
}

/** Books at this rate what was paid before one was known. */
export function priceGas(gas: LpGas, nativePriceQuote: Decimal): LpGas {
  const laterQuote = exactly.product(gas.unpricedNative, nativePriceQuote);
  return { gasNative: gas.gasNative, gasQuote: exactly.sum(gas.gasQuote, laterQuote), unpricedNative: ZERO };
}

/** P&L lacks a part of the gas and has to say so. */
export function gasExcluded(gas: LpGas): boolean {
  return gas.unpricedNative.greaterThan(ZERO);
}

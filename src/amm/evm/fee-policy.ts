import { amountFromRaw } from '../../domain/amm/token-amount.js';
import { Decimal, parseDecimal, toDecimalString } from '../../domain/money.js';
import type { AmmFailure, FeePolicy } from '../../ports/amm.js';
import { integerOf } from './hex-text.js';
import { NATIVE_DECIMALS } from './receipt.js';

/** Fees of the moment, as the node tells them. */
export interface FeeMarket {
  readonly baseFeeWei: bigint;
  readonly proposedTipWei: bigint;
}

export interface GasPrice {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

export interface PricedGas extends GasPrice {
  readonly gasLimit: bigint;
  readonly maxCostNative: string;
  readonly expectedCostNative: string;
}

export type FeeDecision = { readonly kind: 'priced'; readonly gas: PricedGas } | { readonly kind: 'refused'; readonly failure: AmmFailure };

/** Nodes replace a waiting transaction for a tenth more; an eighth is above every rounding. */
const REPLACEMENT = { numerator: 9n, denominator: 8n } as const;

/**
 * Gas limit and price under a policy: base fee x multiplier + tip, clamped to the cap as long as the transaction could be
 * mined now. `previous`: fees of the transaction that this one has to replace.
 */
export function priceGas(estimatedGas: bigint, market: FeeMarket, policy: FeePolicy, previous: GasPrice | null): FeeDecision {
  const gasLimit = scaled(estimatedGas, policy.gasPadding);
  const minTipWei = integerOf('minTipWei', policy.minTipWei);
  const tipFloor = previous === null ? minTipWei : larger(minTipWei, raised(previous.maxPriorityFeePerGasWei));
  const tipWei = larger(tipFloor, market.proposedTipWei);
  const neededWei = previous === null ? market.baseFeeWei + tipWei : larger(market.baseFeeWei + tipWei, raised(previous.maxFeePerGasWei));
  const capWei = policy.maxFeePerGasWei === null ? null : integerOf('maxFeePerGasWei', policy.maxFeePerGasWei);
  if (capWei !== null && neededWei > capWei) return tooHigh(`gas at ${neededWei} wei is above the cap of ${capWei} wei`);
  const wantedWei = larger(neededWei, scaled(market.baseFeeWei, policy.baseFeeMultiplier) + tipWei);
  let maxFeePerGasWei = capWei !== null && wantedWei > capWei ? capWei : wantedWei;
  if (policy.maxCostNative !== null) {
    const maxCostWei = BigInt(parseDecimal('maxCostNative', policy.maxCostNative).times(`1e${NATIVE_DECIMALS}`).toFixed(0, Decimal.ROUND_FLOOR));
    if (neededWei * gasLimit > maxCostWei) return tooHigh(`gas may cost ${native(neededWei * gasLimit)}, above the cap of ${policy.maxCostNative}`);
    if (maxFeePerGasWei * gasLimit > maxCostWei) maxFeePerGasWei = maxCostWei / gasLimit;
  }
  const gas: PricedGas = {
    gasLimit,
    maxFeePerGasWei,
    maxPriorityFeePerGasWei: tipWei,
    maxCostNative: native(maxFeePerGasWei * gasLimit),
    expectedCostNative: native((market.baseFeeWei + tipWei) * estimatedGas),
  };
  return { kind: 'priced', gas };
}

function tooHigh(message: string): FeeDecision {
  return { kind: 'refused', failure: { code: 'FEE_TOO_HIGH', revert: null, message } };
}

function raised(wei: bigint): bigint {
  return (wei * REPLACEMENT.numerator + REPLACEMENT.denominator - 1n) / REPLACEMENT.denominator;
}

function scaled(value: bigint, factor: string): bigint {
  return BigInt(new Decimal(String(value)).times(parseDecimal('factor', factor)).toFixed(0, Decimal.ROUND_CEIL));
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function native(wei: bigint): string {
  return toDecimalString(amountFromRaw(wei, NATIVE_DECIMALS));
}

import type { Decimal } from '../money.js';
import { amountsForLiquidity, liquidityForAmounts, type RawAmounts } from './liquidity-amounts.js';
import { rawFromPair, type PairAmounts } from './pair-amounts.js';
import type { PoolTokens } from './pool-price.js';
import type { TickRange } from './tick-range.js';
import { minimumRaw } from './token-amount.js';

/** A deposit as the position manager wants it: what may be taken at most, and what must be taken at least. */
export interface DepositPlan {
  readonly range: TickRange;
  readonly desired: RawAmounts;
  readonly minimum: RawAmounts;
  /** What a mint at this very price would take. */
  readonly expected: RawAmounts;
  readonly liquidity: bigint;
}

/**
 * Plans the deposit of at most these amounts at the pool's price. Null when they carry no liquidity: nothing was offered, or
 * only of the token that the range does not take at this price.
 */
export function planDeposit(
  tokens: PoolTokens,
  sqrtPriceX96: bigint,
  range: TickRange,
  amounts: PairAmounts,
  slippageFraction: Decimal,
): DepositPlan | null {
  const desired = rawFromPair(tokens, amounts);
  const liquidity = liquidityForAmounts(sqrtPriceX96, range, desired);
  if (liquidity === 0n) return null;
  const expected = amountsForLiquidity(sqrtPriceX96, range, liquidity, 'up');
  return { range, desired, minimum: minimums(expected, slippageFraction), expected, liquidity };
}

/** What a withdrawal of all this liquidity must at least bring. */
export function withdrawalMinimums(sqrtPriceX96: bigint, range: TickRange, liquidity: bigint, slippageFraction: Decimal): RawAmounts {
  return minimums(amountsForLiquidity(sqrtPriceX96, range, liquidity, 'down'), slippageFraction);
}

function minimums(expected: RawAmounts, slippageFraction: Decimal): RawAmounts {
  return { amount0: minimumRaw(expected.amount0, slippageFraction), amount1: minimumRaw(expected.amount1, slippageFraction) };
}

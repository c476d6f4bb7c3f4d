import { Q96, sqrtPriceX96AtTick } from './tick-math.js';
import type { TickRange } from './tick-range.js';

/** On-chain integers of a pool's two tokens. */
export interface RawAmounts {
  readonly amount0: bigint;
  readonly amount1: bigint;
}

/**
 * What liquidity in a range is worth at a price: all token0 below it, all token1 above. `down` is what a withdrawal brings,
 * `up` what a deposit takes. Formula: Uniswap v3 whitepaper, 6.29 and 6.30.
 */
export function amountsForLiquidity(sqrtPriceX96: bigint, range: TickRange, liquidity: bigint, direction: 'down' | 'up'): RawAmounts {
  const lower = sqrtPriceX96AtTick(range.tickLower);
  const upper = sqrtPriceX96AtTick(range.tickUpper);
  const price = sqrtPriceX96 < lower ? lower : sqrtPriceX96 > upper ? upper : sqrtPriceX96;
  const divide = direction === 'up' ? divideUp : divideDown;
  return {
    // Two divisions, as the contract has them: one alone would differ by a unit.
    amount0: divide(divide((liquidity << 96n) * (upper - price), upper), price),
    amount1: divide(liquidity * (price - lower), Q96),
  };
}

/**
 * The most liquidity that these amounts can carry; of one token something is left unless they stand in the pool's
 * proportion. Rounding as in the periphery's LiquidityAmounts, which computes what a mint really puts in.
 */
export function liquidityForAmounts(sqrtPriceX96: bigint, range: TickRange, amounts: RawAmounts): bigint {
  const lower = sqrtPriceX96AtTick(range.tickLower);
  const upper = sqrtPriceX96AtTick(range.tickUpper);
  if (sqrtPriceX96 <= lower) return liquidityOfToken0(lower, upper, amounts.amount0);
  if (sqrtPriceX96 >= upper) return liquidityOfToken1(lower, upper, amounts.amount1);
  const of0 = liquidityOfToken0(sqrtPriceX96, upper, amounts.amount0);
  const of1 = liquidityOfToken1(lower, sqrtPriceX96, amounts.amount1);
  return of0 < of1 ? of0 : of1;
}

function liquidityOfToken0(lower: bigint, upper: bigint, amount0: bigint): bigint {
  return (amount0 * ((lower * upper) / Q96)) / (upper - lower);
}

function liquidityOfToken1(lower: bigint, upper: bigint, amount1: bigint): bigint {
  return (amount1 * Q96) / (upper - lower);
}

function divideDown(numerator: bigint, denominator: bigint): bigint {
  return numerator / denominator;
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

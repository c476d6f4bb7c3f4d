/**
 * Ticks and square root prices of concentrated liquidity, in integers as the pool contract computes them.
 * Price of a tick: 1.0001^tick, raw token1 per raw token0. A square root price is that root times 2^96.
 * Formula: Uniswap v3 core whitepaper, section 6.1; rounding as in its TickMath library.
 */

export const MIN_TICK = -887_272;
export const MAX_TICK = 887_272;
/** Square root price of MIN_TICK. A pool never goes below it. */
export const MIN_SQRT_PRICE_X96 = 4_295_128_739n;
/** Square root price of MAX_TICK. A pool stays below it. */
export const MAX_SQRT_PRICE_X96 = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n;

export const Q96 = 1n << 96n;
const Q32 = 1n << 32n;
const Q128 = 1n << 128n;
const LARGEST_UINT256 = (1n << 256n) - 1n;

/** 2^128 / 1.0001^(2^i / 2), one for each bit i of a tick: to the last digit those in the code of the pool. */
export const TICK_ROOTS_X128: readonly bigint[] = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n,
];

/** A tick or a square root price outside what a pool can have. */
export class TickRangeError extends Error {
  override readonly name = 'TickRangeError';
}

/** The root of a tick's price times 2^96, rounded up to an integer. Throws TickRangeError for what is no tick. */
export function sqrtPriceX96AtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK) {
    throw new TickRangeError(`tick: ${tick} must be a whole number from ${MIN_TICK} to ${MAX_TICK}`);
  }
  let rootX128 = Q128;
  let bits = Math.abs(tick);
  for (const factor of TICK_ROOTS_X128) {
    if (bits % 2 === 1) rootX128 = (rootX128 * factor) >> 128n;
    bits = Math.floor(bits / 2);
  }
  if (tick > 0) rootX128 = LARGEST_UINT256 / rootX128;
  // Up, so that the tick of this very price is the tick again.
  return (rootX128 + Q32 - 1n) / Q32;
}

/** The largest tick whose price is not above. Throws TickRangeError below the smallest and from the largest price on. */
export function tickAtSqrtPriceX96(sqrtPriceX96: bigint): number {
  if (sqrtPriceX96 < MIN_SQRT_PRICE_X96 || sqrtPriceX96 >= MAX_SQRT_PRICE_X96) {
    throw new TickRangeError(`sqrtPriceX96: ${sqrtPriceX96} must be from ${MIN_SQRT_PRICE_X96} to below ${MAX_SQRT_PRICE_X96}`);
  }
  // Halving keeps floating point, whose logarithm may differ between machines, out of what is replayed. 21 steps.
  let atOrBelow = MIN_TICK;
  let above = MAX_TICK;
  while (above - atOrBelow > 1) {
    const middle = Math.floor((atOrBelow + above) / 2);
    if (sqrtPriceX96AtTick(middle) <= sqrtPriceX96) atOrBelow = middle;
    else above = middle;
  }
  return atOrBelow;
}

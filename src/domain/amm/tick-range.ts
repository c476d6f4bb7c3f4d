import { DecimalRuleError, toDecimalString, type Decimal } from '../money.js';
import { priceQuoteAtSqrt, sqrtX96AtPrice, type PoolTokens } from './pool-price.js';
import { MAX_SQRT_PRICE_X96, MAX_TICK, MIN_SQRT_PRICE_X96, MIN_TICK, sqrtPriceX96AtTick, tickAtSqrtPriceX96 } from './tick-math.js';

/** Ticks between which a position is active. `lower < upper`, both multiples of the pool's spacing. */
export interface TickRange {
  readonly tickLower: number;
  readonly tickUpper: number;
}

export interface PriceBounds {
  readonly lowerPriceQuote: Decimal;
  readonly upperPriceQuote: Decimal;
}

/** Where the price stands relative to a range, in prices of the pair, whichever token is base. */
export type RangeSide = 'below' | 'in' | 'above';

/** Ticks a pool of this spacing allows. */
export function usableTicks(tickSpacing: number): TickRange {
  checkSpacing(tickSpacing);
  return { tickLower: Math.ceil(MIN_TICK / tickSpacing) * tickSpacing, tickUpper: Math.floor(MAX_TICK / tickSpacing) * tickSpacing };
}

/**
 * The smallest range on the pool's spacing that holds both requested prices: outward, so that what was asked for is covered.
 * Prices beyond what the pool can have end at its last ticks. Throws DecimalRuleError unless 0 < lower < upper.
 */
export function tickRangeOutward(tokens: PoolTokens, tickSpacing: number, bounds: PriceBounds): TickRange {
  const { lowerPriceQuote, upperPriceQuote } = bounds;
  if (!lowerPriceQuote.lessThan(upperPriceQuote)) {
    throw new DecimalRuleError('lower_price', toDecimalString(lowerPriceQuote), `must be below upper_price (${toDecimalString(upperPriceQuote)})`);
  }
  const [lowest, highest] = tokens.base === 'token0' ? [lowerPriceQuote, upperPriceQuote] : [upperPriceQuote, lowerPriceQuote];
  const usable = usableTicks(tickSpacing);
  const below = Math.floor(tickNotAbove(sqrtX96AtPrice(tokens, lowest, 'down')) / tickSpacing) * tickSpacing;
  const above = Math.ceil(tickNotBelow(sqrtX96AtPrice(tokens, highest, 'up')) / tickSpacing) * tickSpacing;
  const tickLower = Math.min(Math.max(below, usable.tickLower), usable.tickUpper - tickSpacing);
  return { tickLower, tickUpper: Math.max(Math.min(above, usable.tickUpper), tickLower + tickSpacing) };
}

/**
 * Prices of a range's ends. In 40 digits a price is not exact: each end is rounded into the range, so that asking for these
 * prices gives these ticks again.
 */
export function boundsOfRange(tokens: PoolTokens, range: TickRange): PriceBounds {
  const [lowest, highest] = tokens.base === 'token0' ? [range.tickLower, range.tickUpper] : [range.tickUpper, range.tickLower];
  return {
    lowerPriceQuote: priceQuoteAtSqrt(tokens, sqrtPriceX96AtTick(lowest), 'up'),
    upperPriceQuote: priceQuoteAtSqrt(tokens, sqrtPriceX96AtTick(highest), 'down'),
  };
}

/** The pool's own rule: liquidity is active while tickLower <= tick < tickUpper. */
export function rangeSide(tokens: PoolTokens, range: TickRange, tick: number): RangeSide {
  if (tick >= range.tickLower && tick < range.tickUpper) return 'in';
  const rootIsLow = tick < range.tickLower;
  return rootIsLow === (tokens.base === 'token0') ? 'below' : 'above';
}

function tickNotAbove(sqrtPriceX96: bigint): number {
  if (sqrtPriceX96 < MIN_SQRT_PRICE_X96) return MIN_TICK;
  return sqrtPriceX96 >= MAX_SQRT_PRICE_X96 ? MAX_TICK : tickAtSqrtPriceX96(sqrtPriceX96);
}

function tickNotBelow(sqrtPriceX96: bigint): number {
  const tick = tickNotAbove(sqrtPriceX96);
  return tick < MAX_TICK && sqrtPriceX96AtTick(tick) < sqrtPriceX96 ? tick + 1 : tick;
}

function checkSpacing(tickSpacing: number): void {
  if (!Number.isInteger(tickSpacing) || tickSpacing < 1 || tickSpacing > 16_383) {
    throw new DecimalRuleError('tickSpacing', tickSpacing, 'must be a whole number from 1 to 16383');
  }
}

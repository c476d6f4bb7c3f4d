import fc from 'fast-check';
import type { PoolTokens } from '../../../src/domain/amm/pool-price.js';
import { decimal, type Decimal } from '../../../src/domain/money.js';

/** The pair of the scenario, 18 and 6 decimals, in both orders a pool can have them. */
export const BASE_FIRST: PoolTokens = { base: 'token0', decimals0: 18, decimals1: 6 };
export const BASE_SECOND: PoolTokens = { base: 'token1', decimals0: 6, decimals1: 18 };
export const BOTH_ORDERS: readonly PoolTokens[] = [BASE_FIRST, BASE_SECOND];

export const anyTokens: fc.Arbitrary<PoolTokens> = fc.record({
  base: fc.constantFrom('token0' as const, 'token1' as const),
  decimals0: fc.integer({ min: 0, max: 24 }),
  decimals1: fc.integer({ min: 0, max: 24 }),
});

/** From 0.000001 to 1000000, nine digits. */
export const anyPrice: fc.Arbitrary<Decimal> = fc
  .tuple(fc.integer({ min: 100_000_000, max: 999_999_999 }), fc.integer({ min: -14, max: -3 }))
  .map(([digits, exponent]) => decimal(`${digits}e${exponent}`));

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/domain/money.js';
import { MAX_SQRT_PRICE_X96, MAX_TICK, MIN_SQRT_PRICE_X96, MIN_TICK, Q96, sqrtPriceX96AtTick, TICK_ROOTS_X128, tickAtSqrtPriceX96, TickRangeError } from '../../../src/domain/amm/tick-math.js';

const anyTick = fc.integer({ min: MIN_TICK, max: MAX_TICK });

describe('ticks and square root prices', () => {
  it('are those of the contract where they are known', () => {
    expect(sqrtPriceX96AtTick(MIN_TICK)).toBe(4295128739n);
    expect(sqrtPriceX96AtTick(MAX_TICK)).toBe(1461446703485210103287273052203988822378723970342n);
    expect(sqrtPriceX96AtTick(0)).toBe(Q96);
    // 1 : 1, 1 : 100 and 1 : 4 of raw tokens.
    expect(tickAtSqrtPriceX96(Q96)).toBe(0);
    expect(tickAtSqrtPriceX96(Q96 * 10n)).toBe(46_054);
    expect(tickAtSqrtPriceX96(Q96 / 2n)).toBe(-13_864);
    // First price of the ETH/USDC example in the Uniswap v3 development book: tick 85176 at 5000.
    expect(tickAtSqrtPriceX96(5602277097478614198912276234240n)).toBe(85_176);
    expect(sqrtPriceX96AtTick(85_176)).toBe(5602223755577321903022134995689n);
  });

  it('are computed from the constants in the code of the pool', () => {
    const artifact = createRequire(import.meta.url).resolve('@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json');
    const { bytecode } = JSON.parse(readFileSync(artifact, 'utf8')) as { readonly bytecode: string };
    expect(TICK_ROOTS_X128).toHaveLength(20);
    for (const root of TICK_ROOTS_X128) {
      const digits = root.toString(16);
      const bytes = digits.length % 2 === 0 ? digits : `0${digits}`;
      // PUSH of that many bytes, then the constant.
      expect(bytecode).toContain(`${(0x5f + bytes.length / 2).toString(16)}${bytes}`);
    }
  });

  it('agree with powers of 1.0001 to the 20th digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -400_000, max: 400_000 }), (tick) => {
        const exact = new Decimal('1.0001').pow(tick).sqrt().times(Q96.toString());
        const ratio = new Decimal(sqrtPriceX96AtTick(tick).toString()).dividedBy(exact).minus(1).abs();
        expect(ratio.lessThan(new Decimal(2).dividedBy(exact).plus('1e-20'))).toBe(true);
      }),
    );
  });

  it('rise with the tick, and the tick of the price of a tick is the tick', () => {
    fc.assert(
      fc.property(anyTick, (tick) => {
        const price = sqrtPriceX96AtTick(tick);
        if (tick < MAX_TICK) {
          expect(tickAtSqrtPriceX96(price)).toBe(tick);
          expect(sqrtPriceX96AtTick(tick + 1)).toBeGreaterThan(price);
          expect(tickAtSqrtPriceX96(sqrtPriceX96AtTick(tick + 1) - 1n)).toBe(tick);
        }
      }),
    );
  });

  it('the largest price is not a price of a pool, and nothing outside is taken', () => {
    expect(tickAtSqrtPriceX96(MIN_SQRT_PRICE_X96)).toBe(MIN_TICK);
    expect(tickAtSqrtPriceX96(MAX_SQRT_PRICE_X96 - 1n)).toBe(MAX_TICK - 1);
    for (const wrong of [MIN_SQRT_PRICE_X96 - 1n, MAX_SQRT_PRICE_X96]) expect(() => tickAtSqrtPriceX96(wrong)).toThrow(TickRangeError);
    for (const wrong of [MIN_TICK - 1, MAX_TICK + 1, 0.5, NaN]) expect(() => sqrtPriceX96AtTick(wrong)).toThrow(TickRangeError);
  });
});

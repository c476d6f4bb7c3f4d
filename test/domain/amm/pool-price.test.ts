import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRoot, priceQuoteAtSqrt, sqrtX96AtPrice } from '../../../src/domain/amm/pool-price.js';
import { MAX_SQRT_PRICE_X96, MIN_SQRT_PRICE_X96, Q96, sqrtPriceX96AtTick } from '../../../src/domain/amm/tick-math.js';
import { boundsOfRange, rangeSide, tickRangeOutward, usableTicks } from '../../../src/domain/amm/tick-range.js';
import { decimal, Decimal, DecimalRuleError } from '../../../src/domain/money.js';
import { anyPrice, anyTokens, BASE_FIRST, BASE_SECOND, BOTH_ORDERS } from './amm-fixtures.js';

const bounds = (lower: string, upper: string) => ({ lowerPriceQuote: decimal(lower), upperPriceQuote: decimal(upper) });

describe('prices of a pool', () => {
  it('are quote per base, whichever of the two the pool has first', () => {
    // 100 quote of 6 decimals for one base of 18: 1e8 raw for 1e18 raw.
    expect(priceQuoteAtSqrt(BASE_FIRST, Q96 / 100_000n).toDecimalPlaces(8).toFixed()).toBe('100');
    expect(priceQuoteAtSqrt(BASE_SECOND, Q96 * 100_000n).toFixed()).toBe('100');
    expect(priceQuoteAtSqrt({ base: 'token0', decimals0: 6, decimals1: 6 }, Q96 * 2n).toFixed()).toBe('4');
    expect(priceQuoteAtSqrt({ base: 'token1', decimals0: 6, decimals1: 6 }, Q96 * 2n).toFixed()).toBe('0.25');
  });

  it('come back from their roots, from both sides', () => {
    fc.assert(
      fc.property(anyTokens, anyPrice, (tokens, price) => {
        const down = sqrtX96AtPrice(tokens, price, 'down');
        const up = sqrtX96AtPrice(tokens, price, 'up');
        fc.pre(down > MIN_SQRT_PRICE_X96 && up < MAX_SQRT_PRICE_X96);
        expect(up - down <= 1n).toBe(true);
        const [low, high] = tokens.base === 'token0' ? [down, up] : [up, down];
        expect(priceQuoteAtSqrt(tokens, low, 'down').lessThanOrEqualTo(price)).toBe(true);
        expect(priceQuoteAtSqrt(tokens, high, 'up').greaterThanOrEqualTo(price)).toBe(true);
      }),
    );
  });

  it('of nothing or less do not exist', () => {
    for (const wrong of ['0', '-1']) expect(() => sqrtX96AtPrice(BASE_FIRST, decimal(wrong), 'down')).toThrow(DecimalRuleError);
    expect(() => priceQuoteAtSqrt(BASE_FIRST, 0n)).toThrow(DecimalRuleError);
  });

  it('need whole roots', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 400n }), (value) => {
        const root = integerRoot(value);
        expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
      }),
    );
    expect(() => integerRoot(-1n)).toThrow(DecimalRuleError);
  });
});

describe('a range', () => {
  it('of the scenario covers what was asked for, in both orders', () => {
    expect(tickRangeOutward(BASE_SECOND, 60, bounds('95', '105'))).toEqual({ tickLower: 229_740, tickUpper: 230_820 });
    expect(tickRangeOutward(BASE_FIRST, 60, bounds('95', '105'))).toEqual({ tickLower: -230_820, tickUpper: -229_740 });
    for (const tokens of BOTH_ORDERS) {
      const real = boundsOfRange(tokens, tickRangeOutward(tokens, 60, bounds('95', '105')));
      expect(real.lowerPriceQuote.toDecimalPlaces(3).toFixed()).toBe('94.649');
      expect(real.upperPriceQuote.toDecimalPlaces(3).toFixed()).toBe('105.443');
    }
  });

  it('holds both prices, and no smaller one on the spacing does', () => {
    fc.assert(
      fc.property(anyTokens, anyPrice, anyPrice, fc.constantFrom(1, 10, 50, 60, 200), (tokens, first, second, spacing) => {
        fc.pre(!first.equals(second));
        const asked = { lowerPriceQuote: Decimal.min(first, second), upperPriceQuote: Decimal.max(first, second) };
        const usable = usableTicks(spacing);
        const range = tickRangeOutward(tokens, spacing, asked);
        expect(range.tickLower % spacing === 0 && range.tickUpper % spacing === 0 && range.tickLower < range.tickUpper).toBe(true);
        fc.pre(range.tickLower > usable.tickLower && range.tickUpper < usable.tickUpper);
        const real = boundsOfRange(tokens, range);
        expect(real.lowerPriceQuote.lessThanOrEqualTo(asked.lowerPriceQuote)).toBe(true);
        expect(real.upperPriceQuote.greaterThanOrEqualTo(asked.upperPriceQuote)).toBe(true);
        const roots = [asked.lowerPriceQuote, asked.upperPriceQuote].map((price) => sqrtX96AtPrice(tokens, price, 'down')).sort((a, b) => (a < b ? -1 : 1));
        expect(sqrtPriceX96AtTick(range.tickLower + spacing) > (roots[0] ?? 0n)).toBe(true);
        expect(sqrtPriceX96AtTick(range.tickUpper - spacing) <= (roots[1] ?? 0n)).toBe(true);
      }),
    );
  });

  it('asked for by the bounds it really has is the same range', () => {
    fc.assert(
      fc.property(anyTokens, fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: 1, max: 500 }), fc.constantFrom(1, 10, 60, 200), (tokens, low, width, spacing) => {
        const range = { tickLower: low * spacing, tickUpper: (low + width) * spacing };
        fc.pre(range.tickLower >= usableTicks(spacing).tickLower && range.tickUpper <= usableTicks(spacing).tickUpper);
        expect(tickRangeOutward(tokens, spacing, boundsOfRange(tokens, range))).toEqual(range);
      }),
    );
  });

  it('ends at the last ticks a pool has, and is never empty', () => {
    for (const tokens of BOTH_ORDERS.map((order) => ({ ...order, decimals0: 6, decimals1: 6 }))) {
      expect(tickRangeOutward(tokens, 60, bounds('1e-39', '1e39'))).toEqual({ tickLower: -887_220, tickUpper: 887_220 });
      const beyond = tickRangeOutward(tokens, 60, bounds('1e39', '1e40'));
      expect(beyond.tickUpper - beyond.tickLower).toBe(60);
    }
    for (const [lower, upper] of [['105', '95'], ['95', '95'], ['0', '95'], ['-1', '95']] as const) {
      expect(() => tickRangeOutward(BASE_FIRST, 60, bounds(lower, upper))).toThrow(DecimalRuleError);
    }
    for (const spacing of [0, -1, 1.5, 20_000]) expect(() => usableTicks(spacing)).toThrow(DecimalRuleError);
  });

  it('is active from its lower tick on and before its upper one; the side is told in prices of the pair', () => {
    const range = { tickLower: -60, tickUpper: 60 };
    expect([-61, -60, 59, 60].map((tick) => rangeSide(BASE_FIRST, range, tick))).toEqual(['below', 'in', 'in', 'above']);
    expect([-61, -60, 59, 60].map((tick) => rangeSide(BASE_SECOND, range, tick))).toEqual(['above', 'in', 'in', 'below']);
  });
});

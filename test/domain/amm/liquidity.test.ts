import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountsForLiquidity, liquidityForAmounts } from '../../../src/domain/amm/liquidity-amounts.js';
import { pairFromRaw, rawFromPair } from '../../../src/domain/amm/pair-amounts.js';
import { planDeposit, withdrawalMinimums } from '../../../src/domain/amm/plan-deposit.js';
import { sqrtX96AtPrice } from '../../../src/domain/amm/pool-price.js';
import { sqrtPriceX96AtTick } from '../../../src/domain/amm/tick-math.js';
import { tickRangeOutward } from '../../../src/domain/amm/tick-range.js';
import { amountFromRaw, minimumRaw, rawFromAmount, rawFromText } from '../../../src/domain/amm/token-amount.js';
import { decimal, DecimalRuleError, toDecimalString } from '../../../src/domain/money.js';
import { anyTokens, BOTH_ORDERS } from './amm-fixtures.js';

const anyRange = fc
  .tuple(fc.integer({ min: -300_000, max: 300_000 }), fc.integer({ min: 1, max: 50_000 }))
  .map(([tickLower, width]) => ({ tickLower, tickUpper: tickLower + width }));
const anyRoot = fc.integer({ min: -400_000, max: 400_000 }).map(sqrtPriceX96AtTick);

describe('the deposit of the scenario', () => {
  it.each(BOTH_ORDERS)('takes 9.6419 base for 1000 quote at 100 (base is $base)', (tokens) => {
    const range = tickRangeOutward(tokens, 60, { lowerPriceQuote: decimal('95'), upperPriceQuote: decimal('105') });
    const root = sqrtX96AtPrice(tokens, decimal('100'), 'down');
    const plan = planDeposit(tokens, root, range, { amountBase: decimal('10'), amountQuote: decimal('1000') }, decimal('0.01'));
    if (plan === null) throw new Error('no plan');
    const expected = pairFromRaw(tokens, plan.expected);
    expect(toDecimalString(expected.amountQuote)).toBe('1000');
    // Quote of six decimals fixes the liquidity to ten digits; the chain had 9.641937573765790506.
    expect(expected.amountBase.minus('9.641937573765790506').abs().lessThan('1e-6')).toBe(true);
    const minimum = pairFromRaw(tokens, plan.minimum);
    expect(toDecimalString(minimum.amountQuote)).toBe('990');
    expect(minimum.amountBase.lessThanOrEqualTo(expected.amountBase.times('0.99'))).toBe(true);
  });

  it.each(BOTH_ORDERS)('is all quote above the range and all base below it (base is $base)', (tokens) => {
    const range = tickRangeOutward(tokens, 60, { lowerPriceQuote: decimal('95'), upperPriceQuote: decimal('105') });
    const plan = planDeposit(tokens, sqrtX96AtPrice(tokens, decimal('100'), 'down'), range, { amountBase: decimal('10'), amountQuote: decimal('1000') }, decimal('0.01'));
    const at = (price: string) => pairFromRaw(tokens, amountsForLiquidity(sqrtX96AtPrice(tokens, decimal(price), 'down'), range, plan?.liquidity ?? 0n, 'down'));
    expect(toDecimalString(at('141.49').amountBase)).toBe('0');
    expect(at('141.49').amountQuote.minus('1990.086233').abs().lessThan('0.0002')).toBe(true);
    expect(toDecimalString(at('67.23').amountQuote)).toBe('0');
    expect(at('67.23').amountBase.minus('19.920728').abs().lessThan('0.00001')).toBe(true);
    // One-sided deposits: only the token the range takes carries liquidity.
    const above = sqrtX96AtPrice(tokens, decimal('141.49'), 'down');
    expect(planDeposit(tokens, above, range, { amountBase: decimal('10'), amountQuote: decimal('0') }, decimal('0.01'))).toBeNull();
    expect(planDeposit(tokens, above, range, { amountBase: decimal('0'), amountQuote: decimal('10') }, decimal('0.01'))).not.toBeNull();
  });
});

describe('liquidity', () => {
  it('of amounts never needs more than them, and what comes back is never more than what went in', () => {
    fc.assert(
      fc.property(anyRoot, anyRange, fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 0n, max: 10n ** 30n }), (root, range, amount0, amount1) => {
        const liquidity = liquidityForAmounts(root, range, { amount0, amount1 });
        const taken = amountsForLiquidity(root, range, liquidity, 'up');
        expect(taken.amount0 <= amount0 && taken.amount1 <= amount1).toBe(true);
        const back = amountsForLiquidity(root, range, liquidity, 'down');
        expect(taken.amount0 - back.amount0 <= 2n && back.amount0 <= taken.amount0).toBe(true);
        expect(taken.amount1 - back.amount1 <= 1n && back.amount1 <= taken.amount1).toBe(true);
      }),
    );
  });
});

describe('amounts', () => {
  it('and integers of the chain are the same numbers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.integer({ min: 0, max: 36 }), (raw, decimals) => {
        expect(rawFromAmount(amountFromRaw(raw, decimals), decimals, 'down')).toBe(raw);
        expect(rawFromAmount(amountFromRaw(raw, decimals), decimals, 'up')).toBe(raw);
      }),
    );
    expect(rawFromAmount(decimal('1.0000019'), 6, 'down')).toBe(1_000_001n);
    expect(rawFromAmount(decimal('1.0000011'), 6, 'up')).toBe(1_000_002n);
    expect(() => rawFromAmount(decimal('-1'), 6, 'down')).toThrow(DecimalRuleError);
    for (const wrong of [-1, 37, 1.5]) expect(() => amountFromRaw(1n, wrong)).toThrow(DecimalRuleError);
    expect(rawFromText('amount', '-12')).toBe(-12n);
    for (const wrong of ['1.5', '', '0x10', '1e3', ' 1']) expect(() => rawFromText('amount', wrong)).toThrow(DecimalRuleError);
  });

  it('of a pair and of a pool differ in order alone', () => {
    fc.assert(
      fc.property(anyTokens, fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.bigInt({ min: 0n, max: 10n ** 40n }), (tokens, amount0, amount1) => {
        expect(rawFromPair(tokens, pairFromRaw(tokens, { amount0, amount1 }))).toEqual({ amount0, amount1 });
      }),
    );
  });

  it('have minimums below them, also without slippage: a removal gives back a unit less', () => {
    expect(minimumRaw(1_000n, decimal('0.01'))).toBe(990n);
    expect(minimumRaw(1_001n, decimal('0.01'))).toBe(990n);
    expect(minimumRaw(1_000_000_000_000_000_000n, decimal('0'))).toBe(999_999_999_999_999_999n);
    expect([0n, 1n].map((raw) => minimumRaw(raw, decimal('0.01')))).toEqual([0n, 0n]);
    const range = { tickLower: -60, tickUpper: 60 };
    expect(withdrawalMinimums(sqrtPriceX96AtTick(120), range, 10n ** 18n, decimal('0.5')).amount0).toBe(0n);
  });
});

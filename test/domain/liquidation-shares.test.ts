import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fill } from '../../src/domain/fills.js';
import { dealTaken, sliceOfTrades } from '../../src/domain/liquidation-shares.js';
import { decimal, exactly, toDecimalString, ZERO } from '../../src/domain/money.js';

const STEP = decimal('0.001');
const steps = (max: number): fc.Arbitrary<ReturnType<typeof decimal>> => fc.integer({ min: 0, max }).map((count) => exactly.product(STEP, decimal(String(count))));
const text = (values: readonly ReturnType<typeof decimal>[]): readonly string[] => values.map(toDecimalString);

describe('dealing out what the exchange took', () => {
  it('hand-worked cases', () => {
    const deal = (taken: string, left: string, held: readonly string[]): readonly string[] => text(dealTaken(decimal(taken), decimal(left), held.map(decimal), STEP));
    expect(deal('40', '0', ['30', '10'])).toEqual(['30', '10']);
    expect(deal('20', '20', ['30', '10'])).toEqual(['15', '5']);
    // A controller held 10 of the 50 as well.
    expect(deal('25', '25', ['30', '10'])).toEqual(['15', '5']);
    // Longs of 3 against a short of 1: the net 2 was taken.
    expect(deal('2', '0', ['2', '1'])).toEqual(['1.334', '0.666']);
    expect(deal('5', '0', ['0', '0'])).toEqual(['0', '0']);
  });

  it('is in whole steps, never more than anybody held, and never more than was taken', () => {
    fc.assert(fc.property(steps(5_000), steps(5_000), fc.array(steps(3_000), { minLength: 1, maxLength: 6 }), (taken, left, held) => {
      const shares = dealTaken(taken, left, held, STEP);
      const sum = exactly.sum(ZERO, ...shares);
      expect(sum.lessThanOrEqualTo(taken)).toBe(true);
      for (const [index, share] of shares.entries()) {
        expect(share.isNegative() && !share.isZero()).toBe(false);
        expect(share.lessThanOrEqualTo(held[index] ?? ZERO)).toBe(true);
        expect(share.toNearest(STEP).equals(share)).toBe(true);
      }
      const all = exactly.sum(ZERO, ...held);
      // Nothing of the position is left, and nobody else had any of it: everybody lost what he had.
      if (left.isZero() && taken.equals(all)) expect(text(shares)).toEqual(text(held));
    }));
  });

  it('slices of the trades add up to the trades', () => {
    const fill = (tradeId: string, price: string, amount: string): Fill => ({ tradeId, priceQuote: decimal(price), amountBase: decimal(amount), fees: [{ asset: 'USDT', amount: decimal('0.3'), valueQuote: decimal('0.3') }], atMs: 5 });
    const fills = [fill('1', '100', '3'), fill('2', '90', '1')];
    const market = { base: 'BTC', quote: 'USDT' };
    const [first, second] = [sliceOfTrades(fills, ZERO, decimal('1'), market), sliceOfTrades(fills, decimal('1'), decimal('3'), market)];
    expect([first, second].map(({ filledQuote, feesQuote }) => [toDecimalString(filledQuote), toDecimalString(feesQuote)])).toEqual([['100', '0.1'], ['290', '0.5']]);
  });
});

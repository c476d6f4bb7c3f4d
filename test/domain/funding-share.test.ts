import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fundingShare, settledBase } from '../../src/domain/funding-share.js';
import { decimal, exactly, toDecimalString, ZERO } from '../../src/domain/money.js';

const STEP = decimal('0.001');
const amounts = fc.integer({ min: -5_000, max: 5_000 }).map((steps) => exactly.product(STEP, decimal(String(steps))));
const rates = fc.integer({ min: -500, max: 500 }).filter((rate) => rate !== 0).map((rate) => decimal(String(rate)).dividedBy(1_000_000));
const marks = fc.integer({ min: 100_000, max: 9_000_000 }).map((ticks) => decimal(String(ticks)).dividedBy(100));

function settled(positionBase: ReturnType<typeof decimal>, rate: ReturnType<typeof decimal>, mark: ReturnType<typeof decimal>): { amountQuote: ReturnType<typeof decimal>; rate: typeof rate; markPriceQuote: typeof mark } {
  return { amountQuote: exactly.product(positionBase, rate, mark).negated().toDecimalPlaces(8), rate, markPriceQuote: mark };
}

describe('funding', () => {
  it('the position behind a payment is found from the payment alone', () => {
    fc.assert(fc.property(amounts, rates, marks, (position, rate, mark) => {
      expect(toDecimalString(settledBase(settled(position, rate, mark), STEP) ?? ZERO).replace('-0', '0')).toBe(toDecimalString(position).replace('-0', '0'));
    }));
  });

  it('one holder has all of it, to the last digit', () => {
    fc.assert(fc.property(amounts.filter((amount) => !amount.isZero()), rates, marks, (position, rate, mark) => {
      const settlement = settled(position, rate, mark);
      expect(toDecimalString(fundingShare(settlement, position, STEP) ?? ZERO)).toBe(toDecimalString(settlement.amountQuote));
    }));
  });

  it('longs and shorts of one net position share what the account was paid or charged', () => {
    fc.assert(fc.property(fc.array(amounts, { minLength: 2, maxLength: 6 }), rates, marks, (holders, rate, mark) => {
      const position = holders.reduce((sum, held) => exactly.sum(sum, held), ZERO);
      fc.pre(!position.isZero());
      const settlement = settled(position, rate, mark);
      const shares = holders.map((held) => fundingShare(settlement, held, STEP));
      const together = shares.reduce<ReturnType<typeof decimal>>((sum, share) => exactly.sum(sum, share ?? ZERO), ZERO);
      // A holder whose due is the whole payment, to its own rounding, gets the payment as it was rounded.
      expect(exactly.difference(together, settlement.amountQuote).abs().lessThanOrEqualTo(decimal('0.00000006'))).toBe(true);
    }));
  });

  it('hand-worked: a long of 0.03 beside one of 0.01 pays three quarters', () => {
    const settlement = { amountQuote: decimal('-0.24'), rate: decimal('0.0001'), markPriceQuote: decimal('60000') };
    expect([fundingShare(settlement, decimal('0.03'), STEP), fundingShare(settlement, decimal('0.01'), STEP), fundingShare(settlement, ZERO, STEP)].map((share) => toDecimalString(share ?? ZERO))).toEqual(['-0.18', '-0.06', '0']);
    expect(fundingShare({ ...settlement, markPriceQuote: null }, decimal('0.03'), STEP)).toBeNull();
  });
});

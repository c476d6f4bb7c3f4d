import fc from 'fast-check';
import { expect, it } from 'vitest';
import { depthPrice } from '../../src/domain/depth-price.js';
import { decimal, Decimal } from '../../src/domain/money.js';

const ASKS = [['100', '1'], ['101', '2'], ['105', '1']] as const;

it.each([
  ['0.5', '100'],
  ['1', '100'],
  ['2', '100.5'],
  ['4', '101.75'],
])('the average of taking %s is %s', (amount, price) => {
  expect(depthPrice(ASKS, decimal(amount))?.toFixed()).toBe(price);
});

it('a book that does not hold the amount has no price, and neither has nothing', () => {
  expect(depthPrice(ASKS, decimal('4.00000001'))).toBeNull();
  expect(depthPrice([], decimal('1'))).toBeNull();
  expect(depthPrice(ASKS, decimal('0'))).toBeNull();
});

it('costs as much as its parts, and never less per unit than the best price', () => {
  const levels = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(levels, fc.integer({ min: 1, max: 400 }), (drawn, units) => {
      const book = [...drawn].sort(([left], [right]) => left - right).map(([price, size]) => [String(price), String(size)] as const);
      const amount = new Decimal(units).dividedBy(10);
      // Unit by unit, the slow way: one tenth at a time.
      const tenths = book.flatMap(([price, size]) => Array.from({ length: Number(size) * 10 }, () => Number(price)));
      const price = depthPrice(book, amount);
      if (tenths.length < units) {
        expect(price).toBeNull();
        return;
      }
      const cost = tenths.slice(0, units).reduce((sum, tenth) => sum + tenth, 0);
      expect(price?.times(units).toDecimalPlaces(20).toFixed()).toBe(String(cost));
      expect(price?.toNumber()).toBeGreaterThanOrEqual(Number(book[0]?.[0]));
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOrder, floorAmount, isTradable, makerPrice, roundPrice } from '../../src/domain/market-rules.js';
import { decimal, Decimal, DecimalRuleError, toDecimalString } from '../../src/domain/money.js';
import { anyRules, multipleOf, rulesOf } from './market-fixtures.js';
import { compare, floorTo, rational } from './rational.js';

const anyPositive = fc
  .record({ units: fc.bigInt({ min: 1n, max: 10n ** 24n }), places: fc.integer({ min: 0, max: 24 }) })
  .map(({ units, places }) => new Decimal(`${units}e-${places}`));

describe('quantising', () => {
  it('takes an amount down to the step, never by a whole step, and leaves a whole number of steps alone', () => {
    fc.assert(
      fc.property(anyRules, anyPositive, (rules, amount) => {
        const floored = floorAmount(rules, amount);
        expect(compare(rational(floored), floorTo(rational(amount), rational(rules.amountStepBase)))).toBe(0);
        expect(floored.lessThanOrEqualTo(amount)).toBe(true);
        expect(amount.minus(floored).lessThan(rules.amountStepBase)).toBe(true);
        expect(floorAmount(rules, floored).equals(floored)).toBe(true);
      }),
    );
  });

  it('never gives a larger amount for a smaller one', () => {
    fc.assert(
      fc.property(anyRules, anyPositive, anyPositive, (rules, left, right) => {
        const [less, more] = left.lessThan(right) ? [left, right] : [right, left];
        expect(floorAmount(rules, less).lessThanOrEqualTo(floorAmount(rules, more))).toBe(true);
      }),
    );
  });

  it('takes a price to the tick next to it on the side asked for', () => {
    fc.assert(
      fc.property(anyRules, anyPositive, (rules, price) => {
        const down = roundPrice(rules, price, 'down');
        const up = roundPrice(rules, price, 'up');
        expect(compare(rational(down), floorTo(rational(price), rational(rules.priceTickQuote)))).toBe(0);
        const onTick = down.equals(price);
        expect(toDecimalString(up)).toBe(toDecimalString(onTick ? price : down.plus(rules.priceTickQuote)));
      }),
    );
  });

  it('moves a maker price away from the market, and not at all on the tick', () => {
    fc.assert(
      fc.property(anyRules, anyPositive, (rules, price) => {
        expect(makerPrice(rules, 'BUY', price).lessThanOrEqualTo(price)).toBe(true);
        expect(makerPrice(rules, 'SELL', price).greaterThanOrEqualTo(price)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(anyRules.chain((rules) => fc.tuple(fc.constant(rules), multipleOf(rules.priceTickQuote))), ([rules, price]) => {
        expect(makerPrice(rules, 'BUY', price).equals(price)).toBe(true);
        expect(makerPrice(rules, 'SELL', price).equals(price)).toBe(true);
      }),
    );
  });

  it('does not lose the last step of an amount whose quotient has more digits than a division keeps', () => {
    const rules = rulesOf({ amountStepBase: '0.000000000000000001' });
    const justBelow = new Decimal('99999999999999999999.9999999999999999999');
    expect(toDecimalString(floorAmount(rules, justBelow))).toBe('99999999999999999999.999999999999999999');
  });
});

describe('whether an order can be sent', () => {
  const rules = rulesOf({ amountStepBase: '0.001', minAmountBase: '0.01', maxAmountBase: '9', minNotionalQuote: '5', priceTickQuote: '0.05' });

  it.each([
    ['0.01', '500', true],
    ['0.009', '1000', false],
    ['0.01', '499.99', false],
    ['10', '100', true],
    ['0', '100', false],
    ['-1', '100', false],
  ])('%s at %s is tradable: %s', (amount, price, tradable) => {
    expect(isTradable(rules, decimal(amount), decimal(price))).toBe(tradable);
  });

  it('trades nothing of an amount of 0 even where no minimum is stated', () => {
    expect(isTradable(rulesOf({ minAmountBase: '0', minNotionalQuote: '0' }), decimal('0'), decimal('100'))).toBe(false);
  });

  it.each([
    ['0.01', '500', null],
    ['9', '500', null],
    ['0.01', null, null],
    ['0', '500', { field: 'amountBase', value: '0', rule: 'must be above 0' }],
    ['0.009', '1000', { field: 'amountBase', value: '0.009', rule: 'must be at least 0.01 BTC' }],
    ['9.001', '500', { field: 'amountBase', value: '9.001', rule: 'must be at most 9 BTC' }],
    ['0.0105', '500', { field: 'amountBase', value: '0.0105', rule: 'must be a multiple of 0.001 BTC' }],
    ['1', '0', { field: 'priceQuote', value: '0', rule: 'must be above 0' }],
    ['1', '500.01', { field: 'priceQuote', value: '500.01', rule: 'must be a multiple of 0.05 USDT' }],
    ['0.01', '499.95', { field: 'notionalQuote', value: '4.9995', rule: 'must be at least 5 USDT' }],
  ])('%s at %s: %o', (amount, price, breach) => {
    expect(checkOrder(rules, { amountBase: decimal(amount), priceQuote: price === null ? null : decimal(price) })).toEqual(breach);
  });

  it('lets a quantised order of tradable size through', () => {
    fc.assert(
      fc.property(anyRules, anyPositive, anyPositive, fc.constantFrom<('BUY' | 'SELL')[]>('BUY', 'SELL'), (anyMarket, amount, price, side) => {
        const amountBase = floorAmount(anyMarket, amount);
        const priceQuote = makerPrice(anyMarket, side, price);
        fc.pre(priceQuote.greaterThan(0));
        expect(checkOrder(anyMarket, { amountBase, priceQuote }) === null).toBe(isTradable(anyMarket, amountBase, priceQuote));
      }),
    );
  });
});

describe('rules from an exchange', () => {
  it.each([
    [{ amountStepBase: '0' }, 'amountStepBase', 'must be above 0'],
    [{ priceTickQuote: '-0.1' }, 'priceTickQuote', 'must be above 0'],
    [{ minAmountBase: '-1' }, 'minAmountBase', 'must not be negative'],
    [{ minNotionalQuote: 'x' }, 'minNotionalQuote', 'must be a decimal number'],
    [{ maxAmountBase: '0' }, 'maxAmountBase', 'must be above 0'],
    [{ takerFeeFraction: '' }, 'takerFeeFraction', 'must be a decimal number'],
  ])('refuses %o', (changes, field, rule) => {
    expect(() => rulesOf(changes)).toThrow(DecimalRuleError);
    expect(() => rulesOf(changes)).toThrow(new RegExp(`^${field}: .* ${rule}$`));
  });

  it('takes a rebate as fee', () => {
    expect(toDecimalString(rulesOf({ makerFeeFraction: '-0.0001' }).makerFeeFraction)).toBe('-0.0001');
  });
});

import fc from 'fast-check';
import { Decimal as SharedDecimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { decimal, Decimal, DecimalRuleError, divideToward, exactly, parseDecimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { compare, plus, rational, times } from './rational.js';

const anyDecimal = fc
  .record({ units: fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }), places: fc.integer({ min: 0, max: 40 }) })
  .map(({ units, places }) => new Decimal(`${units}e-${places}`));

describe('decimal text', () => {
  it('gives back the same number from its text, in digits alone', () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        const text = toDecimalString(value);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(text).not.toBe('-0');
        expect(decimal(text).equals(value)).toBe(true);
        expect(parseDecimal('amount', text).equals(value)).toBe(true);
        expect(toDecimalString(decimal(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['1e-30', '0.000000000000000000000000000001'],
    ['1e30', '1000000000000000000000000000000'],
    ['-0', '0'],
    ['0.10', '0.1'],
    ['+1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-2.5E1', '-25'],
  ])('writes %s as %s', (given, written) => {
    expect(toDecimalString(parseDecimal('price', given))).toBe(written);
  });

  it('reads a JSON number by its shortest digits', () => {
    expect(toDecimalString(parseDecimal('price', 0.1))).toBe('0.1');
    expect(toDecimalString(parseDecimal('price', 1e-8))).toBe('0.00000001');
    expect(toDecimalString(parseDecimal('price', -0))).toBe('0');
    expect(parseDecimal('price', '-0.0').isNegative()).toBe(false);
  });

  it('never writes what is not a number', () => {
    expect(() => toDecimalString(new Decimal(NaN))).toThrow(DecimalRuleError);
    expect(() => toDecimalString(new Decimal(Infinity))).toThrow(DecimalRuleError);
  });
});

describe('numbers from outside', () => {
  it.each([
    ['', 'must be a decimal number'],
    [' 1', 'must be a decimal number'],
    ['1,5', 'must be a decimal number'],
    ['1_000', 'must be a decimal number'],
    ['abc', 'must be a decimal number'],
    ['0x10', 'must be a decimal number'],
    ['NaN', 'must be a decimal number'],
    ['Infinity', 'must be a decimal number'],
    ['.', 'must be a decimal number'],
    ['--1', 'must be a decimal number'],
    ['1e', 'must be a decimal number'],
    ['1e99999999', 'must be a decimal number'],
    ['1\n', 'must be a decimal number'],
    [null, 'must be a decimal number'],
    [undefined, 'must be a decimal number'],
    [true, 'must be a decimal number'],
    [[], 'must be a decimal number'],
    [{}, 'must be a decimal number'],
    [NaN, 'must be a finite number'],
    [Infinity, 'must be a finite number'],
    [1e300, 'must have at most 40 digits before the point'],
    ['1e41', 'must have at most 40 digits before the point'],
    ['1e40', 'must have at most 40 digits before the point'],
    ['1e9999', 'must have at most 40 digits before the point'],
    ['1e-41', 'must have at most 40 digits behind the point'],
    ['1e-9999', 'must have at most 40 digits behind the point'],
    [`1.${'1'.repeat(40)}`, 'must have at most 40 significant digits'],
    ['1'.repeat(200), 'must be at most 120 characters'],
  ])('refuses %j: %s', (value, rule) => {
    const thrown = thrownBy(() => parseDecimal('amount', value));
    expect(thrown).toBeInstanceOf(DecimalRuleError);
    const error = thrown as DecimalRuleError;
    expect(error.field).toBe('amount');
    expect(error.rule).toBe(rule);
    expect(error.message).toBe(`amount: ${error.value} ${rule}`);
    expect(error.message.length).toBeLessThan(200);
  });

  it('takes the largest and smallest it promises', () => {
    expect(toDecimalString(parseDecimal('amount', '9'.repeat(40)))).toBe('9'.repeat(40));
    expect(toDecimalString(parseDecimal('amount', '1e-40'))).toBe(`0.${'0'.repeat(39)}1`);
    expect(toDecimalString(parseDecimal('amount', '1e39'))).toBe(`1${'0'.repeat(39)}`);
  });

  it('answers any text with a bounded number or with its error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+]?\d{0,45}\.?\d{0,45}([eE][-+]?\d{0,5})?$/)), (text) => {
        try {
          expect(toDecimalString(parseDecimal('amount', text)).length).toBeLessThanOrEqual(82);
        } catch (error) {
          expect(error).toBeInstanceOf(DecimalRuleError);
        }
      }),
    );
  });
});

describe('arithmetic', () => {
  it('does not listen to the settings of the shared constructor', () => {
    const before = SharedDecimal.precision;
    try {
      SharedDecimal.set({ precision: 5 });
      expect(toDecimalString(new Decimal(1).dividedBy(3))).toBe(`0.${'3'.repeat(40)}`);
    } finally {
      SharedDecimal.set({ precision: before });
    }
  });

  it('adds and multiplies without rounding', () => {
    fc.assert(
      fc.property(anyDecimal, fc.array(anyDecimal, { maxLength: 4 }), (first, others) => {
        const values = [first, ...others];
        const sum = values.map((value) => rational(value)).reduce(plus);
        const product = values.map((value) => rational(value)).reduce(times);
        expect(compare(rational(exactly.sum(first, ...others)), sum)).toBe(0);
        expect(compare(rational(exactly.product(first, ...others)), product)).toBe(0);
      }),
    );
  });

  it('returns to 40 digits after an operation that fails', () => {
    expect(() => exactly.sum(ZERO, 'not a number' as unknown as Decimal)).toThrow();
    expect(new Decimal(1).dividedBy(3).precision()).toBe(40);
  });

  it('hands exact results back with 40-digit divisions', () => {
    const third = new Decimal(1).dividedBy(3);
    expect(exactly.product(third, third).precision()).toBe(80);
    expect(exactly.product(third, third).dividedBy(7).precision()).toBe(40);
    expect(exactly.sum(ZERO, new Decimal(1)).dividedBy(3).precision()).toBe(40);
  });

  it('divides toward the side it is told', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (numerator, denominator) => {
        fc.pre(!denominator.isZero());
        const down = divideToward('down', numerator, denominator);
        const up = divideToward('up', numerator, denominator);
        const sign = denominator.isNegative() ? -1 : 1;
        expect(sign * compare(times(rational(down), rational(denominator)), rational(numerator))).toBeLessThanOrEqual(0);
        expect(sign * compare(times(rational(up), rational(denominator)), rational(numerator))).toBeGreaterThanOrEqual(0);
        expect(up.minus(down).abs().lessThanOrEqualTo(up.abs().plus(down.abs()).times('1e-38'))).toBe(true);
      }),
    );
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}

import type { Decimal } from '../../src/domain/money.js';

/** Exact fractions of whole numbers: a second way to compute that shares nothing with the code under test. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function rational(value: Decimal | string | number): Rational {
  const text = typeof value === 'object' ? value.toFixed() : String(value);
  const [whole = '0', digits = ''] = text.split('.');
  return { numerator: BigInt(whole + digits), denominator: 10n ** BigInt(digits.length) };
}

export function plus(left: Rational, right: Rational): Rational {
  return reduced(left.numerator * right.denominator + right.numerator * left.denominator, left.denominator * right.denominator);
}

export function minus(left: Rational, right: Rational): Rational {
  return plus(left, { numerator: -right.numerator, denominator: right.denominator });
}

export function times(left: Rational, right: Rational): Rational {
  return reduced(left.numerator * right.numerator, left.denominator * right.denominator);
}

export function over(left: Rational, right: Rational): Rational {
  const sign = right.numerator < 0n ? -1n : 1n;
  return reduced(sign * left.numerator * right.denominator, sign * left.denominator * right.numerator);
}

/** Negative, 0 or positive. */
export function compare(left: Rational, right: Rational): number {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function floorTo(value: Rational, step: Rational): Rational {
  const steps = over(value, step);
  const quotient = steps.numerator / steps.denominator;
  const floored = quotient * steps.denominator > steps.numerator ? quotient - 1n : quotient;
  return times({ numerator: floored, denominator: 1n }, step);
}

/** Whether both differ by at most the given distance. */
export function within(left: Rational, right: Rational, distance: Rational): boolean {
  const difference = minus(left, right);
  const size = { numerator: difference.numerator < 0n ? -difference.numerator : difference.numerator, denominator: difference.denominator };
  return compare(size, distance) <= 0;
}

function reduced(numerator: bigint, denominator: bigint): Rational {
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [left, right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}

import { Decimal } from 'decimal.js';
import { ExactNumber } from './exact-number.js';
import { type Reader, RuleBroken } from './field.js';

/** Longest text looked at; below it the digits are counted. */
const MAX_TEXT = 80;
/** Enough for every token's supply in its smallest unit, and for the 28 digits other systems compute with. */
const MAX_INTEGER_DIGITS = 24;
const MAX_FRACTION_DIGITS = 30;
const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_DECIMAL = 'must be a decimal number: a JSON number or a string of digits such as "0.01", without units or separators';

/** Decimal constructor of its own, because configuring the shared one would change the arithmetic of other modules. */
const Exact = Decimal.clone({ precision: 80, toExpNeg: -9e15, toExpPos: 9e15 });

/** Reads a JSON number or numeric string without passing it through a double. Throws RuleBroken. */
export function readDecimal(raw: unknown): Decimal {
  const text = numericText(raw);
  if (text === null || text.length > MAX_TEXT || !NUMERIC.test(text)) throw new RuleBroken(NOT_DECIMAL);
  const decimal = new Exact(text);
  if (!decimal.isFinite()) throw new RuleBroken(NOT_DECIMAL);
  // Before anything prints it: 1e99999999 in digits would be a hundred million characters.
  if (!decimal.isZero() && (decimal.e >= MAX_INTEGER_DIGITS || decimal.e < -MAX_FRACTION_DIGITS || decimal.decimalPlaces() > MAX_FRACTION_DIGITS)) {
    throw new RuleBroken(`must have at most ${MAX_INTEGER_DIGITS} digits before and ${MAX_FRACTION_DIGITS} after the decimal point`);
  }
  return decimal;
}

/** Text of a numeric value, null for anything else. Booleans are no numbers here: `true` as an amount is a mistake. */
function numericText(raw: unknown): string | null {
  if (raw instanceof ExactNumber) return raw.digits;
  if (typeof raw === 'string') return raw.trim();
  if (typeof raw === 'number') return String(raw);
  return null;
}

/** Greater than zero; answers digits. */
export const readPositiveDecimal: Reader<string> = (raw) => {
  const decimal = readDecimal(raw);
  if (decimal.lte(0)) throw new RuleBroken('must be greater than 0');
  return digitsOf(decimal);
};

/** Zero or greater, where zero means "off" and is answered as undefined. */
export const readPositiveOrOff: Reader<string | undefined> = (raw) => {
  const decimal = readDecimal(raw);
  if (decimal.lt(0)) throw new RuleBroken('must not be negative (0 or null switches it off)');
  return decimal.isZero() ? undefined : digitsOf(decimal);
};

/** A fraction from `low` to below `high`; 0.01 is one percent. */
export function readFraction(bounds: { readonly above?: number; readonly from?: number; readonly below: number }): Reader<string> {
  return (raw) => {
    const decimal = readDecimal(raw);
    const tooLow = bounds.above === undefined ? decimal.lt(bounds.from ?? 0) : decimal.lte(bounds.above);
    if (tooLow || decimal.gte(bounds.below)) {
      const low = bounds.above === undefined ? `from ${bounds.from ?? 0}` : `above ${bounds.above}`;
      throw new RuleBroken(`must be a fraction ${low} and below ${bounds.below} (0.01 is one percent)`);
    }
    return digitsOf(decimal);
  };
}

/** A whole number within bounds, given as number or numeric string; `10.0` counts as 10. */
export function readInteger(low: number, high: number): Reader<number> {
  return (raw) => {
    let decimal: Decimal;
    try {
      decimal = readDecimal(raw);
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      throw new RuleBroken(`must be a whole number from ${low} to ${high}`);
    }
    if (!decimal.isInteger() || decimal.lt(low) || decimal.gt(high)) throw new RuleBroken(`must be a whole number from ${low} to ${high}`);
    return decimal.toNumber();
  };
}

/** Digits without exponent and without trailing zeros; never `-0`. */
function digitsOf(decimal: Decimal): string {
  return decimal.isZero() ? '0' : decimal.toFixed();
}

/** What OpenAPI says of a decimal. */
export const DECIMAL_JSON = { type: ['number', 'string'] } as const;

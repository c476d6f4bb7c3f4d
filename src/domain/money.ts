import { Decimal as DecimalLibrary } from 'decimal.js';

const DIGITS = 40;

/**
 * The decimal type of the whole program. An own constructor, so that no other module's `Decimal.set` reaches it.
 * Divisions give 40 significant digits, half to even. Digits and bounds of `parseDecimal` leave room for sums and
 * products of market data; what has to be exact whatever its length goes through `exactly`.
 */
export const Decimal = DecimalLibrary.clone({ defaults: true, precision: DIGITS, rounding: DecimalLibrary.ROUND_HALF_EVEN });
export type Decimal = DecimalLibrary;

/** More digits than any of our formulas produces. */
const WIDE_DIGITS = 400;
/** The constructor that `exactly` computes with. Settings never change: all workflows of a worker share these constructors. */
const Wide = DecimalLibrary.clone({ defaults: true, precision: WIDE_DIGITS, rounding: DecimalLibrary.ROUND_HALF_EVEN });

export const ZERO: Decimal = new Decimal(0);
export const ONE: Decimal = new Decimal(1);

/** Most significant digits of a number from outside, and most digits before and behind its point. */
export const MAX_DIGITS = 40;

const DECIMAL_TEXT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const MAX_TEXT = 120;
const MAX_SHOWN = 60;

/** Bad input: which field, the value as given (shortened), and the rule it breaks. */
export class DecimalRuleError extends Error {
  readonly field: string;
  readonly value: string;
  readonly rule: string;

  constructor(field: string, value: unknown, rule: string) {
    const shown = shownValue(value);
    super(`${field}: ${shown} ${rule}`);
    this.name = 'DecimalRuleError';
    this.field = field;
    this.value = shown;
    this.rule = rule;
  }
}

/** A number that this program wrote itself. Not for input: it accepts whatever the library accepts. */
export function decimal(text: string): Decimal {
  return new Decimal(text);
}

/**
 * A number from outside: decimal text or a finite JSON number.
 * Throws DecimalRuleError for anything else, and for more than MAX_DIGITS digits in total or on either side of the point.
 */
export function parseDecimal(field: string, value: unknown): Decimal {
  const text = decimalText(field, value);
  const parsed = new Decimal(text);
  // Looked at before anything prints the number: 1e9000 is short text and nine thousand digits.
  if (parsed.precision(false) > MAX_DIGITS) throw new DecimalRuleError(field, value, `must have at most ${MAX_DIGITS} significant digits`);
  if (parsed.e >= MAX_DIGITS) throw new DecimalRuleError(field, value, `must have at most ${MAX_DIGITS} digits before the point`);
  if (parsed.decimalPlaces() > MAX_DIGITS) throw new DecimalRuleError(field, value, `must have at most ${MAX_DIGITS} digits behind the point`);
  return parsed.isZero() ? ZERO : parsed;
}

function decimalText(field: string, value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new DecimalRuleError(field, value, 'must be a finite number');
    return String(value);
  }
  if (typeof value !== 'string') throw new DecimalRuleError(field, value, 'must be a decimal number');
  if (value.length > MAX_TEXT) throw new DecimalRuleError(field, value, `must be at most ${MAX_TEXT} characters`);
  if (!DECIMAL_TEXT.test(value)) throw new DecimalRuleError(field, value, 'must be a decimal number');
  return value;
}

/** All digits, no exponent, no trailing zeros, no negative zero: the one form in which a number is stored or sent. */
export function toDecimalString(value: Decimal): string {
  if (!value.isFinite()) throw new DecimalRuleError('decimal', value.toString(), 'must be a finite number');
  return value.toFixed();
}

/**
 * Sums and products without any rounding. Widening the constructor for the moment of the operation costs nothing; the
 * same through a second, wider constructor copies each operand and doubles the price of a fill.
 */
export const exactly = {
  sum(first: Decimal, ...terms: readonly Decimal[]): Decimal {
    return unrounded(Decimal.prototype.plus, first, terms);
  },
  difference(left: Decimal, right: Decimal): Decimal {
    return unrounded(Decimal.prototype.minus, left, [right]);
  },
  product(first: Decimal, ...factors: readonly Decimal[]): Decimal {
    return unrounded(Decimal.prototype.times, first, factors);
  },
} as const;

/** A Decimal made of another one keeps all its digits, whatever precision its constructor has. */
function unrounded(operation: (this: Decimal, operand: Decimal) => Decimal, first: Decimal, operands: readonly Decimal[]): Decimal {
  let result: Decimal = new Wide(first);
  for (const operand of operands) result = operation.call(result, operand);
  return new Decimal(result);
}

/** Quotient to 40 significant digits, rounded toward negative (`down`) or positive infinity (`up`). */
export function divideToward(direction: 'down' | 'up', numerator: Decimal, denominator: Decimal): Decimal {
  const constructor = direction === 'down' ? RoundsDown : RoundsUp;
  return new Decimal(constructor.div(numerator, denominator));
}

const RoundsDown = DecimalLibrary.clone({ defaults: true, precision: DIGITS, rounding: DecimalLibrary.ROUND_FLOOR });
const RoundsUp = DecimalLibrary.clone({ defaults: true, precision: DIGITS, rounding: DecimalLibrary.ROUND_CEIL });

function shownValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

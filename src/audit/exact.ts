import { Decimal } from 'decimal.js';

/** An own constructor with more digits than any sum or product here has: the audit shares no arithmetic with what it audits. */
const Exact = Decimal.clone({ defaults: true, precision: 400 });
export type Exact = Decimal;

/** Digits of the quotients in reports, half to even. */
const QUOTIENT_DIGITS = 40;

export const NOTHING: Exact = new Exact(0);

export function exact(text: string): Exact {
  return new Exact(text);
}

export function sumOf<Item>(items: Iterable<Item>, amount: (item: Item) => Exact): Exact {
  let total = NOTHING;
  for (const item of items) total = total.plus(amount(item));
  return total;
}

/** Quotient as reports carry it: 40 significant digits. */
export function reportedQuotient(numerator: Exact, denominator: Exact): Exact {
  return numerator.dividedBy(denominator).toSignificantDigits(QUOTIENT_DIGITS, Decimal.ROUND_HALF_EVEN);
}

export function digits(value: Exact): string {
  return value.isZero() ? '0' : value.toFixed();
}

/** Whether a decimal string is this number; anything that is no number is not. */
export function isNumber(text: string, value: Exact): boolean {
  try {
    return new Exact(text).equals(value);
  } catch {
    return false;
  }
}

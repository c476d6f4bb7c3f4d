import { Decimal as DecimalBase } from 'decimal.js';

/**
 * decimal.js with enough digits that every sum and product on this exchange is exact.
 * The library's default of 20 significant digits would round `price * amount * rate`.
 */
export const Decimal = DecimalBase.clone({
  precision: 80,
  rounding: DecimalBase.ROUND_DOWN,
  toExpNeg: -60,
  toExpPos: 80,
});
export type Decimal = DecimalBase;

export const ZERO: Decimal = new Decimal(0);

/** Largest multiple of `step` that is not above `value`. `step` must be positive. */
export function floorToStep(value: Decimal, step: Decimal): Decimal {
  return value.div(step).floor().times(step);
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return value.mod(step).isZero();
}

import { divideToward, exactly, type Decimal } from '../money.js';

/** floor(numerator / denominator), exact for quotients of fewer than 40 digits before the point. */
export function floorQuotient(numerator: Decimal, denominator: Decimal): Decimal {
  return divideToward('down', numerator, denominator).floor();
}

/** ceil(numerator / denominator), exact like `floorQuotient`. */
export function ceilQuotient(numerator: Decimal, denominator: Decimal): Decimal {
  return divideToward('up', numerator, denominator).ceil();
}

/** The largest multiple of `step` that is not above numerator / denominator (`down`), or the smallest not below it (`up`). */
export function steppedQuotient(direction: 'down' | 'up', numerator: Decimal, denominator: Decimal, step: Decimal): Decimal {
  const width = exactly.product(denominator, step);
  const count = direction === 'down' ? floorQuotient(numerator, width) : ceilQuotient(numerator, width);
  return exactly.product(count, step);
}

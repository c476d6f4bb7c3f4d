import { Decimal, DecimalRuleError, exactly, ONE, toDecimalString } from '../money.js';

/** Most decimals a token may have: its amounts then still fit the digits of our decimals. */
export const MAX_TOKEN_DECIMALS = 36;

/** An on-chain integer as an amount of whole tokens, exactly. */
export function amountFromRaw(raw: bigint, decimals: number): Decimal {
  checkDecimals(decimals);
  return new Decimal(`${raw}e-${decimals}`);
}

/**
 * An amount of whole tokens as the on-chain integer not above (`down`) or not below (`up`) it. Throws DecimalRuleError for a
 * negative one.
 */
export function rawFromAmount(amount: Decimal, decimals: number, direction: 'down' | 'up'): bigint {
  checkDecimals(decimals);
  if (amount.isNegative() && !amount.isZero()) throw new DecimalRuleError('amount', toDecimalString(amount), 'must not be negative');
  const rounded = amount.toDecimalPlaces(decimals, direction === 'down' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL);
  return BigInt(rounded.toFixed(decimals).replace('.', ''));
}

/** An integer in digits, as it crosses ports and stands in history. Throws DecimalRuleError for anything else. */
export function rawFromText(field: string, text: string): bigint {
  if (!/^-?\d{1,78}$/.test(text)) throw new DecimalRuleError(field, text, 'must be a whole number in digits');
  return BigInt(text);
}

/**
 * What a transaction must at least bring, so that a moved price or the rounding of the contract does not pass for a loss:
 * floor(expected * (1 - slippage)), and below the expected amount even without slippage.
 */
export function minimumRaw(expected: bigint, slippageFraction: Decimal): bigint {
  if (expected <= 0n) return 0n;
  const keptFraction = exactly.difference(ONE, slippageFraction);
  const minimum = BigInt(exactly.product(new Decimal(expected.toString()), keptFraction).toFixed(0, Decimal.ROUND_FLOOR));
  const highest = expected - 1n;
  if (minimum <= 0n) return 0n;
  return minimum < highest ? minimum : highest;
}

function checkDecimals(decimals: number): void {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > MAX_TOKEN_DECIMALS) {
    throw new DecimalRuleError('decimals', decimals, `must be a whole number from 0 to ${MAX_TOKEN_DECIMALS}`);
  }
}

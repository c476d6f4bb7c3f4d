import { Decimal, DecimalRuleError, divideToward, exactly, toDecimalString, ZERO } from '../money.js';
import { Q96 } from './tick-math.js';

/** Which of a pool's two tokens our pair calls base. A pool orders its tokens by address, a pair by what is traded. */
export interface PoolTokens {
  readonly base: 'token0' | 'token1';
  readonly decimals0: number;
  readonly decimals1: number;
}

const Q192 = Q96 * Q96;

/**
 * Quote per base, in whole tokens. To 40 digits; `direction` says where to round for a price that is to be read back.
 * raw token1 per raw token0 = (sqrtPriceX96 / 2^96)^2, times 10^(decimals0 - decimals1), inverted where base is token1.
 */
export function priceQuoteAtSqrt(tokens: PoolTokens, sqrtPriceX96: bigint, direction: 'nearest' | 'down' | 'up' = 'nearest'): Decimal {
  if (sqrtPriceX96 <= 0n) throw new DecimalRuleError('sqrtPriceX96', sqrtPriceX96.toString(), 'must be above 0');
  const token1 = integer(sqrtPriceX96 * sqrtPriceX96 * tenToThe(tokens.decimals0));
  const token0 = integer(Q192 * tenToThe(tokens.decimals1));
  const [quote, base] = tokens.base === 'token0' ? [token1, token0] : [token0, token1];
  return direction === 'nearest' ? quote.dividedBy(base) : divideToward(direction, quote, base);
}

/**
 * The integer root price not above (`down`) or not below (`up`) the exact one of this price. `direction` is about the
 * integer: where base is token1, a higher price has a lower root. Throws DecimalRuleError unless the price is above 0.
 */
export function sqrtX96AtPrice(tokens: PoolTokens, priceQuote: Decimal, direction: 'down' | 'up'): bigint {
  if (!priceQuote.greaterThan(ZERO)) throw new DecimalRuleError('priceQuote', toDecimalString(priceQuote), 'must be above 0');
  const places = priceQuote.decimalPlaces();
  const quote = BigInt(exactly.product(priceQuote, new Decimal(`1e${places}`)).toFixed(0));
  const base = tenToThe(places);
  const [token1, token0] = tokens.base === 'token0' ? [quote, base] : [base, quote];
  const numerator = token1 * tenToThe(tokens.decimals1) * Q192;
  const denominator = token0 * tenToThe(tokens.decimals0);
  const floor = integerRoot(numerator / denominator);
  return direction === 'up' && floor * floor * denominator < numerator ? floor + 1n : floor;
}

/** Largest integer whose square is not above. Newton from above; the bits halve what is left, so it ends within a few dozen steps. */
export function integerRoot(value: bigint): bigint {
  if (value < 0n) throw new DecimalRuleError('value', value.toString(), 'must not be negative');
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function tenToThe(power: number): bigint {
  return 10n ** BigInt(power);
}

function integer(value: bigint): Decimal {
  return new Decimal(value.toString());
}

import type { Decimal } from '../money.js';
import type { RawAmounts } from './liquidity-amounts.js';
import type { PoolTokens } from './pool-price.js';
import { amountFromRaw, rawFromAmount } from './token-amount.js';

/** Amounts of a pair, in whole tokens. */
export interface PairAmounts {
  readonly amountBase: Decimal;
  readonly amountQuote: Decimal;
}

export function decimalsOfPair(tokens: PoolTokens): { readonly base: number; readonly quote: number } {
  return tokens.base === 'token0' ? { base: tokens.decimals0, quote: tokens.decimals1 } : { base: tokens.decimals1, quote: tokens.decimals0 };
}

/** The pool's integers as amounts of the pair, exactly. */
export function pairFromRaw(tokens: PoolTokens, raw: RawAmounts): PairAmounts {
  const amount0 = amountFromRaw(raw.amount0, tokens.decimals0);
  const amount1 = amountFromRaw(raw.amount1, tokens.decimals1);
  return tokens.base === 'token0' ? { amountBase: amount0, amountQuote: amount1 } : { amountBase: amount1, amountQuote: amount0 };
}

/** Amounts of the pair as the pool's integers, down: never more than was said. */
export function rawFromPair(tokens: PoolTokens, amounts: PairAmounts): RawAmounts {
  const decimals = decimalsOfPair(tokens);
  const base = rawFromAmount(amounts.amountBase, decimals.base, 'down');
  const quote = rawFromAmount(amounts.amountQuote, decimals.quote, 'down');
  return tokens.base === 'token0' ? { amount0: base, amount1: quote } : { amount0: quote, amount1: base };
}

import type { Abi, Address } from 'viem';
import { UNISWAP_SWAP_EVENT_ABI } from './abi.js';

/** Contracts of one venue on one chain. */
export interface VenueAddresses {
  readonly factory: Address;
  readonly positionManager: Address;
  readonly swapRouter: Address;
  readonly quoter: Address;
}

/**
 * Where venues built on the same pools differ. A router of the first generation has the deadline in its swaps, one of the
 * second has it round them.
 */
export interface VenueDialect {
  readonly provider: string;
  readonly router: 'deadlineInSwap' | 'deadlineAround';
  /** The pool's own event; others add fields, which changes its topic. Must have amount0, amount1, sqrtPriceX96 and tick. */
  readonly swapEvent: Abi;
}

export const UNISWAP_PROVIDER = 'uniswap/clmm';

export function uniswapDialect(router: VenueDialect['router']): VenueDialect {
  return { provider: UNISWAP_PROVIDER, router, swapEvent: UNISWAP_SWAP_EVENT_ABI };
}

import { setTimeout as pause } from 'node:timers/promises';
import { encodeFunctionData } from 'viem';
import { sqrtX96AtPrice } from '../../domain/amm/pool-price.js';
import { parseDecimal } from '../../domain/money.js';
import { ERC20_ABI, POOL_ABI, SWAP_ROUTER_ABI } from '../uniswap-v3/abi.js';
import { linkLocalChain, type ChainLink } from './chain-link.js';
import type { SeededChain } from './seed-chain.js';
import { TEST_ACCOUNTS } from './test-accounts.js';

/** One move of the price, and how long the market rests after it. */
export interface MarketStep {
  readonly priceQuote: string;
  readonly restMs: number;
}

const NEVER = (1n << 256n) - 1n;

/**
 * Moves the pool's price to this one by a swap of the market's account, as large as it takes: it stops at the price. Real
 * trades, so positions on the way earn their fees. Answers the hash of the swap, null when the price is there already.
 */
export async function movePrice(rpcUrl: string, chain: SeededChain, priceQuote: string): Promise<string | null> {
  return await moveTo(await linkLocalChain(rpcUrl), chain, priceQuote);
}

/** Plays the steps in order and ends early, between two of them, when it is aborted. */
export async function playMarketScript(rpcUrl: string, chain: SeededChain, steps: readonly MarketStep[], signal?: AbortSignal): Promise<void> {
  const link = await linkLocalChain(rpcUrl);
  for (const { priceQuote, restMs } of steps) {
    if (signal?.aborted === true) return;
    await moveTo(link, chain, priceQuote);
    await pause(restMs, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  }
}

async function moveTo(link: ChainLink, chain: SeededChain, priceQuote: string): Promise<string | null> {
  const target = sqrtX96AtPrice(chain.tokens, parseDecimal('priceQuote', priceQuote), 'down');
  const [current] = await link.client.readContract({ address: chain.poolAddress, abi: POOL_ABI, functionName: 'slot0' });
  if (current === target) return null;
  // A falling root takes token0 in; what base is decides which token that is.
  const paysBase = target < current === (chain.tokens.base === 'token0');
  const [tokenIn, tokenOut] = paysBase ? [chain.baseToken, chain.quoteToken] : [chain.quoteToken, chain.baseToken];
  const { address } = TEST_ACCOUNTS.market;
  const amountIn = await link.client.readContract({ address: tokenIn, abi: ERC20_ABI, functionName: 'balanceOf', args: [address] });
  const params = { tokenIn, tokenOut, fee: chain.feePips, recipient: address, deadline: NEVER, amountIn, amountOutMinimum: 0n, sqrtPriceLimitX96: target };
  const data = encodeFunctionData({ abi: SWAP_ROUTER_ABI, functionName: 'exactInputSingle', args: [params] });
  const receipt = await link.send({ from: address, to: chain.addresses.swapRouter, data });
  return receipt.transactionHash;
}

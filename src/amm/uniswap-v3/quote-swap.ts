import type { Address } from 'viem';
import type { SwapQuote, SwapQuoteRequest } from '../../ports/amm.js';
import type { ChainClient } from '../evm/chain-client.js';
import { ammError, raiseChainFailure } from '../evm/chain-failure.js';
import { addressOf, integerOf } from '../evm/hex-text.js';
import { QUOTER_ABI } from './abi.js';

/** What a swap through one pool would bring now, its fee included. Throws AmmError NO_QUOTE when the pool cannot fill it. */
export async function quoteSwap(client: ChainClient, quoter: Address, request: SwapQuoteRequest): Promise<SwapQuote> {
  const amount = integerOf('amount', request.amount);
  if (amount === 0n) throw ammError('NO_QUOTE', 'a swap of nothing has no quote');
  const pair = { tokenIn: addressOf('tokenIn', request.tokenIn), tokenOut: addressOf('tokenOut', request.tokenOut), fee: request.feePips, sqrtPriceLimitX96: 0n };
  const of = { address: quoter, abi: QUOTER_ABI } as const;
  switch (request.kind) {
    case 'exactIn': {
      const { result } = await client
        .simulateContract({ ...of, functionName: 'quoteExactInputSingle', args: [{ ...pair, amountIn: amount }] })
        .catch((error: unknown) => raiseChainFailure(error, 'NO_QUOTE'));
      // A pool that runs dry takes all and gives nothing for the rest; that is no offer.
      if (result[0] === 0n) throw ammError('NO_QUOTE', 'the pool gives nothing for this amount');
      return { amountIn: request.amount, amountOut: String(result[0]), sqrtPriceX96After: String(result[1]) };
    }
    case 'exactOut': {
      const { result } = await client
        .simulateContract({ ...of, functionName: 'quoteExactOutputSingle', args: [{ ...pair, amount }] })
        .catch((error: unknown) => raiseChainFailure(error, 'NO_QUOTE'));
      return { amountIn: String(result[0]), amountOut: request.amount, sqrtPriceX96After: String(result[1]) };
    }
  }
}

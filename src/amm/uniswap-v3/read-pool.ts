import type { Address } from 'viem';
import type { AmmPool, AmmToken } from '../../ports/amm.js';
import { MAX_TOKEN_DECIMALS } from '../../domain/amm/token-amount.js';
import type { ChainClient } from '../evm/chain-client.js';
import { ammError, chainFailure, raiseChainFailure } from '../evm/chain-failure.js';
import { sameAddress } from '../evm/hex-text.js';
import { ERC20_ABI, FACTORY_ABI, POOL_ABI } from './abi.js';

const MAX_SYMBOL = 32;

/**
 * Reads a pool and proves that it is the venue's own: anybody can deploy a contract that answers like one. Throws AmmError
 * POOL_MISMATCH otherwise.
 */
export async function readVerifiedPool(client: ChainClient, factory: Address, poolAddress: Address): Promise<AmmPool> {
  const of = { address: poolAddress, abi: POOL_ABI } as const;
  const [address0, address1, feePips, tickSpacing] = await Promise.all([
    client.readContract({ ...of, functionName: 'token0' }),
    client.readContract({ ...of, functionName: 'token1' }),
    client.readContract({ ...of, functionName: 'fee' }),
    client.readContract({ ...of, functionName: 'tickSpacing' }),
  ]).catch((error: unknown) => {
    throw notAPool(error, poolAddress);
  });
  const known = await client
    .readContract({ address: factory, abi: FACTORY_ABI, functionName: 'getPool', args: [address0, address1, feePips] })
    .catch((error: unknown) => {
      throw notAPool(error, factory);
    });
  if (!sameAddress(known, poolAddress)) throw ammError('POOL_MISMATCH', `the venue's factory does not know ${poolAddress}`);
  const [token0, token1] = await Promise.all([readToken(client, address0), readToken(client, address1)]);
  return { poolAddress, token0, token1, feePips, tickSpacing };
}

async function readToken(client: ChainClient, address: Address): Promise<AmmToken> {
  const of = { address, abi: ERC20_ABI } as const;
  const [decimals, symbol] = await Promise.all([
    client.readContract({ ...of, functionName: 'decimals' }),
    // Some old tokens answer bytes here; the symbol is for people only.
    client.readContract({ ...of, functionName: 'symbol' }).catch(() => '?'),
  ]).catch(raiseChainFailure);
  if (decimals > MAX_TOKEN_DECIMALS) throw ammError('POOL_MISMATCH', `token ${address} has ${decimals} decimals, at most ${MAX_TOKEN_DECIMALS} are supported`);
  return { address, symbol: symbol.slice(0, MAX_SYMBOL), decimals };
}

/** No contract there, or one that does not answer like this one: another fault than a node that is away. */
function notAPool(error: unknown, address: Address): Error {
  const failure = chainFailure(error);
  const unreachable = failure.code === 'CHAIN_UNREACHABLE' ? failure : null;
  return unreachable === null ? ammError('POOL_MISMATCH', `${address} does not answer like a contract of this venue`) : ammError(unreachable.code, unreachable.message);
}

import type { ChainClient } from '../evm/chain-client.js';
import { ammError, chainFailure } from '../evm/chain-failure.js';
import { sameAddress } from '../evm/hex-text.js';
import { PERIPHERY_ABI } from './abi.js';
import type { VenueAddresses } from './venue.js';

/**
 * Position manager, router and quoter each name the factory they work for. Tokens are approved for two of them, so an address
 * of another venue, or of nobody, is found before that. Throws AmmError POOL_MISMATCH.
 */
export async function verifyVenue(client: ChainClient, addresses: VenueAddresses): Promise<void> {
  for (const name of ['positionManager', 'swapRouter', 'quoter'] as const) {
    const factory = await client.readContract({ address: addresses[name], abi: PERIPHERY_ABI, functionName: 'factory' }).catch((error: unknown) => {
      const { code, message } = chainFailure(error);
      if (code === 'CHAIN_UNREACHABLE') throw ammError(code, message);
      throw ammError('POOL_MISMATCH', `${name} ${addresses[name]} does not answer like a contract of this venue`);
    });
    if (!sameAddress(factory, addresses.factory)) throw ammError('POOL_MISMATCH', `${name} ${addresses[name]} works for another factory than ${addresses.factory}`);
  }
}

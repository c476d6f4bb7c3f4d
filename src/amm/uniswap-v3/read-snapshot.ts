import { zeroAddress, type Address } from 'viem';
import { amountsForLiquidity } from '../../domain/amm/liquidity-amounts.js';
import type { AmmBlock, AmmPool, PoolSnapshot, PositionState } from '../../ports/amm.js';
import type { ChainClient } from '../evm/chain-client.js';
import { ammError, chainFailure, raiseChainFailure } from '../evm/chain-failure.js';
import { integerOf, sameAddress } from '../evm/hex-text.js';
import { POOL_ABI, POSITION_MANAGER_ABI } from './abi.js';

/** Positions of one snapshot: each costs three requests. */
export const MAX_SNAPSHOT_POSITIONS = 100;
/** Nodes that keep the newest state alone cannot read the block that was newest a moment ago. */
const TRIES = 5;
const LARGEST_UINT128 = (1n << 128n) - 1n;

export async function readLatestBlock(client: ChainClient): Promise<AmmBlock> {
  const block = await client.getBlock({ blockTag: 'latest' }).catch(raiseChainFailure);
  return { number: Number(block.number), hash: block.hash, timestampMs: Number(block.timestamp) * 1000 };
}

/**
 * Pool and positions, every read of it at one block. Block and price are read once more at the end: nodes behind one address
 * may stand on different forks, and a node that is just mining may answer from the block to come. Throws AmmError.
 */
export async function readSnapshot(client: ChainClient, positionManager: Address, pool: AmmPool, tokenIds: readonly string[]): Promise<PoolSnapshot> {
  if (tokenIds.length > MAX_SNAPSHOT_POSITIONS) throw new Error(`a snapshot holds at most ${MAX_SNAPSHOT_POSITIONS} positions, asked for ${tokenIds.length}`);
  for (let attempt = 1; ; attempt += 1) {
    const block = await readLatestBlock(client);
    try {
      const snapshot = await readAt(client, positionManager, pool, tokenIds, block);
      if (await stillHolds(client, pool, snapshot)) return snapshot;
      if (attempt >= TRIES) throw ammError('NODE_ERROR', `the node answers differently for block ${block.number} each time`);
    } catch (error) {
      const moved = attempt < TRIES && chainFailure(error).code === 'NODE_ERROR' && (await readLatestBlock(client)).number !== block.number;
      if (!moved) raiseChainFailure(error);
    }
  }
}

async function stillHolds(client: ChainClient, pool: AmmPool, { block, pool: { sqrtPriceX96 } }: PoolSnapshot): Promise<boolean> {
  const blockNumber = BigInt(block.number);
  const [again, [root]] = await Promise.all([
    client.getBlock({ blockNumber }),
    client.readContract({ address: pool.poolAddress as Address, abi: POOL_ABI, blockNumber, functionName: 'slot0' }),
  ]);
  return again.hash === block.hash && String(root) === sqrtPriceX96;
}

async function readAt(client: ChainClient, positionManager: Address, pool: AmmPool, tokenIds: readonly string[], block: AmmBlock): Promise<PoolSnapshot> {
  const blockNumber = BigInt(block.number);
  const of = { address: pool.poolAddress as Address, abi: POOL_ABI, blockNumber } as const;
  const [[sqrtPriceX96, tick], liquidity] = await Promise.all([client.readContract({ ...of, functionName: 'slot0' }), client.readContract({ ...of, functionName: 'liquidity' })]);
  const positions = await Promise.all(tokenIds.map(async (tokenId) => await readPosition(client, positionManager, pool, tokenId, blockNumber, sqrtPriceX96)));
  return { block, pool: { sqrtPriceX96: String(sqrtPriceX96), tick, liquidity: String(liquidity) }, positions };
}

async function readPosition(client: ChainClient, address: Address, pool: AmmPool, tokenId: string, blockNumber: bigint, sqrtPriceX96: bigint): Promise<PositionState> {
  const id = integerOf('tokenId', tokenId);
  const of = { address, abi: POSITION_MANAGER_ABI, blockNumber } as const;
  try {
    const [position, owner] = await Promise.all([
      client.readContract({ ...of, functionName: 'positions', args: [id] }),
      client.readContract({ ...of, functionName: 'ownerOf', args: [id] }),
    ]);
    const [, , token0, token1, fee, tickLower, tickUpper, liquidity] = position;
    if (!sameAddress(token0, pool.token0.address) || !sameAddress(token1, pool.token1.address) || fee !== pool.feePips) {
      throw ammError('POSITION_OF_OTHER_POOL', `position ${tokenId} belongs to another pool than ${pool.poolAddress}`);
    }
    // What is stored as owed is as old as the last transaction of the position. A collection that is only tried counts up
    // to now, and to the unit; it answers its owner alone.
    const params = { tokenId: id, recipient: owner, amount0Max: LARGEST_UINT128, amount1Max: LARGEST_UINT128 };
    const { result } = await client.simulateContract({ ...of, functionName: 'collect', args: [params], account: owner });
    const amounts = amountsForLiquidity(sqrtPriceX96, { tickLower, tickUpper }, liquidity, 'down');
    return {
      kind: 'open',
      tokenId,
      owner,
      tickLower,
      tickUpper,
      liquidity: String(liquidity),
      amount0: String(amounts.amount0),
      amount1: String(amounts.amount1),
      fee0: String(result[0]),
      fee1: String(result[1]),
    };
  } catch (error) {
    if (chainFailure(error).code === 'POSITION_GONE') return { kind: 'missing', tokenId };
    throw error;
  }
}

/** Positions listed of one owner. A wallet of executors has few; strangers may send it any number. */
export const MAX_OWNED_POSITIONS = 500;

export async function readOwnedPositions(client: ChainClient, positionManager: Address, owner: Address): Promise<{ readonly tokenIds: readonly string[]; readonly complete: boolean }> {
  if (owner === zeroAddress) return { tokenIds: [], complete: true };
  for (let attempt = 1; ; attempt += 1) {
    const block = await readLatestBlock(client);
    const of = { address: positionManager, abi: POSITION_MANAGER_ABI, blockNumber: BigInt(block.number) } as const;
    try {
      const count = await client.readContract({ ...of, functionName: 'balanceOf', args: [owner] });
      const listed = count > BigInt(MAX_OWNED_POSITIONS) ? MAX_OWNED_POSITIONS : Number(count);
      const tokenIds = await Promise.all(
        Array.from({ length: listed }, async (_, index) => String(await client.readContract({ ...of, functionName: 'tokenOfOwnerByIndex', args: [owner, BigInt(index)] }))),
      );
      return { tokenIds, complete: count <= BigInt(MAX_OWNED_POSITIONS) };
    } catch (error) {
      const moved = attempt < TRIES && chainFailure(error).code === 'NODE_ERROR' && (await readLatestBlock(client)).number !== block.number;
      if (!moved) raiseChainFailure(error);
    }
  }
}

import { decodeEventLog, zeroAddress, type Abi, type Address, type Log } from 'viem';
import { z } from 'zod';
import type { AmmEvent } from '../../ports/amm.js';
import { sameAddress } from '../evm/hex-text.js';
import { POSITION_MANAGER_ABI } from './abi.js';

/** Logs of one receipt that are looked at; a transaction of ours has a dozen. */
const MAX_LOGS = 1_000;

/** A venue's swap event may have further fields; these it must have. */
const swapArguments = z.object({ amount0: z.bigint(), amount1: z.bigint(), sqrtPriceX96: z.bigint(), tick: z.number() });

/**
 * What position manager and pools told in these logs, in their order. Positions are believed of the position manager alone;
 * a swap names its pool, because any contract on the way may emit one that looks the same.
 */
export function eventsOfLogs(logs: readonly Log[], positionManager: Address, swapEvent: Abi): readonly AmmEvent[] {
  return logs.slice(0, MAX_LOGS).flatMap((log) => (sameAddress(log.address, positionManager) ? managerEvent(log) : swapOf(log, swapEvent)));
}

function managerEvent(log: Log): readonly AmmEvent[] {
  const event = decoded(() => decodeEventLog({ abi: POSITION_MANAGER_ABI, data: log.data, topics: log.topics }));
  if (event === null) return [];
  const tokenId = String(event.args.tokenId);
  switch (event.eventName) {
    case 'IncreaseLiquidity':
      return [{ kind: 'increased', tokenId, ...amountsOf(event.args), liquidity: String(event.args.liquidity) }];
    case 'DecreaseLiquidity':
      return [{ kind: 'decreased', tokenId, ...amountsOf(event.args), liquidity: String(event.args.liquidity) }];
    case 'Collect':
      return [{ kind: 'collected', tokenId, ...amountsOf(event.args) }];
    case 'Transfer':
      if (event.args.from === zeroAddress) return [{ kind: 'minted', tokenId, owner: event.args.to }];
      return event.args.to === zeroAddress ? [{ kind: 'burned', tokenId }] : [];
  }
}

function swapOf(log: Log, swapEvent: Abi): readonly AmmEvent[] {
  const event = decoded(() => decodeEventLog({ abi: swapEvent, data: log.data, topics: log.topics }));
  const swap = event === null ? null : swapArguments.safeParse(event.args);
  if (swap === null || !swap.success) return [];
  const { amount0, amount1, sqrtPriceX96, tick } = swap.data;
  return [{ kind: 'swapped', poolAddress: log.address, amount0: String(amount0), amount1: String(amount1), sqrtPriceX96: String(sqrtPriceX96), tick }];
}

function amountsOf(amounts: { readonly amount0: bigint; readonly amount1: bigint }): { readonly amount0: string; readonly amount1: string } {
  return { amount0: String(amounts.amount0), amount1: String(amounts.amount1) };
}

/** Null for an event that these interfaces do not know: contracts emit more than is read here. */
function decoded<Event>(decode: () => Event): Event | null {
  try {
    return decode();
  } catch {
    return null;
  }
}

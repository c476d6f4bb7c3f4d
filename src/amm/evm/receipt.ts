import { isHex, type Hash, type Log, type TransactionReceipt } from 'viem';
import { amountFromRaw } from '../../domain/amm/token-amount.js';
import { toDecimalString } from '../../domain/money.js';
import type { AmmEvent, AmmReceipt } from '../../ports/amm.js';
import type { ChainClient } from './chain-client.js';

export const NATIVE_DECIMALS = 18;

export type ReadEvents = (logs: readonly Log[]) => readonly AmmEvent[];

/** Null while no block holds it. Some nodes answer an unknown hash with an error instead; that is passed on. */
export async function findReceipt(client: ChainClient, hash: Hash): Promise<TransactionReceipt | null> {
  try {
    return await client.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof Error && error.name === 'TransactionReceiptNotFoundError') return null;
    throw error;
  }
}

/**
 * A receipt in our form. Chains that settle on another charge for that apart, in a field of their own (`l1Fee`): without it
 * the cost would be a fraction of what was paid.
 */
export function readReceipt(receipt: TransactionReceipt, readEvents: ReadEvents): AmmReceipt {
  const feeWei = receipt.gasUsed * receipt.effectiveGasPrice + layerOneFee(receipt);
  return {
    hash: receipt.transactionHash,
    status: receipt.status,
    block: { number: Number(receipt.blockNumber), hash: receipt.blockHash },
    gasUsed: String(receipt.gasUsed),
    effectiveGasPriceWei: String(receipt.effectiveGasPrice),
    feeNative: toDecimalString(amountFromRaw(feeWei, NATIVE_DECIMALS)),
    events: receipt.status === 'success' ? readEvents(receipt.logs) : [],
  };
}

function layerOneFee(receipt: TransactionReceipt): bigint {
  const { l1Fee } = receipt as { readonly l1Fee?: unknown };
  if (typeof l1Fee === 'bigint') return l1Fee;
  return isHex(l1Fee) && l1Fee !== '0x' ? BigInt(l1Fee) : 0n;
}

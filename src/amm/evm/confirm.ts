import { setTimeout as pause } from 'node:timers/promises';
import type { Hash, TransactionReceipt } from 'viem';
import type { ConfirmOptions, NonceWatch, TransactionFate } from '../../ports/amm.js';
import { broadcastRaw, isWaiting } from './broadcast.js';
import type { ChainClient } from './chain-client.js';
import { ammError, chainFailure, raiseChainFailure } from './chain-failure.js';
import { addressOf, hexOf } from './hex-text.js';
import { findReceipt, readReceipt, type ReadEvents } from './receipt.js';

/** Replacements of one transaction; each pays an eighth more, so this many are a factor of forty. */
export const MAX_HASHES_OF_NONCE = 32;

/** What became of a nonce, at this moment. Throws AmmError when the node does not answer. */
export async function fateOf(client: ChainClient, watch: NonceWatch, readEvents: ReadEvents): Promise<TransactionFate> {
  const hashes = hashesOf(watch);
  try {
    const address = addressOf('from', watch.from);
    const block = await client.getBlockNumber();
    // Count before receipts: one of ours that is mined in between has its receipt by then.
    const used = await client.getTransactionCount({ address, blockTag: 'latest' });
    const receipt = await firstReceipt(client, hashes);
    if (receipt !== null) {
      // The receipt may be of a block newer than the one counted from.
      const confirmations = Math.max(1, Number(block - receipt.blockNumber) + 1);
      const read = readReceipt(receipt, readEvents);
      return confirmations >= watch.confirmations ? { kind: 'confirmed', receipt: read } : { kind: 'mined', receipt: read, confirmations };
    }
    if (used > watch.nonce) return { kind: 'nonceTaken', seenAtBlock: Number(block) };
    return { kind: 'pending', waiting: await anyWaiting(client, hashes) };
  } catch (error) {
    return raiseChainFailure(error);
  }
}

/**
 * Looks until the fate is final or time is over, and sends the same bytes again whenever the node has none of them: a node
 * that restarts forgets what waited, and a reorganisation may drop what was mined. A foreign transaction in the nonce counts
 * once it is as deep as was asked for, and never on one look alone: nodes behind one address do not know the same.
 */
export async function confirmNonce(client: ChainClient, watch: NonceWatch, options: ConfirmOptions, readEvents: ReadEvents): Promise<TransactionFate> {
  const { timeoutMs, pollMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let takenSince: number | null = null;
  let last: TransactionFate | null = null;
  for (;;) {
    const fate = await fateOf(client, watch, readEvents).catch(passOnlyOutage);
    if (fate !== null) {
      last = fate;
      options.onLook?.(fate);
      if (fate.kind === 'confirmed') return fate;
      if (fate.kind === 'nonceTaken') {
        if (takenSince !== null && fate.seenAtBlock - takenSince + 1 >= watch.confirmations) return fate;
        takenSince ??= fate.seenAtBlock;
      } else {
        takenSince = null;
      }
      if (fate.kind === 'pending' && !fate.waiting) await broadcastRaw(client, options.raw);
    }
    if (performance.now() + pollMs > deadline || signal?.aborted === true) break;
    await pause(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
  if (last === null) throw ammError('CHAIN_UNREACHABLE', `the node did not answer within ${timeoutMs} ms`);
  // Taken, and not long enough to be final: the caller looks again.
  return last.kind === 'nonceTaken' ? { kind: 'pending', waiting: false } : last;
}

function hashesOf({ hashes }: NonceWatch): readonly Hash[] {
  if (hashes.length === 0 || hashes.length > MAX_HASHES_OF_NONCE) throw new Error(`hashes: 1 to ${MAX_HASHES_OF_NONCE} of a nonce, got ${hashes.length}`);
  return hashes.map((hash) => hexOf('hash', hash));
}

async function firstReceipt(client: ChainClient, hashes: readonly Hash[]): Promise<TransactionReceipt | null> {
  const receipts = await Promise.all(hashes.map(async (hash) => await findReceipt(client, hash)));
  return receipts.find((receipt) => receipt !== null) ?? null;
}

async function anyWaiting(client: ChainClient, hashes: readonly Hash[]): Promise<boolean> {
  const waiting = await Promise.all(hashes.map(async (hash) => await isWaiting(client, hash)));
  return waiting.includes(true);
}

function passOnlyOutage(error: unknown): null {
  const { code } = chainFailure(error);
  if (code === 'CHAIN_UNREACHABLE' || code === 'NODE_ERROR') return null;
  throw error;
}

import { keccak256, type Hash } from 'viem';
import type { BroadcastOutcome } from '../../ports/amm.js';
import type { ChainClient } from './chain-client.js';
import { chainErrorText, chainFailure } from './chain-failure.js';
import { hexOf } from './hex-text.js';
import { findReceipt } from './receipt.js';

/** Nodes say the same in different words. */
const KNOWN = /already known|already imported|known transaction|ALREADY_EXISTS/i;
const NONCE_USED = /nonce too low|nonce is too low|invalid nonce|old nonce|nonce has already been used/i;
const UNDERPRICED = /underpriced|fee too low|less than block base fee|max fee per gas less|replacement/i;
/** The node looked at it and will not take it, whatever happens. */
const REFUSED = /insufficient funds|intrinsic gas|exceeds block gas limit|gas limit (?:is )?too|invalid sender|invalid signature|chain ?id|exceeds the configured cap/i;

/**
 * Sends signed bytes. Whatever the node says to it, the hash decides: a node that has these bytes, or a block that holds
 * them, makes it `known`, also when the answer to an earlier sending was lost.
 */
export async function broadcastRaw(client: ChainClient, raw: string): Promise<BroadcastOutcome> {
  const serializedTransaction = hexOf('raw', raw);
  const hash = keccak256(serializedTransaction);
  try {
    // Not retried by the client: a second sending is ours to decide.
    await client.request({ method: 'eth_sendRawTransaction', params: [serializedTransaction] }, { retryCount: 0 });
    return { kind: 'accepted' };
  } catch (error) {
    const text = chainErrorText(error);
    if (KNOWN.test(text) || (await isKnown(client, hash))) return { kind: 'known' };
    if (NONCE_USED.test(text)) return { kind: 'nonceUsed' };
    if (UNDERPRICED.test(text)) return { kind: 'underpriced' };
    const failure = chainFailure(error);
    return REFUSED.test(text) ? { kind: 'refused', failure } : { kind: 'unknown', failure };
  }
}

/** False also when nobody answers: then it is not known to be known. */
async function isKnown(client: ChainClient, hash: Hash): Promise<boolean> {
  try {
    if ((await findReceipt(client, hash)) !== null) return true;
    return await isWaiting(client, hash);
  } catch {
    return false;
  }
}

/** Whether the node has the transaction, mined or not. */
export async function isWaiting(client: ChainClient, hash: Hash): Promise<boolean> {
  try {
    await client.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'TransactionNotFoundError') return false;
    throw error;
  }
}

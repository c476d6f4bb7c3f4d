import { createPublicClient, createWalletClient, defineChain, http, type Address, type Hex, type PublicClient, type TransactionReceipt } from 'viem';
import { LOCAL_CHAIN_ID } from './test-accounts.js';

/** Enough for any deployment, below what a block takes; estimating would cost a request each time. */
const GAS_LIMIT = 15_000_000n;
const RECEIPT_TRIES = 2_000;
const RECEIPT_PAUSE_MS = 5;

export interface LocalTransaction {
  readonly from: Address;
  /** Null deploys `data`. */
  readonly to: Address | null;
  readonly data: Hex;
}

/** A local chain that signs for its own accounts. */
export interface ChainLink {
  readonly client: PublicClient;
  /** Sends and waits until it is mined. Throws when it was reverted. */
  send(transaction: LocalTransaction): Promise<TransactionReceipt>;
}

/** Throws at once when another chain answers: this sends from accounts whose keys everybody has. */
export async function linkLocalChain(rpcUrl: string): Promise<ChainLink> {
  const chain = defineChain({ id: LOCAL_CHAIN_ID, name: 'local', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [rpcUrl] } } });
  const transport = http(rpcUrl, { retryCount: 2, timeout: 10_000 });
  const client = createPublicClient({ chain, transport, cacheTime: 0 });
  const chainId = await client.getChainId();
  if (chainId !== LOCAL_CHAIN_ID) throw new Error(`chain ${chainId} is not a local chain (${LOCAL_CHAIN_ID})`);
  const wallet = createWalletClient({ chain, transport });
  const send = async ({ from, to, data }: LocalTransaction): Promise<TransactionReceipt> => {
    const hash = await wallet.sendTransaction({ account: from, to, data, gas: GAS_LIMIT });
    const receipt = await untilMined(client, hash);
    if (receipt.status !== 'success') throw new Error(`a transaction on the local chain was reverted: ${hash}`);
    return receipt;
  };
  return { client, send };
}

async function untilMined(client: PublicClient, hash: Hex): Promise<TransactionReceipt> {
  for (let attempt = 0; attempt < RECEIPT_TRIES; attempt += 1) {
    const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'TransactionReceiptNotFoundError') return null;
      throw error;
    });
    if (receipt !== null) return receipt;
    await new Promise((resolve) => setTimeout(resolve, RECEIPT_PAUSE_MS));
  }
  throw new Error(`the local chain did not mine ${hash}`);
}

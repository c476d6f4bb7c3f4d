import { createPublicClient, defineChain, http, type PublicClient } from 'viem';
import { conceal } from '../../redact.js';
import { ammError, raiseChainFailure } from './chain-failure.js';

/** How one chain is reached. */
export interface ChainSettings {
  readonly network: string;
  readonly chainId: number;
  /** Often carries a key in its path: it goes into no text. */
  readonly rpcUrl: string;
  /** Of one request. Default 10,000 ms. */
  readonly requestTimeoutMs?: number;
}

export type ChainClient = PublicClient;

const RETRIES = 2;
/** Shorter parts of an address are names of networks and versions, which texts may hold. */
const MIN_KEY_LENGTH = 16;

/** Reads of one chain. Throws AmmError WRONG_CHAIN when the node serves another one. */
export async function openChain(settings: ChainSettings): Promise<ChainClient> {
  concealKeyIn(settings.rpcUrl);
  const chain = defineChain({
    id: settings.chainId,
    name: settings.network,
    nativeCurrency: { name: 'native', symbol: 'NATIVE', decimals: 18 },
    rpcUrls: { default: { http: [settings.rpcUrl] } },
  });
  const transport = http(settings.rpcUrl, { retryCount: RETRIES, retryDelay: 100, timeout: settings.requestTimeoutMs ?? 10_000 });
  const client: ChainClient = createPublicClient({ chain, transport, cacheTime: 0 });
  const chainId = await client.getChainId().catch(raiseChainFailure);
  if (chainId !== settings.chainId) throw ammError('WRONG_CHAIN', `network ${settings.network} is chain ${settings.chainId}, the node serves chain ${chainId}`);
  return client;
}

function concealKeyIn(rpcUrl: string): void {
  const { pathname, search, username, password } = new URL(rpcUrl);
  const parts = [...pathname.split('/'), search.slice(1), username, password];
  for (const part of parts) if (part.length >= MIN_KEY_LENGTH) conceal(part);
}

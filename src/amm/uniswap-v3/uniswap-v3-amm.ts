import type { Address, Log } from 'viem';
import { amountFromRaw } from '../../domain/amm/token-amount.js';
import { toDecimalString } from '../../domain/money.js';
import type {
  AmmBlock,
  AmmEvent,
  AmmPool,
  AmmPort,
  BroadcastOutcome,
  CloseRequest,
  ConfirmOptions,
  ContractCall,
  MintRequest,
  NonceWatch,
  OwnedPositions,
  PoolSnapshot,
  SwapQuote,
  SwapQuoteRequest,
  SwapRequest,
  TransactionFate,
} from '../../ports/amm.js';
import { broadcastRaw } from '../evm/broadcast.js';
import type { ChainClient } from '../evm/chain-client.js';
import { raiseChainFailure } from '../evm/chain-failure.js';
import { confirmNonce, fateOf } from '../evm/confirm.js';
import { addressOf } from '../evm/hex-text.js';
import { NATIVE_DECIMALS } from '../evm/receipt.js';
import { ERC20_ABI, PERIPHERY_ABI } from './abi.js';
import { approveCall, closeCall, mintCall, swapCall } from './build-calls.js';
import { quoteSwap } from './quote-swap.js';
import { readVerifiedPool } from './read-pool.js';
import { readLatestBlock, readOwnedPositions, readSnapshot } from './read-snapshot.js';
import { eventsOfLogs } from './receipt-events.js';
import type { VenueAddresses, VenueDialect } from './venue.js';
import { verifyVenue } from './verify-venue.js';

export interface UniswapV3Settings {
  readonly network: string;
  readonly chainId: number;
  readonly addresses: VenueAddresses;
  readonly dialect: VenueDialect;
}

/** The port over a venue of Uniswap v3 contracts, or of contracts with their interface. */
export class UniswapV3Amm implements AmmPort {
  readonly network: string;
  readonly provider: string;
  readonly chainId: number;
  readonly spenders: { readonly mint: Address; readonly swap: Address };
  readonly #client: ChainClient;
  readonly #addresses: VenueAddresses;
  readonly #dialect: VenueDialect;
  readonly #readEvents: (logs: readonly Log[]) => readonly AmmEvent[];
  #venueVerified = false;

  constructor(client: ChainClient, settings: UniswapV3Settings) {
    this.network = settings.network;
    this.provider = settings.dialect.provider;
    this.chainId = settings.chainId;
    this.spenders = { mint: settings.addresses.positionManager, swap: settings.addresses.swapRouter };
    this.#client = client;
    this.#addresses = settings.addresses;
    this.#dialect = settings.dialect;
    this.#readEvents = (logs) => eventsOfLogs(logs, settings.addresses.positionManager, settings.dialect.swapEvent);
  }

  async pool(poolAddress: string): Promise<AmmPool> {
    if (!this.#venueVerified) await verifyVenue(this.#client, this.#addresses);
    this.#venueVerified = true;
    return await readVerifiedPool(this.#client, this.#addresses.factory, addressOf('pool_address', poolAddress));
  }

  async wrappedNative(): Promise<Address> {
    return await this.#client.readContract({ address: this.#addresses.positionManager, abi: PERIPHERY_ABI, functionName: 'WETH9' }).catch(raiseChainFailure);
  }

  async latestBlock(): Promise<AmmBlock> {
    return await readLatestBlock(this.#client);
  }

  async snapshot(pool: AmmPool, tokenIds: readonly string[]): Promise<PoolSnapshot> {
    return await readSnapshot(this.#client, this.#addresses.positionManager, pool, tokenIds);
  }

  async quoteSwap(request: SwapQuoteRequest): Promise<SwapQuote> {
    return await quoteSwap(this.#client, this.#addresses.quoter, request);
  }

  async tokenBalance(token: string, owner: string): Promise<string> {
    const args = [addressOf('owner', owner)] as const;
    return String(await this.#client.readContract({ address: addressOf('token', token), abi: ERC20_ABI, functionName: 'balanceOf', args }).catch(raiseChainFailure));
  }

  async allowance(token: string, owner: string, spender: string): Promise<string> {
    const args = [addressOf('owner', owner), addressOf('spender', spender)] as const;
    return String(await this.#client.readContract({ address: addressOf('token', token), abi: ERC20_ABI, functionName: 'allowance', args }).catch(raiseChainFailure));
  }

  async nativeBalance(owner: string): Promise<string> {
    const wei = await this.#client.getBalance({ address: addressOf('owner', owner) }).catch(raiseChainFailure);
    return toDecimalString(amountFromRaw(wei, NATIVE_DECIMALS));
  }

  async ownedPositions(owner: string): Promise<OwnedPositions> {
    return await readOwnedPositions(this.#client, this.#addresses.positionManager, addressOf('owner', owner));
  }

  approveCall(token: string, spender: string, amount: string): ContractCall {
    return approveCall(token, spender, amount);
  }

  mintCall(request: MintRequest): ContractCall {
    return mintCall(this.#addresses, request);
  }

  closeCall(request: CloseRequest): ContractCall {
    return closeCall(this.#addresses, request);
  }

  swapCall(request: SwapRequest): ContractCall {
    return swapCall(this.#addresses, this.#dialect, request);
  }

  async broadcast(raw: string): Promise<BroadcastOutcome> {
    return await broadcastRaw(this.#client, raw);
  }

  async fate(watch: NonceWatch): Promise<TransactionFate> {
    return await fateOf(this.#client, watch, this.#readEvents);
  }

  async confirm(watch: NonceWatch, options: ConfirmOptions): Promise<TransactionFate> {
    return await confirmNonce(this.#client, watch, options, this.#readEvents);
  }
}

import { createTestClient, http, type TestClient } from 'viem';
import { loadWalletKey } from '../../src/amm/evm/wallet-key.js';
import { openChain, type ChainClient } from '../../src/amm/evm/chain-client.js';
import { EvmWallet } from '../../src/amm/evm/evm-wallet.js';
import { startLocalChain, type LocalChain, type LocalChainOptions } from '../../src/amm/local-chain/local-chain.js';
import { movePrice } from '../../src/amm/local-chain/market-script.js';
import { seedLocalChain, type SeededChain, type SeedOptions } from '../../src/amm/local-chain/seed-chain.js';
import { LOCAL_CHAIN_ID } from '../../src/amm/local-chain/test-accounts.js';
import { UniswapV3Amm } from '../../src/amm/uniswap-v3/uniswap-v3-amm.js';
import { uniswapDialect } from '../../src/amm/uniswap-v3/venue.js';
import { pairFromRaw, type PairAmounts } from '../../src/domain/amm/pair-amounts.js';
import { planDeposit, withdrawalMinimums } from '../../src/domain/amm/plan-deposit.js';
import { tickRangeOutward } from '../../src/domain/amm/tick-range.js';
import { decimal } from '../../src/domain/money.js';
import type { AmmEvent, AmmPool, AmmReceipt, ContractCall, FeePolicy, PositionState, SignedTransaction, TransactionFate } from '../../src/ports/amm.js';

export const POLICY: FeePolicy = { gasPadding: '1.3', baseFeeMultiplier: '2', minTipWei: '1000000000', maxFeePerGasWei: null, maxCostNative: null };
const DEADLINE_SECONDS = 600;
const UNLIMITED = String((1n << 256n) - 1n);

export type OpenPosition = Extract<PositionState, { kind: 'open' }>;
export type EventOf<Kind extends AmmEvent['kind']> = Extract<AmmEvent, { kind: Kind }>;

/** One local chain, seeded, with the trader's wallet on it. */
export class AmmWorld {
  readonly test: TestClient;

  private constructor(
    readonly chain: LocalChain,
    readonly seeded: SeededChain,
    readonly client: ChainClient,
    readonly amm: UniswapV3Amm,
    readonly wallet: EvmWallet,
    readonly pool: AmmPool,
  ) {
    this.test = createTestClient({ mode: 'anvil', transport: http(chain.rpcUrl) });
  }

  static async start(seed: SeedOptions = {}, options: LocalChainOptions = {}): Promise<AmmWorld> {
    const chain = await startLocalChain(options);
    const seeded = await seedLocalChain(chain.rpcUrl, seed);
    const client = await openChain({ network: 'local-evm', chainId: LOCAL_CHAIN_ID, rpcUrl: chain.rpcUrl });
    const amm = new UniswapV3Amm(client, { network: 'local-evm', chainId: LOCAL_CHAIN_ID, addresses: seeded.addresses, dialect: uniswapDialect('deadlineInSwap') });
    const wallet = new EvmWallet(client, LOCAL_CHAIN_ID, loadWalletKey({ kind: 'testAccount', index: 0 }, LOCAL_CHAIN_ID, {}));
    return new AmmWorld(chain, seeded, client, amm, wallet, await amm.pool(seeded.poolAddress));
  }

  async prepared(call: ContractCall, nonce?: number): Promise<SignedTransaction> {
    const outcome = await this.wallet.prepare(call, POLICY, nonce);
    if (outcome.kind === 'refused') throw new Error(`${outcome.failure.code}: ${outcome.failure.message}`);
    return outcome.transaction;
  }

  async refusal(call: ContractCall, policy = POLICY): Promise<string> {
    const outcome = await this.wallet.prepare(call, policy);
    return outcome.kind === 'refused' ? outcome.failure.code : 'prepared';
  }

  async confirmed(transaction: SignedTransaction, hashes = [transaction.hash]): Promise<TransactionFate> {
    const watch = { from: transaction.from, nonce: transaction.nonce, hashes, confirmations: 1 };
    return await this.amm.confirm(watch, { raw: transaction.raw, pollMs: 10, timeoutMs: 10_000 });
  }

  async run(call: ContractCall): Promise<AmmReceipt> {
    const transaction = await this.prepared(call);
    const sent = await this.amm.broadcast(transaction.raw);
    if (sent.kind !== 'accepted') throw new Error(`broadcast: ${JSON.stringify(sent)}`);
    const fate = await this.confirmed(transaction);
    if (fate.kind !== 'confirmed') throw new Error(`fate: ${fate.kind}`);
    return fate.receipt;
  }

  async approveAll(): Promise<void> {
    for (const token of [this.pool.token0, this.pool.token1]) {
      for (const spender of Object.values(this.amm.spenders)) await this.run(this.amm.approveCall(token.address, spender, UNLIMITED));
    }
  }

  async deadline(): Promise<number> {
    return Math.floor((await this.amm.latestBlock()).timestampMs / 1000) + DEADLINE_SECONDS;
  }

  async mintCall(base: string, quote: string, lower: string, upper: string, slippage = '0.01'): Promise<ContractCall> {
    const range = tickRangeOutward(this.seeded.tokens, this.pool.tickSpacing, { lowerPriceQuote: decimal(lower), upperPriceQuote: decimal(upper) });
    const { pool } = await this.amm.snapshot(this.pool, []);
    const plan = planDeposit(this.seeded.tokens, BigInt(pool.sqrtPriceX96), range, { amountBase: decimal(base), amountQuote: decimal(quote) }, decimal(slippage));
    if (plan === null) throw new Error('no liquidity');
    return this.amm.mintCall({
      pool: this.pool,
      ...range,
      amount0Desired: String(plan.desired.amount0),
      amount1Desired: String(plan.desired.amount1),
      amount0Min: String(plan.minimum.amount0),
      amount1Min: String(plan.minimum.amount1),
      recipient: this.wallet.address,
      deadlineSeconds: await this.deadline(),
    });
  }

  async position(tokenId: string): Promise<OpenPosition> {
    const { positions } = await this.amm.snapshot(this.pool, [tokenId]);
    if (positions[0]?.kind !== 'open') throw new Error(`position ${tokenId} is not open`);
    return positions[0];
  }

  async closeCall(tokenId: string, slippage = '0.01'): Promise<ContractCall> {
    const { pool } = await this.amm.snapshot(this.pool, []);
    const position = await this.position(tokenId);
    const minimum = withdrawalMinimums(BigInt(pool.sqrtPriceX96), position, BigInt(position.liquidity), decimal(slippage));
    return this.amm.closeCall({
      tokenId,
      liquidity: position.liquidity,
      amount0Min: String(minimum.amount0),
      amount1Min: String(minimum.amount1),
      recipient: this.wallet.address,
      deadlineSeconds: await this.deadline(),
    });
  }

  pair(amounts: { readonly amount0: string; readonly amount1: string }): PairAmounts {
    return pairFromRaw(this.seeded.tokens, { amount0: BigInt(amounts.amount0), amount1: BigInt(amounts.amount1) });
  }

  async balances(): Promise<{ readonly amount0: bigint; readonly amount1: bigint }> {
    const [amount0, amount1] = await Promise.all([this.pool.token0, this.pool.token1].map(async (token) => BigInt(await this.amm.tokenBalance(token.address, this.wallet.address))));
    return { amount0: amount0 ?? 0n, amount1: amount1 ?? 0n };
  }

  async moveTo(priceQuote: string): Promise<void> {
    await movePrice(this.chain.rpcUrl, this.seeded, priceQuote);
  }
}

export function eventOf<Kind extends AmmEvent['kind']>(receipt: AmmReceipt, kind: Kind): EventOf<Kind> {
  const found = receipt.events.find((event): event is EventOf<Kind> => event.kind === kind);
  if (found === undefined) throw new Error(`the receipt has no ${kind}: ${JSON.stringify(receipt.events)}`);
  return found;
}

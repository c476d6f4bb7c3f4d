import { keccak256, parseTransaction, recoverTransactionAddress, type Address, type Hex, type TransactionSerialized } from 'viem';
import { rawFromAmount } from '../../domain/amm/token-amount.js';
import { decimal } from '../../domain/money.js';
import type { AmmFailure, AmmWallet, CallPurpose, ContractCall, FeePolicy, PrepareOutcome, SignedTransaction } from '../../ports/amm.js';
import type { ChainClient } from './chain-client.js';
import { ammError, chainFailure, raiseChainFailure } from './chain-failure.js';
import { priceGas, type FeeMarket, type GasPrice } from './fee-policy.js';
import { addressOf, hexOf, integerOf, sameAddress } from './hex-text.js';
import { NATIVE_DECIMALS } from './receipt.js';
import type { WalletKey } from './wallet-key.js';

/** A call with everything the chain needs but its price and its signature. */
interface Draft {
  readonly purpose: CallPurpose;
  readonly to: Address;
  readonly data: Hex;
  readonly valueWei: bigint;
  readonly nonce: number;
  readonly estimatedGas: bigint;
}

/** A wallet that signs in this process, with type 2 transactions (EIP-1559). It never sends. */
export class EvmWallet implements AmmWallet {
  readonly address: Address;
  readonly chainId: number;
  readonly #client: ChainClient;
  readonly #key: WalletKey;

  constructor(client: ChainClient, chainId: number, key: WalletKey) {
    this.address = key.address;
    this.chainId = chainId;
    this.#client = client;
    this.#key = key;
  }

  async prepare(call: ContractCall, policy: FeePolicy, nonce?: number): Promise<PrepareOutcome> {
    const to = addressOf('to', call.to);
    const data = hexOf('data', call.data);
    const valueWei = integerOf('valueWei', call.valueWei);
    const estimatedGas = await this.#estimate(call.purpose, to, data, valueWei);
    if (typeof estimatedGas !== 'bigint') return { kind: 'refused', failure: estimatedGas };
    const next = nonce ?? (await this.#client.getTransactionCount({ address: this.address, blockTag: 'pending' }).catch(raiseChainFailure));
    return await this.#sign({ purpose: call.purpose, to, data, valueWei, nonce: next, estimatedGas }, policy, null);
  }

  async replace(previous: SignedTransaction, policy: FeePolicy): Promise<PrepareOutcome> {
    const { draft, price } = await this.#parse(previous);
    // Its limit has the padding already.
    return await this.#sign(draft, { ...policy, gasPadding: '1' }, price);
  }

  async fence(previous: SignedTransaction, policy: FeePolicy): Promise<PrepareOutcome> {
    const { draft, price } = await this.#parse(previous);
    const estimatedGas = await this.#estimate('fence', this.address, '0x', 0n);
    if (typeof estimatedGas !== 'bigint') return { kind: 'refused', failure: estimatedGas };
    return await this.#sign({ purpose: 'fence', to: this.address, data: '0x', valueWei: 0n, nonce: draft.nonce, estimatedGas }, policy, price);
  }

  /** Gas of the call; a failure when the chain would refuse it. Estimating runs the call, so a refusal shows here with its reason. */
  async #estimate(purpose: CallPurpose, to: Address, data: Hex, value: bigint): Promise<bigint | AmmFailure> {
    try {
      return await this.#client.estimateGas({ account: this.address, to, data, value });
    } catch (error) {
      const failure = chainFailure(error, purpose === 'mint' ? 'NO_LIQUIDITY' : 'REVERTED');
      if (failure.code === 'CHAIN_UNREACHABLE' || failure.code === 'NODE_ERROR') raiseChainFailure(error);
      return failure;
    }
  }

  async #sign(draft: Draft, policy: FeePolicy, previous: GasPrice | null): Promise<PrepareOutcome> {
    const [market, balanceWei] = await Promise.all([this.#feeMarket(), this.#client.getBalance({ address: this.address })]).catch(raiseChainFailure);
    const decision = priceGas(draft.estimatedGas, market, policy, previous);
    if (decision.kind === 'refused') return decision;
    const { gas } = decision;
    if (balanceWei < rawFromAmount(decimal(gas.maxCostNative), NATIVE_DECIMALS, 'up') + draft.valueWei) {
      return { kind: 'refused', failure: { code: 'INSUFFICIENT_NATIVE', revert: null, message: `the wallet holds less native coin than the ${gas.maxCostNative} that the gas may cost` } };
    }
    const raw = await this.#key.account().signTransaction({
      type: 'eip1559',
      chainId: this.chainId,
      nonce: draft.nonce,
      to: draft.to,
      data: draft.data,
      value: draft.valueWei,
      gas: gas.gasLimit,
      maxFeePerGas: gas.maxFeePerGasWei,
      maxPriorityFeePerGas: gas.maxPriorityFeePerGasWei,
    });
    const transaction: SignedTransaction = {
      purpose: draft.purpose,
      chainId: this.chainId,
      from: this.address,
      nonce: draft.nonce,
      raw,
      hash: keccak256(raw),
      gasLimit: String(gas.gasLimit),
      maxFeePerGasWei: String(gas.maxFeePerGasWei),
      maxPriorityFeePerGasWei: String(gas.maxPriorityFeePerGasWei),
      maxCostNative: gas.maxCostNative,
      expectedCostNative: gas.expectedCostNative,
    };
    return { kind: 'prepared', transaction };
  }

  async #feeMarket(): Promise<FeeMarket> {
    const [block, proposedTipWei] = await Promise.all([this.#client.getBlock({ blockTag: 'latest' }), this.#client.estimateMaxPriorityFeePerGas()]);
    if (block.baseFeePerGas === null) throw ammError('NODE_ERROR', 'the chain has no base fee; chains without EIP-1559 are not supported');
    return { baseFeeWei: block.baseFeePerGas, proposedTipWei };
  }

  /** What was signed is read from the bytes, not from what stands beside them; and only what this key signed for this chain. */
  async #parse(previous: SignedTransaction): Promise<{ readonly draft: Draft; readonly price: GasPrice }> {
    const raw = hexOf('raw', previous.raw) as TransactionSerialized;
    const parsed = parseTransaction(raw);
    const signer = await recoverTransactionAddress({ serializedTransaction: raw });
    const { to, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = parsed;
    if (parsed.chainId !== this.chainId || !sameAddress(signer, this.address) || to === undefined || to === null || gas === undefined || maxFeePerGas === undefined) {
      throw ammError('KEY_REFUSED', `transaction ${previous.hash} was not signed by this wallet for chain ${this.chainId}`);
    }
    return {
      draft: { purpose: previous.purpose, to, data: parsed.data ?? '0x', valueWei: parsed.value ?? 0n, nonce: nonce ?? 0, estimatedGas: gas },
      price: { maxFeePerGasWei: maxFeePerGas, maxPriorityFeePerGasWei: maxPriorityFeePerGas ?? 0n },
    };
  }
}

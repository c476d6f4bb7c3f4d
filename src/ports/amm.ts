import type { AmmErrorCode } from '../domain/amm/amm-errors.js';

/** A whole number in digits: on-chain integers, which no JSON number holds. */
type IntegerText = string;
/** A decimal number in digits. */
type DecimalString = string;
/** Bytes as `0x...`: addresses, hashes, call data, signed transactions. */
type HexText = string;

/** A foreign error cast once: code of our registry, the contract's own reason, a text without address of a node or key. */
export interface AmmFailure {
  readonly code: AmmErrorCode;
  /** The contract's words; null when it gave none, or nothing was reverted. */
  readonly revert: string | null;
  readonly message: string;
}

/** A read that brought nothing. */
export class AmmError extends Error {
  override readonly name = 'AmmError';

  constructor(readonly failure: AmmFailure) {
    super(failure.message);
  }
}

export interface AmmToken {
  readonly address: HexText;
  /** As the contract tells it; shown, never matched. */
  readonly symbol: string;
  readonly decimals: number;
}

export interface AmmPool {
  readonly poolAddress: HexText;
  readonly token0: AmmToken;
  readonly token1: AmmToken;
  /** Hundredths of a basis point: 3000 is 0.3 %. */
  readonly feePips: number;
  readonly tickSpacing: number;
}

export interface AmmBlock {
  readonly number: number;
  readonly hash: HexText;
  /** Deadlines count by this clock, not by ours. */
  readonly timestampMs: number;
}

export interface PoolState {
  readonly sqrtPriceX96: IntegerText;
  readonly tick: number;
  /** Active at this tick, of all positions. */
  readonly liquidity: IntegerText;
}

export type PositionState =
  | {
      readonly kind: 'open';
      readonly tokenId: IntegerText;
      readonly owner: HexText;
      readonly tickLower: number;
      readonly tickUpper: number;
      readonly liquidity: IntegerText;
      /** What a withdrawal would bring at the price of the block, fees apart. */
      readonly amount0: IntegerText;
      readonly amount1: IntegerText;
      /** Fees a collection would bring now, those since the last one included. */
      readonly fee0: IntegerText;
      readonly fee1: IntegerText;
    }
  /** Burned, or never there. */
  | { readonly kind: 'missing'; readonly tokenId: IntegerText };

/** A pool and positions in it, all of one block. */
export interface PoolSnapshot {
  readonly block: AmmBlock;
  readonly pool: PoolState;
  /** In the order asked for. */
  readonly positions: readonly PositionState[];
}

export type SwapKind = 'exactIn' | 'exactOut';

export interface SwapQuoteRequest {
  readonly kind: SwapKind;
  readonly tokenIn: HexText;
  readonly tokenOut: HexText;
  readonly feePips: number;
  /** Of tokenIn when exactIn, of tokenOut when exactOut. */
  readonly amount: IntegerText;
}

export interface SwapQuote {
  readonly amountIn: IntegerText;
  readonly amountOut: IntegerText;
  readonly sqrtPriceX96After: IntegerText;
}

export interface MintRequest {
  readonly pool: AmmPool;
  readonly tickLower: number;
  readonly tickUpper: number;
  readonly amount0Desired: IntegerText;
  readonly amount1Desired: IntegerText;
  readonly amount0Min: IntegerText;
  readonly amount1Min: IntegerText;
  readonly recipient: HexText;
  /** Unix seconds of the chain's clock. */
  readonly deadlineSeconds: number;
}

export interface CloseRequest {
  readonly tokenId: IntegerText;
  /** All of it, as just read. */
  readonly liquidity: IntegerText;
  readonly amount0Min: IntegerText;
  readonly amount1Min: IntegerText;
  readonly recipient: HexText;
  readonly deadlineSeconds: number;
}

export interface SwapRequest extends SwapQuoteRequest {
  /** Least of tokenOut when exactIn, most of tokenIn when exactOut. */
  readonly limit: IntegerText;
  readonly recipient: HexText;
  readonly deadlineSeconds: number;
}

export type CallPurpose = 'approve' | 'mint' | 'close' | 'swap' | 'fence';

/** A call of a contract, not signed yet. */
export interface ContractCall {
  readonly purpose: CallPurpose;
  readonly to: HexText;
  readonly data: HexText;
  readonly valueWei: IntegerText;
}

/** What gas may cost. */
export interface FeePolicy {
  /** Estimated gas times this is the limit; below 1.3 transactions were seen to fail. */
  readonly gasPadding: DecimalString;
  /** The base fee may grow by this factor before the transaction waits. */
  readonly baseFeeMultiplier: DecimalString;
  /** The node's proposal, but at least this. */
  readonly minTipWei: IntegerText;
  /** Null: no cap. */
  readonly maxFeePerGasWei: IntegerText | null;
  /** On gas limit times fee, in the chain's own coin. Null: no cap. */
  readonly maxCostNative: DecimalString | null;
}

/** Signed once, sent any number of times: at most one transaction of a nonce is ever mined. `raw` is as good as cash until then. */
export interface SignedTransaction {
  readonly purpose: CallPurpose;
  readonly chainId: number;
  readonly from: HexText;
  readonly nonce: number;
  readonly raw: HexText;
  readonly hash: HexText;
  readonly gasLimit: IntegerText;
  readonly maxFeePerGasWei: IntegerText;
  readonly maxPriorityFeePerGasWei: IntegerText;
  /** Gas limit times fee: it cannot cost more, a layer-1 fee apart. */
  readonly maxCostNative: DecimalString;
  /** At the base fee of now and the estimated gas. */
  readonly expectedCostNative: DecimalString;
}

export type PrepareOutcome =
  | { readonly kind: 'prepared'; readonly transaction: SignedTransaction }
  /** It would fail, or cost too much: nothing was signed. */
  | { readonly kind: 'refused'; readonly failure: AmmFailure };

export type BroadcastOutcome =
  | { readonly kind: 'accepted' }
  /** The node has these very bytes, waiting or mined. */
  | { readonly kind: 'known' }
  /** Its nonce is used; by which transaction, receipts tell. */
  | { readonly kind: 'nonceUsed' }
  /** It pays too little: for the base fee of now, or to replace the transaction that waits under its nonce. */
  | { readonly kind: 'underpriced' }
  | { readonly kind: 'refused'; readonly failure: AmmFailure }
  /** It may have arrived. */
  | { readonly kind: 'unknown'; readonly failure: AmmFailure };

/** What our contracts told in a receipt. */
export type AmmEvent =
  | { readonly kind: 'minted'; readonly tokenId: IntegerText; readonly owner: HexText }
  | { readonly kind: 'burned'; readonly tokenId: IntegerText }
  | { readonly kind: 'increased'; readonly tokenId: IntegerText; readonly liquidity: IntegerText; readonly amount0: IntegerText; readonly amount1: IntegerText }
  /** Principal alone. */
  | { readonly kind: 'decreased'; readonly tokenId: IntegerText; readonly liquidity: IntegerText; readonly amount0: IntegerText; readonly amount1: IntegerText }
  /** Principal and fees. */
  | { readonly kind: 'collected'; readonly tokenId: IntegerText; readonly amount0: IntegerText; readonly amount1: IntegerText }
  /** As the pool counts: positive came in, negative went out. Compare `poolAddress`: tokens on the way may emit the like. */
  | { readonly kind: 'swapped'; readonly poolAddress: HexText; readonly amount0: IntegerText; readonly amount1: IntegerText; readonly sqrtPriceX96: IntegerText; readonly tick: number };

export interface AmmReceipt {
  readonly hash: HexText;
  readonly status: 'success' | 'reverted';
  readonly block: { readonly number: number; readonly hash: HexText };
  readonly gasUsed: IntegerText;
  readonly effectiveGasPriceWei: IntegerText;
  /** All that the wallet paid, a layer-1 fee included. */
  readonly feeNative: DecimalString;
  readonly events: readonly AmmEvent[];
}

/** All transactions signed for one nonce: whichever wins, the others are dead. */
export interface NonceWatch {
  readonly from: HexText;
  readonly nonce: number;
  readonly hashes: readonly HexText[];
  /** Blocks from the one that holds it, that one counted. */
  readonly confirmations: number;
}

export type TransactionFate =
  | { readonly kind: 'confirmed'; readonly receipt: AmmReceipt }
  /** In a block that is not deep enough. */
  | { readonly kind: 'mined'; readonly receipt: AmmReceipt; readonly confirmations: number }
  /** None is mined and the nonce is free: sending the same bytes again is right. `waiting`: the node still has one of them. */
  | { readonly kind: 'pending'; readonly waiting: boolean }
  /** Another transaction used the nonce: none of these can be mined any more. Final only when told at this depth. */
  | { readonly kind: 'nonceTaken'; readonly seenAtBlock: number };

export interface ConfirmOptions {
  /** Sent again whenever the node has lost it. */
  readonly raw: HexText;
  readonly pollMs: number;
  /** Then the last fate is answered, whatever it is; a nonce taken but not deep enough counts as pending. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** After every look. */
  readonly onLook?: (fate: TransactionFate) => void;
}

/** Token ids of an owner; `complete` is false when there are more than were listed. */
export interface OwnedPositions {
  readonly tokenIds: readonly IntegerText[];
  readonly complete: boolean;
}

/** One venue of concentrated liquidity on one chain, without any key. Reads throw AmmError. */
export interface AmmPort {
  readonly network: string;
  readonly provider: string;
  readonly chainId: number;
  /** Contracts that tokens have to be approved for. */
  readonly spenders: { readonly mint: HexText; readonly swap: HexText };
  /** Throws POOL_MISMATCH unless the venue's contracts belong together and its factory knows the pool under its own tokens and fee. */
  pool(poolAddress: HexText): Promise<AmmPool>;
  /** The token that stands for the chain's own coin: a pool with it prices gas. */
  wrappedNative(): Promise<HexText>;
  latestBlock(): Promise<AmmBlock>;
  /** At most 100 positions. Throws POSITION_OF_OTHER_POOL, and NODE_ERROR when the node does not agree with itself about a block. */
  snapshot(pool: AmmPool, tokenIds: readonly IntegerText[]): Promise<PoolSnapshot>;
  /** Throws NO_QUOTE when the pool cannot fill it. */
  quoteSwap(request: SwapQuoteRequest): Promise<SwapQuote>;
  tokenBalance(token: HexText, owner: HexText): Promise<IntegerText>;
  allowance(token: HexText, owner: HexText, spender: HexText): Promise<IntegerText>;
  nativeBalance(owner: HexText): Promise<DecimalString>;
  ownedPositions(owner: HexText): Promise<OwnedPositions>;
  approveCall(token: HexText, spender: HexText, amount: IntegerText): ContractCall;
  mintCall(request: MintRequest): ContractCall;
  /** Liquidity out, everything owed collected, the position burned: all of it or nothing. */
  closeCall(request: CloseRequest): ContractCall;
  swapCall(request: SwapRequest): ContractCall;
  /** Sends bytes that were signed before; never signs. Never throws for what a node or a network does. */
  broadcast(raw: HexText): Promise<BroadcastOutcome>;
  /** One look. Throws AmmError when the node does not answer. */
  fate(watch: NonceWatch): Promise<TransactionFate>;
  /** Looks until it is final or time is over. Outages of the node are waited out within that time. */
  confirm(watch: NonceWatch, options: ConfirmOptions): Promise<TransactionFate>;
}

/** A wallet on that chain: the only holder of its key. Nothing here sends. Throws AmmError when the node does not answer. */
export interface AmmWallet {
  readonly address: HexText;
  readonly chainId: number;
  /** Simulates, prices and signs. Without `nonce` the next one that nothing waits for. */
  prepare(call: ContractCall, policy: FeePolicy, nonce?: number): Promise<PrepareOutcome>;
  /** The same call under the same nonce, for at least an eighth more. Not simulated: the first may just have been mined. */
  replace(previous: SignedTransaction, policy: FeePolicy): Promise<PrepareOutcome>;
  /** Nothing, sent to itself under the same nonce for at least an eighth more: once it is mined, the first can never be. */
  fence(previous: SignedTransaction, policy: FeePolicy): Promise<PrepareOutcome>;
}

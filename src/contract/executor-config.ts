import type { ExecutionStrategy, OrderType, PositionAction, Side } from '../domain/enumerations.js';
import type { DcaMode, DcaTermsRecord, StopLossReference } from '../domain/dca/dca-terms.js';
import type { GridTermsRecord } from '../domain/grid/grid-terms.js';
import type { CatchUpPolicy, TwapMode, TwapTermsRecord } from '../domain/twap/twap-terms.js';
import type { ChaserRecord, ClosingRecord, DecimalString, ExchangeStopRecord, MarketReference, TargetRecord, TrailingStopRecord } from './order-plan.js';

/** Fields of every executor, normalised: enumerations by name, decimals in digits, the tag decided. */
interface ExecutorConfigBase {
  /** Executor id = workflow id: base58, unique in its first 8 characters. */
  readonly id: string;
  /** Unix ms of creation. */
  readonly createdAtMs: number;
  readonly controllerId: string;
  readonly account: string;
  readonly connector: string;
  /** `BASE-QUOTE`. */
  readonly pair: string;
  /** Opaque to us, handed back in custom_info. */
  readonly levelId: string | null;
  readonly leverage: number;
}

export interface OrderExecutorConfig extends ExecutorConfigBase {
  readonly type: 'order_executor';
  readonly side: Side;
  readonly amountBase: DecimalString;
  readonly executionStrategy: ExecutionStrategy;
  /** Limit price; null for MARKET and LIMIT_CHASER. */
  readonly priceQuote: DecimalString | null;
  /** Only for LIMIT_CHASER. */
  readonly chaser: ChaserRecord | null;
  readonly positionAction: PositionAction;
}

export interface TripleBarrierConfig {
  /** Fractions of net P&L; null = off. */
  readonly stopLossFraction: DecimalString | null;
  readonly takeProfitFraction: DecimalString | null;
  readonly trailingStop: TrailingStopRecord | null;
  readonly timeLimitSeconds: number | null;
  readonly openOrderType: OrderType;
  readonly takeProfitOrderType: OrderType;
  /** Parts of the position with a distance of their own, nearest first; empty beside a take profit. */
  readonly targets: readonly TargetRecord[];
  /** Counted from 1; null = off. */
  readonly breakevenAfterTarget: number | null;
  /** Native stop at the exchange; null = off. */
  readonly exchangeStop: ExchangeStopRecord | null;
  /** Always MARKET; kept for the answer. */
  readonly stopLossOrderType: 'MARKET';
  readonly timeLimitOrderType: 'MARKET';
}

export interface PositionExecutorConfig extends ExecutorConfigBase {
  readonly type: 'position_executor';
  readonly side: Side;
  readonly amountBase: DecimalString;
  /** Null = best bid for a long, best ask for a short, at the start. */
  readonly entryPriceQuote: DecimalString | null;
  readonly tripleBarrier: TripleBarrierConfig;
  /** Patience in closing; null = at market at once. */
  readonly closing: ClosingRecord | null;
  /** One or two fractions; empty = always active. */
  readonly activationBounds: readonly DecimalString[];
  /** Of a position that is a level of a grid; absent of every other. */
  readonly level?: GridLevelConfig;
}

/** One round trip of a level. */
export interface GridLevelConfig {
  readonly gridId: string;
  readonly gridCreatedAtMs: number;
  readonly levelIndex: number;
  /** From 1. */
  readonly cycle: number;
  readonly takeProfitPriceQuote: DecimalString;
}

export interface TwapExecutorConfig extends ExecutorConfigBase {
  readonly type: 'twap_executor';
  readonly side: Side;
  /** Budget of all slices together. */
  readonly totalAmountQuote: DecimalString;
  readonly totalDurationSeconds: number;
  readonly orderIntervalSeconds: number;
  readonly mode: TwapMode;
  /** MAKER only: distance of a slice's price from mid, as a fraction of mid. */
  readonly limitOrderBufferFraction: DecimalString | null;
  /** MAKER only: a slice that is out longer is placed anew; null = it rests until it is filled. */
  readonly orderResubmissionSeconds: number | null;
  /** What becomes of slices whose time passed while nobody could act. */
  readonly catchUp: CatchUpPolicy;
}

export interface DcaExecutorConfig extends ExecutorConfigBase {
  readonly type: 'dca_executor';
  readonly side: Side;
  /** One level each, in the order in which they are sent, with the price at the same place. */
  readonly amountsQuote: readonly DecimalString[];
  readonly pricesQuote: readonly DecimalString[];
  /** MAKER: levels rest as limit orders. TAKER: each is sent at market once mid is near its price. */
  readonly mode: DcaMode;
  /** One or two fractions; empty = a MAKER's levels rest at any distance. Never empty for a TAKER. */
  readonly activationBounds: readonly DecimalString[];
  /** Fractions of net P&L; null = off. */
  readonly stopLossFraction: DecimalString | null;
  readonly stopLossReference: StopLossReference;
  readonly takeProfitFraction: DecimalString | null;
  readonly trailingStop: TrailingStopRecord | null;
  readonly timeLimitSeconds: number | null;
}

export interface GridExecutorConfig extends ExecutorConfigBase {
  readonly type: 'grid_executor';
  readonly side: Side;
  /** Low and high edge, whatever the side. */
  readonly startPriceQuote: DecimalString;
  readonly endPriceQuote: DecimalString;
  /** Mid price that ends it; null = off. */
  readonly limitPriceQuote: DecimalString | null;
  readonly totalAmountQuote: DecimalString;
  readonly minSpreadFraction: DecimalString;
  readonly minOrderAmountQuote: DecimalString;
  readonly maxOpenOrders: number;
  readonly maxOrdersPerBatch: number | null;
  readonly orderFrequencySeconds: number;
  readonly activationBoundsFraction: DecimalString | null;
  readonly safeExtraSpreadFraction: DecimalString;
  readonly takeProfitFraction: DecimalString | null;
  readonly coerceTakeProfitToStep: boolean;
  readonly stopLossFraction: DecimalString | null;
  readonly trailingStop: TrailingStopRecord | null;
  readonly timeLimitSeconds: number | null;
  readonly openOrderType: 'LIMIT' | 'LIMIT_MAKER';
  readonly takeProfitOrderType: 'LIMIT' | 'LIMIT_MAKER';
  readonly deductBaseFees: boolean;
  /** The limit price hands the inventory over instead of closing it. */
  readonly keepPosition: boolean;
}

/** `connector`, `account` and `pair` are those of the maker's market, `side` is the maker's. */
export interface XemmExecutorConfig extends ExecutorConfigBase {
  readonly type: 'xemm_executor';
  readonly side: Side;
  /** Market on which each fill is hedged. */
  readonly hedge: MarketReference;
  readonly amountBase: DecimalString;
  /** Net of the fees of both legs, as fractions of the maker's price. */
  readonly minProfitabilityFraction: DecimalString;
  readonly targetProfitabilityFraction: DecimalString;
  readonly maxProfitabilityFraction: DecimalString;
  /** Seconds after which it quotes no more; null = off. */
  readonly timeLimitSeconds: number | null;
}

/** What becomes of a leg that is ahead when the other cannot follow it at a profit. */
export type FailedLegPolicy = 'unwind' | 'hand_over';

/** `connector`, `account` and `pair` are those of the market on which base is bought; `side` is BUY. */
export interface ArbitrageExecutorConfig extends ExecutorConfigBase {
  readonly type: 'arbitrage_executor';
  readonly side: 'BUY';
  /** Market on which base is sold. */
  readonly selling: MarketReference;
  readonly amountBase: DecimalString;
  /** Net of the fees of both legs, a fraction of the buying price; traded above it. */
  readonly minProfitabilityFraction: DecimalString;
  readonly onFailedLeg: FailedLegPolicy;
  /** Seconds after which it looks no more; null = off. */
  readonly timeLimitSeconds: number | null;
}

export type ExecutorConfig = ArbitrageExecutorConfig | XemmExecutorConfig | OrderExecutorConfig | PositionExecutorConfig | TwapExecutorConfig | DcaExecutorConfig | GridExecutorConfig;
export type ExecutorType = ExecutorConfig['type'];

/** Workflow type names by executor type. */
export const WORKFLOW_TYPES = { order_executor: 'order', position_executor: 'position', twap_executor: 'twap', dca_executor: 'dca', grid_executor: 'grid', xemm_executor: 'xemm', arbitrage_executor: 'arbitrage' } as const;

/** Every market an executor trades on; the first is the one that lists name. */
export function marketsOf(config: ExecutorConfig): readonly MarketReference[] {
  const { connector, account, pair } = config;
  const own = { connector, account, pair };
  if (config.type === 'xemm_executor') return [own, config.hedge];
  return config.type === 'arbitrage_executor' ? [own, config.selling] : [own];
}

/** A config in the words of the plan. */
export function twapTermsRecord(config: TwapExecutorConfig): TwapTermsRecord {
  const { side, totalAmountQuote, mode, limitOrderBufferFraction, orderResubmissionSeconds, catchUp, leverage } = config;
  return {
    side,
    totalAmountQuote,
    totalDurationMs: config.totalDurationSeconds * 1000,
    orderIntervalMs: config.orderIntervalSeconds * 1000,
    mode,
    limitOrderBufferFraction,
    orderResubmissionMs: orderResubmissionSeconds === null ? null : orderResubmissionSeconds * 1000,
    catchUp,
    leverage,
  };
}

/** A config in the words of the plan. */
export function dcaTermsRecord(config: DcaExecutorConfig): DcaTermsRecord {
  const { side, amountsQuote, pricesQuote, mode, activationBounds, stopLossFraction, stopLossReference, takeProfitFraction, trailingStop, timeLimitSeconds, leverage } = config;
  return {
    side,
    amountsQuote,
    pricesQuote,
    mode,
    activationBounds,
    stopLossFraction,
    stopLossReference,
    takeProfitFraction,
    trailingStop,
    timeLimitAtMs: timeLimitSeconds === null ? null : config.createdAtMs + timeLimitSeconds * 1000,
    leverage,
  };
}

/** A config in the words of the plan. */
export function gridTermsRecord(config: GridExecutorConfig): GridTermsRecord {
  const { orderFrequencySeconds, timeLimitSeconds, createdAtMs } = config;
  return { ...config, orderFrequencyMs: orderFrequencySeconds * 1000, timeLimitAtMs: timeLimitSeconds === null ? null : createdAtMs + timeLimitSeconds * 1000 };
}

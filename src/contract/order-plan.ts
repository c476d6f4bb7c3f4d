import type { ExecutionStrategy, OrderType, PositionAction, Side } from '../domain/enumerations.js';
import type { GridBoundsText } from '../domain/grid/grid-guard.js';
import type { MarketRulesRecord } from '../domain/market-rules.js';
import type { SessionRole } from '../domain/session/session-plan.js';
import type { QuoteBandText } from '../domain/xemm/maker-quote.js';

/** A decimal number in digits, without exponent. The only form in which money enters history. */
export type DecimalString = string;

/** Names one order workflow: its id, and the path its client order ids are derived from. */
export interface OrderPath {
  readonly workflowId: string;
  /** Id of the executor at the root. */
  readonly rootId: string;
  /** Unix ms at which the root executor was created; part of the id seed, so a re-used id cannot adopt old orders. */
  readonly rootCreatedAtMs: number;
  /** Path below the root: `order`, `entry/1`, `exit/2`. */
  readonly path: string;
}

/** One market as one account trades it. */
export interface MarketReference {
  readonly connector: string;
  readonly account: string;
  /** `BASE-QUOTE`. */
  readonly pair: string;
}

/** How amounts of one quote asset are told in another: by the mid price of a pair of the two. */
export interface ConversionRecord {
  readonly connector: string;
  readonly pair: string;
  /** True: the pair tells how much of the first asset one of the second costs. */
  readonly inverted: boolean;
}

/** An order priced by what its hedge would cost on another market. */
export interface PegRecord extends QuoteBandText {
  readonly hedge: MarketReference;
  /** Base that has to be taken from that market's book at once; its average price counts. */
  readonly depthBase: DecimalString;
  /** From the quote of the hedge into the quote of the order; null: both are the same. */
  readonly conversion: ConversionRecord | null;
}

/** What a hedge follows. */
export interface HedgeRecord {
  readonly of: MarketReference;
  /** Of that market: its fees are valued by them. */
  readonly rules: MarketRulesRecord;
}

/** How a LIMIT_CHASER follows the best price of its own side; fractions of that price. */
export interface ChaserRecord {
  /** How far behind the best price its order is placed. */
  readonly distanceFraction: DecimalString;
  /** How far the market may run away from the order before it is placed anew. */
  readonly refreshThresholdFraction: DecimalString;
}

export interface TrailingStopRecord {
  /** P&L fraction above which the stop arms. */
  readonly activationFraction: DecimalString;
  /** P&L fraction by which it follows. */
  readonly deltaFraction: DecimalString;
}

/** A part of the position that is closed at a distance of its own. */
export interface TargetRecord {
  /** As `takeProfitFraction`: of net P&L for MARKET, of the average entry for what rests. */
  readonly distanceFraction: DecimalString;
  /** Of all that the entry leaves to close, above 0; all targets together at most 1. */
  readonly shareFraction: DecimalString;
  readonly orderType: OrderType;
}

/** Barriers as fractions of net P&L (0.01 = 1 %); null = off. */
export interface BarrierRecord {
  readonly stopLossFraction: DecimalString | null;
  /** One target for all there is; null beside `targets`. */
  readonly takeProfitFraction: DecimalString | null;
  readonly takeProfitOrderType: OrderType;
  /** Nearest first. What they leave of the position is closed by the other barriers. */
  readonly targets: readonly TargetRecord[];
  /** Counted from 1: once that target is filled, the stop stands at the entry plus fees. Null = off. */
  readonly breakevenAfterTarget: number | null;
  readonly trailingStop: TrailingStopRecord | null;
  /** Unix ms at which the time limit is over. */
  readonly timeLimitAtMs: number | null;
  /** Where a take profit that rests stands, in place of a distance from the entry. Absent: by `takeProfitFraction`. */
  readonly takeProfitPriceQuote?: DecimalString;
}

/** A stop that rests at the exchange, for the time in which nothing of ours runs. Farther away than the stop loss. */
export interface ExchangeStopRecord {
  /** From the average entry, against the position; fees not counted. */
  readonly distanceFraction: DecimalString;
  /** Whose price makes the exchange fire it: the last trade, or the mark price of a perpetual. */
  readonly triggeredBy: 'last' | 'mark';
}

/** How a closing exit gets out: resting, following, at market, and then not without a person. Times in ms from its firing. */
export interface ClosingRecord {
  /** Reasons to close that are carried out with patience; every other one goes to market at once. */
  readonly patientFor: readonly ('TAKE_PROFIT' | 'TIME_LIMIT' | 'EARLY_STOP' | 'STOP_LOSS' | 'TRAILING_STOP')[];
  /** Rests at the best price of its own side for this long. */
  readonly limitMs: number;
  /** Then follows that price for this long; then takes what the market gives. */
  readonly chaseMs: number;
  /** Asks for a person when it is not closed by then. */
  readonly attentionAfterMs: number;
  /** As of a LIMIT_CHASER. */
  readonly distanceFraction: DecimalString;
  readonly refreshThresholdFraction: DecimalString;
}

/** What a field of `closing` means that is left out. */
export const DEFAULT_CLOSING: ClosingRecord = {
  patientFor: ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP'],
  limitMs: 10_000,
  chaseMs: 20_000,
  attentionAfterMs: 60_000,
  distanceFraction: '0',
  refreshThresholdFraction: '0',
};

/** Makes a session an exit: it waits, protects the fills of others, and fires once. */
export interface ArmRecord {
  readonly barriers: BarrierRecord;
  /** Null = off. */
  readonly exchangeStop: ExchangeStopRecord | null;
  /** Null = at market at once, whatever the reason. */
  readonly closing: ClosingRecord | null;
  readonly entrySide: Side;
  /** Orders whose fills are protected. */
  readonly protects: readonly OrderPath[];
  /** Earlier exits of the same position (their workflow was terminated): stopped first, their fills count as closed. */
  readonly predecessors: readonly OrderPath[];
  /** Fractions around mid inside which a resting take profit may stand; empty = always. */
  readonly activationBounds: readonly DecimalString[];
  /** Only of a hedge: where the order trades that is hedged fill by fill. No barrier counts then. */
  readonly hedge?: HedgeRecord;
  /** Only of the exit of a grid: it is judged by these on mid, and closes what the levels of that executor leave. */
  readonly grid?: GridArmRecord;
}

export interface GridArmRecord extends GridBoundsText {
  /** Workflow id of the grid. */
  readonly executorId: string;
}

/**
 * All that an order session may do, compiled by the workflow and in history before it can act.
 * The session carries it out and decides nothing that is not in it.
 */
export interface OrderPlan {
  readonly path: OrderPath;
  readonly role: SessionRole;
  readonly controllerId: string;
  readonly connector: string;
  readonly account: string;
  /** `BASE-QUOTE`. */
  readonly pair: string;
  readonly rules: MarketRulesRecord;
  readonly side: Side;
  /** Base to execute; of a hedge the most it may come to; null for an exit, whose amount follows from what it protects. */
  readonly amountBase: DecimalString | null;
  readonly strategy: ExecutionStrategy;
  /** Limit price in quote; null for MARKET, for LIMIT_CHASER and for exits. */
  readonly priceQuote: DecimalString | null;
  /** Only for LIMIT_CHASER. */
  readonly chaser: ChaserRecord | null;
  /** Only of an order that is priced by its hedge. */
  readonly peg?: PegRecord;
  readonly positionAction: PositionAction;
  /** Of the pair on a perpetual: what the order has to hold as margin. 1 on spot. */
  readonly leverage: number;
  /** Fractions around mid inside which the order may stand; empty = always. */
  readonly activationBounds: readonly DecimalString[];
  /** Refused submissions after which the session gives up (entries and plain orders). An exit never gives up. */
  readonly maxRetries: number;
  /** Workflow id of the exit that has to be armed in the same process before anything is sent. */
  readonly guardedBy: string | null;
  /** Workflow id of the entry that has to be sent, or over, before this one is sent. Absent: it waits for none. */
  readonly follows?: string;
  /** Workflow id of the executor a leg belongs to; null for an executor of its own. */
  readonly parentId: string | null;
  /**
   * Run id of the workflow when this is the first thing it ever sends; null after a reset or an earlier session.
   * Only a first attempt with this run id may skip asking the exchange what an earlier one sent.
   */
  readonly firstRunId: string | null;
  readonly arm: ArmRecord | null;
}

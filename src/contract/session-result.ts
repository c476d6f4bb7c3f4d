import type { CloseType, OrderType, Side } from '../domain/enumerations.js';
import type { GridTrigger } from '../domain/grid/grid-barriers.js';
import type { DecimalString } from './order-plan.js';

/** Sums over fills. Fees keep their asset; `feesQuote` is their value at fill time. */
export interface FillTotalsRecord {
  readonly filledBase: DecimalString;
  readonly filledQuote: DecimalString;
  /** Fees paid in the base asset of the pair, in base: they lower what a buy leaves to sell. */
  readonly feesBase: DecimalString;
  readonly feesQuote: DecimalString;
  readonly feesByAsset: Readonly<Record<string, DecimalString>>;
  readonly fillCount: number;
  readonly firstFillAtMs: number | null;
  readonly lastFillAtMs: number | null;
}

/** One exchange order of a session, as it ended. */
/** State of a record that stands for the oldest orders of a side, in a report that would have too many. */
export const EARLIER_ORDERS = 'sum of earlier orders';

export interface OrderRecord {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string | null;
  /** `liquidation`: the exchange's own order; its totals are this executor's share of it. */
  readonly purpose: 'work' | 'takeProfit' | 'exchangeStop' | 'close' | 'liquidation';
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: DecimalString;
  readonly priceQuote: DecimalString | null;
  readonly state: string;
  readonly totals: FillTotalsRecord;
}

/** What made an exit fire, with the numbers it compared. The workflow decides the close type from these, not from `trigger`. */
export interface TriggerEvidence {
  readonly trigger: BarrierTrigger | 'COMMAND' | 'LIQUIDATION';
  /** Reason given with the command, when it was one. */
  readonly command: string | null;
  readonly atMs: number;
  /** Exit-side price: best bid for a long, best ask for a short. Null when only the clock fired. */
  readonly exitPriceQuote: DecimalString | null;
  /** What was protected at that moment. */
  readonly protectedTotals: FillTotalsRecord;
  /** Trailing trigger (net P&L fraction) in force at that moment, null when not armed. */
  readonly trailingTriggerFraction: DecimalString | null;
  /** Closed of it before, by targets and by earlier exits. */
  readonly closedBase: DecimalString;
  /** The stop stood at the entry plus fees, because the target that moves it was filled. */
  readonly breakeven: boolean;
  /** Number of the last amendment whose barriers were compared; 0 = those the leg was started with. */
  readonly amendment: number;
  /** Of a grid: the barrier and the numbers it was judged by. */
  readonly grid?: GridTrigger;
  /** The native stop at the exchange had fired: its fills are the evidence, no price was compared. */
  readonly exchangeStop: boolean;
}

export type BarrierTrigger = Extract<CloseType, 'STOP_LOSS' | 'TAKE_PROFIT' | 'TRAILING_STOP' | 'TIME_LIMIT'>;

export type SessionEnd =
  /** The planned amount is done (an exit: everything protected is closed, up to dust). */
  | { readonly kind: 'completed' }
  /** A command or a firing exit ended it; all orders are confirmed closed. */
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'insufficientBalance'; readonly message: string }
  /** Refused more often than the plan allows. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What `workOrder` answers: evidence, from which the workflow decides. */
export interface SessionResult {
  readonly end: SessionEnd;
  readonly totals: FillTotalsRecord;
  /** At most LIMITS.maxOrdersInReport, the latest. */
  readonly orders: readonly OrderRecord[];
  readonly ordersSent: number;
  readonly retries: number;
  readonly trigger: TriggerEvidence | null;
  /** Exit: what it protected, and what predecessors had closed of it. */
  readonly protectedTotals: FillTotalsRecord | null;
  /** What that is the sum of, when several orders are protected; by workflow id. */
  readonly protectedParts?: readonly { readonly workflowId: string; readonly totals: FillTotalsRecord }[];
  readonly predecessorTotals: FillTotalsRecord | null;
  /** Base left over because it is below what the exchange trades. */
  readonly residueBase: DecimalString;
  readonly lastError: string | null;
  /** Fees that could not be valued in quote: asset -> amount. They are not in `feesQuote`. */
  readonly unvaluedFees: Readonly<Record<string, DecimalString>>;
  readonly endedAtMs: number;
}

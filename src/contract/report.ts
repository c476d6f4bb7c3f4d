import type { CloseType, ExecutorStatus, Outcome, Side } from '../domain/enumerations.js';
import type { DecimalString } from './order-plan.js';
import type { PositionSide } from './position-side.js';
import type { OrderRecord } from './session-result.js';

/** One decision with what it was taken from; the last LIMITS.maxDecisions are kept. */
export interface Decision {
  readonly atMs: number;
  readonly decision: string;
  /** Numbers and names it rests on, as text. */
  readonly evidence: Readonly<Record<string, string>>;
}

/** What a stop or a hold hands to the controller: all filled quantity, order by order. */
export interface HoldRecord {
  readonly connector: string;
  readonly account: string;
  readonly pair: string;
  /** Set on a perpetual account in hedge mode, which keeps longs and shorts apart. */
  readonly positionSide: PositionSide | null;
  readonly orders: readonly OrderRecord[];
  /** Funding of a perpetual while the executor held it: positive received, negative paid. 0 on spot. */
  readonly fundingQuote: DecimalString;
}

/**
 * The standard form every executor reports in, running or closed. Workflow result, `report` query, archive row and
 * HTTP answer are this record; the names are those of the wire. Decimals are strings in digits, times Unix ms.
 */
export interface ExecutorReport {
  readonly executor_id: string;
  readonly executor_type: string;
  readonly controller_id: string;
  readonly account_name: string;
  readonly connector_name: string;
  readonly trading_pair: string;
  readonly side: Side;
  readonly status: ExecutorStatus;
  readonly close_type: CloseType | null;
  readonly outcome: Outcome | null;
  /** Net of all fees, funding of a perpetual included; 0 when the fills went to a hold (P&L is attributed there). */
  readonly net_pnl_quote: DecimalString;
  /** Fraction of the entry notional. */
  readonly net_pnl_pct: DecimalString;
  readonly fees_paid_quote: DecimalString;
  /** Traded volume, both sides, in quote; also for a hold (the wire's filled_amount_quote is 0 then). */
  readonly volume_quote: DecimalString;
  readonly filled_amount_quote: DecimalString;
  readonly duration_seconds: DecimalString;
  readonly created_at_ms: number;
  readonly closed_at_ms: number | null;
  readonly is_trading: boolean;
  readonly needs_attention: boolean;
  readonly error_count: number;
  readonly last_error: string | null;
  /** Normalised config with the wire's names. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly custom_info: Readonly<Record<string, unknown>>;
  readonly orders: readonly OrderRecord[];
  /** Base below the exchange's minimum that stays in the account. */
  readonly residue_base: DecimalString;
  /** Quantity handed to the controller; null when none was. */
  readonly hold: HoldRecord | null;
  readonly why: readonly Decision[];
}

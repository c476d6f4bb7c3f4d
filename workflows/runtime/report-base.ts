import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport, HoldRecord } from '../../src/contract/report.js';
import type { OrderRecord } from '../../src/contract/session-result.js';
import { wireConfig } from '../../src/contract/wire-config.js';
import type { CloseType, ExecutorStatus, Outcome } from '../../src/domain/enumerations.js';
import { LIMITS } from '../../src/domain/limits.js';
import { toDecimalString, type Decimal } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';

/** A fraction is a quotient; more digits than any amount has would only pretend to know. */
const FRACTION_DIGITS = 18;

/** What every executor keeps about itself beside its trades. */
export interface LifeState {
  status: ExecutorStatus;
  closeType: CloseType | null;
  outcome: Outcome | null;
  closedAtMs: number | null;
  /** Reasons why a person has to look, by code. */
  readonly attention: Map<string, string>;
  errorCount: number;
  lastError: string | null;
  hold: HoldRecord | null;
}

export interface ReportMoney {
  readonly netPnlQuote: Decimal;
  readonly netPnlFraction: Decimal;
  readonly feesQuote: Decimal;
  readonly volumeQuote: Decimal;
  readonly residueBase: Decimal;
  readonly isTrading: boolean;
  /** What was earned beside what is handed over; absent: all of it goes with the hold. */
  readonly earnsBesideHold?: true;
  readonly orders: readonly OrderRecord[];
  readonly customInfo: Readonly<Record<string, unknown>>;
}

export function newLife(): LifeState {
  return { status: 'NOT_STARTED', closeType: null, outcome: null, closedAtMs: null, attention: new Map(), errorCount: 0, lastError: null, hold: null };
}

/** Why a person has to look, by code, for the memo; empty when nobody has to. */
export function attentionText(life: LifeState): string {
  return [...life.attention].map(([code, message]) => `${code}: ${message}`).join('; ').slice(0, LIMITS.maxErrorText * 2);
}

export function noteError(life: LifeState, message: string): void {
  life.errorCount += 1;
  life.lastError = message.slice(0, LIMITS.maxErrorText);
}

/** The standard report. A hold has no P&L of its own: it is attributed where the quantity went. */
export function buildReport(config: ExecutorConfig, life: LifeState, money: ReportMoney, log: DecisionLog, nowMs: number): ExecutorReport {
  const held = life.closeType === 'POSITION_HOLD' && money.earnsBesideHold !== true;
  const endMs = life.closedAtMs ?? nowMs;
  return {
    executor_id: config.id,
    executor_type: config.type,
    controller_id: config.controllerId,
    account_name: config.account,
    connector_name: config.connector,
    trading_pair: config.pair,
    side: config.side,
    status: life.status,
    close_type: life.closeType,
    outcome: life.outcome,
    net_pnl_quote: held ? '0' : toDecimalString(money.netPnlQuote),
    net_pnl_pct: held ? '0' : toDecimalString(money.netPnlFraction.toDecimalPlaces(FRACTION_DIGITS)),
    fees_paid_quote: toDecimalString(money.feesQuote),
    volume_quote: toDecimalString(money.volumeQuote),
    filled_amount_quote: held ? '0' : toDecimalString(money.volumeQuote),
    duration_seconds: String((endMs - config.createdAtMs) / 1000),
    created_at_ms: config.createdAtMs,
    closed_at_ms: life.closedAtMs,
    is_trading: life.status === 'RUNNING' && money.isTrading,
    needs_attention: life.attention.size > 0,
    error_count: life.errorCount,
    last_error: life.lastError,
    config: wireConfig(config),
    custom_info: money.customInfo,
    orders: money.orders.slice(-LIMITS.maxOrdersInReport),
    residue_base: toDecimalString(money.residueBase),
    hold: life.hold,
    why: log.all(),
  };
}

import type { MarketRulesRecord } from '../domain/market-rules.js';
import type { PlanChanges } from '../domain/session/amended-plan.js';
import type { SessionDetails } from '../domain/session/resume-session.js';
import type { SessionCommand } from './messages.js';
import type { DecimalString, OrderPath, OrderPlan } from './order-plan.js';
import type { PositionSide } from './position-side.js';
import type { ExecutorReport } from './report.js';
import type { FillTotalsRecord, OrderRecord, SessionResult } from './session-result.js';

/** What a workflow needs to know of a market to compile a plan. */
export interface MarketReading {
  readonly rules: MarketRulesRecord;
  /** Null when that side of the book is empty. */
  readonly bidQuote: DecimalString | null;
  readonly askQuote: DecimalString | null;
  readonly atMs: number;
}

/** Run on the account's session queue, by the owner only. */
export interface SessionActivities {
  /** Carries the plan out until it is done, stopped or refused. Throws NotOwner or LeaseLost, both retryable. */
  workOrder(plan: OrderPlan, waited?: WaitedForOwner): Promise<SessionResult>;
}

/** Given to a session after nobody owned the account for so long that its workflow raised the alarm. */
export interface WaitedForOwner {
  /** What the heartbeats of the session before had told; null when there was none. */
  readonly details: SessionDetails | null;
}

/** Run on the account's command queue, by the owner only. */
export interface CommandActivities {
  /** Delivers a command to the running session of that order; throws NoSession (retryable) while there is none. */
  commandSession(path: OrderPath, command: SessionCommand): Promise<void>;
  /** Reserves what the order of that path would need beyond what it has, before it is amended like that; nothing else changes. */
  coverAmendment(path: OrderPath, changes: PlanChanges): Promise<AmendmentCover>;
  /** Rules and best prices. Throws UNKNOWN_PAIR, not retryable. */
  readMarket(pair: string): Promise<MarketReading>;
}

export type AmendmentCover =
  | { readonly covered: true }
  /** `message` names the asset, what is free of it and what is needed. */
  | { readonly covered: false; readonly message: string };

/** Run by the worker that runs the workflow, or another one that runs workflows; no account's queue is asked. */
export interface NearbyActivities {
  /** Like `readMarket`; throws NotOwner when the account is another process's. */
  readOwnMarket(connector: string, account: string, pair: string): Promise<MarketReading>;
}

/** Run by whoever wants to own the account. Never returns; it fails with LeaseLost when the lease ends. */
export interface OwnershipActivities {
  ownAccount(connector: string, account: string): Promise<never>;
}

/** Run on the executors queue by any worker. */
export interface RecordActivities {
  /** Hands the hold to its controller, then archives the report. Idempotent by executor id. */
  /** Answers what it was told, so that it stands in the history of a workflow that has it done in its own process. */
  recordClose(closing: ClosingRecord): Promise<ClosingRecord>;
}

export interface ClosingRecord {
  readonly report: ExecutorReport;
  /** Controller that takes the hold; the report's own unless handed over to another. */
  readonly holdControllerId: string;
  /** Executor that vanished and left these fills to its leg: only the inventory is handed over. Null: its own report. */
  readonly orphanOf: string | null;
}

/** What a controller is told about a closed executor. */
export interface ExecutorClosed {
  readonly executorId: string;
  readonly executorType: string;
  readonly closeType: string;
  readonly netPnlQuote: DecimalString;
  readonly feesQuote: DecimalString;
  readonly volumeQuote: DecimalString;
  readonly closedAtMs: number;
  readonly hold: {
    readonly connector: string;
    readonly account: string;
    readonly pair: string;
    readonly base: string;
    readonly positionSide: PositionSide | null;
    readonly orders: readonly OrderRecord[];
    readonly totals: FillTotalsRecord;
    readonly fundingQuote: DecimalString;
  } | null;
}

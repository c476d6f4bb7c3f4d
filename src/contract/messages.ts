import type { PlanChanges } from '../domain/session/amended-plan.js';
import type { DecimalString } from './order-plan.js';
import type { FundedPosition } from './perpetual.js';
import type { OrderType, Side } from '../domain/enumerations.js';
import type { FillTotalsRecord, OrderRecord, SessionResult, TriggerEvidence } from './session-result.js';

/** Signals, updates and queries, by the names the Temporal CLI uses. */
export const SIGNALS = {
  /** Stop: payload EarlyStop. */
  earlyStop: 'early_stop',
  /** Stop and hand all filled quantity to a controller: payload Handover. */
  handover: 'handover',
  /** Session -> its own workflow: cumulative fills. */
  fillReport: 'fill_report',
  /** Session -> its own workflow: something needs a person, or no longer does. */
  attention: 'attention',
  /** Leg -> its executor: how it ended. */
  legEnded: 'leg_ended',
  /** Leg -> its executor: cumulative fills. */
  legProgress: 'leg_progress',
  /** Executor -> its leg. */
  legCommand: 'leg_command',
  /** Executor that adopted a leg -> that leg: tell your progress again. */
  legTellAgain: 'leg_tell_again',
  /** Session -> the executor of its leg: the leg's workflow is gone without a report. */
  legLost: 'leg_lost',
  /** Level of a grid -> the grid: cumulative fills, and its end. */
  levelReport: 'level_report',
  /** Grid -> its level. */
  levelCommand: 'level_command',
  /** Owner of the account -> executor on a perpetual: funding was settled. */
  fundingSettled: 'funding_settled',
  /** Activity -> controller workflow: a closed executor. */
  executorClosed: 'executor_closed',
  /** HTTP or a person -> controller workflow: forget what is held of one pair. Payload ClearPosition. */
  clearPosition: 'clear_position',
} as const;

export const UPDATES = { stop: 'stop', amend: 'amend' } as const;
export const QUERIES = { report: 'report', why: 'why', positions: 'positions' } as const;

export interface EarlyStop {
  /** True: end as POSITION_HOLD with all filled quantity instead of closing it. */
  readonly keep_position?: boolean;
  readonly reason?: string;
}

export interface Handover {
  /** Controller that takes the quantity; default the executor's own. */
  readonly controller_id?: string;
}

/** Answer of the `stop` update: what will happen. The first decision wins; a repeat is told that one. */
export interface StopAnswer {
  readonly executor_id: string;
  readonly status: 'stopping' | 'stopped';
  readonly keep_position: boolean;
  readonly reason: string;
  /** Open amounts known when the decision fell, base. */
  readonly quantity_to_close_base: DecimalString;
  readonly quantity_to_hand_over_base: DecimalString;
  readonly orders_to_cancel: number;
  /** False when an earlier decision stood. */
  readonly decided_now: boolean;
}

/** Cumulative and numbered, so that a repeated or late one changes nothing. */
export interface FillReport {
  readonly sequence: number;
  readonly totals: FillTotalsRecord;
  /** Orders that may still execute, at most LIMITS.maxOpenOrdersTold. */
  readonly openOrders: readonly OpenOrder[];
  /** Exits: what made it fire, so that the reason is in history before the process can die. */
  readonly trigger: TriggerEvidence | null;
}

/** An order of a session that is out, as its executor shows it. */
export interface OpenOrder {
  readonly clientOrderId: string;
  readonly purpose: OrderRecord['purpose'];
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: DecimalString;
  readonly priceQuote: DecimalString | null;
  /** Price at which the exchange lets it go; null for all but a stop. */
  readonly triggerPriceQuote: DecimalString | null;
}

export interface AttentionReport {
  readonly code: string;
  /** Null: no longer. */
  readonly message: string | null;
  readonly atMs: number;
}

export interface FundingSettled {
  /** When it was heard of, Unix ms. */
  readonly atMs: number;
}

export interface LegProgress {
  readonly leg: string;
  readonly report: FillReport;
}

export interface LegLost {
  readonly leg: string;
  readonly reason: string;
}

export interface LegEnded {
  readonly leg: string;
  readonly result: SessionResult;
}

/** What a level tells its grid: sums of all it traded, numbered upwards, so that a repeated or late one changes nothing. */
export interface LevelTold {
  readonly levelIndex: number;
  readonly cycle: number;
  readonly sequence: number;
  readonly entry: FillTotalsRecord;
  readonly exits: FillTotalsRecord;
  /** True while its entry may still execute. */
  readonly entryOut: boolean;
  /** On a perpetual: its legs, for the funding of the grid; else null. */
  readonly funded: FundedPosition | null;
  /** Null while it may still trade. */
  readonly ended: LevelEnd | null;
}

export interface LevelEnd {
  /** Why the exchange, or the account, did not take its entry; null when it did, or nobody asked. */
  readonly refusal: string | null;
  readonly insufficientBalance: boolean;
  readonly liquidated: boolean;
  /** At most a few, the latest; sums are in the totals. */
  readonly orders: readonly OrderRecord[];
  readonly retries: number;
  readonly lastError: string | null;
  readonly unvaluedFees: Readonly<Record<string, DecimalString>>;
}

/** `withdraw`: the entry is cancelled, what it filled stays. `stop`: all legs cancel and count, nothing is closed. `tell`: the last report again. */
export interface LevelCommand {
  readonly kind: 'withdraw' | 'stop' | 'tell';
  readonly reason: string;
}

/** Commands to a running session. */
export type SessionCommand =
  /** Exit: close everything now. */
  | { readonly kind: 'fire'; readonly reason: string }
  /** Cancel what is open, confirm, count, end without closing anything; `afterFills`: an exit no sooner than what it protects is over and counted. */
  | { readonly kind: 'cancel'; readonly reason: string; readonly afterFills?: boolean }
  /** Hedge: what the order it follows has filled, as its executor knows it. Cumulative; one that tells less changes nothing. */
  | { readonly kind: 'told'; readonly reason: string; readonly totals: FillTotalsRecord; readonly finished: boolean }
  /** The plan changes: everything that amendments have changed so far. One that is not newer than the last changes nothing. */
  | { readonly kind: 'amend'; readonly reason: string; readonly sequence: number; readonly changes: PlanChanges };

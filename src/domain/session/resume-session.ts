import type { GridTrigger } from '../grid/grid-barriers.js';
import { totalsFromRecord, totalsRecord, type FillTotalsText } from '../fills.js';
import { decimal, toDecimalString, type Decimal } from '../money.js';
import type { Amended } from './amended-plan.js';
import { foldedFromText, foldedText, type FoldedText } from './fold-orders.js';
import { liquidationTexts, liquidationsFromText, type LiquidationText } from './liquidation.js';
import type { SessionPlan } from './session-plan.js';
import { initialSession, type SessionGoal, type SessionState, type Trigger } from './session-state.js';

/**
 * What a session must not forget when its process dies; plain JSON, a few hundred bytes whatever the session did. Orders
 * and fills are not in it: the exchange is asked for them.
 */
export interface SessionDetails {
  /** Unix ms up to which the session had seen prices and news. */
  readonly atMs: number;
  /** The next attempt numbers its orders from here, or behind the last one the exchange lists. */
  readonly nextSequence: number;
  readonly retries: number;
  /** Orders that are not looked for any more, as their sum. */
  readonly folded: FoldedText | null;
  readonly amended: Amended | null;
  readonly liquidated: readonly LiquidationText[];
  readonly goal: SessionGoal;
  /** Net P&L fraction, null while not armed. */
  readonly trailingTrigger: string | null;
  readonly breakeven: boolean;
  readonly trigger: TriggerText | null;
  /** Of a hedge: what its executor told of the order it follows. */
  readonly told?: ToldFills;
}

export interface ToldFills {
  readonly totals: FillTotalsText;
  readonly finished: boolean;
}

/** A trigger with its decimals in digits. */
export interface TriggerText {
  readonly trigger: Trigger['trigger'];
  readonly command: string | null;
  readonly atMs: number;
  readonly exitPriceQuote: string | null;
  readonly protectedTotals: FillTotalsText;
  readonly grid?: GridTrigger;
  readonly trailingTrigger: string | null;
  readonly closedBase: string;
  readonly breakeven: boolean;
  readonly amendment: number;
  readonly exchangeStop: boolean;
}

/** What the heartbeat carries. */
export function sessionDetails(state: SessionState): SessionDetails {
  return {
    atMs: state.nowMs,
    nextSequence: state.nextSequence,
    retries: state.retries,
    folded: foldedText(state.folded),
    amended: state.amended,
    liquidated: liquidationTexts(state.liquidated),
    goal: state.goal,
    trailingTrigger: text(state.trailingTrigger),
    breakeven: state.breakeven,
    trigger: state.trigger === null ? null : triggerText(state.trigger),
  };
}

/** The state a session starts from: new when `details` is null, else what the last heartbeat of an earlier attempt told. */
export function resumeSession(plan: SessionPlan, details: SessionDetails | null, nowMs: number): SessionState {
  const fresh = initialSession(nowMs, plan.arm?.hasPredecessors ?? false);
  if (details === null) return fresh;
  return {
    ...fresh,
    nextSequence: details.nextSequence,
    retries: details.retries,
    folded: foldedFromText(details.folded),
    amended: details.amended,
    liquidated: liquidationsFromText(details.liquidated),
    goal: details.goal,
    trailingTrigger: number(details.trailingTrigger),
    breakeven: details.breakeven,
    trigger: details.trigger === null ? null : triggerOf(details.trigger),
  };
}

function triggerText(trigger: Trigger): TriggerText {
  return {
    trigger: trigger.trigger,
    command: trigger.command,
    atMs: trigger.atMs,
    exitPriceQuote: text(trigger.exitPriceQuote),
    protectedTotals: totalsRecord(trigger.protectedTotals),
    trailingTrigger: text(trigger.trailingTrigger),
    closedBase: toDecimalString(trigger.closedBase),
    breakeven: trigger.breakeven,
    amendment: trigger.amendment,
    exchangeStop: trigger.exchangeStop,
    ...(trigger.grid === undefined ? {} : { grid: trigger.grid }),
  };
}

function triggerOf(record: TriggerText): Trigger {
  return {
    trigger: record.trigger,
    command: record.command,
    atMs: record.atMs,
    exitPriceQuote: number(record.exitPriceQuote),
    protectedTotals: totalsFromRecord(record.protectedTotals),
    trailingTrigger: number(record.trailingTrigger),
    closedBase: decimal(record.closedBase),
    breakeven: record.breakeven,
    amendment: record.amendment,
    exchangeStop: record.exchangeStop,
    ...(record.grid === undefined ? {} : { grid: record.grid }),
  };
}

function text(value: Decimal | null): string | null {
  return value === null ? null : toDecimalString(value);
}

function number(value: string | null): Decimal | null {
  return value === null ? null : decimal(value);
}

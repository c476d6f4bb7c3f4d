import type { CloseType } from '../enumerations.js';
import { NO_FILLS, totalsFromRecord, totalsRecord, type FillTotals, type FillTotalsText } from '../fills.js';
import { decimal, toDecimalString, ZERO, type Decimal } from '../money.js';
import type { GridPlan } from './grid-plan.js';

/** What the child of a level has traded. */
interface LevelTotals<Amount, Totals> {
  /** Number of the round trip, from 1: part of the child's id, never used twice. */
  readonly cycle: number;
  /** Of the last report that counted; older ones are stale. */
  readonly sequence: number;
  readonly entry: Totals;
  readonly exits: Totals;
  /** Sent with it: the entry's limit price, and what it was to buy or sell. */
  readonly entryPriceQuote: Amount;
  readonly amountBase: Amount;
}

type LevelStateOf<Amount, Totals> =
  /** Nothing out. `cycle` is that of the next round trip. */
  | { readonly kind: 'idle'; readonly cycle: number; readonly refusals: number; readonly notBeforeMs: number | null }
  /** The entry may rest at the exchange, until its end is reported; a part of it may be filled. */
  | (LevelTotals<Amount, Totals> & { readonly kind: 'entryOut'; readonly refusals: number; readonly withdrawing: boolean })
  /** The entry has ended with fills; no take profit rests, it is watched or out of bounds. */
  | (LevelTotals<Amount, Totals> & { readonly kind: 'filled' })
  | (LevelTotals<Amount, Totals> & { readonly kind: 'takeProfitOut'; readonly takeProfitPriceQuote: Amount; readonly withdrawing: boolean })
  /** The round trip is in the ledger; the level waits to be opened again, unless its child left something open: its share is spent. */
  | { readonly kind: 'complete'; readonly cycle: number; readonly leftOpen: boolean };

export type LevelState = LevelStateOf<Decimal, FillTotals>;
export type LiveLevel = Extract<LevelState, { readonly kind: 'entryOut' | 'filled' | 'takeProfitOut' }>;

interface LedgerOf<Amount, Totals> {
  /** All fills of ended round trips. */
  readonly entry: Totals;
  readonly exits: Totals;
  /** Of the entries' cost, the part that the exits took. */
  readonly matchedCostQuote: Amount;
  /** Opened, not lost to a fee and not closed: dust, and what a stopped child left. */
  readonly leftBase: Amount;
  readonly leftCostQuote: Amount;
  readonly roundTrips: number;
}

/** Ended round trips, summed. Costs are shares, cut to 30 digits behind the point. */
export type GridLedger = LedgerOf<Decimal, FillTotals>;

/** Closing of the net: one order for all levels, sent when every level is confirmed. */
interface NetCloseOf<Totals> {
  readonly sequence: number;
  readonly ended: Totals;
  /** Of the close that is out; its earlier ones are in `ended`. */
  readonly current: Totals;
}

export type GridPhase =
  | { readonly kind: 'running' }
  /** Every level is told to end without closing; settled when the last has confirmed. */
  | ({ readonly kind: 'stopping' } & GridStop)
  | ({ readonly kind: 'closingNet' } & GridStop)
  | { readonly kind: 'ended'; readonly closeType: CloseType; readonly byCaller: boolean; readonly handedOver: boolean };

/** Why a grid ends, and what becomes of what it holds. The first reason stands. */
export interface GridStop {
  readonly closeType: CloseType;
  readonly keepPosition: boolean;
  /** Somebody stopped it; else a barrier or a failure did. */
  readonly byCaller: boolean;
}

interface StateOf<Amount, Totals> {
  readonly phase: GridPhase;
  readonly levels: readonly LevelStateOf<Amount, Totals>[];
  readonly ledger: LedgerOf<Amount, Totals>;
  readonly netClose: NetCloseOf<Totals>;
  /** When entries were last sent, unix ms; null = never, or one came to nothing. */
  readonly lastOpenAtMs: number | null;
  /** Fraction of net P&L below which the trailing stop fires; null = not armed. */
  readonly trailingTrigger: Amount | null;
}

export type GridState = StateOf<Decimal, FillTotals>;
/** The state as it stands in history and goes through continue-as-new: decimals in digits. */
export type GridStateRecord = StateOf<string, FillTotalsText>;

export const EMPTY_GRID_LEDGER: GridLedger = { entry: NO_FILLS, exits: NO_FILLS, matchedCostQuote: ZERO, leftBase: ZERO, leftCostQuote: ZERO, roundTrips: 0 };

export function newGridState(plan: GridPlan): GridState {
  return {
    phase: { kind: 'running' },
    levels: plan.levels.map(() => ({ kind: 'idle', cycle: 1, refusals: 0, notBeforeMs: null })),
    ledger: EMPTY_GRID_LEDGER,
    netClose: { sequence: 0, ended: NO_FILLS, current: NO_FILLS },
    lastOpenAtMs: null,
    trailingTrigger: null,
  };
}

/** Whether a child of this level may still trade. */
export function isLive(level: LevelState): level is LiveLevel {
  return level.kind === 'entryOut' || level.kind === 'filled' || level.kind === 'takeProfitOut';
}

export function gridStateRecord(state: GridState): GridStateRecord {
  return mapState(state, toDecimalString, totalsRecord);
}

/** For records written by `gridStateRecord`. */
export function gridStateFromRecord(record: GridStateRecord): GridState {
  return mapState(record, decimal, totalsFromRecord);
}

function mapState<A, T, B, U>(state: StateOf<A, T>, amount: (value: A) => B, totals: (value: T) => U): StateOf<B, U> {
  const { ledger, netClose } = state;
  return {
    phase: state.phase,
    levels: state.levels.map((level) => mapLevel(level, amount, totals)),
    ledger: {
      entry: totals(ledger.entry),
      exits: totals(ledger.exits),
      matchedCostQuote: amount(ledger.matchedCostQuote),
      leftBase: amount(ledger.leftBase),
      leftCostQuote: amount(ledger.leftCostQuote),
      roundTrips: ledger.roundTrips,
    },
    netClose: { sequence: netClose.sequence, ended: totals(netClose.ended), current: totals(netClose.current) },
    lastOpenAtMs: state.lastOpenAtMs,
    trailingTrigger: state.trailingTrigger === null ? null : amount(state.trailingTrigger),
  };
}

function mapLevel<A, T, B, U>(level: LevelStateOf<A, T>, amount: (value: A) => B, totals: (value: T) => U): LevelStateOf<B, U> {
  if (level.kind === 'idle' || level.kind === 'complete') return level;
  const traded = { entry: totals(level.entry), exits: totals(level.exits), entryPriceQuote: amount(level.entryPriceQuote), amountBase: amount(level.amountBase) };
  if (level.kind === 'takeProfitOut') return { ...level, ...traded, takeProfitPriceQuote: amount(level.takeProfitPriceQuote) };
  return { ...level, ...traded };
}

import type { CloseType } from '../enumerations.js';
import { addTotals, NO_FILLS, totalsFromRecord, totalsRecord, type FillTotals, type FillTotalsText } from '../fills.js';
import { decimal, toDecimalString, type Decimal } from '../money.js';
import type { DcaPlan } from './plan-dca.js';

type LevelStateOf<Totals> =
  | { readonly kind: 'waiting' }
  /** Its order may trade, until its end is reported. */
  | { readonly kind: 'out'; readonly sequence: number; readonly totals: Totals; readonly withdrawing: boolean }
  /** It trades no more and is never sent again. `refusal`: why the exchange did not take it. */
  | { readonly kind: 'done'; readonly totals: Totals; readonly refusal: string | null };

export type DcaLevelState = LevelStateOf<FillTotals>;

export type DcaPhase =
  | { readonly kind: 'running' }
  /** Levels are told to end; then what is open is closed or kept. */
  | { readonly kind: 'stopping'; readonly closeType: CloseType; readonly keepPosition: boolean }
  | { readonly kind: 'ended'; readonly closeType: CloseType; readonly atMs: number };

interface StateOf<Amount, Totals> {
  readonly phase: DcaPhase;
  readonly levels: readonly LevelStateOf<Totals>[];
  /** All that closed, cumulative, and the number of the report that told it. */
  readonly exits: Totals;
  readonly exitSequence: number;
  /** Fraction of net P&L below which the trailing stop fires; null = not armed. */
  readonly trailingTrigger: Amount | null;
}

export type DcaState = StateOf<Decimal, FillTotals>;
/** The state as it stands in history: decimals in digits. */
export type DcaStateRecord = StateOf<string, FillTotalsText>;

export function newDcaState(plan: DcaPlan): DcaState {
  return { phase: { kind: 'running' }, levels: plan.levels.map(() => ({ kind: 'waiting' })), exits: NO_FILLS, exitSequence: 0, trailingTrigger: null };
}

/** All fills of all levels, whatever became of their orders. */
export function dcaEntryTotals(state: DcaState): FillTotals {
  return state.levels.reduce((sum, level) => (level.kind === 'waiting' ? sum : addTotals(sum, level.totals)), NO_FILLS);
}

export function dcaStateRecord(state: DcaState): DcaStateRecord {
  return mapState(state, toDecimalString, totalsRecord);
}

/** For records written by `dcaStateRecord`. */
export function dcaStateFromRecord(record: DcaStateRecord): DcaState {
  return mapState(record, decimal, totalsFromRecord);
}

function mapState<A, T, B, U>(state: StateOf<A, T>, amount: (value: A) => B, totals: (value: T) => U): StateOf<B, U> {
  return {
    ...state,
    levels: state.levels.map((level) => (level.kind === 'waiting' ? level : { ...level, totals: totals(level.totals) })),
    exits: totals(state.exits),
    trailingTrigger: state.trailingTrigger === null ? null : amount(state.trailingTrigger),
  };
}

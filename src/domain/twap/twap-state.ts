import type { CloseType, Outcome } from '../enumerations.js';
import { NO_FILLS, totalsFromRecord, totalsRecord, type FillTotals, type FillTotalsText } from '../fills.js';
import { decimal, toDecimalString, ZERO, type Decimal } from '../money.js';
import { newSchedule, type SliceSchedule } from './slice-schedule.js';
import type { TwapTerms } from './twap-terms.js';

/** Why a slice is there: its slot was due, or the order before it rested too long. */
export type SliceOrigin = 'scheduled' | 'resubmitted';

interface SliceOf<Amount, Totals> {
  /** From 0 in the order they were added: part of the child's id, never used twice. */
  readonly number: number;
  /** The slot of the schedule; of several taken together the last. */
  readonly slot: number;
  readonly origin: SliceOrigin;
  /** Share of the budget, in quote. */
  readonly plannedQuote: Amount;
  /** Sent. */
  readonly amountBase: Amount;
  /** Limit price; null at market. */
  readonly priceQuote: Amount | null;
  readonly sentAtMs: number;
  /** Of the last report that counted. */
  readonly sequence: number;
  readonly totals: Totals;
  /** Told to end, so that it is placed anew or the plan can stop. */
  readonly withdrawing: boolean;
}

/** Its order may still trade. */
export type OpenSlice = SliceOf<Decimal, FillTotals>;

interface DoneSliceOf<Amount, Totals> extends SliceOf<Amount, Totals> {
  /** Planned and not filled, in quote; goes back to the budget. */
  readonly shortQuote: Amount;
  /** Rule of the exchange that refused it; null when it ended otherwise. */
  readonly refusal: string | null;
}

/** Its order trades no more; its fills are final. */
export type DoneSlice = DoneSliceOf<Decimal, FillTotals>;

interface DoneSumOf<Amount, Totals> {
  readonly count: number;
  readonly plannedQuote: Amount;
  readonly sentBase: Amount;
  readonly shortQuote: Amount;
  readonly totals: Totals;
}

/** A withdrawn slice's rest, reserved for the order that replaces it. */
interface ReplacementOf<Amount> {
  readonly slot: number;
  readonly plannedQuote: Amount;
}

interface MissedOf<Amount> {
  /** Slots whose time passed without a slice of their own, by what became of them. */
  readonly skipped: number;
  readonly stretched: number;
  readonly burst: number;
  /** Share of the budget that the skipped ones would have had. */
  readonly skippedQuote: Amount;
}

/** P&L at the end, in quote; the mark is mid at that moment and changes no more. */
interface FinalPnlOf<Amount> {
  readonly markPriceQuote: Amount | null;
  readonly netPnlQuote: Amount;
  readonly netPnlFraction: Amount;
  /** Filled and not closed, in base: what is handed over. */
  readonly openBase: Amount;
}

export type TwapPhaseOf<Amount> =
  | { readonly kind: 'running' }
  /** Slices are told to end; settled when the last has confirmed. */
  | { readonly kind: 'stopping'; readonly keepPosition: boolean }
  | { readonly kind: 'ended'; readonly closeType: CloseType; readonly outcome: Outcome; readonly atMs: number; readonly pnl: FinalPnlOf<Amount> };

interface StateOf<Amount, Totals> {
  readonly phase: TwapPhaseOf<Amount>;
  readonly schedule: SliceSchedule;
  readonly nextNumber: number;
  readonly open: readonly SliceOf<Amount, Totals>[];
  /** The newest ones; older ones are summed. */
  readonly done: readonly DoneSliceOf<Amount, Totals>[];
  /** Of all done slices, those no longer in `done` as well. */
  readonly doneSum: DoneSumOf<Amount, Totals>;
  readonly replacements: readonly ReplacementOf<Amount>[];
  readonly missed: MissedOf<Amount>;
  /** Slices in a row that ended without a fill; a maker that was placed anew is none. */
  readonly fruitless: number;
  /** Why a due share was last not sent: field, value and rule. */
  readonly lastBreach: string | null;
}

export type TwapState = StateOf<Decimal, FillTotals>;
/** The state as it stands in history and goes through continue-as-new: decimals in digits. */
export type TwapStateRecord = StateOf<string, FillTotalsText>;

export function newTwapState(terms: TwapTerms, startAtMs: number): TwapState {
  return {
    phase: { kind: 'running' },
    schedule: newSchedule(startAtMs, terms.orderIntervalMs, terms.slotCount),
    nextNumber: 0,
    open: [],
    done: [],
    doneSum: { count: 0, plannedQuote: ZERO, sentBase: ZERO, shortQuote: ZERO, totals: NO_FILLS },
    replacements: [],
    missed: { skipped: 0, stretched: 0, burst: 0, skippedQuote: ZERO },
    fruitless: 0,
    lastBreach: null,
  };
}

export function twapStateRecord(state: TwapState): TwapStateRecord {
  return mapState(state, toDecimalString, totalsRecord);
}

/** For records written by `twapStateRecord`. */
export function twapStateFromRecord(record: TwapStateRecord): TwapState {
  return mapState(record, decimal, totalsFromRecord);
}

function mapState<A, T, B, U>(state: StateOf<A, T>, amount: (value: A) => B, totals: (value: T) => U): StateOf<B, U> {
  const slice = (from: SliceOf<A, T>): SliceOf<B, U> => ({
    ...from,
    plannedQuote: amount(from.plannedQuote),
    amountBase: amount(from.amountBase),
    priceQuote: from.priceQuote === null ? null : amount(from.priceQuote),
    totals: totals(from.totals),
  });
  const { doneSum, missed } = state;
  return {
    ...state,
    phase: mapPhase(state.phase, amount),
    open: state.open.map(slice),
    done: state.done.map((done) => ({ ...slice(done), shortQuote: amount(done.shortQuote), refusal: done.refusal })),
    doneSum: {
      count: doneSum.count,
      plannedQuote: amount(doneSum.plannedQuote),
      sentBase: amount(doneSum.sentBase),
      shortQuote: amount(doneSum.shortQuote),
      totals: totals(doneSum.totals),
    },
    replacements: state.replacements.map(({ slot, plannedQuote }) => ({ slot, plannedQuote: amount(plannedQuote) })),
    missed: { ...missed, skippedQuote: amount(missed.skippedQuote) },
  };
}

function mapPhase<A, B>(phase: TwapPhaseOf<A>, amount: (value: A) => B): TwapPhaseOf<B> {
  if (phase.kind !== 'ended') return phase;
  const { markPriceQuote, netPnlQuote, netPnlFraction, openBase } = phase.pnl;
  const pnl = { markPriceQuote: markPriceQuote === null ? null : amount(markPriceQuote), netPnlQuote: amount(netPnlQuote), netPnlFraction: amount(netPnlFraction), openBase: amount(openBase) };
  return { ...phase, pnl };
}

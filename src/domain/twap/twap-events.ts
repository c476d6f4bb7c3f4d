import type { CloseType, Outcome } from '../enumerations.js';
import { addTotals, NO_FILLS, type FillTotals } from '../fills.js';
import { LIMITS } from '../limits.js';
import type { MarketRules } from '../market-rules.js';
import { Decimal, exactly, ZERO } from '../money.js';
import { appendedSlots, type TakenSlots, type TwapDecision } from './next-slices.js';
import { appendSlots, takeSlots } from './slice-schedule.js';
import { sliceBreach, sliceOrder } from './slice-size.js';
import { twapPnl, twapTotals, unassignedQuote } from './twap-accounts.js';
import type { DoneSlice, OpenSlice, TwapState } from './twap-state.js';
import type { TwapTerms } from './twap-terms.js';

/** What a slice's child tells: sums of all it traded, numbered upwards, so that a repeated or late report changes nothing. */
export interface SliceReport {
  readonly number: number;
  readonly sequence: number;
  readonly totals: FillTotals;
  /** It trades no more; `refusal` is the rule of an exchange that did not take it. */
  readonly ended: { readonly refusal: string | null } | null;
}

export type TwapEvent =
  /** Before anything of it is sent. */
  | { readonly kind: 'decided'; readonly nowMs: number; readonly decision: TwapDecision }
  | { readonly kind: 'reported'; readonly report: SliceReport }
  /** The first one counts. */
  | { readonly kind: 'stopped'; readonly keepPosition: boolean }
  /**
   * After a decision that said finished, and whatever the end had to close is closed (`exits`). Fixes the P&L: what is
   * kept is valued at this mid, null = at cost.
   */
  | { readonly kind: 'ended'; readonly nowMs: number; readonly midQuote: Decimal | null; readonly exits: FillTotals; readonly fundingQuote: Decimal };

/** The state after the event. Reports are idempotent by sequence; events that do not fit the state are ignored. */
export function applyTwapEvent(terms: TwapTerms, rules: MarketRules, state: TwapState, event: TwapEvent): TwapState {
  switch (event.kind) {
    case 'decided':
      return decided(terms, state, event.decision, event.nowMs);
    case 'reported':
      return reported(state, event.report);
    case 'stopped':
      return state.phase.kind === 'running' ? { ...state, phase: { kind: 'stopping', keepPosition: event.keepPosition }, replacements: [] } : state;
    case 'ended':
      return ended(terms, rules, state, event);
    default:
      return unreachable(event);
  }
}

function decided(terms: TwapTerms, state: TwapState, decision: TwapDecision, nowMs: number): TwapState {
  if (state.phase.kind === 'ended') return state;
  const withdrawn = new Set(decision.withdraw);
  const open = state.open.map((slice) => (withdrawn.has(slice.number) ? { ...slice, withdrawing: true } : slice));
  if (state.phase.kind === 'stopping') return { ...state, open };
  const sent = decision.send.map((slice): OpenSlice => ({ ...slice, sentAtMs: nowMs, sequence: 0, totals: NO_FILLS, withdrawing: false }));
  const { taken, breach } = decision;
  const schedule = appendSlots(takeSlots(state.schedule, taken.lost + taken.current), appendedSlots(terms, taken), nowMs);
  // With mid unknown nothing was sized, and what waits to be replaced goes on waiting.
  const judged = sent.length > 0 || breach !== null;
  return {
    ...state,
    schedule: decision.makeUp ? appendSlots(schedule, 1, nowMs) : schedule,
    nextNumber: state.nextNumber + sent.length,
    open: [...open, ...sent],
    replacements: judged ? [] : state.replacements,
    missed: countMissed(terms, state.missed, taken),
    lastBreach: breach ?? state.lastBreach,
  };
}

function countMissed(terms: TwapTerms, missed: TwapState['missed'], taken: TakenSlots): TwapState['missed'] {
  switch (terms.catchUp) {
    case 'skip':
      return { ...missed, skipped: missed.skipped + taken.lost, skippedQuote: exactly.sum(missed.skippedQuote, taken.lostQuote) };
    case 'stretch':
      return { ...missed, stretched: missed.stretched + taken.lost };
    case 'burst':
      return { ...missed, burst: missed.burst + taken.lost };
    default:
      return unreachable(terms.catchUp);
  }
}

function reported(state: TwapState, report: SliceReport): TwapState {
  const slice = state.open.find(({ number }) => number === report.number);
  if (slice === undefined || report.sequence <= slice.sequence) return state;
  const told = { ...slice, sequence: report.sequence, totals: report.totals };
  if (report.ended === null) return { ...state, open: state.open.map((other) => (other === slice ? told : other)) };
  const shortQuote = Decimal.max(exactly.difference(told.plannedQuote, told.totals.filledQuote), ZERO);
  const done: DoneSlice = { ...told, shortQuote, refusal: report.ended.refusal };
  const replaced = state.phase.kind === 'running' && slice.withdrawing && report.ended.refusal === null && told.totals.filledBase.lessThan(told.amountBase);
  return {
    ...state,
    open: state.open.filter((other) => other !== slice),
    done: [...state.done, done].slice(-LIMITS.maxOrdersInReport),
    doneSum: addDone(state.doneSum, done),
    replacements: replaced ? [...state.replacements, { slot: slice.slot, plannedQuote: shortQuote }] : state.replacements,
    // A maker that was placed anew has not failed: waiting is no retry.
    fruitless: done.totals.fillCount > 0 ? 0 : state.fruitless + (replaced ? 0 : 1),
  };
}

function addDone(sum: TwapState['doneSum'], done: DoneSlice): TwapState['doneSum'] {
  return {
    count: sum.count + 1,
    plannedQuote: exactly.sum(sum.plannedQuote, done.plannedQuote),
    sentBase: exactly.sum(sum.sentBase, done.amountBase),
    shortQuote: exactly.sum(sum.shortQuote, done.shortQuote),
    totals: addTotals(sum.totals, done.totals),
  };
}

/** Only when every slice is accounted: an open one may still trade. */
function ended(terms: TwapTerms, rules: MarketRules, state: TwapState, { midQuote, nowMs, exits, fundingQuote }: Extract<TwapEvent, { readonly kind: 'ended' }>): TwapState {
  if (state.phase.kind === 'ended' || state.open.length > 0 || state.replacements.length > 0) return state;
  const totals = twapTotals(state);
  const pnl = twapPnl(terms, rules, totals, exits, midQuote, fundingQuote);
  const { closeType, outcome } = endOf(terms, rules, state, totals, midQuote);
  const { netPnlQuote, netPnlFraction, openBase } = pnl;
  return { ...state, phase: { kind: 'ended', closeType, outcome, atMs: nowMs, pnl: { markPriceQuote: midQuote, netPnlQuote, netPnlFraction, openBase } } };
}

function endOf(terms: TwapTerms, rules: MarketRules, state: TwapState, totals: FillTotals, midQuote: Decimal | null): { readonly closeType: CloseType; readonly outcome: Outcome } {
  const filled = totals.fillCount > 0;
  if (state.phase.kind === 'stopping') return { closeType: state.phase.keepPosition && filled ? 'POSITION_HOLD' : 'EARLY_STOP', outcome: 'STOPPED' };
  if (!filled) return { closeType: 'FAILED', outcome: 'FAILED' };
  const left = midQuote === null ? null : sliceOrder(terms, rules, unassignedQuote(terms, state), midQuote);
  const dust = left !== null && midQuote !== null && sliceBreach(rules, left, midQuote) !== null;
  // What was traded is kept, so it is handed over; the outcome tells how much of the plan that was.
  return { closeType: 'POSITION_HOLD', outcome: dust && state.missed.skipped === 0 ? 'COMPLETED' : 'PARTIAL' };
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}

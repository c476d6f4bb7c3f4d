import { LIMITS } from '../limits.js';
import type { MarketRules } from '../market-rules.js';
import { exactly, ZERO, type Decimal } from '../money.js';
import { dueSlots, slotAtMs, slotsLeft, type DueSlots } from './slice-schedule.js';
import { shareOf, sliceBreach, sliceOrder, type SliceOrder } from './slice-size.js';
import { unassignedQuote } from './twap-accounts.js';
import type { SliceOrigin, TwapState } from './twap-state.js';
import type { TwapTerms } from './twap-terms.js';

export interface SliceToSend extends SliceOrder {
  readonly number: number;
  readonly slot: number;
  readonly origin: SliceOrigin;
  readonly plannedQuote: Decimal;
}

/** Slots that one decision takes, all at once: `lost` go by the policy, `current` is the one on time. */
export interface TakenSlots {
  readonly lost: number;
  readonly current: 0 | 1;
  /** Share of the lost ones, in quote; only `skip` takes it from the budget. */
  readonly lostQuote: Decimal;
}

export interface TwapDecision {
  readonly taken: TakenSlots;
  readonly send: readonly SliceToSend[];
  /** A share due that the exchange would not take: nothing is sent, the budget keeps it. */
  readonly breach: string | null;
  /** Numbers of open slices to end. */
  readonly withdraw: readonly number[];
  /** One more slot is to be added for what earlier slices left short. */
  readonly makeUp: boolean;
  /** Nothing is left to do and every slice is accounted. */
  readonly finished: boolean;
}

/**
 * What to do now. The caller puts the decision into the state (`decided`) before anything of it is sent. `midQuote` null:
 * no slot is taken, for nothing can be sized; time goes on, and the policy sees to what it costs.
 */
export function nextSlices(terms: TwapTerms, rules: MarketRules, state: TwapState, midQuote: Decimal | null, nowMs: number): TwapDecision {
  if (state.phase.kind === 'ended') return NOTHING;
  if (state.phase.kind === 'stopping') {
    const withdraw = state.open.filter((slice) => !slice.withdrawing).map(({ number }) => number);
    return { ...NOTHING, withdraw, finished: state.open.length === 0 };
  }
  const withdraw = overdueSlices(terms, state, nowMs);
  if (midQuote === null) return { ...NOTHING, withdraw };
  const decision = { ...sized(terms, rules, state, midQuote, nowMs), withdraw };
  const slotsToCome = slotsLeft(state.schedule) - decision.taken.lost - decision.taken.current + appendedSlots(terms, decision.taken);
  if (slotsToCome > 0 || state.open.length > 0 || decision.send.length > 0) return decision;
  return { ...decision, ...ending(terms, rules, state, decision, midQuote) };
}

/**
 * When to decide again, unix ms, if nothing is reported before; not after now: at once, or as soon as mid is known. Null:
 * only a report or a stop request changes anything. For the state that has the last decision in it.
 */
export function twapWakeAtMs(terms: TwapTerms, state: TwapState): number | null {
  if (state.phase.kind !== 'running') return null;
  const times: number[] = slotsLeft(state.schedule) > 0 ? [slotAtMs(state.schedule, state.schedule.nextSlot)] : [];
  const { execution } = terms;
  if (execution.mode === 'MAKER' && execution.resubmissionMs !== null) {
    for (const slice of state.open) if (!slice.withdrawing) times.push(slice.sentAtMs + execution.resubmissionMs + 1);
  }
  return times.length === 0 ? null : Math.min(...times);
}

/** Slots that `stretch` puts behind the last for those that were lost. */
export function appendedSlots(terms: TwapTerms, taken: TakenSlots): number {
  return terms.catchUp === 'stretch' ? taken.lost : 0;
}

const NOTHING: TwapDecision = { taken: { lost: 0, current: 0, lostQuote: ZERO }, send: [], breach: null, withdraw: [], makeUp: false, finished: false };

/** The slices to send: replacements at what their slices left, then one for the slots that are due. */
function sized(terms: TwapTerms, rules: MarketRules, state: TwapState, midQuote: Decimal, nowMs: number): TwapDecision {
  const send: SliceToSend[] = [];
  let breach: string | null = null;
  const offer = (slot: number, origin: SliceOrigin, plannedQuote: Decimal): void => {
    const order = sliceOrder(terms, rules, plannedQuote, midQuote);
    const broken = sliceBreach(rules, order, midQuote);
    if (broken === null) send.push({ number: state.nextNumber + send.length, slot, origin, plannedQuote, ...order });
    else breach = `${broken.field} ${broken.value} ${broken.rule}`;
  };
  for (const { slot, plannedQuote } of state.replacements) offer(slot, 'resubmitted', plannedQuote);
  const left = slotsLeft(state.schedule);
  const { missed, current } = slotsToTake(terms, dueSlots(state.schedule, nowMs), left);
  const budgetQuote = unassignedQuote(terms, state);
  const lostQuote = terms.catchUp === 'skip' ? shareOf(budgetQuote, missed, left) : ZERO;
  const parts = terms.catchUp === 'burst' ? missed + current : current;
  const lastSlot = state.schedule.nextSlot + missed + current - 1;
  if (parts > 0) {
    const shares = terms.catchUp === 'skip' ? left - missed : left;
    offer(lastSlot, 'scheduled', shareOf(exactly.difference(budgetQuote, lostQuote), parts, shares));
  }
  return { ...NOTHING, taken: { lost: missed, current, lostQuote }, send, breach };
}

/**
 * When all slots are over, `stretch` takes the last of them now and puts the others behind it: put behind now as well, it
 * would be missed again and again by timers that are an interval late.
 */
function slotsToTake(terms: TwapTerms, due: DueSlots, left: number): DueSlots {
  const allOver = due.missed > 0 && due.missed === left;
  return terms.catchUp === 'stretch' && allOver ? { missed: due.missed - 1, current: 1 } : due;
}

/** Every slot is taken and every slice done: what they left short is traded while it is worth an order, and not for ever. */
function ending(terms: TwapTerms, rules: MarketRules, state: TwapState, { taken }: TwapDecision, midQuote: Decimal): { readonly makeUp: boolean; readonly finished: boolean } {
  const skippedQuote = exactly.sum(state.missed.skippedQuote, taken.lostQuote);
  const leftQuote = unassignedQuote(terms, { ...state, replacements: [], missed: { ...state.missed, skippedQuote } });
  const worthAnOrder = sliceBreach(rules, sliceOrder(terms, rules, leftQuote, midQuote), midQuote) === null;
  const makeUp = worthAnOrder && state.fruitless <= LIMITS.maxRetries;
  return { makeUp, finished: !makeUp };
}

function overdueSlices(terms: TwapTerms, state: TwapState, nowMs: number): readonly number[] {
  const { execution } = terms;
  if (execution.mode === 'TAKER' || execution.resubmissionMs === null) return [];
  const { resubmissionMs } = execution;
  return state.open.filter((slice) => !slice.withdrawing && nowMs - slice.sentAtMs > resubmissionMs).map(({ number }) => number);
}

import { barriersFromRecord, type BarrierText } from '../barriers.js';
import { decimal } from '../money.js';
import { closingFromText, type ClosingText } from './close-escalation.js';
import type { SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';

/** What amendments have changed of a plan, all of them together; decimals in digits. Absent: as planned. */
export interface PlanChanges {
  readonly amountBase?: string;
  readonly priceQuote?: string;
  readonly barriers?: BarrierText;
  /** Null takes it off. */
  readonly exchangeStop?: { readonly distanceFraction: string; readonly triggeredBy: 'last' | 'mark' } | null;
  readonly closing?: ClosingText | null;
}

/** The amendments of a session as they stand. Plain JSON: a heartbeat carries it as it is. */
export interface Amended {
  /** Number of the last one; what is not newer changes nothing. */
  readonly sequence: number;
  readonly changes: PlanChanges;
  /** Orders numbered below were sent on other terms; null until it is known what an earlier attempt sent. */
  readonly termsFrom: number | null;
}

const known = new WeakMap<Amended, { readonly plan: SessionPlan; readonly current: SessionPlan }>();

/** The plan with its amendments. The same object for the same two, so that it can be asked for at every step. */
export function currentPlan(plan: SessionPlan, state: SessionState): SessionPlan {
  const { amended } = state;
  if (amended === null) return plan;
  const before = known.get(amended);
  if (before?.plan === plan) return before.current;
  const current = withChanges(plan, amended.changes);
  known.set(amended, { plan, current });
  return current;
}

/** The plan on other terms. */
export function withChanges(plan: SessionPlan, { amountBase, priceQuote, barriers, exchangeStop, closing }: PlanChanges): SessionPlan {
  const stop = exchangeStop == null ? null : { ...exchangeStop, distanceFraction: decimal(exchangeStop.distanceFraction) };
  const arm = plan.arm === null ? null : { ...plan.arm, ...(barriers === undefined ? {} : { barriers: barriersFromRecord(barriers) }), ...(exchangeStop === undefined ? {} : { exchangeStop: stop }) };
  return {
    ...plan,
    ...(amountBase === undefined ? {} : { amountBase: decimal(amountBase) }),
    ...(priceQuote === undefined ? {} : { priceQuote: decimal(priceQuote) }),
    arm: arm === null || closing === undefined ? arm : { ...arm, closing: closing === null ? null : closingFromText(closing) },
  };
}

/** Takes an amendment once. Orders that stand on terms it changed are replaced; what it leaves as it was stays out. */
export function amend(plan: SessionPlan, state: SessionState, sequence: number, changes: PlanChanges): SessionState {
  const before = state.amended;
  if (before !== null && sequence <= before.sequence) return state;
  const recent = currentPlan(plan, { ...state, amended: { sequence, changes, termsFrom: null } });
  const moved = restingTerms(recent) !== restingTerms(currentPlan(plan, state));
  const termsFrom = !moved ? (before === null ? 0 : before.termsFrom) : state.recovered === 'final' ? state.nextSequence : null;
  const amended = { ...state, amended: { sequence, changes, termsFrom } };
  // A trailing stop that was taken away leaves nothing behind for one that comes later.
  return recent.arm !== null && recent.arm.barriers.trailingStop === null ? { ...amended, trailingTrigger: null } : amended;
}

/** What an earlier attempt sent is known now: all of it is older than an amendment that came before that was known. */
export function amendedSinceRecovery(state: SessionState): SessionState {
  const { amended } = state;
  if (amended === null || amended.termsFrom !== null || state.recovered !== 'final') return state;
  return { ...state, amended: { ...amended, termsFrom: state.nextSequence } };
}

/** Whether an order that rests was sent on terms that an amendment has changed. */
export function onOldTerms(state: SessionState, order: { readonly sequence: number }): boolean {
  return order.sequence < (state.amended?.termsFrom ?? 0);
}

/** What decides where orders rest and how much of them. */
function restingTerms({ amountBase, priceQuote, arm }: SessionPlan): string {
  const targets = arm === null ? null : [arm.barriers.takeProfitFraction, arm.barriers.takeProfitOrderType, arm.barriers.targets];
  return JSON.stringify([amountBase, priceQuote, targets]);
}

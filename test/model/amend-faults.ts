import { decimal } from '../../src/domain/money.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { Reducer } from './model-world.js';

/** Faults about a plan that changes while it is carried out. */
export const AMEND_FAULTS: Readonly<Record<string, Reducer>> = {
  'applies an amendment twice': (plan, state, event) => {
    const { amended } = state;
    if (event.kind !== 'amend' || amended === null || event.sequence !== amended.sequence) return reduceSession(plan, state, event);
    const amountBase = amended.changes.amountBase;
    if (amountBase === undefined) return reduceSession(plan, state, event);
    const twice = decimal(amountBase).times(2).minus(plan.amountBase ?? 0);
    return reduceSession(plan, { ...state, amended: { ...amended, changes: { ...amended.changes, amountBase: twice.toFixed() } } }, { kind: 'tick', nowMs: event.nowMs });
  },
  'sends the amended amount beside the order it replaces': (plan, state, event) => {
    const orders = event.kind === 'amend' ? state.orders.map((order) => (order.stage.kind === 'open' ? { ...order, stage: { kind: 'ended', how: 'cancelled' } as const, claimedBase: order.ledger.totals.filledBase } : order)) : state.orders;
    return reduceSession(plan, { ...state, orders }, event);
  },
  'forgets in a crash what was amended': (plan, state, event) => (event.kind === 'recovered' && state.amended !== null ? reduceSession(plan, { ...state, amended: null }, event) : reduceSession(plan, state, event)),
};

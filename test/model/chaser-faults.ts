import { EMPTY_LEDGER } from '../../src/domain/fills.js';
import { ZERO } from '../../src/domain/money.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { Reducer } from './model-world.js';

/** Faults of a chaser, each with what it does to the amount that was ordered. */
export const CHASER_FAULTS: Readonly<Record<string, Reducer>> = {
  'replaces an order before its cancel is confirmed': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    if (plan.chaser === null || step.state.goal.kind !== 'work') return step;
    let result = step;
    for (const command of step.commands) {
      const order = command.kind === 'cancel' ? result.state.orders.find((each) => each.sequence === command.sequence) : undefined;
      if (order === undefined) continue;
      const sighting = { exchangeOrderId: order.exchangeOrderId ?? '', state: 'cancelled', executedBase: order.ledger.totals.filledBase } as const;
      const next = reduceSession(plan, result.state, { kind: 'cancelConfirmed', sequence: order.sequence, sighting, nowMs: event.nowMs });
      result = { state: next.state, commands: [...result.commands, ...next.commands] };
    }
    return result;
  },
  'forgets the partial fill of an order it replaced': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    if (plan.chaser === null) return step;
    const orders = step.state.orders.map((order) => (order.stage.kind === 'ended' && order.stage.how === 'cancelled' ? { ...order, ledger: EMPTY_LEDGER, claimedBase: ZERO } : order));
    return { ...step, state: { ...step.state, orders } };
  },
  'loses the sum of the orders it no longer keeps': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    return step.state.folded === state.folded ? step : { ...step, state: { ...step.state, folded: null } };
  },
};

import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { ClosingTerms } from '../../src/domain/session/close-escalation.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import type { Reducer } from './model-world.js';

/** Faults of a patient closing. */
export const CLOSING_FAULTS: Readonly<Record<string, Reducer>> = {
  'stays patient for ever': withClosing((closing) => ({ ...closing, limitMs: 1e12 })),
  'is patient with a stop loss': withClosing((closing) => ({ ...closing, patientFor: ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP', 'STOP_LOSS', 'TRAILING_STOP'] })),
  'goes to market beside the order that still rests': (plan, state, event) => {
    if (plan.arm === null || state.goal.kind !== 'close') return reduceSession(plan, state, event);
    const orders = state.orders.map((order) =>
      order.purpose === 'close' && order.type === 'LIMIT_MAKER' && order.cancelWanted && order.stage.kind === 'open'
        ? { ...order, stage: { kind: 'ended', how: 'cancelled' } as const, claimedBase: order.ledger.totals.filledBase }
        : order,
    );
    return reduceSession(plan, { ...state, orders }, event);
  },
};

function withClosing(change: (closing: ClosingTerms) => ClosingTerms): Reducer {
  const changed = (plan: SessionPlan): SessionPlan => (plan.arm?.closing == null ? plan : { ...plan, arm: { ...plan.arm, closing: change(plan.arm.closing) } });
  return (plan, state, event) => reduceSession(changed(plan), state, event);
}

import { EMPTY_LEDGER, NO_FILLS } from '../../src/domain/fills.js';
import { ONE, ZERO } from '../../src/domain/money.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { SessionEvent } from '../../src/domain/session/session-events.js';
import type { SessionOrder } from '../../src/domain/session/session-order.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import { executedBase, type SessionState } from '../../src/domain/session/session-state.js';
import type { Target } from '../../src/domain/targets.js';
import type { Step } from '../../src/domain/session/submit-order.js';
import type { Reducer } from './model-world.js';

/** The session reducer with one planted fault each, every one seen in a real system. The model has to find them all. */
export const FAULTY_REDUCERS: Readonly<Record<string, Reducer>> = {
  'forgets a partial fill': withOrders((order, before) => {
    const cancelledNow = order.stage.kind === 'ended' && order.stage.how === 'cancelled' && before?.stage.kind !== 'ended';
    return cancelledNow ? { ...order, ledger: EMPTY_LEDGER, claimedBase: ZERO } : order;
  }),
  'resends on timeout': hearing((event) => (event.kind === 'submitUnknown' ? { kind: 'submitNotSent', sequence: event.sequence, failure: event.failure, nowMs: event.nowMs } : event)),
  'closes before the cancel is confirmed': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    if (plan.arm === null || step.state.goal.kind !== 'close') return step;
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
  'takes the first "not found" as final': hearing((event) => (event.kind === 'lookUpMissing' ? { ...event, askedAtMs: Number.MAX_SAFE_INTEGER } : event)),
  'takes a cancel that was only accepted as done': hearing((event) =>
    event.kind === 'cancelConfirmed' && event.sighting?.state === 'open' ? { ...event, sighting: { ...event.sighting, state: 'cancelled' } } : event,
  ),
  'takes an id that is in use for a refusal': hearing((event) =>
    event.kind === 'submitRejected' && event.failure.code === 'DUPLICATE_ORDER' ? { ...event, failure: { ...event.failure, code: 'EXCHANGE_ERROR' } } : event,
  ),
  'takes an order that a list leaves out as cancelled': hearing((event, state) => {
    const order = event.kind === 'notListed' ? state.orders.find((each) => each.sequence === event.sequence) : undefined;
    if (event.kind !== 'notListed' || order === undefined) return event;
    const sighting = { exchangeOrderId: order.exchangeOrderId ?? '', state: 'cancelled', executedBase: order.ledger.totals.filledBase } as const;
    return { kind: 'sighted', sequence: event.sequence, sighting, nowMs: event.nowMs };
  }),
  'takes an old sighting as the last word': withOrders((order, before) =>
    order.stage.kind === 'ended' && order.claimedBase === null && before !== null ? { ...order, claimedBase: order.ledger.totals.filledBase } : order,
  ),
  'believes the order state instead of the trades': withOrders((order) =>
    order.stage.kind === 'ended' && order.claimedBase !== null && order.claimedBase.greaterThan(order.ledger.totals.filledBase) ? { ...order, claimedBase: order.ledger.totals.filledBase } : order,
  ),
  'counts a repeated fill again': hearing((event, state) => {
    if (event.kind !== 'fillSeen') return event;
    const known = state.orders.some((order) => order.ledger.tradeIds.has(event.fill.tradeId));
    return known ? { ...event, fill: { ...event.fill, tradeId: `${event.fill.tradeId} again` } } : event;
  }),
  'never reads the trades of a resting order': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    const resting = new Set(step.state.orders.filter((order) => order.stage.kind === 'open' && !order.cancelWanted).map((order) => order.sequence));
    return { state: step.state, commands: step.commands.filter((command) => command.kind !== 'readTrades' || !resting.has(command.sequence)) };
  },
  'waits for ever for an order that the exchange has forgotten': hearing((event) =>
    event.kind === 'endProven' ? { kind: 'lookUpUnknown', sequence: event.sequence, failure: { code: 'OUTCOME_UNKNOWN', message: '', retryAfterMs: null }, nowMs: event.nowMs } : event,
  ),
  'takes what the exchange has forgotten for unfilled': hearing((event) => (event.kind === 'endProven' ? { ...event, fills: [] } : event)),
  'sends before the past is known': hearing((event) => (event.kind === 'recovered' ? { ...event, final: true } : event)),
  'enters without an armed exit': (plan, state, event) => reduceSession(plan, { ...state, guardArmed: true }, event),
  'leaves the entry resting without its exit': (plan, state, event) => reduceSession(plan, { ...state, guardLostAtMs: event.nowMs }, event),
  'takes the first word of the entry as its last': hearing((event) => (event.kind === 'protected' ? { ...event, fills: { ...event.fills, finished: true } } : event)),
  'forgets what an earlier exit closed': hearing((event) => (event.kind === 'predecessors' ? { ...event, fills: { ...event.fills, totals: NO_FILLS } } : event)),
  'does not wait for an earlier exit': (plan, state, event) => reduceSession(plan, { ...state, predecessorFills: { ...state.predecessorFills, finished: true } }, event),
  'takes the last decision instead of the first': (plan, state, event) =>
    event.kind === 'cancel' && state.goal.kind === 'close' && state.end === null ? reduceSession(plan, { ...state, goal: { kind: 'work' } }, event) : reduceSession(plan, state, event),
  'moves the trailing stop with every price': (plan, state, event) => {
    const step = reduceSession(plan, { ...state, trailingTrigger: null }, event);
    return step;
  },
  'fires without evidence': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    const { trigger } = step.state;
    if (state.trigger !== null || trigger === null || trigger.exitPriceQuote === null) return step;
    return { ...step, state: { ...step.state, trigger: { ...trigger, exitPriceQuote: trigger.exitPriceQuote.times(plan.side === 'SELL' ? 1.2 : 0.8) } } };
  },
  'sleeps through a stop loss': hearing((event) => (event.kind === 'price' && event.nowMs % 2 === 0 ? { kind: 'tick', nowMs: event.nowMs } : event)),
  'asks again without a pause': withOrders((order) => (order.nextRequestAtMs > 0 ? { ...order, nextRequestAtMs: 0 } : order)),
  'never asks for attention': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    return step.state.attention === null ? step : { ...step, state: { ...step.state, attention: null } };
  },
  'gives up an exit': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    if (plan.arm === null || step.state.failedInARow < 2 || step.state.end !== null) return step;
    return { state: { ...step.state, end: { kind: 'completed' } }, commands: [] };
  },
  'closes everything at the first target': (plan, state, event) => reduceSession(withTargets(plan, (targets) => targets.map((target, index) => ({ ...target, shareFraction: index === 0 ? ONE : ZERO }))), state, event),
  'closes nothing at the last target': (plan, state, event) => reduceSession(withTargets(plan, (targets) => (targets.length > 1 ? targets.slice(0, -1) : targets)), state, event),
  'takes the shares of targets for amounts of what is left': (plan, state, event) => {
    const closed = executedBase(state).greaterThan(ZERO);
    return reduceSession(closed ? withTargets(plan, (targets) => targets.map((target) => ({ ...target, shareFraction: target.shareFraction.dividedBy(2) }))) : plan, state, event);
  },
  'forgets that its stop moved': (plan, state, event) => reduceSession(plan, state.breakeven ? { ...state, breakeven: false } : state, event),
  'moves the stop before its target is filled': (plan, state, event) => reduceSession(plan, (plan.arm?.barriers.breakevenAfterTarget ?? null) === null ? state : { ...state, breakeven: true }, event),
  'never moves the stop': (plan, state, event) =>
    reduceSession(plan.arm === null ? plan : { ...plan, arm: { ...plan.arm, barriers: { ...plan.arm.barriers, breakevenAfterTarget: null } } }, state, event),
  'judges the moved stop without the fee of the exit': (plan, state, event) =>
    reduceSession(state.breakeven ? { ...plan, rules: { ...plan.rules, takerFeeFraction: ZERO } } : plan, state, event),
  'closes while its stop is still at the exchange': withOrders((order) => (order.purpose === 'exchangeStop' && order.cancelWanted && order.stage.kind === 'open' ? { ...order, stage: { kind: 'ended', how: 'cancelled' }, claimedBase: order.ledger.totals.filledBase, request: null } : order)),
  'forgets its stop at the exchange': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    return plan.arm?.exchangeStop === null || step.state.goal.kind !== 'work' ? step : { ...step, state: { ...step.state, orders: step.state.orders.filter((order) => order.purpose !== 'exchangeStop' || order.stage.kind !== 'open') } };
  },
  'leaves its stop where the first fill put it': (plan, state, event) => {
    const step = reduceSession(plan, state, event);
    if (step.state.goal.kind !== 'work') return step;
    const kept = new Set(step.state.orders.filter((order) => order.purpose === 'exchangeStop' && order.cancelWanted && order.stage.kind === 'open').map((order) => order.sequence));
    const orders = step.state.orders.map((order) => (kept.has(order.sequence) ? { ...order, cancelWanted: false, request: null } : order));
    return { state: { ...step.state, orders }, commands: step.commands.filter((command) => !('sequence' in command) || !kept.has(command.sequence)) };
  },
  'does not notice that its stop fired': hearing((event, state) => {
    const sequence = 'sequence' in event ? event.sequence : 0;
    const stop = state.orders.some((order) => order.sequence === sequence && order.purpose === 'exchangeStop');
    return stop && (event.kind === 'fillSeen' || event.kind === 'sighted' || event.kind === 'notListed') ? { kind: 'tick', nowMs: event.nowMs } : event;
  }),
  'ignores fees taken from what was bought': hearing((event) =>
    event.kind === 'protected' ? { ...event, fills: { ...event.fills, totals: { ...event.fills.totals, feesBase: ZERO } } } : event,
  ),
};

function withTargets(plan: SessionPlan, change: (targets: readonly Target[]) => readonly Target[]): SessionPlan {
  if (plan.arm === null) return plan;
  return { ...plan, arm: { ...plan.arm, barriers: { ...plan.arm.barriers, targets: change(plan.arm.barriers.targets) } } };
}

/** The reducer as it is, hearing something else than what was said. */
function hearing(change: (event: SessionEvent, state: SessionState) => SessionEvent): Reducer {
  return (plan, state, event) => reduceSession(plan, state, change(event, state));
}

/** The reducer, with its orders changed behind its back. */
function withOrders(change: (order: SessionOrder, before: SessionOrder | null) => SessionOrder): Reducer {
  return (plan: SessionPlan, state: SessionState, event: SessionEvent): Step => {
    const step = reduceSession(plan, state, event);
    if (step.state.orders === state.orders) return step;
    const orders = step.state.orders.map((order) => change(order, state.orders.find((each) => each.sequence === order.sequence) ?? null));
    const changed = orders.some((order, index) => order !== step.state.orders[index]);
    return changed ? { ...step, state: { ...step.state, orders } } : step;
  };
}

import { EMPTY_LEDGER } from '../fills.js';
import type { OrderType } from '../enumerations.js';
import { floorAmount, type MarketRules } from '../market-rules.js';
import { Decimal } from '../money.js';
import type { SessionCommand } from './session-events.js';
import { orderNumber } from './order-number.js';
import type { OrderPurpose, SessionOrder } from './session-order.js';
import type { SessionPlan } from './session-plan.js';
import { unsettledOrders, type SessionState } from './session-state.js';

/** A state and what it asks for. */
export interface Step {
  readonly state: SessionState;
  readonly commands: readonly SessionCommand[];
}

export interface NewOrder {
  readonly purpose: OrderPurpose;
  readonly type: OrderType;
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
  /** Of a take profit, counted from 1. */
  readonly target?: number | null;
  /** Of a native stop. */
  readonly stopPriceQuote?: Decimal | null;
}

/** True when nothing forbids a new order right now: what earlier attempts sent is known, and no pause is due. */
export function maySubmit(plan: SessionPlan, state: SessionState): boolean {
  return (
    state.recovered === 'final' &&
    state.nowMs >= state.nextSubmitAtMs &&
    (!plan.guarded || state.guardArmed) &&
    (!state.held || plan.arm !== null)
  );
}

export function submit(plan: SessionPlan, state: SessionState, order: NewOrder): Step {
  const { purpose, type, amountBase, priceQuote, target = null, stopPriceQuote = null } = order;
  const sequence = orderNumber(plan.role, state.nextSequence, { purpose, target });
  const terms = { purpose, type, amountBase, priceQuote, stopPriceQuote, side: plan.side };
  const created = {
    ...terms,
    sequence,
    target,
    stage: { kind: 'submitting' as const },
    exchangeOrderId: null,
    claimedBase: null,
    ledger: EMPTY_LEDGER,
    cancelWanted: false,
    request: 'submit' as const,
    nextRequestAtMs: state.nowMs,
    attempts: 0,
  };
  return {
    state: { ...state, orders: [...state.orders, created], nextSequence: sequence + 1 },
    commands: [{ kind: 'submit', sequence, ...terms }],
  };
}

/** Marks orders for cancellation; the requests follow from `dueRequest`. */
export function wantCancelled(state: SessionState, which: (purpose: OrderPurpose, order: SessionOrder) => boolean): SessionState {
  let changed = false;
  const orders = state.orders.map((order) => {
    if (order.cancelWanted || order.stage.kind === 'ended' || !which(order.purpose, order)) return order;
    changed = true;
    // The cancel does not wait out the pause after some other request.
    return order.stage.kind === 'open' ? { ...order, cancelWanted: true, attempts: 0, nextRequestAtMs: state.nowMs } : { ...order, cancelWanted: true };
  });
  return changed ? { ...state, orders } : state;
}

/** Whole steps of the amount, at most what one order may have: the rest follows in further orders. */
export function orderBase(rules: MarketRules, amountBase: Decimal): Decimal {
  return floorAmount(rules, rules.maxAmountBase === null ? amountBase : Decimal.min(amountBase, rules.maxAmountBase));
}

export function hasUnsettled(state: SessionState): boolean {
  return unsettledOrders(state).length > 0;
}

import type { Decimal } from '../matching/exact-decimal.js';
import type { Fee } from '../matching/fees.js';
import { type Order, type Trade, isWaiting, remainingBase, takesAnyPrice } from '../matching/order.js';
import { canSettle } from '../matching/settlement.js';
import type { ExchangeState, MatchingMode, Pair } from './exchange-state.js';
import { announce, execute, feeFor } from './execution.js';
import { matchResting } from './market-intake.js';
import { cancel, closeOrder } from './order-cancel.js';
import { ControlConflict } from './rejection.js';
import { triggerStops } from './stop-trigger.js';
import { transact } from './unit-of-work.js';

/** Names an order by exchange id, or by client order id (the open one, else the newest). */
export interface OrderReference {
  readonly orderId?: number | undefined;
  readonly clientOrderId?: string | undefined;
}

export interface ManualFill {
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly fee: Fee | undefined;
  readonly role: 'maker' | 'taker';
  /** Last fill of a market order by quote amount, which has no base amount to be complete at. */
  readonly isLast: boolean;
}

/** @throws ControlConflict when no open order answers to the reference. */
export function requireOpenOrder(state: ExchangeState, reference: OrderReference): Order {
  for (const order of state.openOrders.all()) {
    if (reference.orderId !== undefined && order.orderId !== reference.orderId) continue;
    if (reference.clientOrderId !== undefined && order.clientOrderId !== reference.clientOrderId) continue;
    return order;
  }
  throw new ControlConflict(`no open order with ${JSON.stringify(reference)}`);
}

/** Fills an open order at a price the caller lays down. @throws ControlConflict when the order or the funds do not allow it. */
export function fillManually(state: ExchangeState, reference: OrderReference, fill: ManualFill): Trade {
  const order = requireOpenOrder(state, reference);
  const pair = state.pair(order.symbol);
  const { priceQuote, amountBase, role } = fill;
  if (order.amountBase.gt(0) && amountBase.gt(remainingBase(order))) {
    throw new ControlConflict(`amountBase ${amountBase.toFixed()} is above the remaining ${remainingBase(order).toFixed()}`);
  }
  // A contract settles against margin: what the account cannot carry ends in a liquidation.
  if (pair.contract === undefined) requireFunds(state, pair, order, fill);
  const fee = fill.fee === undefined ? {} : { fee: fill.fee };
  return transact(state, (work) => {
    const tradeId = pair.tradeIds.take();
    if (fill.isLast && order.requestedQuote !== null) order.amountBase = order.filledBase.plus(amountBase);
    const trade = execute(state, work, pair, { order, role, priceQuote, amountBase, tradeId, ...fee });
    announce(work, pair, trade);
    triggerStops(state, work, pair);
    return trade;
  });
}

/** @throws ControlConflict */
function requireFunds(state: ExchangeState, pair: Pair, order: Order, fill: ManualFill): void {
  const { priceQuote, amountBase, role } = fill;
  const fee = fill.fee ?? feeFor(state, pair.instrument, { order, priceQuote, amountBase, role });
  if (canSettle(state.balances, pair.instrument, { order, priceQuote, amountBase, fee, timeMs: 0 })) return;
  throw new ControlConflict(`account ${order.account} does not have the funds for this fill`);
}

/** Ends an open order from the exchange's side. @throws ControlConflict when it is not open. */
export function endManually(
  state: ExchangeState,
  reference: OrderReference,
  ending: 'canceled' | 'expired' | 'rejected',
): Readonly<Order> {
  const order = requireOpenOrder(state, reference);
  return transact(state, (work) => {
    if (ending === 'canceled') {
      cancel(state, work, order, order.clientOrderId);
    } else {
      closeOrder(state, work, order, ending);
      work.ended(order, ending);
    }
    return { ...order };
  });
}

/** Turns matching of a pair off or on. Back on, market orders left open expire and limit orders queue again. */
export function setMatching(state: ExchangeState, pair: Pair, matching: MatchingMode): void {
  const { symbol } = pair.instrument;
  transact(state, (work) => {
    const wasManual = pair.matching.mode === 'manual';
    pair.matching = matching;
    work.setting(`matching:${symbol}`, matching);
    work.event('manual-set', { symbol }, { ...matching });
    work.bookChanged(symbol);
    const open = [...state.openOrders.all()].filter((order) => order.symbol === symbol);
    if (!wasManual && matching.mode === 'manual') {
      for (const order of open) if (order.priceQuote !== null) pair.market.remove(order);
    }
    if (!wasManual || matching.mode === 'manual') return;
    for (const order of open) {
      if (isWaiting(order)) continue;
      if (takesAnyPrice(order.type)) {
        closeOrder(state, work, order, 'expired');
        work.ended(order, 'expired');
      } else {
        pair.market.rest(order);
        work.touch(order);
      }
    }
    matchResting(state, work, pair);
  });
}

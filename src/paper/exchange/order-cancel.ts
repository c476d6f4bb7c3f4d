import type { Order } from '../matching/order.js';
import { releaseAll } from '../matching/settlement.js';
import type { ExchangeState } from './exchange-state.js';
import { Rejection } from './rejection.js';
import { type UnitOfWork, transact } from './unit-of-work.js';

export interface CancelRequest {
  readonly account: string;
  readonly symbol: string;
  readonly orderId: number | undefined;
  readonly clientOrderId: string | undefined;
  /** Id the customer gives the cancellation itself. */
  readonly cancelClientOrderId: string;
  /** The one state in which it may be cancelled. */
  readonly restriction?: CancelRestriction | undefined;
}

export type CancelRestriction = 'new' | 'partially_filled';

/** @throws Rejection cancel_unknown_order when no open order of the account answers to the ids, cancel_restricted */
export function cancelOrder(state: ExchangeState, request: CancelRequest): Readonly<Order> {
  state.pair(request.symbol);
  const order = findOpen(state, request);
  if (order === undefined) throw new Rejection('cancel_unknown_order');
  if (request.restriction !== undefined && order.state !== request.restriction) throw new Rejection('cancel_restricted');
  return transact(state, (work) => {
    cancel(state, work, order, request.cancelClientOrderId);
    return { ...order };
  });
}

/** Cancels every open order of the account on a pair, in one transaction. */
export function cancelAllOrders(
  state: ExchangeState,
  account: string,
  symbol: string,
  cancelIdFor: (order: Order) => string,
): { readonly order: Readonly<Order>; readonly cancelClientOrderId: string }[] {
  state.pair(symbol);
  const open = state.openOrders.of(account, symbol);
  if (open.length === 0) throw new Rejection('cancel_unknown_order');
  return transact(state, (work) =>
    open.map((order) => {
      const cancelClientOrderId = cancelIdFor(order);
      cancel(state, work, order, cancelClientOrderId);
      return { order: { ...order }, cancelClientOrderId };
    }),
  );
}

function findOpen(state: ExchangeState, request: CancelRequest): Order | undefined {
  const { account, symbol, orderId, clientOrderId } = request;
  const order =
    orderId !== undefined
      ? state.openOrders.byOrderId(orderId)
      : state.openOrders.byClientOrderId(account, symbol, clientOrderId ?? '');
  if (order === undefined || order.account !== account || order.symbol !== symbol) return undefined;
  return clientOrderId === undefined || order.clientOrderId === clientOrderId ? order : undefined;
}

export function cancel(state: ExchangeState, work: UnitOfWork, order: Order, cancelClientOrderId: string): void {
  closeOrder(state, work, order, 'canceled');
  work.canceled(order, cancelClientOrderId);
}

/** Takes an open order off the book, gives its lock back and sets its last state. */
export function closeOrder(
  state: ExchangeState,
  work: UnitOfWork,
  order: Order,
  last: 'canceled' | 'expired' | 'rejected',
): void {
  const pair = state.pair(order.symbol);
  state.withdraw(pair, order);
  releaseAll(state.balances, order);
  if (order.requestedQuote !== null) order.amountBase = order.filledBase;
  order.state = last;
  order.updatedMs = work.timeMs;
  pair.contract?.closed(work, order);
  work.bookChanged(order.symbol);
}

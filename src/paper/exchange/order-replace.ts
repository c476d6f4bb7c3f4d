import type { Order } from '../matching/order.js';
import type { ExchangeState } from './exchange-state.js';
import { type CancelRequest, cancelOrder } from './order-cancel.js';
import { type OrderRequest, type PlacedOrder, checkRules, placeOrder } from './order-entry.js';
import { Rejection } from './rejection.js';

/** Whether the new order is still placed when the old one could not be cancelled. */
export type ReplaceMode = 'stop-on-failure' | 'allow-failure';

export type Half<Result> =
  | { readonly result: 'success'; readonly value: Result }
  | { readonly result: 'failure'; readonly rejection: Rejection }
  | { readonly result: 'not-attempted' };

export interface Replacement {
  readonly cancelled: Half<Readonly<Order>>;
  readonly placed: Half<PlacedOrder>;
}

/**
 * Cancels one order and places another with nothing in between. What the cancel frees is there for the new order, the
 * client order id included.
 * @throws Rejection when the new order breaks a rule of the pair: then neither half is attempted.
 */
export function replaceOrder(state: ExchangeState, mode: ReplaceMode, cancel: CancelRequest, request: OrderRequest): Replacement {
  checkRules(state, state.pair(request.symbol), request);
  const cancelled = attempt(() => cancelOrder(state, cancel));
  if (cancelled.result === 'failure' && mode === 'stop-on-failure') return { cancelled, placed: { result: 'not-attempted' } };
  return { cancelled, placed: attempt(() => placeOrder(state, request)) };
}

function attempt<Result>(action: () => Result): Half<Result> {
  try {
    return { result: 'success', value: action() };
  } catch (error) {
    if (error instanceof Rejection) return { result: 'failure', rejection: error };
    throw error;
  }
}

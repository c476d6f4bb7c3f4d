import type { ExchangeOrder } from '../ports/exchange.js';
import type { CcxtOrder, Params } from './ccxt-client.js';

/** Marks the id of a stop that waits, so that it is never taken for the id of an order of the book. */
const WAITING = 'stop-';

/** What USD-M tells about a stop beside the fields ccxt reads. REST and stream use different names. */
interface StopFacts {
  readonly actualOrderId?: unknown;
  readonly ai?: unknown;
  readonly algoStatus?: unknown;
  readonly X?: unknown;
}

/**
 * USD-M keeps stops apart from orders of the book: with ids, lists and states of their own. One that fires becomes an
 * order of the book with its own id. To everybody else it is one order under one client order id all the time.
 */
export function isConditional(order: CcxtOrder): boolean {
  const info = (order.info ?? {}) as { readonly algoId?: unknown; readonly aid?: unknown };
  return info.algoId !== undefined || info.aid !== undefined;
}

/** Id of the order of the book that a stop became; null while it waits, and when it ended without firing. */
export function firedOrderId(order: CcxtOrder): string | null {
  const info = (order.info ?? {}) as StopFacts;
  const id = String(info.actualOrderId ?? info.ai ?? '');
  return id === '' || id === '0' ? null : id;
}

/** It fired, or is about to: what it executed is told by the order it becomes, not by the stop. */
export function hasFired(order: CcxtOrder): boolean {
  const info = (order.info ?? {}) as StopFacts;
  const status = String(info.algoStatus ?? info.X ?? '');
  return status === 'TRIGGERING' || status === 'TRIGGERED' || status === 'FINISHED';
}

/** A stop that waits, or ended without firing, in the terms of an order. */
export function waitingStop(read: ExchangeOrder): ExchangeOrder {
  return { ...read, exchangeOrderId: `${WAITING}${read.exchangeOrderId}`, executedBase: '0', type: 'MARKET', priceQuote: null };
}

/** The order a stop became, still known as the stop it was. */
export function firedStop(order: ExchangeOrder, stop: ExchangeOrder): ExchangeOrder {
  return { ...order, clientOrderId: stop.clientOrderId, stop: stop.stop, createdAtMs: stop.createdAtMs };
}

/** True for an id of a stop that has no trades yet. */
export function isWaitingStopId(exchangeOrderId: string): boolean {
  return exchangeOrderId.startsWith(WAITING);
}

export const CONDITIONAL: Params = { stop: true };

import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import { cancelAllOrders, cancelOrder } from '../exchange/order-cancel.js';
import { type OrderRequest, placeOrder } from '../exchange/order-entry.js';
import { Rejection } from '../exchange/rejection.js';
import { type Order, isOpen } from '../matching/order.js';
import type { Parameters } from './parameters.js';
import { newClientOrderId, parseOrder, parseResponseType, parseRestriction } from './parse-order.js';
import { renderCanceled, renderMyTrade, renderOrder, renderPlaced } from './render-order.js';
import type { RequestContext } from './request-context.js';
import { WireError } from './wire-error.js';

const DAY_MS = 86_400_000;

export async function createOrder(context: RequestContext): Promise<unknown> {
  const { parameters, state } = context;
  const request = parseOrder(parameters, context.account);
  const responseType = parseResponseType(parameters);
  parameters.finish();
  const pair = state.pair(request.symbol);
  await holdBeforeCommit(context, pair, request);
  const { order, trades } = placeOrder(state, request);
  await holdAnswer(context, pair, request);
  return renderPlaced(order, trades, responseType);
}

export async function holdBeforeCommit(context: RequestContext, pair: Pair, request: Pick<OrderRequest, 'account' | 'symbol' | 'clientOrderId'>): Promise<void> {
  if (pair.matching.mode !== 'manual' || pair.matching.admission !== 'hold-before-commit') return;
  const { account, symbol, clientOrderId } = request;
  const ruling = await context.held.hold({ stage: 'before-commit', account, symbol, clientOrderId });
  if (ruling.ruling === 'reject') throw new WireError(ruling.code, ruling.message);
}

export async function holdAnswer(context: RequestContext, pair: Pair, request: Pick<OrderRequest, 'account' | 'symbol' | 'clientOrderId'>): Promise<void> {
  if (pair.matching.mode !== 'manual' || pair.matching.admission !== 'hold-after-commit') return;
  const { account, symbol, clientOrderId } = request;
  await context.held.hold({ stage: 'after-commit', account, symbol, clientOrderId });
}

interface Identified {
  readonly symbol: string;
  readonly orderId: number | undefined;
  readonly clientOrderId: string | undefined;
}

function parseIdentity(parameters: Parameters): Identified {
  const symbol = parameters.requiredText('symbol');
  const orderId = parameters.integer('orderId');
  const clientOrderId = parameters.text('origClientOrderId');
  if (orderId === undefined && clientOrderId === undefined) {
    throw new WireError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  }
  return { symbol, orderId, clientOrderId };
}

export function cancelOneOrder({ state, parameters, account }: RequestContext): unknown {
  const identity = parseIdentity(parameters);
  const cancelClientOrderId = parameters.clientOrderId('newClientOrderId') ?? newClientOrderId();
  const restriction = parseRestriction(parameters);
  parameters.finish();
  return renderCanceled(cancelOrder(state, { account, ...identity, cancelClientOrderId, restriction }), cancelClientOrderId);
}

export function cancelOpenOrders({ state, parameters, account }: RequestContext): unknown {
  const symbol = parameters.requiredText('symbol');
  parameters.finish();
  const canceled = cancelAllOrders(state, account, symbol, newClientOrderId);
  return canceled.map(({ order, cancelClientOrderId }) => renderCanceled(order, cancelClientOrderId));
}

export function queryOrder(context: RequestContext): unknown {
  const identity = parseIdentity(context.parameters);
  context.parameters.finish();
  context.state.pair(identity.symbol);
  const order = findOrder(context, identity);
  if (order === undefined || !isVisible(context, order)) throw new Rejection('order_not_found');
  if (isForgotten(context.state, order)) throw new Rejection(context.state.retention?.answer === 'archived' ? 'order_archived' : 'order_not_found');
  return renderOrder(order);
}

/** By exchange id, or by client order id: the open order with it, else the newest. */
export function findOrder({ state, account }: RequestContext, identity: Identified): Order | undefined {
  const { symbol, orderId, clientOrderId } = identity;
  if (orderId !== undefined) {
    const order = state.openOrders.byOrderId(orderId) ?? state.ledger.queries.order(orderId);
    return order?.account === account && order.symbol === symbol ? order : undefined;
  }
  const open = state.openOrders.byClientOrderId(account, symbol, clientOrderId ?? '');
  return open ?? state.ledger.queries.orders({ account, symbol, clientOrderId, newestFirst: true, limit: 1 })[0];
}

export function isForgotten({ retention, now }: ExchangeState, order: Order): boolean {
  if (retention === null || isOpen(order) || order.updatedMs >= now() - retention.afterMs) return false;
  return retention.forget === 'ended' || order.filledBase.isZero();
}

export function isVisible({ visibleBeforeMs }: RequestContext, order: Order): boolean {
  return visibleBeforeMs === undefined || order.createdMs < visibleBeforeMs;
}

export function openOrders(context: RequestContext): unknown {
  const symbol = context.parameters.text('symbol');
  context.parameters.finish();
  if (symbol !== undefined) context.state.pair(symbol);
  const open = context.state.openOrders.of(context.account, symbol);
  return open.filter((order) => order.contract === undefined && isVisible(context, order)).map(renderOrder);
}

export function allOrders({ state, parameters, account, visibleBeforeMs }: RequestContext): unknown {
  const symbol = parameters.requiredText('symbol');
  const fromOrderId = parameters.integer('orderId');
  const createdFromMs = parameters.integer('startTime');
  const createdToMs = parameters.integer('endTime');
  const limit = parameters.limit(500, 1000);
  parameters.finish();
  state.pair(symbol);
  checkTimeSpan(createdFromMs, createdToMs);
  const newestFirst = fromOrderId === undefined && createdFromMs === undefined;
  const filter = { account, symbol, fromOrderId, createdFromMs, createdToMs, createdBeforeMs: visibleBeforeMs, forgotten: forgottenBy(state) };
  return state.ledger.queries.orders({ ...filter, newestFirst, limit }).map(renderOrder);
}

export function forgottenBy({ retention, now }: ExchangeState): { readonly beforeMs: number; readonly forget: 'unfilled' | 'ended' } | undefined {
  return retention === null ? undefined : { beforeMs: now() - retention.afterMs, forget: retention.forget };
}

export function myTrades({ state, parameters, account, visibleBeforeMs }: RequestContext): unknown {
  const symbol = parameters.requiredText('symbol');
  const orderId = parameters.integer('orderId');
  const fromTradeId = parameters.integer('fromId');
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime');
  const limit = parameters.limit(500, 1000);
  parameters.finish();
  state.pair(symbol);
  checkTimeSpan(fromMs, toMs);
  const newestFirst = orderId === undefined && fromTradeId === undefined && fromMs === undefined;
  const filter = { account, symbol, orderId, fromTradeId, fromMs, toMs, beforeMs: visibleBeforeMs };
  return state.ledger.queries.trades({ ...filter, newestFirst, limit }).map(renderMyTrade);
}

export function checkTimeSpan(fromMs: number | undefined, toMs: number | undefined, mostMs = DAY_MS): void {
  if (fromMs !== undefined && toMs !== undefined && toMs - fromMs > mostMs) {
    throw new WireError(-1127, `More than ${mostMs / 3_600_000} hours between startTime and endTime.`);
  }
}

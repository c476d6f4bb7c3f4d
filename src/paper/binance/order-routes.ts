import { randomBytes } from 'node:crypto';
import type { Pair } from '../exchange/exchange-state.js';
import { cancelAllOrders, cancelOrder } from '../exchange/order-cancel.js';
import { type OrderRequest, placeOrder } from '../exchange/order-entry.js';
import { Rejection } from '../exchange/rejection.js';
import type { Order, OrderType, Side, TimeInForce } from '../matching/order.js';
import { type Parameters, missing } from './parameters.js';
import { renderCanceled, renderMyTrade, renderOrder, renderPlaced } from './render-order.js';
import type { RequestContext } from './request-context.js';
import { WireError } from './wire-error.js';

const SIDES: Readonly<Record<'BUY' | 'SELL', Side>> = { BUY: 'buy', SELL: 'sell' };
const TYPES: Readonly<Record<'LIMIT' | 'LIMIT_MAKER' | 'MARKET', OrderType>> = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit_maker',
  MARKET: 'market',
};
const DAY_MS = 86_400_000;

export async function createOrder(context: RequestContext): Promise<unknown> {
  const { parameters, state } = context;
  const request = parseOrder(parameters, context.account);
  const responseType =
    parameters.oneOf('newOrderRespType', ['ACK', 'RESULT', 'FULL'], new WireError(-1136, 'Invalid newOrderRespType.')) ??
    'FULL';
  parameters.oneOf('selfTradePreventionMode', ['NONE'], new WireError(-1013, 'This symbol does not allow the specified self-trade prevention mode.'));
  parameters.finish();
  const pair = state.pair(request.symbol);
  await holdBeforeCommit(context, pair, request);
  const { order, trades } = placeOrder(state, request);
  await holdAnswer(context, pair, request);
  return renderPlaced(order, trades, responseType);
}

async function holdBeforeCommit(context: RequestContext, pair: Pair, request: OrderRequest): Promise<void> {
  if (pair.matching.mode !== 'manual' || pair.matching.admission !== 'hold-before-commit') return;
  const { account, symbol, clientOrderId } = request;
  const ruling = await context.held.hold({ stage: 'before-commit', account, symbol, clientOrderId });
  if (ruling.ruling === 'reject') throw new WireError(ruling.code, ruling.message);
}

async function holdAnswer(context: RequestContext, pair: Pair, request: OrderRequest): Promise<void> {
  if (pair.matching.mode !== 'manual' || pair.matching.admission !== 'hold-after-commit') return;
  const { account, symbol, clientOrderId } = request;
  await context.held.hold({ stage: 'after-commit', account, symbol, clientOrderId });
}

function parseOrder(parameters: Parameters, account: string): OrderRequest {
  const symbol = parameters.requiredText('symbol');
  const side = parameters.oneOf('side', ['BUY', 'SELL'], new WireError(-1117, 'Invalid side.'));
  if (side === undefined) throw missing('side');
  const type = parameters.oneOf('type', ['LIMIT', 'LIMIT_MAKER', 'MARKET'], new WireError(-1116, 'Invalid orderType.'));
  if (type === undefined) throw missing('type');
  const common = {
    account,
    symbol,
    side: SIDES[side],
    type: TYPES[type],
    clientOrderId: parameters.clientOrderId('newClientOrderId') ?? newClientOrderId(),
  };
  if (type === 'MARKET') {
    for (const name of ['price', 'timeInForce']) parameters.forbid(name);
    return { ...common, timeInForce: 'GTC', priceQuote: null, ...marketAmount(parameters) };
  }
  parameters.forbid('quoteOrderQty');
  const amountBase = parameters.requiredDecimal('quantity');
  const priceQuote = parameters.requiredDecimal('price');
  const timeInForce = parseTimeInForce(parameters, type);
  return { ...common, timeInForce, priceQuote, amountBase, amountQuote: null };
}

function marketAmount(parameters: Parameters): Pick<OrderRequest, 'amountBase' | 'amountQuote'> {
  const amountBase = parameters.decimal('quantity') ?? null;
  const amountQuote = parameters.decimal('quoteOrderQty') ?? null;
  if (amountBase !== null && amountQuote !== null) throw new WireError(-1128, 'Combination of optional parameters invalid.');
  if (amountBase === null && amountQuote === null) throw missing('quantity');
  return { amountBase, amountQuote };
}

function parseTimeInForce(parameters: Parameters, type: 'LIMIT' | 'LIMIT_MAKER'): TimeInForce {
  if (type === 'LIMIT_MAKER') {
    parameters.forbid('timeInForce');
    return 'GTC';
  }
  const timeInForce = parameters.oneOf('timeInForce', ['GTC', 'IOC', 'FOK'], new WireError(-1115, 'Invalid timeInForce.'));
  if (timeInForce === undefined) throw missing('timeInForce');
  return timeInForce;
}

function newClientOrderId(): string {
  return randomBytes(11).toString('hex');
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
  parameters.finish();
  return renderCanceled(cancelOrder(state, { account, ...identity, cancelClientOrderId }), cancelClientOrderId);
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
  return renderOrder(order);
}

/** By exchange id, or by client order id: the open order with it, else the newest. */
function findOrder({ state, account }: RequestContext, identity: Identified): Order | undefined {
  const { symbol, orderId, clientOrderId } = identity;
  if (orderId !== undefined) {
    const order = state.openOrders.byOrderId(orderId) ?? state.ledger.queries.order(orderId);
    return order?.account === account && order.symbol === symbol ? order : undefined;
  }
  const open = state.openOrders.byClientOrderId(account, symbol, clientOrderId ?? '');
  return open ?? state.ledger.queries.orders({ account, symbol, clientOrderId, newestFirst: true, limit: 1 })[0];
}

function isVisible({ visibleBeforeMs }: RequestContext, order: Order): boolean {
  return visibleBeforeMs === undefined || order.createdMs < visibleBeforeMs;
}

export function openOrders(context: RequestContext): unknown {
  const symbol = context.parameters.text('symbol');
  context.parameters.finish();
  if (symbol !== undefined) context.state.pair(symbol);
  const open = context.state.openOrders.of(context.account, symbol);
  return open.filter((order) => isVisible(context, order)).map(renderOrder);
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
  const filter = { account, symbol, fromOrderId, createdFromMs, createdToMs, createdBeforeMs: visibleBeforeMs };
  return state.ledger.queries.orders({ ...filter, newestFirst, limit }).map(renderOrder);
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

function checkTimeSpan(fromMs: number | undefined, toMs: number | undefined): void {
  if (fromMs !== undefined && toMs !== undefined && toMs - fromMs > DAY_MS) {
    throw new WireError(-1127, 'More than 24 hours between startTime and endTime.');
  }
}

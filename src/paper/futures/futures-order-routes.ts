import { z } from 'zod';
import { newClientOrderId } from '../binance/parse-order.js';
import { checkTimeSpan, findOrder, forgottenBy, holdAnswer, holdBeforeCommit, isForgotten, isVisible } from '../binance/order-routes.js';
import type { Parameters } from '../binance/parameters.js';
import type { RequestContext } from '../binance/request-context.js';
import { parseJson } from '../binance/user-data-socket.js';
import { WireError } from '../binance/wire-error.js';
import { cancelAllOrders, cancelOrder } from '../exchange/order-cancel.js';
import { Rejection } from '../exchange/rejection.js';
import type { Order } from '../matching/order.js';
import { amendContractOrder } from '../perpetual/contract-amend.js';
import { placeContractOrder } from '../perpetual/contract-order-entry.js';
import { ContractRejection } from '../perpetual/contract-rejection.js';
import { contractSymbol } from '../perpetual/contract-symbol.js';
import { parseContractOrder, parseFuturesResponseType, parseSide } from './parse-contract-order.js';
import { renderAcknowledged, renderContractOrder, renderContractTrade, renderQueriedOrder } from './render-contract-order.js';

/** Orders of one batch, as on Binance. */
const MAX_BATCH = 10;
const listSchema = z.array(z.union([z.string().min(1).max(36), z.int().positive()])).max(100);
const ALL_DONE = { code: 200, msg: 'The operation of cancel all open order is done.' };

export async function createOrder(context: RequestContext): Promise<unknown> {
  const { parameters, perpetuals } = context;
  const request = parseContractOrder(parameters, context.account);
  const responseType = parseFuturesResponseType(parameters);
  parameters.finish();
  const { pair } = perpetuals.market(request.symbol);
  await holdBeforeCommit(context, pair, request);
  const { order } = placeContractOrder(perpetuals, request);
  await holdAnswer(context, pair, request);
  return responseType === 'ACK' ? renderAcknowledged(order) : renderContractOrder(order);
}

/** Changes price and amount of an open limit order; it keeps its ids. */
export function modifyOrder(context: RequestContext): unknown {
  const { parameters, perpetuals, account } = context;
  const identity = parseIdentity(parameters);
  const side = parseSide(parameters);
  const amountBase = parameters.requiredDecimal('quantity');
  const priceQuote = parameters.requiredDecimal('price');
  parameters.oneOf('priceMatch', ['NONE'], new WireError(-1130, "Data sent for parameter 'priceMatch' is not valid."));
  parameters.finish();
  perpetuals.market(identity.symbol);
  return renderContractOrder(amendContractOrder(perpetuals, { account, ...identity, side, amountBase, priceQuote }));
}

interface Identified {
  readonly symbol: string;
  readonly orderId: number | undefined;
  readonly clientOrderId: string | undefined;
}

function parseIdentity(parameters: Parameters): Identified {
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  const orderId = parameters.integer('orderId');
  const clientOrderId = parameters.text('origClientOrderId');
  if (orderId === undefined && clientOrderId === undefined) {
    throw new WireError(-1102, "Mandatory parameter 'orderId' was not sent, was empty/null, or malformed.");
  }
  return { symbol, orderId, clientOrderId };
}

export function cancelOneOrder({ state, parameters, account }: RequestContext): unknown {
  const identity = parseIdentity(parameters);
  parameters.finish();
  return renderContractOrder(cancel(state, account, identity));
}

function cancel(state: RequestContext['state'], account: string, identity: Identified): Readonly<Order> {
  return cancelOrder(state, { account, ...identity, cancelClientOrderId: newClientOrderId() });
}

export function cancelOpenOrders({ state, parameters, account }: RequestContext): unknown {
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  parameters.finish();
  state.pair(symbol);
  if (state.openOrders.of(account, symbol).length > 0) cancelAllOrders(state, account, symbol, newClientOrderId);
  return ALL_DONE;
}

/** Each of the batch succeeds or fails by itself. */
export function cancelBatch({ state, parameters, account }: RequestContext): unknown {
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  const orderIds = parseList(parameters, 'orderidlist') ?? parseList(parameters, 'orderIdList');
  const clientIds = parseList(parameters, 'origclientorderidlist') ?? parseList(parameters, 'origClientOrderIdList');
  parameters.finish();
  state.pair(symbol);
  const identities = [
    ...(orderIds ?? []).map((id) => ({ symbol, orderId: Number(id), clientOrderId: undefined })),
    ...(clientIds ?? []).map((id) => ({ symbol, orderId: undefined, clientOrderId: String(id) })),
  ];
  if (identities.length === 0 || identities.length > MAX_BATCH) throw new WireError(-4082, 'Invalid number of batch place orders.');
  return identities.map((identity) => {
    try {
      return renderContractOrder(cancel(state, account, identity));
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      return { code: -2011, msg: 'Unknown order sent.' };
    }
  });
}

function parseList(parameters: Parameters, name: string): readonly (string | number)[] | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  const list = listSchema.safeParse(parseJson(text));
  if (!list.success) throw new WireError(-1130, `Data sent for parameter '${name}' is not valid.`);
  return list.data;
}

export function queryOrder(context: RequestContext): unknown {
  const order = requireOrder(context);
  return renderQueriedOrder(order);
}

/** As `queryOrder`, for an order that must still be open. */
export function queryOpenOrder(context: RequestContext): unknown {
  const order = requireOrder(context);
  if (order.state !== 'new' && order.state !== 'partially_filled') throw new ContractRejection('order_not_found');
  return renderQueriedOrder(order);
}

function requireOrder(context: RequestContext): Order {
  const { parameters, perpetuals, state } = context;
  const identity = parseIdentity(parameters);
  parameters.finish();
  perpetuals.market(identity.symbol);
  const order = findOrder(context, identity);
  if (order === undefined || !isVisible(context, order) || isForgotten(state, order)) throw new ContractRejection('order_not_found');
  return withTerms(context, order);
}

function withTerms({ perpetuals }: RequestContext, order: Order): Order {
  return order.contract === undefined ? perpetuals.queries.withTerms(order) : order;
}

export function openOrders(context: RequestContext): unknown {
  const { parameters, perpetuals, state, account } = context;
  const wireSymbol = parameters.text('symbol');
  parameters.finish();
  const symbol = wireSymbol === undefined ? undefined : contractSymbol(wireSymbol);
  if (symbol !== undefined) perpetuals.market(symbol);
  const open = state.openOrders.of(account, symbol);
  return open.filter((order) => order.contract !== undefined && isVisible(context, order)).map(renderQueriedOrder);
}

export function allOrders(context: RequestContext): unknown {
  const { state, parameters, account, visibleBeforeMs } = context;
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  const fromOrderId = parameters.integer('orderId');
  const createdFromMs = parameters.integer('startTime');
  const createdToMs = parameters.integer('endTime');
  const limit = parameters.limit(500, 1000);
  parameters.finish();
  state.pair(symbol);
  const newestFirst = fromOrderId === undefined && createdFromMs === undefined;
  const filter = { account, symbol, fromOrderId, createdFromMs, createdToMs, createdBeforeMs: visibleBeforeMs, forgotten: forgottenBy(state) };
  const orders = state.ledger.queries.orders({ ...filter, newestFirst, limit });
  return orders.map((order) => renderQueriedOrder(withTerms(context, order)));
}

const WEEK_MS = 604_800_000;

export function userTrades(context: RequestContext): unknown {
  const { state, parameters, account, visibleBeforeMs, perpetuals } = context;
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  const orderId = parameters.integer('orderId');
  const fromTradeId = parameters.integer('fromId');
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime');
  const limit = parameters.limit(500, 1000);
  parameters.finish();
  state.pair(symbol);
  checkTimeSpan(fromMs, toMs, WEEK_MS);
  const newestFirst = orderId === undefined && fromTradeId === undefined && fromMs === undefined;
  const filter = { account, symbol, orderId, fromTradeId, fromMs, toMs, beforeMs: visibleBeforeMs };
  const trades = state.ledger.queries.trades({ ...filter, newestFirst, limit });
  return trades.map((trade) => renderContractTrade(perpetuals.queries.withDetails(trade)));
}

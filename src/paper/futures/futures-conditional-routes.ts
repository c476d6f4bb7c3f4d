import type { Parameters } from '../binance/parameters.js';
import type { RequestContext } from '../binance/request-context.js';
import { WireError } from '../binance/wire-error.js';
import { cancelAllConditionals, cancelConditional, placeConditional } from '../perpetual/conditional-entry.js';
import type { ConditionalOrder } from '../perpetual/conditional-order.js';
import { ContractRejection } from '../perpetual/contract-rejection.js';
import { contractSymbol } from '../perpetual/contract-symbol.js';
import { pageOffset, parseConditional, parseFuturesResponseType } from './parse-contract-order.js';
import { renderConditional } from './render-conditional.js';

const ALL_DONE = { code: 200, msg: 'The operation of cancel all open order is done.' };

export function createConditional(context: RequestContext): unknown {
  const { parameters, perpetuals, account } = context;
  const request = parseConditional(parameters, account);
  parseFuturesResponseType(parameters);
  parameters.finish();
  return renderConditional(placeConditional(perpetuals, request), undefined);
}

interface Identified {
  readonly conditionalId: number | undefined;
  readonly clientId: string | undefined;
}

function parseIdentity(parameters: Parameters): Identified {
  // Accepted and not needed: the ids are unique across contracts.
  parameters.text('symbol');
  const conditionalId = parameters.integer('algoId');
  const clientId = parameters.text('clientAlgoId');
  if (conditionalId === undefined && clientId === undefined) {
    throw new WireError(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!");
  }
  return { conditionalId, clientId };
}

export function cancelOneConditional({ parameters, perpetuals, account }: RequestContext): unknown {
  const identity = parseIdentity(parameters);
  parameters.finish();
  const { conditionalId, clientId } = cancelConditional(perpetuals, { account, ...identity });
  return { algoId: conditionalId, clientAlgoId: clientId, code: '200', msg: 'success' };
}

export function cancelOpenConditionals({ parameters, perpetuals, account }: RequestContext): unknown {
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  parameters.finish();
  cancelAllConditionals(perpetuals, account, symbol);
  return ALL_DONE;
}

/** By exchange id, or by client id: the waiting order with it, else the newest. */
export function queryConditional(context: RequestContext): unknown {
  const { parameters, perpetuals, account } = context;
  const identity = parseIdentity(parameters);
  parameters.finish();
  const none = { symbol: undefined, fromMs: undefined, toMs: undefined };
  const order =
    perpetuals.conditionals.find(account, identity) ??
    perpetuals.queries.conditionals({ account, ...identity, ...none, limit: 1 })[0];
  if (order === undefined || !isVisible(context, order)) throw new ContractRejection('order_not_found');
  return render(context, order);
}

export function openConditionals(context: RequestContext): unknown {
  const { parameters, perpetuals, account } = context;
  const wireSymbol = parameters.text('symbol');
  parameters.text('algoType');
  const conditionalId = parameters.integer('algoId');
  parameters.finish();
  const waiting = perpetuals.conditionals.of(account, wireSymbol === undefined ? undefined : contractSymbol(wireSymbol));
  const isWanted = (order: ConditionalOrder): boolean => conditionalId === undefined || order.conditionalId === conditionalId;
  return waiting.filter((order) => isWanted(order) && isVisible(context, order)).map((order) => render(context, order));
}

export function allConditionals(context: RequestContext): unknown {
  const { parameters, perpetuals, account } = context;
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  const conditionalId = parameters.integer('algoId');
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime');
  const limit = parameters.limit(500, 1000);
  const offset = pageOffset(parameters, limit);
  parameters.finish();
  perpetuals.market(symbol);
  const orders = perpetuals.queries.conditionals({ account, symbol, conditionalId, clientId: undefined, fromMs, toMs, limit, offset });
  return orders.filter((order) => isVisible(context, order)).map((order) => render(context, order));
}

function isVisible({ visibleBeforeMs }: RequestContext, order: ConditionalOrder): boolean {
  return visibleBeforeMs === undefined || order.createdMs < visibleBeforeMs;
}

function render({ state }: RequestContext, order: ConditionalOrder): unknown {
  const { orderId } = order;
  const actual = orderId === null ? undefined : (state.openOrders.byOrderId(orderId) ?? state.ledger.queries.order(orderId));
  return renderConditional(order, actual);
}

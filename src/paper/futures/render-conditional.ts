import { ZERO_TEXT, wireDecimal } from '../binance/render-order.js';
import type { Order } from '../matching/order.js';
import type { ConditionalOrder } from '../perpetual/conditional-order.js';
import { wireSymbolOf } from '../perpetual/contract-symbol.js';
import { averagePrice, wireContractType, wirePositionSide } from './render-contract-order.js';

/** @param actual the order it became, if it was triggered. */
export function renderConditional(order: Readonly<ConditionalOrder>, actual: Readonly<Order> | undefined): Record<string, unknown> {
  return {
    algoId: order.conditionalId,
    clientAlgoId: order.clientId,
    algoType: 'CONDITIONAL',
    orderType: order.type.toUpperCase(),
    symbol: wireSymbolOf(order.symbol),
    side: order.side.toUpperCase(),
    positionSide: wirePositionSide(order.positionSide),
    timeInForce: order.timeInForce,
    quantity: wireDecimal(order.amountBase),
    algoStatus: order.state.toUpperCase(),
    actualOrderId: actual === undefined ? '' : String(actual.orderId),
    actualPrice: actual === undefined ? ZERO_TEXT : wireDecimal(averagePrice(actual)),
    actualQty: actual === undefined ? ZERO_TEXT : wireDecimal(actual.filledBase),
    actualType: actual === undefined ? '' : wireContractType(actual),
    triggerPrice: wireDecimal(order.triggerQuote),
    price: order.priceQuote === null ? ZERO_TEXT : wireDecimal(order.priceQuote),
    icebergQuantity: null,
    selfTradePreventionMode: 'NONE',
    workingType: order.workingType.toUpperCase(),
    priceMatch: 'NONE',
    closePosition: order.closePosition,
    priceProtect: false,
    reduceOnly: order.reduceOnly,
    createTime: order.createdMs,
    updateTime: order.updatedMs,
    triggerTime: order.triggeredMs ?? 0,
    goodTillDate: 0,
  };
}

/** `ALGO_UPDATE` of the user data stream. Field letters are Binance's. */
export function conditionalFrame(
  order: Readonly<ConditionalOrder>,
  actual: Readonly<Order> | undefined,
  nowMs: number,
): Record<string, unknown> {
  const o = {
    caid: order.clientId,
    aid: order.conditionalId,
    at: 'CONDITIONAL',
    o: order.type.toUpperCase(),
    s: wireSymbolOf(order.symbol),
    S: order.side.toUpperCase(),
    ps: wirePositionSide(order.positionSide),
    f: order.timeInForce,
    q: wireDecimal(order.amountBase),
    X: order.state.toUpperCase(),
    ai: order.orderId === null ? '' : String(order.orderId),
    ap: actual === undefined ? ZERO_TEXT : wireDecimal(averagePrice(actual)),
    aq: actual === undefined ? ZERO_TEXT : wireDecimal(actual.filledBase),
    act: actual === undefined ? '0' : wireContractType(actual),
    tp: wireDecimal(order.triggerQuote),
    p: order.priceQuote === null ? ZERO_TEXT : wireDecimal(order.priceQuote),
    V: 'NONE',
    wt: order.workingType.toUpperCase(),
    pm: 'NONE',
    cp: order.closePosition,
    pP: false,
    R: order.reduceOnly,
    tt: order.triggeredMs ?? 0,
    gtd: 0,
    rm: order.reason,
  };
  return { e: 'ALGO_UPDATE', T: order.updatedMs, E: nowMs, o };
}

import type { Decimal } from '../matching/exact-decimal.js';
import { type Order, type OrderState, type OrderType, type Trade, isWaiting } from '../matching/order.js';

/** Eight decimals as Binance prints them, more only when the value has more: digits are never cut. */
export function wireDecimal(value: Decimal): string {
  return value.decimalPlaces() > 8 ? value.toFixed() : value.toFixed(8);
}

const STATES: Readonly<Record<OrderState, string>> = {
  new: 'NEW',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
};

const TYPES: Readonly<Record<OrderType, string>> = {
  limit: 'LIMIT',
  limit_maker: 'LIMIT_MAKER',
  market: 'MARKET',
  stop_loss: 'STOP_LOSS',
  stop_loss_limit: 'STOP_LOSS_LIMIT',
  take_profit: 'TAKE_PROFIT',
  take_profit_limit: 'TAKE_PROFIT_LIMIT',
};

export const ZERO_TEXT = '0.00000000';

export function wireState(state: OrderState): string {
  return STATES[state];
}

export function wireType(type: OrderType): string {
  return TYPES[type];
}

/** Fields that every rendering of an order shares. */
export function orderCore(order: Readonly<Order>): Record<string, unknown> {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: order.priceQuote === null ? ZERO_TEXT : wireDecimal(order.priceQuote),
    origQty: wireDecimal(order.amountBase),
    executedQty: wireDecimal(order.filledBase),
    origQuoteOrderQty: order.requestedQuote === null ? ZERO_TEXT : wireDecimal(order.requestedQuote),
    cummulativeQuoteQty: wireDecimal(order.filledQuote),
    status: wireState(order.state),
    timeInForce: order.timeInForce,
    type: wireType(order.type),
    side: order.side.toUpperCase(),
    ...(order.stopPriceQuote === null ? {} : { stopPrice: wireDecimal(order.stopPriceQuote) }),
    selfTradePreventionMode: 'NONE',
  };
}

/** When the order went to the book; -1 while it waits for its stop price. */
export function workingTime(order: Readonly<Order>): number {
  return isWaiting(order) ? -1 : (order.triggeredMs ?? order.createdMs);
}

/** An order as a query answers it. */
export function renderOrder(order: Readonly<Order>): Record<string, unknown> {
  return {
    stopPrice: ZERO_TEXT,
    ...orderCore(order),
    icebergQty: ZERO_TEXT,
    time: order.createdMs,
    updateTime: order.updatedMs,
    isWorking: !isWaiting(order),
    workingTime: workingTime(order),
  };
}

export function renderPlaced(
  order: Readonly<Order>,
  trades: readonly Trade[],
  responseType: 'ACK' | 'RESULT' | 'FULL',
): Record<string, unknown> {
  if (responseType === 'ACK') {
    const { symbol, orderId, clientOrderId, createdMs } = order;
    return { symbol, orderId, orderListId: -1, clientOrderId, transactTime: createdMs };
  }
  const result = { ...orderCore(order), transactTime: order.updatedMs, workingTime: workingTime(order) };
  return responseType === 'RESULT' ? result : { ...result, fills: trades.map(renderFill) };
}

function renderFill(trade: Trade): Record<string, unknown> {
  return {
    price: wireDecimal(trade.priceQuote),
    qty: wireDecimal(trade.amountBase),
    commission: wireDecimal(trade.feeAmount),
    commissionAsset: trade.feeAsset,
    tradeId: trade.tradeId,
  };
}

export function renderCanceled(order: Readonly<Order>, cancelClientOrderId: string): Record<string, unknown> {
  return {
    ...orderCore(order),
    origClientOrderId: order.clientOrderId,
    clientOrderId: cancelClientOrderId,
    transactTime: order.updatedMs,
  };
}

/** One of the account's trades, as `myTrades` answers it. */
export function renderMyTrade(trade: Trade): Record<string, unknown> {
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    orderListId: -1,
    price: wireDecimal(trade.priceQuote),
    qty: wireDecimal(trade.amountBase),
    quoteQty: wireDecimal(trade.amountQuote),
    commission: wireDecimal(trade.feeAmount),
    commissionAsset: trade.feeAsset,
    time: trade.timeMs,
    isBuyer: trade.side === 'buy',
    isMaker: trade.role === 'maker',
    isBestMatch: true,
  };
}

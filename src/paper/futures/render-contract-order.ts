import { ZERO_TEXT, wireDecimal, wireState } from '../binance/render-order.js';
import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { Order, Trade } from '../matching/order.js';
import { termsOf } from '../perpetual/contract-settlement.js';
import { wireSymbolOf } from '../perpetual/contract-symbol.js';
import type { PositionSide } from '../perpetual/contract.js';

const PRICE_DECIMALS = 8;

export function wirePositionSide(side: PositionSide): string {
  return side.toUpperCase();
}

/** Average price of what is filled. */
export function averagePrice(order: Readonly<Order>): Decimal {
  if (order.filledBase.isZero()) return ZERO;
  return order.filledQuote.div(order.filledBase).toDecimalPlaces(PRICE_DECIMALS, Decimal.ROUND_HALF_UP);
}

export function wireContractType(order: Readonly<Order>): string {
  return order.type === 'market' ? 'MARKET' : 'LIMIT';
}

export function wireTimeInForce(order: Readonly<Order>): string {
  return order.type === 'limit_maker' ? 'GTX' : order.timeInForce;
}

/** An order as the answers to new, cancel and modify show it. */
export function renderContractOrder(order: Readonly<Order>): Record<string, unknown> {
  const terms = termsOf(order);
  return {
    clientOrderId: order.clientOrderId,
    cumQty: wireDecimal(order.filledBase),
    cumQuote: wireDecimal(order.filledQuote),
    executedQty: wireDecimal(order.filledBase),
    orderId: order.orderId,
    avgPrice: wireDecimal(averagePrice(order)),
    origQty: wireDecimal(order.amountBase),
    price: order.priceQuote === null ? ZERO_TEXT : wireDecimal(order.priceQuote),
    reduceOnly: terms.reduceOnly,
    side: order.side.toUpperCase(),
    positionSide: wirePositionSide(terms.positionSide),
    status: wireState(order.state),
    stopPrice: ZERO_TEXT,
    closePosition: terms.closePosition,
    symbol: wireSymbolOf(order.symbol),
    timeInForce: wireTimeInForce(order),
    type: wireContractType(order),
    origType: wireContractType(order),
    updateTime: order.updatedMs,
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    goodTillDate: 0,
  };
}

/** An acknowledged order: accepted, nothing said about fills. */
export function renderAcknowledged(order: Readonly<Order>): Record<string, unknown> {
  const nothing = { cumQty: ZERO_TEXT, cumQuote: ZERO_TEXT, executedQty: ZERO_TEXT, avgPrice: ZERO_TEXT };
  return { ...renderContractOrder(order), ...nothing, status: 'NEW' };
}

/** An order as queries show it. */
export function renderQueriedOrder(order: Readonly<Order>): Record<string, unknown> {
  return { ...renderContractOrder(order), time: order.createdMs };
}

export function renderContractTrade(trade: Trade): Record<string, unknown> {
  return {
    buyer: trade.side === 'buy',
    commission: wireDecimal(trade.feeAmount),
    commissionAsset: trade.feeAsset,
    id: trade.tradeId,
    maker: trade.role === 'maker',
    orderId: trade.orderId,
    price: wireDecimal(trade.priceQuote),
    qty: wireDecimal(trade.amountBase),
    quoteQty: wireDecimal(trade.amountQuote),
    realizedPnl: wireDecimal(trade.contract?.realizedQuote ?? ZERO),
    side: trade.side.toUpperCase(),
    positionSide: wirePositionSide(trade.contract?.positionSide ?? 'both'),
    symbol: wireSymbolOf(trade.symbol),
    time: trade.timeMs,
  };
}

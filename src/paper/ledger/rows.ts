import { Decimal } from '../matching/exact-decimal.js';
import type { LiquidityRole, Order, OrderState, OrderType, Side, TimeInForce, Trade } from '../matching/order.js';

export interface OrderRow {
  readonly order_id: number;
  readonly account: string;
  readonly symbol: string;
  readonly client_order_id: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly price_quote: string | null;
  readonly amount_base: string;
  readonly requested_quote: string | null;
  readonly filled_base: string;
  readonly filled_quote: string;
  readonly state: OrderState;
  readonly locked_asset: string;
  readonly locked: string;
  readonly queue_ahead_base: string;
  readonly created_ms: number;
  readonly updated_ms: number;
  readonly stop_price_quote: string | null;
  readonly triggered_ms: number | null;
}

export interface TradeRow {
  readonly trade_id: number;
  readonly order_id: number;
  readonly account: string;
  readonly symbol: string;
  readonly client_order_id: string;
  readonly side: Side;
  readonly role: LiquidityRole;
  readonly price_quote: string;
  readonly amount_base: string;
  readonly amount_quote: string;
  readonly fee_asset: string;
  readonly fee_amount: string;
  readonly time_ms: number;
}

export function orderFromRow(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    account: row.account,
    symbol: row.symbol,
    clientOrderId: row.client_order_id,
    side: row.side,
    type: row.type,
    timeInForce: row.time_in_force,
    priceQuote: row.price_quote === null ? null : new Decimal(row.price_quote),
    stopPriceQuote: row.stop_price_quote === null ? null : new Decimal(row.stop_price_quote),
    triggeredMs: row.triggered_ms,
    amountBase: new Decimal(row.amount_base),
    requestedQuote: row.requested_quote === null ? null : new Decimal(row.requested_quote),
    filledBase: new Decimal(row.filled_base),
    filledQuote: new Decimal(row.filled_quote),
    state: row.state,
    lockedAsset: row.locked_asset,
    locked: new Decimal(row.locked),
    queueAheadBase: new Decimal(row.queue_ahead_base),
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}

export function tradeFromRow(row: TradeRow): Trade {
  return {
    tradeId: row.trade_id,
    orderId: row.order_id,
    account: row.account,
    symbol: row.symbol,
    clientOrderId: row.client_order_id,
    side: row.side,
    role: row.role,
    priceQuote: new Decimal(row.price_quote),
    amountBase: new Decimal(row.amount_base),
    amountQuote: new Decimal(row.amount_quote),
    feeAsset: row.fee_asset,
    feeAmount: new Decimal(row.fee_amount),
    timeMs: row.time_ms,
  };
}

/** Column values in the order of the insert statement. */
export function orderValues(order: Order): (string | number | null)[] {
  return [
    order.orderId,
    order.account,
    order.symbol,
    order.clientOrderId,
    order.side,
    order.type,
    order.timeInForce,
    order.priceQuote?.toFixed() ?? null,
    order.amountBase.toFixed(),
    order.requestedQuote?.toFixed() ?? null,
    order.filledBase.toFixed(),
    order.filledQuote.toFixed(),
    order.state,
    order.lockedAsset,
    order.locked.toFixed(),
    order.queueAheadBase.toFixed(),
    order.createdMs,
    order.updatedMs,
    order.stopPriceQuote?.toFixed() ?? null,
    order.triggeredMs,
  ];
}

export function tradeValues(trade: Trade): (string | number)[] {
  return [
    trade.tradeId,
    trade.orderId,
    trade.account,
    trade.symbol,
    trade.clientOrderId,
    trade.side,
    trade.role,
    trade.priceQuote.toFixed(),
    trade.amountBase.toFixed(),
    trade.amountQuote.toFixed(),
    trade.feeAsset,
    trade.feeAmount.toFixed(),
    trade.timeMs,
  ];
}

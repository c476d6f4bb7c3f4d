import type { LedgerEvent } from '../ledger/batch.js';
import type { BalanceRow } from '../matching/balances.js';
import type { Order, OrderState, OrderType, Side, TimeInForce, Trade } from '../matching/order.js';

/** Ledger rows as the control API answers them: amounts are decimal strings, times Unix ms. */
export interface OrderView {
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly priceQuote: string | null;
  readonly stopPriceQuote: string | null;
  readonly triggeredMs: number | null;
  readonly amountBase: string;
  readonly requestedQuote: string | null;
  readonly filledBase: string;
  readonly filledQuote: string;
  readonly state: OrderState;
  readonly lockedAsset: string;
  readonly locked: string;
  readonly queueAheadBase: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface TradeView {
  readonly tradeId: number;
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly role: 'maker' | 'taker';
  readonly priceQuote: string;
  readonly amountBase: string;
  readonly amountQuote: string;
  readonly feeAsset: string;
  readonly feeAmount: string;
  readonly timeMs: number;
}

export interface BalanceView {
  readonly account: string;
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
}

export type EventView = LedgerEvent;

export function orderView(order: Readonly<Order>): OrderView {
  return {
    ...order,
    priceQuote: order.priceQuote?.toFixed() ?? null,
    stopPriceQuote: order.stopPriceQuote?.toFixed() ?? null,
    amountBase: order.amountBase.toFixed(),
    requestedQuote: order.requestedQuote?.toFixed() ?? null,
    filledBase: order.filledBase.toFixed(),
    filledQuote: order.filledQuote.toFixed(),
    locked: order.locked.toFixed(),
    queueAheadBase: order.queueAheadBase.toFixed(),
  };
}

export function tradeView(trade: Trade): TradeView {
  return {
    ...trade,
    priceQuote: trade.priceQuote.toFixed(),
    amountBase: trade.amountBase.toFixed(),
    amountQuote: trade.amountQuote.toFixed(),
    feeAmount: trade.feeAmount.toFixed(),
  };
}

export function balanceView(row: BalanceRow): BalanceView {
  const { account, asset, free, locked } = row;
  return { account, asset, free: free.toFixed(), locked: locked.toFixed() };
}

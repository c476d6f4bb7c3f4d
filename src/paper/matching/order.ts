import type { ContractTerms, ContractTradeDetails } from '../perpetual/contract.js';
import { type Decimal, ZERO } from './exact-decimal.js';

export type Side = 'buy' | 'sell';
export type StopOrderType = 'stop_loss' | 'stop_loss_limit' | 'take_profit' | 'take_profit_limit';
export type OrderType = 'limit' | 'limit_maker' | 'market' | StopOrderType;
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';
export type OrderState = 'new' | 'partially_filled' | 'filled' | 'canceled' | 'expired' | 'rejected';
export type LiquidityRole = 'maker' | 'taker';

/** An order as the exchange holds it. Mutable on purpose: one object per order, owned by the exchange. */
export interface Order {
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** null for market orders, also for those that wait for their stop price. */
  priceQuote: Decimal | null;
  /** Price at which a stop order becomes active; null for all others. */
  readonly stopPriceQuote: Decimal | null;
  /** When its stop price was reached; null while it waits, and for orders without one. */
  triggeredMs: number | null;
  /** Base amount ordered; for a market order by quote amount zero until it is known what the quote buys. */
  amountBase: Decimal;
  /** Quote amount of a market order placed by quote amount, else null. */
  readonly requestedQuote: Decimal | null;
  filledBase: Decimal;
  filledQuote: Decimal;
  state: OrderState;
  readonly lockedAsset: string;
  locked: Decimal;
  /** External amount displayed at this price that is served before this order. */
  queueAheadBase: Decimal;
  readonly createdMs: number;
  updatedMs: number;
  /** Given for orders on a perpetual and no others. */
  readonly contract?: ContractTerms;
}

export interface Trade {
  readonly tradeId: number;
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly role: LiquidityRole;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly amountQuote: Decimal;
  readonly feeAsset: string;
  readonly feeAmount: Decimal;
  readonly timeMs: number;
  /** Given for trades on a perpetual and no others. */
  readonly contract?: ContractTradeDetails;
}

export function isOpen(order: Order): boolean {
  return order.state === 'new' || order.state === 'partially_filled';
}

/** A stop order whose price has not been reached: it is open, but not on the book. */
export function isWaiting(order: Readonly<Order>): boolean {
  return order.stopPriceQuote !== null && order.triggeredMs === null;
}

/** Whether it takes any price, once it is active. */
export function takesAnyPrice(type: OrderType): boolean {
  return type === 'market' || type === 'stop_loss' || type === 'take_profit';
}

/**
 * Whether a price reaches the stop price: a stop loss waits for the price to move against a holder (down for a sell, up
 * for a buy), a take profit for the opposite.
 */
export function reachesStop(order: { readonly side: Side; readonly type: OrderType }, stopQuote: Decimal, priceQuote: Decimal): boolean {
  const isStopLoss = order.type === 'stop_loss' || order.type === 'stop_loss_limit';
  const waitsForFall = isStopLoss === (order.side === 'sell');
  return waitsForFall ? priceQuote.lte(stopQuote) : priceQuote.gte(stopQuote);
}

export function remainingBase(order: Order): Decimal {
  return order.amountBase.minus(order.filledBase);
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

/** Whether a price is at least as good as a limit for a taker on `side`; no limit accepts any price. */
export function withinLimit(side: Side, priceQuote: Decimal, limitQuote: Decimal | null): boolean {
  if (limitQuote === null) return true;
  return side === 'buy' ? priceQuote.lte(limitQuote) : priceQuote.gte(limitQuote);
}

export function sumBase(steps: readonly { readonly amountBase: Decimal }[]): Decimal {
  return steps.reduce((total, step) => total.plus(step.amountBase), ZERO);
}

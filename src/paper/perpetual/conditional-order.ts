import type { Decimal } from '../matching/exact-decimal.js';
import type { Side } from '../matching/order.js';
import type { PositionSide } from './contract.js';

export type ConditionalType = 'stop' | 'stop_market' | 'take_profit' | 'take_profit_market';
export type ContractTimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX';
export type WorkingType = 'mark_price' | 'contract_price';
/** `triggered`: its order is in the book. `finished`: that order has ended, filled or not. */
export type ConditionalState = 'new' | 'triggered' | 'finished' | 'canceled' | 'expired' | 'rejected';

/** An order that waits for a price outside the book and then sends an order of its own. */
export interface ConditionalOrder {
  readonly conditionalId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: ConditionalType;
  readonly timeInForce: ContractTimeInForce;
  /** null for the market types. */
  readonly priceQuote: Decimal | null;
  /** Zero when it closes whatever position there is. */
  readonly amountBase: Decimal;
  readonly triggerQuote: Decimal;
  readonly workingType: WorkingType;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  state: ConditionalState;
  /** The order it became. */
  orderId: number | null;
  /** Why it was rejected, in the exchange's words. */
  reason: string;
  readonly createdMs: number;
  updatedMs: number;
  triggeredMs: number | null;
}

/** Stops follow the price against the position, take-profits with it: which way the trigger is crossed. */
export function triggersAt(order: Pick<ConditionalOrder, 'type' | 'side' | 'triggerQuote'>, priceQuote: Decimal): boolean {
  const isStop = order.type === 'stop' || order.type === 'stop_market';
  const whenRising = isStop === (order.side === 'buy');
  return whenRising ? priceQuote.gte(order.triggerQuote) : priceQuote.lte(order.triggerQuote);
}

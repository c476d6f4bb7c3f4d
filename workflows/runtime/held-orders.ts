import type { OrderRecord } from '../../src/contract/session-result.js';

/** `held_position_orders` as clients of the reference read them: strings for amounts, numbers for the two fees. */
export function heldOrders(pair: string, orders: readonly OrderRecord[]): readonly Readonly<Record<string, unknown>>[] {
  return orders.map((order) => ({
    client_order_id: order.clientOrderId,
    exchange_order_id: order.exchangeOrderId,
    trading_pair: pair,
    order_type: order.type,
    trade_type: order.side,
    price: order.priceQuote,
    amount: order.amountBase,
    executed_amount_base: order.totals.filledBase,
    executed_amount_quote: order.totals.filledQuote,
    cumulative_fee_paid_base: order.totals.feesBase,
    cumulative_fee_paid_quote: order.totals.feesQuote,
  }));
}

import { valueFee, type Fill } from '../../src/domain/fills.js';
import type { MarketRules } from '../../src/domain/market-rules.js';
import { decimal } from '../../src/domain/money.js';
import type { Failure, OrderSighting } from '../../src/domain/session/session-events.js';
import type { SessionOrder } from '../../src/domain/session/session-order.js';
import type { ExchangeFailure, ExchangeOrder, ExchangeTrade } from '../../src/ports/exchange.js';

/** What the exchange told, in the reducer's terms. */
export function sightingOf(order: ExchangeOrder): OrderSighting {
  return { exchangeOrderId: order.exchangeOrderId, state: order.state, executedBase: decimal(order.executedBase) };
}

export function fillOf(trade: ExchangeTrade, rules: MarketRules): Fill {
  const priceQuote = decimal(trade.priceQuote);
  const fees = trade.fees.map((paid) => {
    const fee = { asset: paid.asset, amount: decimal(paid.amount) };
    return { ...fee, valueQuote: valueFee(fee, { priceQuote }, rules) };
  });
  return { tradeId: trade.tradeId, priceQuote, amountBase: decimal(trade.amountBase), fees, atMs: trade.atMs };
}

/**
 * Whether an order found under one of our ids is the one we meant. Exchanges that keep ids unique among open orders only
 * may answer an older one; adopting that would count somebody else's fill.
 */
export function isOurOrder(order: SessionOrder, found: ExchangeOrder, contract: MarketRules['contract']): boolean {
  const samePrice = order.priceQuote === null || found.priceQuote === null || decimal(found.priceQuote).equals(order.priceQuote);
  const foundBase = decimal(found.amountBase);
  // An order that may only reduce is cut to what there is to reduce.
  const sameAmount = contract === 'perpetual' ? foundBase.lessThanOrEqualTo(order.amountBase) : foundBase.equals(order.amountBase);
  return found.side === order.side && sameAmount && samePrice;
}

export function failureOf(failure: ExchangeFailure): Failure {
  return { code: failure.code, message: failure.message, retryAfterMs: failure.retryAfterMs };
}

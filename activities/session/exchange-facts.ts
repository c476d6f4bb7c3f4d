import { valueFee, type Fill } from '../../src/domain/fills.js';
import type { MarketRules } from '../../src/domain/market-rules.js';
import { decimal } from '../../src/domain/money.js';
import type { Failure, OrderSighting } from '../../src/domain/session/session-events.js';
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

export function failureOf(failure: ExchangeFailure): Failure {
  return { code: failure.code, message: failure.message, retryAfterMs: failure.retryAfterMs };
}

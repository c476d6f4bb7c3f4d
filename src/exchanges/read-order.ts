import type { OrderType, Side } from '../domain/enumerations.js';
import { parseDecimal, toDecimalString, ZERO } from '../domain/money.js';
import type { ExchangeOrder, ExchangeOrderState, ExchangeTrade, StopTrigger, TradeFee } from '../ports/exchange.js';
import type { CcxtFee, CcxtOrder, CcxtTrade } from './ccxt-client.js';
import { UnusableAnswerError } from './request-error.js';

/** An order of ccxt in our terms. Throws UnusableAnswerError when a part is missing that nothing may be assumed for. */
export function readOrder(order: CcxtOrder, pairOf: (symbol: string) => string): ExchangeOrder {
  const type = orderType(order);
  const amountBase = decimalText('amount', order.amount);
  const executedBase = decimalText('filled', order.filled);
  return {
    clientOrderId: required('clientOrderId', order.clientOrderId),
    exchangeOrderId: required('id', order.id),
    pair: pairOf(required('symbol', order.symbol)),
    side: side(order.side),
    type,
    amountBase,
    priceQuote: type === 'MARKET' ? null : decimalText('price', order.price),
    stop: stopTrigger(order),
    state: orderState(required('status', order.status)),
    executedBase,
    // Binance tells -1 as the time of a stop order that waits.
    createdAtMs: Math.max(order.timestamp ?? 0, 0),
  };
}

/** `fallback` fills what an answer to a new order leaves out of its own trades. */
export function readTrade(trade: CcxtTrade, fallback: { readonly exchangeOrderId: string; readonly atMs: number } | null): ExchangeTrade {
  return {
    tradeId: required('trade id', trade.id),
    exchangeOrderId: required('order id', trade.order ?? fallback?.exchangeOrderId),
    priceQuote: decimalText('price', trade.price),
    amountBase: decimalText('amount', trade.amount),
    fees: tradeFees(trade),
    atMs: trade.timestamp ?? fallback?.atMs ?? unusable('timestamp', undefined),
  };
}

/** Both spellings of ccxt, without entries that say nothing. Digits as the exchange sent them. */
function tradeFees(trade: CcxtTrade): TradeFee[] {
  const listed = trade.fees !== undefined && trade.fees.length > 0 ? trade.fees : trade.fee === undefined ? [] : [trade.fee];
  return listed.flatMap((fee) => readFee(fee));
}

function readFee(fee: CcxtFee): TradeFee[] {
  if (fee.cost === undefined || fee.cost === null) return [];
  const amount = parseDecimal('fee', fee.cost);
  if (amount.equals(ZERO)) return [];
  return [{ asset: required('fee asset', fee.currency), amount: toDecimalString(amount) }];
}

/** Exchanges tell 0 for an order of the book. */
function stopTrigger(order: CcxtOrder): StopTrigger | null {
  if (order.triggerPrice === undefined || order.triggerPrice === null) return null;
  const triggerPrice = parseDecimal('triggerPrice', order.triggerPrice);
  if (triggerPrice.equals(ZERO)) return null;
  const workingType = (order.info as { readonly workingType?: unknown } | undefined)?.workingType;
  return { triggerPriceQuote: toDecimalString(triggerPrice), triggeredBy: workingType === 'MARK_PRICE' ? 'mark' : 'last' };
}

function orderType(order: CcxtOrder): OrderType {
  switch (order.type) {
    case 'market':
    // Native stops that fire a market order, by the names Binance has for them on its markets.
    case 'stop_loss':
    case 'stop_market':
      return 'MARKET';
    case 'limit':
      return order.postOnly === true ? 'LIMIT_MAKER' : 'LIMIT';
    case 'limit_maker':
      return 'LIMIT_MAKER';
    default:
      return unusable('type', order.type);
  }
}

function orderState(status: string): ExchangeOrderState {
  switch (status) {
    case 'open':
    // Not confirmed yet, so it can still trade.
    case 'canceling':
      return 'open';
    case 'closed':
      return 'filled';
    case 'canceled':
      return 'cancelled';
    case 'expired':
      return 'expired';
    case 'rejected':
      return 'rejected';
    default:
      return unusable('status', status);
  }
}

function side(text: string | undefined): Side {
  if (text === 'buy') return 'BUY';
  if (text === 'sell') return 'SELL';
  return unusable('side', text);
}

function decimalText(field: string, value: string | undefined): string {
  return toDecimalString(parseDecimal(field, required(field, value)));
}

function required(field: string, value: string | undefined | null): string {
  return value === undefined || value === null || value === '' ? unusable(field, value) : value;
}

function unusable(field: string, value: unknown): never {
  throw new UnusableAnswerError(`the answer has no usable ${field}: ${String(value).slice(0, 40)}`);
}

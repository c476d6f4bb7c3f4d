import type { OrderUpdate } from '../exchange/exchange-listener.js';
import type { BalanceRow } from '../matching/balances.js';
import { ZERO } from '../matching/exact-decimal.js';
import { type Trade, isOpen, isWaiting } from '../matching/order.js';
import { ZERO_TEXT, wireDecimal, wireState, wireType, workingTime } from './render-order.js';

const EXECUTION_TYPES = { new: 'NEW', amended: 'REPLACED', trade: 'TRADE', canceled: 'CANCELED', expired: 'EXPIRED', rejected: 'REJECTED' };

/** `executionReport` of the user data stream. Field letters are Binance's. */
export function executionReport(update: OrderUpdate, nowMs: number): Record<string, unknown> {
  const { order } = update;
  const trade = update.execution === 'trade' ? update.trade : undefined;
  const cancelId = update.execution === 'canceled' ? update.cancelClientOrderId : undefined;
  return {
    e: 'executionReport',
    E: nowMs,
    s: order.symbol,
    c: cancelId ?? order.clientOrderId,
    S: order.side.toUpperCase(),
    o: wireType(order.type),
    f: order.timeInForce,
    q: wireDecimal(order.amountBase),
    p: order.priceQuote === null ? ZERO_TEXT : wireDecimal(order.priceQuote),
    P: order.stopPriceQuote === null ? ZERO_TEXT : wireDecimal(order.stopPriceQuote),
    F: ZERO_TEXT,
    g: -1,
    C: cancelId === undefined ? '' : order.clientOrderId,
    x: EXECUTION_TYPES[update.execution],
    X: wireState(order.state),
    r: 'NONE',
    i: order.orderId,
    ...tradeFields(trade),
    z: wireDecimal(order.filledBase),
    T: order.updatedMs,
    I: order.orderId,
    w: isOpen(order) && !isWaiting(order),
    M: false,
    O: order.createdMs,
    Z: wireDecimal(order.filledQuote),
    Q: wireDecimal(order.requestedQuote ?? ZERO),
    ...(isWaiting(order) ? {} : { W: workingTime(order) }),
    V: 'NONE',
  };
}

function tradeFields(trade: Trade | undefined): Record<string, unknown> {
  return {
    l: wireDecimal(trade?.amountBase ?? ZERO),
    L: wireDecimal(trade?.priceQuote ?? ZERO),
    Y: wireDecimal(trade?.amountQuote ?? ZERO),
    n: trade === undefined ? '0' : wireDecimal(trade.feeAmount),
    N: trade?.feeAsset ?? null,
    t: trade?.tradeId ?? -1,
    m: trade?.role === 'maker',
  };
}

export function outboundAccountPosition(rows: readonly BalanceRow[], timeMs: number): Record<string, unknown> {
  return {
    e: 'outboundAccountPosition',
    E: timeMs,
    u: timeMs,
    B: rows.map((row) => ({ a: row.asset, f: wireDecimal(row.free), l: wireDecimal(row.locked) })),
  };
}

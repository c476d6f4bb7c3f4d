import type { Candle } from '../candles/candle.js';
import { type CandleInterval, shiftInterval } from '../candles/candle-interval.js';
import { dayCandle } from '../candles/candle-query.js';
import type { PublicTrade } from '../exchange/exchange-listener.js';
import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import { lastPrice } from '../exchange/last-price.js';
import type { Decimal } from '../matching/exact-decimal.js';
import type { VisibleLevel } from '../matching/visible-book.js';
import { wireSymbolOf } from '../perpetual/contract-symbol.js';
import { ZERO_TEXT, wireDecimal } from './render-order.js';

const DAY_MS = 86_400_000;

export function renderKline(interval: CandleInterval, candle: Candle): unknown[] {
  return [
    candle.openMs,
    wireDecimal(candle.open),
    wireDecimal(candle.high),
    wireDecimal(candle.low),
    wireDecimal(candle.close),
    wireDecimal(candle.volumeBase),
    shiftInterval(interval, candle.openMs, 1) - 1,
    wireDecimal(candle.volumeQuote),
    candle.tradeCount,
    ZERO_TEXT,
    ZERO_TEXT,
    '0',
  ];
}

interface DaySummary {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly last: Decimal;
  readonly candle: Candle;
}

export function daySummary(state: ExchangeState, pair: Pair): DaySummary | undefined {
  const candle = dayCandle(state, pair);
  if (candle === undefined) return undefined;
  return { open: candle.open, high: candle.high, low: candle.low, last: lastPrice(state, pair) ?? candle.close, candle };
}

export function renderDayTicker(state: ExchangeState, pair: Pair): Record<string, unknown> {
  const symbol = wireSymbolOf(pair.instrument.symbol);
  const day = daySummary(state, pair);
  const { bid, ask } = state.bestPrices(pair);
  const closeTime = state.now();
  const times = { openTime: closeTime - DAY_MS, closeTime };
  const best = { ...priceAndSize('bid', bid), ...priceAndSize('ask', ask) };
  if (day === undefined) return { symbol, lastPrice: ZERO_TEXT, ...best, ...times };
  const change = day.last.minus(day.open);
  const { volumeBase, volumeQuote } = day.candle;
  return {
    symbol,
    priceChange: wireDecimal(change),
    priceChangePercent: change.div(day.open).times(100).toFixed(3),
    weightedAvgPrice: volumeBase.isZero() ? wireDecimal(day.last) : volumeQuote.div(volumeBase).toFixed(8),
    prevClosePrice: wireDecimal(day.open),
    lastPrice: wireDecimal(day.last),
    lastQty: ZERO_TEXT,
    ...best,
    openPrice: wireDecimal(day.open),
    highPrice: wireDecimal(day.high),
    lowPrice: wireDecimal(day.low),
    volume: wireDecimal(volumeBase),
    quoteVolume: wireDecimal(volumeQuote),
    ...times,
    firstId: -1,
    lastId: -1,
    count: day.candle.tradeCount,
  };
}

export function renderBookTicker(state: ExchangeState, pair: Pair): Record<string, unknown> {
  const { bid, ask } = state.bestPrices(pair);
  return { symbol: wireSymbolOf(pair.instrument.symbol), ...priceAndSize('bid', bid), ...priceAndSize('ask', ask) };
}

function priceAndSize(side: 'bid' | 'ask', level: VisibleLevel | undefined): Record<string, string> {
  return {
    [`${side}Price`]: level === undefined ? ZERO_TEXT : wireDecimal(level.priceQuote),
    [`${side}Qty`]: level === undefined ? ZERO_TEXT : wireDecimal(level.amountBase),
  };
}

export function renderTrade(trade: PublicTrade): Record<string, unknown> {
  return {
    id: trade.tradeId,
    price: wireDecimal(trade.priceQuote),
    qty: wireDecimal(trade.amountBase),
    quoteQty: wireDecimal(trade.priceQuote.times(trade.amountBase)),
    time: trade.timeMs,
    isBuyerMaker: trade.buyerIsMaker,
    isBestMatch: true,
  };
}

/** Trades are not aggregated: each is its own aggregate. */
export function renderAggregateTrade(trade: PublicTrade): Record<string, unknown> {
  return {
    a: trade.tradeId,
    p: wireDecimal(trade.priceQuote),
    q: wireDecimal(trade.amountBase),
    f: trade.tradeId,
    l: trade.tradeId,
    T: trade.timeMs,
    m: trade.buyerIsMaker,
    M: true,
  };
}

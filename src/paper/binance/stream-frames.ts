import { type CandleInterval, shiftInterval } from '../candles/candle-interval.js';
import { queryCandles } from '../candles/candle-query.js';
import type { PublicTrade } from '../exchange/exchange-listener.js';
import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import { daySummary, renderBookTicker, renderDayTicker } from './render-market.js';
import { isContractSymbol, wireSymbolOf } from '../perpetual/contract-symbol.js';
import { ZERO_TEXT, wireDecimal } from './render-order.js';

/** Spot book tickers carry no event name and no time; those of perpetuals do. */
export function bookTickerFrame(state: ExchangeState, pair: Pair, updateId: number): Record<string, unknown> {
  const { symbol, bidPrice, bidQty, askPrice, askQty } = renderBookTicker(state, pair);
  const best = { u: updateId, s: symbol, b: bidPrice, B: bidQty, a: askPrice, A: askQty };
  return pair.contract === undefined ? best : { e: 'bookTicker', ...best, T: state.now(), E: state.now() };
}

export function tradeFrame(trade: PublicTrade, nowMs: number): Record<string, unknown> {
  return {
    e: 'trade',
    E: nowMs,
    s: wireSymbolOf(trade.symbol),
    t: trade.tradeId,
    p: wireDecimal(trade.priceQuote),
    q: wireDecimal(trade.amountBase),
    T: trade.timeMs,
    m: trade.buyerIsMaker,
    ...(isContractSymbol(trade.symbol) ? { X: 'MARKET' } : { M: true }),
  };
}

export function aggregateTradeFrame(trade: PublicTrade, nowMs: number): Record<string, unknown> {
  const { t: tradeId, ...rest } = tradeFrame(trade, nowMs);
  return { ...rest, e: 'aggTrade', a: tradeId, f: tradeId, l: tradeId };
}

export function miniTickerFrame(state: ExchangeState, pair: Pair): Record<string, unknown> | undefined {
  const day = daySummary(state, pair);
  if (day === undefined) return undefined;
  return {
    e: '24hrMiniTicker',
    E: state.now(),
    s: wireSymbolOf(pair.instrument.symbol),
    c: wireDecimal(day.last),
    o: wireDecimal(day.open),
    h: wireDecimal(day.high),
    l: wireDecimal(day.low),
    v: wireDecimal(day.candle.volumeBase),
    q: wireDecimal(day.candle.volumeQuote),
  };
}

export function dayTickerFrame(state: ExchangeState, pair: Pair): Record<string, unknown> | undefined {
  if (daySummary(state, pair) === undefined) return undefined;
  const ticker = renderDayTicker(state, pair);
  return {
    e: '24hrTicker',
    E: state.now(),
    s: ticker['symbol'],
    p: ticker['priceChange'],
    P: ticker['priceChangePercent'],
    w: ticker['weightedAvgPrice'],
    x: ticker['prevClosePrice'],
    c: ticker['lastPrice'],
    Q: ZERO_TEXT,
    b: ticker['bidPrice'],
    B: ticker['bidQty'],
    a: ticker['askPrice'],
    A: ticker['askQty'],
    o: ticker['openPrice'],
    h: ticker['highPrice'],
    l: ticker['lowPrice'],
    v: ticker['volume'],
    q: ticker['quoteVolume'],
    O: ticker['openTime'],
    C: ticker['closeTime'],
    F: -1,
    L: -1,
    n: ticker['count'],
  };
}

export function klineFrame(state: ExchangeState, pair: Pair, interval: CandleInterval): Record<string, unknown> | undefined {
  const candle = queryCandles(state, pair, { interval, fromMs: undefined, toMs: undefined, limit: 1 })[0];
  if (candle === undefined) return undefined;
  const symbol = wireSymbolOf(pair.instrument.symbol);
  const k = {
    t: candle.openMs,
    T: shiftInterval(interval, candle.openMs, 1) - 1,
    s: symbol,
    i: interval,
    f: -1,
    L: -1,
    o: wireDecimal(candle.open),
    c: wireDecimal(candle.close),
    h: wireDecimal(candle.high),
    l: wireDecimal(candle.low),
    v: wireDecimal(candle.volumeBase),
    n: candle.tradeCount,
    x: false,
    q: wireDecimal(candle.volumeQuote),
    V: ZERO_TEXT,
    Q: ZERO_TEXT,
    B: '0',
  };
  return { e: 'kline', E: state.now(), s: symbol, k };
}

import { CANDLE_INTERVALS } from '../candles/candle-interval.js';
import { queryCandles } from '../candles/candle-query.js';
import type { PublicTrade } from '../exchange/exchange-listener.js';
import type { Pair } from '../exchange/exchange-state.js';
import { lastPrice } from '../exchange/last-price.js';
import { renderExchangeInfo } from './exchange-info.js';
import { type Parameters, missing } from './parameters.js';
import {
  renderAggregateTrade,
  renderBookTicker,
  renderDayTicker,
  renderKline,
  renderTrade,
} from './render-market.js';
import { ZERO_TEXT, wireDecimal } from './render-order.js';
import { wireSymbolOf } from '../perpetual/contract-symbol.js';
import { type RequestContext, pairOf, pairsOf } from './request-context.js';
import { WireError } from './wire-error.js';

export function ping(): unknown {
  return {};
}

export function time({ state, clockSkewMs }: RequestContext): unknown {
  return { serverTime: state.now() + clockSkewMs };
}

export function exchangeInfo(context: RequestContext): unknown {
  const pairs = selectPairs(context).pairs;
  return renderExchangeInfo(pairs.map((pair) => pair.instrument), context.state.now(), context.quota.limits('spot'));
}

export function depth(context: RequestContext): unknown {
  const { depth: publisher, parameters } = context;
  const { symbol } = pairOf(context, parameters.requiredText('symbol')).instrument;
  return publisher.snapshot(symbol, parameters.limit(100, 5_000));
}

export function trades(context: RequestContext): unknown {
  return selectTrades(context).map(renderTrade);
}

export function aggregateTrades(context: RequestContext): unknown {
  return selectTrades(context).map(renderAggregateTrade);
}

function selectTrades(context: RequestContext): PublicTrade[] {
  const { parameters, recentTrades } = context;
  const { symbol } = pairOf(context, parameters.requiredText('symbol')).instrument;
  const fromId = parameters.integer('fromId') ?? -Infinity;
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime') ?? Infinity;
  const limit = parameters.limit(500, 1_000);
  const isSelected = (trade: PublicTrade): boolean =>
    trade.tradeId >= fromId && trade.timeMs >= (fromMs ?? -Infinity) && trade.timeMs <= toMs;
  const selected = recentTrades.of(symbol).filter(isSelected);
  const fromStart = fromMs !== undefined || fromId !== -Infinity;
  return fromStart ? selected.slice(0, limit) : selected.slice(-limit);
}

export function klines(context: RequestContext): unknown {
  const { state, parameters } = context;
  const pair = pairOf(context, parameters.requiredText('symbol'));
  const interval = parameters.oneOf('interval', CANDLE_INTERVALS, new WireError(-1120, 'Invalid interval.'));
  if (interval === undefined) throw missing('interval');
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime');
  const limit = parameters.limit(500, 1_000);
  return queryCandles(state, pair, { interval, fromMs, toMs, limit }).map((candle) => renderKline(interval, candle));
}

export function dayTicker(context: RequestContext): unknown {
  return oneOrMany(context, (pair) => renderDayTicker(context.state, pair));
}

export function bookTicker(context: RequestContext): unknown {
  return oneOrMany(context, (pair) => renderBookTicker(context.state, pair));
}

export function priceTicker(context: RequestContext): unknown {
  return oneOrMany(context, (pair) => {
    const price = lastPrice(context.state, pair);
    return { symbol: wireSymbolOf(pair.instrument.symbol), price: price === undefined ? ZERO_TEXT : wireDecimal(price) };
  });
}

function oneOrMany(context: RequestContext, render: (pair: Pair) => unknown): unknown {
  const { pairs, isSingle } = selectPairs(context);
  return isSingle ? render(pairs[0] as Pair) : pairs.map(render);
}

function selectPairs(context: RequestContext): { pairs: Pair[]; isSingle: boolean } {
  const { parameters } = context;
  const symbol = parameters.text('symbol');
  if (symbol !== undefined) return { pairs: [pairOf(context, symbol)], isSingle: true };
  const symbols = parseSymbols(parameters);
  return { pairs: symbols?.map((each) => pairOf(context, each)) ?? pairsOf(context), isSingle: false };
}

/** `symbols` is a JSON array of names inside the query string. */
function parseSymbols(parameters: Parameters): string[] | undefined {
  const text = parameters.text('symbols');
  if (text === undefined) return undefined;
  if (!/^\["[A-Z0-9]+"(,"[A-Z0-9]+")*\]$/.test(text)) {
    throw new WireError(-1100, `Illegal characters found in parameter 'symbols'; legal range is '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$'.`);
  }
  return JSON.parse(text) as string[];
}

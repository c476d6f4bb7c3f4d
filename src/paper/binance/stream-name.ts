import { CANDLE_INTERVALS, type CandleInterval } from '../candles/candle-interval.js';

export type StreamKind =
  | { readonly kind: 'bookTicker' | 'trade' | 'aggTrade' | 'miniTicker' | 'ticker' | 'depth' }
  | { readonly kind: 'partialDepth'; readonly levels: number }
  | { readonly kind: 'markPrice' }
  | { readonly kind: 'kline'; readonly interval: CandleInterval };

export type Stream = StreamKind & { readonly name: string; readonly symbol: string };

export type ParseStream = (name: string) => Stream | undefined;

/** Parses `btcusdt@depth@100ms` and its kin; undefined for what this exchange does not stream. */
export function parseStream(name: string): Stream | undefined {
  const [pair, channel, speed] = name.split('@');
  if (pair === undefined || channel === undefined || !/^[a-z0-9]+$/.test(pair)) return undefined;
  if (speed !== undefined && !['100ms', '1000ms'].includes(speed)) return undefined;
  const kind = parseChannel(channel);
  return kind === undefined ? undefined : { ...kind, name, symbol: pair.toUpperCase() };
}

function parseChannel(channel: string): StreamKind | undefined {
  switch (channel) {
    case 'bookTicker':
    case 'trade':
    case 'aggTrade':
    case 'miniTicker':
    case 'ticker':
    case 'depth':
      return { kind: channel };
    case 'depth5':
    case 'depth10':
    case 'depth20':
      return { kind: 'partialDepth', levels: Number(channel.slice('depth'.length)) };
    default: {
      const interval = CANDLE_INTERVALS.find((candidate) => channel === `kline_${candidate}`);
      return interval === undefined ? undefined : { kind: 'kline', interval };
    }
  }
}

import { type Stream, parseStream } from '../binance/stream-name.js';
import { contractSymbol } from '../perpetual/contract-symbol.js';

const SPEED = /@(?:0|100|250|500|1000)ms$|@[13]s$/;

/** Parses a stream name of the perpetual market: those of spot, other speeds, and `btcusdt@markPrice`. */
export function parseFuturesStream(name: string): Stream | undefined {
  const plain = name.replace(SPEED, '');
  const [pair, channel, ...rest] = plain.split('@');
  if (channel === 'markPrice' && rest.length === 0 && pair !== undefined && /^[a-z0-9]+$/.test(pair)) {
    return { kind: 'markPrice', name, symbol: contractSymbol(pair.toUpperCase()) };
  }
  const stream = parseStream(plain);
  return stream === undefined ? undefined : { ...stream, name, symbol: contractSymbol(stream.symbol) };
}

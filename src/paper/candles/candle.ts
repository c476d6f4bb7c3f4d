import type { Decimal } from '../matching/exact-decimal.js';

/** One candle. Prices in quote; `openMs` is the start of its interval (Unix ms). */
export interface Candle {
  readonly openMs: number;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volumeBase: Decimal;
  volumeQuote: Decimal;
  tradeCount: number;
}

export interface MinuteCandle {
  readonly symbol: string;
  readonly candle: Candle;
}

import { Decimal, decimal, exactly, toDecimalString } from '../domain/money.js';
import { ExchangeReadError, type MarketDataPort } from '../ports/exchange.js';

export interface PriceHistory {
  /**
   * What one unit of `asset` was worth in `quote` at that time: the open of the one-minute candle that holds it, so
   * that whoever asks later gets the same number; the present mid price when there is no such candle. Null when the
   * exchange lists nothing that connects the two. Throws ExchangeReadError when it cannot be asked.
   */
  priceAt(asset: string, quote: string, atMs: number): Promise<string | null>;
}

const MINUTE_MS = 60_000;
/** Assets by way of which two others are compared that have no market of their own. */
const BRIDGES = ['USDT', 'USDC', 'USD', 'BTC'] as const;
const MAX_KEPT = 10_000;

export function createPriceHistory(marketData: Pick<MarketDataPort, 'candles' | 'topOfBook'>): PriceHistory {
  const known = new Map<string, Promise<Decimal | null>>();

  const listed = async (pair: string, minuteMs: number): Promise<Decimal | null> => {
    const key = `${pair} ${minuteMs}`;
    const kept = known.get(key);
    if (kept !== undefined) return await kept;
    const reading = readPrice(marketData, pair, minuteMs, () => known.delete(key));
    if (known.size >= MAX_KEPT) known.clear();
    known.set(key, reading);
    reading.catch(() => known.delete(key));
    return await reading;
  };

  const direct = async (asset: string, quote: string, minuteMs: number): Promise<Decimal | null> => {
    const straight = await listed(`${asset}-${quote}`, minuteMs);
    if (straight !== null) return straight;
    const inverse = await listed(`${quote}-${asset}`, minuteMs);
    return inverse === null || inverse.isZero() ? null : new Decimal(1).div(inverse);
  };

  return {
    async priceAt(asset, quote, atMs) {
      if (asset === quote) return '1';
      const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
      const price = await direct(asset, quote, minuteMs);
      if (price !== null) return toDecimalString(price);
      for (const bridge of BRIDGES) {
        if (bridge === asset || bridge === quote) continue;
        const first = await direct(asset, bridge, minuteMs);
        const second = first === null ? null : await direct(bridge, quote, minuteMs);
        if (first !== null && second !== null) return toDecimalString(new Decimal(exactly.product(first, second)).toSignificantDigits(40));
      }
      return null;
    },
  };
}

/** Null when the exchange does not list the pair. A present price is not kept: it is not the price of that minute. */
async function readPrice(marketData: Pick<MarketDataPort, 'candles' | 'topOfBook'>, pair: string, minuteMs: number, forget: () => void): Promise<Decimal | null> {
  try {
    const [candle] = await marketData.candles(pair, MINUTE_MS, minuteMs, 1);
    if (candle?.openTimeMs === minuteMs) return decimal(candle.openQuote);
    const { bidQuote, askQuote } = await marketData.topOfBook(pair);
    forget();
    if (bidQuote !== null && askQuote !== null) return exactly.sum(decimal(bidQuote), decimal(askQuote)).div(2);
    const only = bidQuote ?? askQuote;
    return only === null ? null : decimal(only);
  } catch (error) {
    if (error instanceof ExchangeReadError && error.failure.code === 'UNKNOWN_PAIR') return null;
    throw error;
  }
}

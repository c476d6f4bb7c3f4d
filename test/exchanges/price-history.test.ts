import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../src/exchanges/describe-failure.js';
import { createPriceHistory } from '../../src/exchanges/price-history.js';
import { type Candle, ExchangeReadError, type TopOfBook } from '../../src/ports/exchange.js';

const MINUTE = 1_700_000_040_000;

class Market {
  asked: string[] = [];
  unreachable = false;

  constructor(
    readonly opens: Readonly<Record<string, string>>,
    readonly tops: Readonly<Record<string, readonly [string | null, string | null]>> = {},
    readonly openTimeMs = MINUTE,
  ) {}

  async candles(pair: string, _intervalMs: number, sinceMs: number): Promise<readonly Candle[]> {
    this.asked.push(`${pair} ${sinceMs}`);
    if (this.unreachable) throw new ExchangeReadError(describeFailure({ code: 'OUTCOME_UNKNOWN' }));
    const open = this.opens[pair];
    if (open === undefined && this.tops[pair] === undefined) throw new ExchangeReadError(describeFailure({ code: 'UNKNOWN_PAIR' }));
    return await Promise.resolve(open === undefined ? [] : [{ openTimeMs: this.openTimeMs, openQuote: open, highQuote: '9', lowQuote: '1', closeQuote: '5' }]);
  }

  async topOfBook(pair: string): Promise<TopOfBook> {
    const [bidQuote, askQuote] = this.tops[pair] ?? [null, null];
    return await Promise.resolve({ bidQuote, askQuote, atMs: 0 });
  }
}

describe('the value of a fee asset', () => {
  it('is the open of the minute that holds the time', async () => {
    const market = new Market({ 'BNB-USDT': '601.25' });
    const history = createPriceHistory(market);
    expect(await history.priceAt('BNB', 'USDT', MINUTE)).toBe('601.25');
    expect(await history.priceAt('BNB', 'USDT', MINUTE + 59_999)).toBe('601.25');
    expect(market.asked).toEqual([`BNB-USDT ${MINUTE}`]);
  });

  it('is one for the quote itself', async () => {
    expect(await createPriceHistory(new Market({})).priceAt('USDT', 'USDT', MINUTE)).toBe('1');
  });

  it('is turned around when only the other direction is listed', async () => {
    expect(await createPriceHistory(new Market({ 'USDT-BRL': '4' })).priceAt('BRL', 'USDT', MINUTE)).toBe('0.25');
  });

  it('goes by way of an asset both have a market with', async () => {
    expect(await createPriceHistory(new Market({ 'BNB-USDT': '600', 'ETH-USDT': '3000' })).priceAt('BNB', 'ETH', MINUTE)).toMatch(/^0\.1999999|^0\.2$/);
    expect(await createPriceHistory(new Market({ 'BNB-BTC': '0.01', 'BTC-EUR': '50000' })).priceAt('BNB', 'EUR', MINUTE)).toBe('500');
  });

  it('is the present mid price when that minute has no candle, and is asked for again then', async () => {
    const market = new Market({}, { 'BNB-USDT': ['600', '602'] });
    const history = createPriceHistory(market);
    expect(await history.priceAt('BNB', 'USDT', MINUTE)).toBe('601');
    expect(await history.priceAt('BNB', 'USDT', MINUTE)).toBe('601');
    expect(market.asked).toHaveLength(2);
    expect(await createPriceHistory(new Market({ 'BNB-USDT': '7' }, { 'BNB-USDT': ['600', '602'] }, MINUTE + 60_000)).priceAt('BNB', 'USDT', MINUTE)).toBe('601');
    expect(await createPriceHistory(new Market({}, { 'BNB-USDT': [null, '602'] })).priceAt('BNB', 'USDT', MINUTE)).toBe('602');
  });

  it('is null when nothing connects the two, and an error when nobody answers', async () => {
    expect(await createPriceHistory(new Market({ 'ETH-USDT': '3000' })).priceAt('BNB', 'USDT', MINUTE)).toBeNull();
    const market = new Market({ 'BNB-USDT': '600' });
    market.unreachable = true;
    const history = createPriceHistory(market);
    await expect(history.priceAt('BNB', 'USDT', MINUTE)).rejects.toBeInstanceOf(ExchangeReadError);
    market.unreachable = false;
    expect(await history.priceAt('BNB', 'USDT', MINUTE)).toBe('600');
  });

  it('is asked for once when many ask at once', async () => {
    const market = new Market({ 'BNB-USDT': '600' });
    const history = createPriceHistory(market);
    await Promise.all(Array.from({ length: 100 }, async () => await history.priceAt('BNB', 'USDT', MINUTE)));
    expect(market.asked).toHaveLength(1);
  });
});

import { describe, expect, test } from 'vitest';
import { type CandleInterval, intervalStart, shiftInterval } from '../../src/paper/candles/candle-interval.js';
import { type CandleQuery, queryCandles } from '../../src/paper/candles/candle-query.js';
import type { ExchangeState } from '../../src/paper/exchange/exchange-state.js';
import { applyBook, applyPrint } from '../../src/paper/exchange/market-intake.js';
import { ProgressKeeper } from '../../src/paper/exchange/progress-keeper.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { openTestExchange, snapshot } from './exchange-fixture.js';

const MINUTE = 60_000;
const START = Date.UTC(2024, 7, 8, 23, 58);

class Market {
  nowMs = START;
  readonly state: ExchangeState;
  readonly keeper: ProgressKeeper;

  constructor() {
    this.state = openTestExchange({ now: () => this.nowMs });
    this.keeper = new ProgressKeeper(this.state);
    this.state.listeners.add(this.keeper);
  }

  print(atMs: number, price: string, amount: string): void {
    this.nowMs = START + atMs;
    const print = { priceQuote: new Decimal(price), amountBase: new Decimal(amount), buyerIsMaker: true };
    applyPrint(this.state, this.state.pair('BTCUSDT'), print);
  }

  book(atMs: number, bid: string, ask: string): void {
    this.nowMs = START + atMs;
    applyBook(this.state, this.state.pair('BTCUSDT'), snapshot([[bid, '1']], [[ask, '1']]));
  }

  candles(interval: CandleInterval, query: Partial<CandleQuery> = {}): string[] {
    const full = { interval, fromMs: undefined, toMs: undefined, limit: 10, ...query };
    return queryCandles(this.state, this.state.pair('BTCUSDT'), full).map((candle) => {
      const prices = [candle.open, candle.high, candle.low, candle.close, candle.volumeBase].map((value) => value.toFixed());
      return `${(candle.openMs - START) / MINUTE}: ${prices.join(' ')} ${candle.tradeCount}`;
    });
  }
}

describe('candles', () => {
  test('come from prints with their size and from the middle of the book without', () => {
    const market = new Market();
    market.print(1_000, '100', '2');
    market.book(2_000, '104', '106');
    market.print(3_000, '98', '1');
    market.print(4_000, '101', '0.5');
    expect(market.candles('1m')).toEqual(['0: 100 105 98 101 3.5 3']);
  });

  test('leave no gap: an interval without a price repeats the last close', () => {
    const market = new Market();
    market.print(0, '100', '1');
    market.print(3 * MINUTE, '103', '1');
    expect(market.candles('1m')).toEqual(['0: 100 100 100 100 1 1', '1: 100 100 100 100 0 0', '2: 100 100 100 100 0 0', '3: 103 103 103 103 1 1']);
    market.nowMs = START + 5 * MINUTE;
    expect(market.candles('1m', { limit: 2 })).toEqual(['4: 103 103 103 103 0 0', '5: 103 103 103 103 0 0']);
  });

  test('add up to longer intervals, aligned to them', () => {
    const market = new Market();
    for (const [minute, price] of [[0, '100'], [1, '105'], [2, '95'], [4, '99'], [7, '110']] as const) {
      market.print(minute * MINUTE, price, '1');
    }
    // 23:58 lies in the five minutes from 23:55.
    expect(market.candles('5m')).toEqual(['-3: 100 105 100 105 2 2', '2: 95 99 95 99 2 2', '7: 110 110 110 110 1 1']);
    expect(market.candles('1d')).toEqual(['-1438: 100 105 100 105 2 2', '2: 95 110 95 110 3 3']);
  });

  test('are selected by start, end and number', () => {
    const market = new Market();
    for (let minute = 0; minute < 6; minute += 1) market.print(minute * MINUTE, String(100 + minute), '1');
    const opens = (query: Partial<CandleQuery>): string[] => market.candles('1m', query).map((line) => line.split(' ')[0]!);
    expect(opens({ fromMs: START + 2 * MINUTE })).toEqual(['2:', '3:', '4:', '5:']);
    expect(opens({ fromMs: START + 2 * MINUTE - 1 })).toEqual(['2:', '3:', '4:', '5:']);
    expect(opens({ fromMs: START + 2 * MINUTE + 1 })).toEqual(['3:', '4:', '5:']);
    expect(opens({ fromMs: START + MINUTE, limit: 2 })).toEqual(['1:', '2:']);
    expect(opens({ fromMs: START + MINUTE, toMs: START + 3 * MINUTE })).toEqual(['1:', '2:', '3:']);
    expect(opens({ toMs: START + 3 * MINUTE, limit: 2 })).toEqual(['2:', '3:']);
    expect(opens({ fromMs: START - 100 * MINUTE, limit: 2 })).toEqual(['0:', '1:']);
    expect(opens({ fromMs: START + 50 * MINUTE })).toEqual([]);
  });

  test('of one second are kept too', () => {
    const market = new Market();
    market.print(0, '100', '1');
    market.print(2_500, '102', '1');
    expect(market.candles('1s').map((line) => line.split(': ')[1])).toEqual(['100 100 100 100 1 1', '100 100 100 100 0 0', '102 102 102 102 1 1']);
  });

  test('a minute is stored as soon as it begins, the rest of it once a second', () => {
    const market = new Market();
    const stored = (): string[] => market.state.ledger.queries.candles('BTCUSDT', START, START + MINUTE).map((candle) => `${candle.open.toFixed()} ${candle.close.toFixed()}`);
    market.print(10, '100', '1');
    expect(stored()).toEqual(['100 100']);
    market.print(20, '101', '1');
    expect(stored()).toEqual(['100 100']);
    market.keeper.save();
    expect(stored()).toEqual(['100 101']);
  });
});

describe('intervals', () => {
  const utc = (text: string): number => Date.parse(`${text}Z`);

  test.each([
    ['1m', '2024-08-08T23:58:59.999', '2024-08-08T23:58:00', '2024-08-08T23:59:00'],
    ['4h', '2024-08-08T23:58:00', '2024-08-08T20:00:00', '2024-08-09T00:00:00'],
    ['1w', '2024-08-08T23:58:00', '2024-08-05T00:00:00', '2024-08-12T00:00:00'],
    ['1w', '2024-08-05T00:00:00', '2024-08-05T00:00:00', '2024-08-12T00:00:00'],
    ['1M', '2024-12-31T23:58:00', '2024-12-01T00:00:00', '2025-01-01T00:00:00'],
  ] as const)('%s at %s begins at %s and ends at %s', (interval, at, start, end) => {
    expect(intervalStart(interval, utc(at))).toBe(utc(start));
    expect(shiftInterval(interval, utc(start), 1)).toBe(utc(end));
  });
});

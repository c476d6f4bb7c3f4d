import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { BookUpdate, Print } from '../../src/paper/exchange/market-intake.js';
import type { FeedSink } from '../../src/paper/feeds/feed.js';
import { createFeedFactory } from '../../src/paper/feeds/feed-factory.js';
import type { Lane } from '../../src/paper/feeds/lane.js';
import { FIRST_LAP, nextLap, toMarket } from '../../src/paper/feeds/lap-prices.js';
import { LiveFeed } from '../../src/paper/feeds/live-feed.js';
import { RecordedLines } from '../../src/paper/feeds/recorded-file.js';
import { RecordedLane } from '../../src/paper/feeds/recorded-lane.js';
import { SyntheticLane } from '../../src/paper/feeds/synthetic-lane.js';
import { launchPaperExchange } from '../../src/paper/launch.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { INSTRUMENT_SETUPS } from './exchange-fixture.js';
import { LaunchedExchange } from './launched-exchange.js';

const MARKET_DATA = fileURLToPath(new URL('../../../shared/market-data', import.meta.url));
const [BTC] = INSTRUMENT_SETUPS;
const TICK = new Decimal('0.01');

const running: LaunchedExchange[] = [];
afterAll(async () => {
  await Promise.all(running.map((exchange) => exchange.end()));
});

async function start(feed: string, speed = 1): Promise<LaunchedExchange> {
  const exchange = await LaunchedExchange.start({ feed, speed });
  running.push(exchange);
  return exchange;
}

/** Follows a feed as plain maps of its levels. */
class Follower implements FeedSink {
  readonly log: string[] = [];
  readonly prints: string[] = [];
  bids = new Map<string, string>();
  asks = new Map<string, string>();

  book(_symbol: string, update: BookUpdate): void {
    this.log.push(JSON.stringify(update));
    if (update.kind === 'snapshot') [this.bids, this.asks] = [new Map(), new Map()];
    for (const [side, levels] of [[this.bids, update.bids], [this.asks, update.asks]] as const) {
      for (const [price, size] of levels) {
        if (size.isZero()) side.delete(price.toFixed());
        else side.set(price.toFixed(), size.toFixed());
      }
    }
  }

  print(_symbol: string, print: Print): void {
    this.prints.push(print.priceQuote.toFixed());
    this.log.push(JSON.stringify(print));
  }

  get bestBid(): number {
    return Math.max(...[...this.bids.keys()].map(Number));
  }

  get bestAsk(): number {
    return Math.min(...[...this.asks.keys()].map(Number));
  }
}

function play(lane: Lane, frames: number, follower = new Follower()): Follower {
  if (follower.log.length === 0) follower.book(lane.symbol, lane.snapshot());
  for (let frame = 0; frame < frames; frame += 1) lane.deliver(follower);
  return follower;
}

describe('a recording', () => {
  const depth = (u: number, b: string[][], a: string[][]): unknown => ({ data: { e: 'depthUpdate', U: u, u, b, a } });
  const trade = (p: string, q: string, m: boolean): unknown => ({ data: { e: 'trade', p, q, m } });

  function recording(): RecordedLines {
    const frames = [
      depth(9, [['90', '1']], []),
      depth(11, [['99', '4']], []),
      { lastUpdateId: 10, bids: [['100', '1'], ['99', '2']], asks: [['102', '3']] },
      depth(12, [['100', '0']], [['101', '5']]),
      trade('101', '0.5', false),
      depth(13, [['99', '0'], ['97', '1']], [['101', '0'], ['102', '0'], ['99', '2']]),
    ];
    const lines = frames.map((frame, index) => JSON.stringify({ ts_ns: (1_000 + index * 100) * 1e6, frame }));
    const file = join(mkdtempSync(join(tmpdir(), 'paper-recording-')), 'spot_btcusdt_20240101.jsonl.gz');
    writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
    return new RecordedLines([file]);
  }

  test('starts at its snapshot with the differences that are newer than it', () => {
    const lane = new RecordedLane('BTCUSDT', recording(), TICK, undefined);
    const follower = play(lane, 0);
    expect([...follower.bids]).toEqual([['100', '1'], ['99', '4']]);
    expect([...follower.asks]).toEqual([['102', '3']]);
  });

  test('begins the next lap where the last one ended', () => {
    const lane = new RecordedLane('BTCUSDT', recording(), TICK, undefined);
    const follower = play(lane, 3);
    expect([follower.bestBid, follower.bestAsk]).toEqual([97, 99]);
    const lastTime = lane.nextMs();
    play(lane, 1, follower);
    // The recording begins at a middle of 101 and ended at 98: this lap is 3 lower.
    expect([follower.bestBid, follower.bestAsk]).toEqual([97, 99]);
    expect(JSON.stringify(lane.position())).toContain('"shift":"-3"');
    expect(lane.nextMs()).toBeGreaterThan(lastTime);
    play(lane, 2, follower);
    expect(follower.prints).toEqual(['101', '98']);
  });

  test('continues from a stored position with the same book and the same frames', () => {
    const lines = recording();
    const whole = new RecordedLane('BTCUSDT', lines, TICK, undefined);
    play(whole, 6);
    const stored: unknown = JSON.parse(JSON.stringify(whole.position()));
    const resumed = new RecordedLane('BTCUSDT', lines, TICK, stored);
    expect(JSON.stringify(resumed.snapshot())).toBe(JSON.stringify(whole.snapshot()));
    expect(play(resumed, 9).log.slice(1)).toEqual(play(whole, 9).log.slice(1));
  });

  test('is played mirrored when its drift has led too far away', () => {
    const [startsAt, endsAt] = [new Decimal(100), new Decimal(110)];
    let lap = FIRST_LAP;
    const ends: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const begun = toMarket(lap, startsAt);
      if (count > 0) expect(begun.toNumber()).toBe(ends.at(-1));
      ends.push(toMarket(lap, endsAt).toNumber());
      lap = nextLap(lap, startsAt, endsAt, TICK);
    }
    expect(Math.max(...ends)).toBeLessThanOrEqual(140);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(100);
  });

  test('of the real market never shows a crossed book and ends where it was recorded to end', async () => {
    const factory = createFeedFactory(INSTRUMENT_SETUPS, { offset: new Decimal(0), delayMs: 0 }, () => undefined);
    const feed = await factory(`recorded:${MARKET_DATA}`, 1, undefined);
    expect(feed.symbols).toEqual(['BTCUSDT', 'ETHUSDT', 'BNBUSDT']);
    const file = join(MARKET_DATA, 'spot_btcusdt_20240808.jsonl.gz');
    const lines = new RecordedLines([file]);
    const lane = new RecordedLane('BTCUSDT', lines, TICK, undefined);
    const follower = new Follower();
    follower.book('BTCUSDT', lane.snapshot());
    let crossed = 0;
    for (let frame = 5; frame < lines.count; frame += 1) {
      lane.deliver(follower);
      if (frame % 100 === 0 && follower.bestBid >= follower.bestAsk) crossed += 1;
    }
    expect(crossed).toBe(0);
    expect([follower.bestBid, follower.bestAsk]).toEqual([61685.99, 61686]);
  });
});

describe('a synthetic market', () => {
  const lane = (seed: string, stored?: unknown): SyntheticLane =>
    new SyntheticLane(BTC!.instrument, BTC!.syntheticPriceQuote, seed, stored);

  test('is the same for the same seed and another for another', () => {
    const first = play(lane('7'), 500).log;
    expect(play(lane('7'), 500).log).toEqual(first);
    expect(play(lane('8'), 500).log).not.toEqual(first);
  });

  test('continues from a stored position', () => {
    const whole = lane('7');
    play(whole, 300);
    const resumed = lane('7', JSON.parse(JSON.stringify(whole.position())));
    expect(play(resumed, 50).log.slice(1)).toEqual(play(whole, 50).log.slice(1));
  });

  test('keeps its book in order, keeps to ticks and lots, moves and trades', () => {
    const market = lane('7');
    const follower = play(market, 0);
    const start = follower.bestBid;
    for (let step = 0; step < 2_000; step += 1) {
      market.deliver(follower);
      expect(follower.bestBid).toBeLessThan(follower.bestAsk);
      expect([follower.bids.size, follower.asks.size]).toEqual([10, 10]);
    }
    expect(Math.abs(follower.bestBid - start)).toBeGreaterThan(0);
    expect(follower.prints.length).toBeGreaterThan(500);
    for (const price of [...follower.bids.keys(), ...follower.prints]) expect(new Decimal(price).mod(TICK).isZero()).toBe(true);
  });
});

describe('a running exchange', () => {
  test('plays a recording at its speed, pauses, resumes, and continues it after a crash', async () => {
    const exchange = await start(`recorded:${MARKET_DATA}`, 20);
    const symbols = (await exchange.control.feed()).symbols;
    expect(symbols).toEqual(['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'BTCUSDT_PERP', 'ETHUSDT_PERP', 'BNBUSDT_PERP']);
    const client = await exchange.client();
    const [first, second] = [await client.watchTrades('BTC/USDT'), await client.watchTrades('ETH/USDT')];
    expect([Number(first[0]?.price) > 50_000, Number(second[0]?.price) < 5_000]).toEqual([true, true]);
    expect((await exchange.control.pauseFeed()).paused).toBe(true);
    const still = await client.fetchOrderBook('BTC/USDT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await client.fetchOrderBook('BTC/USDT')).nonce).toBe(still.nonce);
    await client.createOrder('BTC/USDT', 'market', 'buy', '0.5' as unknown as number);
    const used = await client.fetchOrderBook('BTC/USDT');
    await exchange.kill();
    await exchange.restart();
    expect((await exchange.control.feed()).paused).toBe(true);
    const after = await client.fetchOrderBook('BTC/USDT');
    expect([after.bids.slice(0, 20), after.asks.slice(0, 20)]).toEqual([used.bids.slice(0, 20), used.asks.slice(0, 20)]);
    const moving = client.watchTrades('BTC/USDT');
    await exchange.control.resumeFeed();
    await moving;
    expect((await exchange.control.setFeedSpeed(5)).speed).toBe(5);
  });

  test('changes its feed, takes a pair out of it and gives it back', async () => {
    const exchange = await start('synthetic:1');
    const client = await exchange.client();
    await exchange.control.setPrice('BTCUSDT', '100', '101');
    expect((await exchange.control.feed()).detached).toEqual(['BTCUSDT']);
    const eth = await client.watchBidsAsks(['ETH/USDT']);
    await client.watchBidsAsks(['ETH/USDT']);
    expect(eth['ETH/USDT']?.bid).toBeDefined();
    expect((await client.fetchOrderBook('BTC/USDT')).bids[0]?.[0]).toBe(100);
    await exchange.control.attachToFeed('BTCUSDT');
    expect((await client.fetchOrderBook('BTC/USDT')).bids[0]?.[0]).toBeGreaterThan(10_000);
    expect((await exchange.control.loadFeed('scripted')).feed).toBe('scripted');
    await exchange.kill();
    await exchange.restart();
    expect((await exchange.control.feed()).feed).toBe('scripted');
    await expect(exchange.control.loadFeed('recorded:/nowhere')).rejects.toThrow('cannot read recordings in /nowhere');
    await expect(exchange.control.loadFeed('nonsense')).rejects.toThrow('must be scripted, recorded:DIR');
  });

  test('does not start without the data it was asked for, and says why', async () => {
    const attempts: [string, string][] = [
      ['recorded:/nowhere', 'cannot read recordings in /nowhere'],
      [`recorded:${tmpdir()}`, 'has no spot_<pair>_<date>.jsonl.gz'],
      ['live:nothing', 'ccxt has no streaming client of this name'],
      ['unknown', 'must be scripted, recorded:DIR, synthetic:SEED or live:EXCHANGE'],
    ];
    await Promise.all(
      attempts.map(async ([feed, message]) => {
        const databaseFile = join(mkdtempSync(join(tmpdir(), 'paper-exchange-')), 'paper.db');
        await expect(launchPaperExchange({ databaseFile, feed })).rejects.toThrow(message);
      }),
    );
  });
});

test('live prices come through the stock client, changed levels only, and the lack of a network is named', async () => {
  const venue = await start('scripted');
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'BNBUSDT']) await venue.control.setPrice(symbol, '100', '101');
  const instruments = INSTRUMENT_SETUPS.map(({ instrument }) => instrument);
  const follower = new Follower();
  const feed = new LiveFeed('live:test', await venue.client(), instruments.slice(0, 1), () => undefined);
  await feed.start(follower);
  expect([follower.bestBid, follower.bestAsk]).toEqual([100, 101]);
  await venue.control.setPrice('BTCUSDT', '100', '102');
  while (follower.bestAsk !== 102) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(follower.log.at(-1)).toBe(JSON.stringify({ kind: 'delta', bids: [], asks: [['101', '0'], ['102', '1000']] }));
  while (!(await venue.subscriptions()).streams.includes('btcusdt@trade'));
  await venue.control.printTrade('BTCUSDT', { priceQuote: '101', amountBase: '2' });
  while (follower.prints.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(follower.prints).toEqual(['101']);
  await feed.stop();
  const unreachable = new LiveFeed('live:test', await venue.client(), instruments, () => undefined);
  await venue.kill();
  await expect(unreachable.start(follower)).rejects.toThrow('feed live:test needs the network and got none');
});

describe('a displaced feed', () => {
  const displaced = async (offset: string, delayMs: number): Promise<{ log: unknown[]; stop: () => Promise<void>; plain: BookUpdate | undefined; shown: BookUpdate | undefined }> => {
    const name = 'synthetic:7';
    const plainFeed = await createFeedFactory(INSTRUMENT_SETUPS, { offset: new Decimal(0), delayMs: 0 }, () => undefined)(name, 1, undefined);
    const feed = await createFeedFactory(INSTRUMENT_SETUPS, { offset: new Decimal(offset), delayMs }, () => undefined)(name, 1, undefined);
    const log: unknown[] = [];
    const seen = new Map<string, BookUpdate>();
    await feed.start({ book: (symbol, update) => { log.push(update); if (!seen.has(symbol)) seen.set(symbol, update); }, print: (_symbol, print) => log.push(print) });
    return { log, stop: async () => await feed.stop(), plain: plainFeed.snapshot('BTCUSDT'), shown: seen.get('BTCUSDT') };
  };
  const prices = (levels: BookUpdate['bids'] | undefined): Decimal[] => (levels ?? []).map(([price]) => price);

  test('shows every price of a pair higher by one amount on the tick, the fraction of its middle', async () => {
    for (const offset of ['0.002', '-0.002']) {
      const { plain, shown, stop } = await displaced(offset, 0);
      await stop();
      const differences = new Set(prices(shown?.bids).map((price, index) => price.minus(prices(plain?.bids)[index] ?? 0).toFixed()));
      expect(differences.size).toBe(1);
      const [difference = ''] = differences;
      const middle = (prices(plain?.bids)[0] ?? new Decimal(0)).toNumber();
      expect(Number(difference) / middle).toBeCloseTo(Number(offset), 4);
      expect(new Decimal(difference).mod(TICK).isZero()).toBe(true);
    }
  });

  test('shows the first books at once and everything else later', async () => {
    const { log, stop } = await displaced('0', 400);
    const atStart = log.length;
    expect(atStart).toBe(INSTRUMENT_SETUPS.length);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = log.length;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await stop();
    expect(before).toBe(atStart);
    expect(log.length).toBeGreaterThan(atStart);
  });
});

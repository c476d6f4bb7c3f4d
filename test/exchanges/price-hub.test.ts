import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PriceHub, type PriceSource } from '../../src/exchanges/price-hub.js';
import { createLogger } from '../../src/logger.js';
import type { TopOfBook } from '../../src/ports/exchange.js';

const logger = createLogger({ name: 'test', env: { LOG_LEVEL: 'silent' } });

function top(bid: number): TopOfBook {
  return { bidQuote: String(bid), askQuote: String(bid + 1), atMs: bid };
}

/** A stream that the test drives. */
class ScriptedSource implements PriceSource<TopOfBook> {
  watching = 0;
  watches = 0;
  unwatched: string[] = [];
  polls = 0;
  price = 1;
  pollFails = false;
  #settle: { resolve: (top: TopOfBook) => void; reject: (error: Error) => void } | null = null;
  #gate: Promise<void> | null = null;

  async watch(): Promise<TopOfBook> {
    this.watches += 1;
    if (this.refuses) throw new Error('connection refused');
    this.watching += 1;
    try {
      return await new Promise<TopOfBook>((resolve, reject) => {
        this.#settle = { resolve, reject };
      });
    } finally {
      this.watching -= 1;
    }
  }

  async unwatch(pair: string): Promise<void> {
    this.unwatched.push(pair);
    this.#settle?.reject(new Error('left'));
  }

  refuses = false;
  renewed: string[] = [];

  renew(pair: string, reason: string): void {
    this.renewed.push(`${pair}: ${reason}`);
    this.break();
  }

  async poll(): Promise<TopOfBook> {
    this.polls += 1;
    const price = this.price;
    if (this.#gate !== null) await this.#gate;
    if (this.pollFails) throw new Error('unreachable');
    return top(price);
  }

  frame(bid: number): void {
    this.#settle?.resolve(top(bid));
  }

  break(): void {
    this.#settle?.reject(new Error('socket closed'));
  }

  holdPolls(): () => void {
    let open = (): void => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      this.#gate = null;
      open();
    };
  }
}

let source: ScriptedSource;
let hub: PriceHub;

beforeEach(() => {
  vi.useFakeTimers();
  source = new ScriptedSource();
  hub = new PriceHub(source, { silentMs: 1_000, lingerMs: 500 }, logger);
});

afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('top of book hub', () => {
  it('reads the price at once, before the stream speaks', async () => {
    const seen: TopOfBook[] = [];
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame));
    await settle();
    expect(seen).toEqual([top(1)]);
  });

  it('tells every frame to each of 300 listeners over one subscription', async () => {
    const seen = Array.from({ length: 300 }, () => [] as string[]);
    for (const list of seen) hub.subscribe('BTC-USDT', (frame) => list.push(frame.bidQuote ?? ''));
    await settle();
    for (const price of [10, 11, 12]) {
      source.frame(price);
      await settle();
    }
    expect(source.watching).toBe(1);
    expect(source.polls).toBe(1);
    for (const list of seen) expect(list).toEqual(['1', '10', '11', '12']);
  });

  it('tells a late listener the last price at once', async () => {
    hub.subscribe('BTC-USDT', () => undefined);
    await settle();
    source.frame(20);
    await settle();
    const seen: TopOfBook[] = [];
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame));
    expect(seen).toEqual([top(20)]);
  });

  it('drops a reading that a frame has overtaken', async () => {
    const release = source.holdPolls();
    const seen: (string | null)[] = [];
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame.bidQuote));
    await settle();
    source.frame(5);
    await settle();
    release();
    await settle();
    expect(seen).toEqual(['5']);
  });

  it('keeps the others going when one listener throws or leaves during a frame', async () => {
    const seen: (string | null)[] = [];
    hub.subscribe('BTC-USDT', () => {
      throw new Error('mine');
    });
    const leave = hub.subscribe('BTC-USDT', () => leave());
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame.bidQuote));
    await settle();
    source.frame(7);
    await settle();
    source.frame(8);
    await settle();
    expect(seen).toEqual(['1', '7', '8']);
  });

  it('subscribes again after a break, first at once, then ever more slowly', async () => {
    hub.subscribe('BTC-USDT', () => undefined);
    await settle();
    const times: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const before = source.watches;
      source.break();
      const started = Date.now();
      while (source.watches === before) await settle(50);
      times.push(Date.now() - started);
    }
    expect(times[0]).toBeLessThanOrEqual(150);
    expect(times.at(-1)).toBeGreaterThan(5_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(10_050);
    source.frame(3);
    await settle();
    source.break();
    const before = source.watches;
    await settle(150);
    expect(source.watches).toBe(before + 1);
  });

  it('reads prices while the stream is silent, and stops when it speaks', async () => {
    const seen: (string | null)[] = [];
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame.bidQuote));
    await settle();
    source.price = 2;
    await settle(1_000);
    source.price = 3;
    await settle(1_000);
    expect(seen).toEqual(['1', '2', '3']);
    // The stream that kept this to itself is made anew.
    await settle(200);
    const polls = source.polls;
    for (let frame = 0; frame < 5; frame += 1) {
      source.frame(10 + frame);
      await settle(900);
    }
    expect(source.polls).toBe(polls);
  });

  it('survives readings that fail', async () => {
    source.pollFails = true;
    const seen: (string | null)[] = [];
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame.bidQuote));
    await settle(5_000);
    source.pollFails = false;
    await settle(1_000);
    expect(seen).toEqual(['1']);
  });

  it('keeps a stream nobody listens to for a while, then leaves it', async () => {
    const leave = hub.subscribe('BTC-USDT', () => undefined);
    await settle();
    leave();
    leave();
    await settle(400);
    const second = hub.subscribe('BTC-USDT', () => undefined);
    await settle(1_000);
    expect(source.unwatched).toEqual([]);
    expect(source.watches).toBe(1);
    second();
    await settle(600);
    expect(source.unwatched).toEqual(['BTC-USDT']);
    expect(hub.pairs).toEqual([]);
    await settle(60_000);
    expect(source.watching).toBe(0);
    hub.subscribe('BTC-USDT', () => undefined);
    await settle();
    expect(source.watching).toBe(1);
  });

  it('ends everything when it is closed', async () => {
    const seen: (string | null)[] = [];
    hub.subscribe('BTC-USDT', (frame) => seen.push(frame.bidQuote));
    await settle();
    hub.close();
    await settle();
    const polls = source.polls;
    await settle(60_000);
    expect(source.watching).toBe(0);
    expect(source.polls).toBe(polls);
    expect(vi.getTimerCount()).toBe(0);
  });

  describe('a stream that says nothing', () => {
    let health: (string | null)[];

    beforeEach(async () => {
      health = [];
      hub.subscribeHealth(({ stream, pair, stale }) => {
        expect([stream, pair]).toEqual(['prices', 'BTC-USDT']);
        health.push(stale);
      });
      hub.subscribe('BTC-USDT', () => undefined);
      await settle();
      source.frame(1);
      await settle();
    });

    it('is believed as long as readings find the same price', async () => {
      await settle(60_000);
      expect(health).toEqual([]);
      expect(source.renewed).toEqual([]);
    });

    it('is stale once its price moved without a frame, is made anew, and believed again when it speaks', async () => {
      source.price = 2;
      await settle(1_000);
      expect(health).toEqual([]);
      await settle(1_000);
      expect(health).toEqual(['no frame of BTC-USDT for 2 s although its price moved; prices are read instead']);
      expect(source.renewed).toHaveLength(1);
      const polls = source.polls;
      await settle(10_000);
      expect(source.polls - polls).toBeGreaterThanOrEqual(9);
      expect(source.polls - polls).toBeLessThanOrEqual(11);
      source.frame(3);
      await settle();
      expect(health.slice(1)).toEqual([null]);
    });

    it('is believed again when it was made anew and the market went quiet', async () => {
      source.price = 2;
      await settle(2_000);
      expect(health).toHaveLength(1);
      await settle(14_000);
      expect(health.slice(1)).toEqual([null]);
      await settle(60_000);
      expect(health).toHaveLength(2);
    });

    it('is not stale when the frame of a reading comes late', async () => {
      source.price = 2;
      await settle(1_500);
      source.frame(2);
      await settle(60_000);
      expect(health).toEqual([]);
    });

    it('is stale when nothing can be read either', async () => {
      source.pollFails = true;
      await settle(1_000);
      expect(health).toEqual(['no frame of BTC-USDT for 1 s, and its price cannot be read either']);
      source.pollFails = false;
      await settle(14_000);
      expect(health.slice(1)).toEqual([null]);
    });

    it('is stale when it does not connect, and read every second meanwhile', async () => {
      source.refuses = true;
      source.break();
      await settle(1_500);
      expect(health).toEqual([expect.stringContaining('its stream does not connect')]);
      const polls = source.polls;
      await settle(10_000);
      expect(source.polls - polls).toBeGreaterThanOrEqual(9);
      // Nobody renews what does not even connect.
      expect(source.renewed).toEqual([]);
      source.refuses = false;
      await settle(10_000);
      source.frame(4);
      await settle();
      expect(health.slice(1)).toEqual([null]);
    });

    it('takes its alarm back when nobody listens to it any more', async () => {
      const leave = hub.subscribe('BTC-USDT', () => undefined);
      leave();
      source.price = 2;
      await settle(2_000);
      expect(health).toHaveLength(1);
      hub.close();
      const late: (string | null)[] = [];
      hub.subscribeHealth(({ stale }) => late.push(stale));
      expect(late).toEqual([]);
    });

    it('tells whoever asks later what is not believed now', async () => {
      source.price = 2;
      await settle(2_000);
      const late: (string | null)[] = [];
      hub.subscribeHealth(({ stale }) => late.push(stale));
      expect(late).toEqual(health);
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccountStream } from '../../src/exchanges/account-stream.js';
import type { CcxtClient, CcxtOrder, CcxtTrade } from '../../src/exchanges/ccxt-client.js';
import { describeFailure } from '../../src/exchanges/describe-failure.js';
import { createLogger } from '../../src/logger.js';
import type { AccountNews } from '../../src/ports/exchange.js';

type Settle = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** The streaming half of a ccxt client, driven by the test. */
class ScriptedClient {
  pending = new Map<string, Settle>();
  logins = 0;
  closes = 0;
  confirms = true;
  refuses = false;

  clients: Record<string, { futures: Record<string, true>; lastPong?: number; connectionEstablished: number; broken: number; onError(): void; close(): void }> = {};

  /** A socket that waits for one kind of update; its break is that of the streams of the account. */
  socket(messageHash: string): (typeof this.clients)[string] {
    const socket: (typeof this.clients)[string] = {
      futures: { [messageHash]: true },
      connectionEstablished: Date.now(),
      broken: 0,
      onError: () => {
        socket.broken += 1;
        void this.break();
      },
      close: () => undefined,
    };
    this.clients[messageHash] = socket;
    return socket;
  }

  async authenticate(): Promise<void> {
    this.logins += 1;
    if (this.refuses) throw new Error('connection refused');
    if (!this.confirms) await new Promise(() => undefined);
  }

  watchMyTrades = async (): Promise<unknown> => await this.#next('trades');
  watchOrders = async (): Promise<unknown> => await this.#next('orders');
  watchBalance = async (): Promise<unknown> => await this.#next('balance');

  async close(): Promise<void> {
    this.closes += 1;
  }

  async tell(stream: string, value: unknown): Promise<void> {
    this.pending.get(stream)?.resolve(value);
    await settle();
  }

  async break(): Promise<void> {
    for (const settle of this.pending.values()) settle.reject(new Error('socket closed'));
    await settle();
  }

  async #next(stream: string): Promise<unknown> {
    // A stream that somebody waits for has a socket.
    if (Object.keys(this.clients).length === 0) this.socket('orders');
    return await new Promise((resolve, reject) => {
      this.pending.set(stream, { resolve, reject });
    });
  }
}

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

let client: ScriptedClient;
let stream: AccountStream;
let news: AccountNews[];
let health: (string | null)[];

beforeEach(() => {
  vi.useFakeTimers();
  client = new ScriptedClient();
  news = [];
  health = [];
  stream = new AccountStream({
    client: client as unknown as CcxtClient,
    ready: async () => await Promise.resolve(),
    orderNews: (order: CcxtOrder) => {
      if (order.id === 'broken') throw new Error('cannot be read');
      return [{ kind: 'order', order: { clientOrderId: order.id } as never }];
    },
    tradeNews: (trade: CcxtTrade) => ({ kind: 'trade', clientOrderId: trade.id ?? null, trade: {} as never }),
    silentMs: 30_000,
    onHealth: (stale) => health.push(stale),
    failureOf: () => describeFailure({ code: 'EXCHANGE_UNREACHABLE' }),
    logger: createLogger({ name: 'test', env: { LOG_LEVEL: 'silent' } }),
  });
});

afterEach(() => {
  stream.close();
  vi.useRealTimers();
});

function kinds(): string[] {
  return news.map((entry) => entry.kind);
}

describe('user data stream', () => {
  it('does nothing before somebody listens, then logs in once for all', async () => {
    await settle(1_000);
    expect(client.logins).toBe(0);
    stream.subscribe((entry) => news.push(entry));
    stream.subscribe(() => undefined);
    await settle();
    expect(client.logins).toBe(1);
    expect(kinds()).toEqual(['connected']);
  });

  it('says connected only after the exchange has confirmed', async () => {
    client.confirms = false;
    stream.subscribe((entry) => news.push(entry));
    await settle(9_000);
    expect(kinds()).toEqual([]);
  });

  it('drops the sockets of a login that is never confirmed, and logs in anew', async () => {
    client.confirms = false;
    stream.subscribe((entry) => news.push(entry));
    await settle(10_000);
    expect(client.closes).toBe(1);
    expect(kinds()).toEqual(['disconnected']);
    client.confirms = true;
    await settle(200);
    expect(kinds()).toEqual(['disconnected', 'connected']);
  });

  it('tells an outage once, however often the reconnect fails, and the return once', async () => {
    stream.subscribe((entry) => news.push(entry));
    await settle();
    client.refuses = true;
    await client.break();
    await settle(60_000);
    expect(client.logins).toBeGreaterThan(5);
    expect(client.logins).toBeLessThan(30);
    client.refuses = false;
    await settle(10_000);
    expect(kinds()).toEqual(['connected', 'disconnected', 'connected']);
    client.refuses = true;
    await client.break();
    expect(kinds()).toEqual(['connected', 'disconnected', 'connected', 'disconnected']);
  });

  it('tells every trade and order of an update, and keeps going after one that cannot be read', async () => {
    stream.subscribe((entry) => news.push(entry));
    await settle();
    await client.tell('trades', [{ id: 't1' }, { id: 't2' }]);
    await client.tell('orders', [{ id: 'broken' }]);
    await client.tell('orders', [{ id: 'o1' }]);
    await client.tell('balance', {});
    expect(kinds()).toEqual(['connected', 'trade', 'trade', 'order', 'balance']);
  });

  it('says nothing any more once it is closed', async () => {
    stream.subscribe((entry) => news.push(entry));
    await settle();
    stream.close();
    await client.tell('trades', [{ id: 't1' }]);
    await client.break();
    await settle(60_000);
    expect(kinds()).toEqual(['connected']);
    expect(client.logins).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a user data stream that says nothing', () => {
  beforeEach(async () => {
    stream.subscribe((entry) => news.push(entry));
    await settle();
  });

  it('is stale without news or an answered ping, and is made anew', async () => {
    const socket = client.socket('orders');
    await settle(29_000);
    expect(health).toEqual([]);
    await settle(1_000);
    expect(health).toEqual([expect.stringContaining('no sign of life')]);
    expect(socket.broken).toBe(1);
    await settle(200);
    // Subscribing anew is what ends the alarm.
    expect(client.logins).toBe(2);
    expect(health.slice(1)).toEqual([null]);
  });

  it('lives by answered pings, and by news', async () => {
    const socket = client.socket('orders');
    for (let second = 0; second < 60; second += 10) {
      socket.lastPong = Date.now();
      await settle(10_000);
    }
    for (let second = 0; second < 60; second += 10) {
      await client.tell('balance', {});
      await settle(10_000);
    }
    expect(health).toEqual([]);
  });

  it('is stale when somebody found what it kept to itself', async () => {
    const socket = client.socket('myTrades');
    const prices = client.socket('bidask:bookTicker@BTC/USDT');
    stream.doubt('it said nothing of an order that ended');
    expect(health).toEqual(['it said nothing of an order that ended']);
    expect([socket.broken, prices.broken]).toEqual([1, 0]);
    await settle(200);
    expect(kinds()).toEqual(['connected', 'disconnected', 'connected']);
    expect(health.slice(1)).toEqual([null]);
  });
});

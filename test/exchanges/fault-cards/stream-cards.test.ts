import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountNews, ExchangePort, OrderIntent, TopOfBook } from '../../../src/ports/exchange.js';
import { intentOf, PAIR, Recorder, referenceOf } from '../port-inputs.js';
import { CardBench, expectNoSecret, SYMBOL } from './card-bench.js';

let bench: CardBench;
let port: ExchangePort;
let news: Recorder<AccountNews>;

beforeAll(async () => {
  bench = await CardBench.start();
});
beforeEach(async () => {
  port = await bench.connect('binance_paper_trade');
  news = new Recorder<AccountNews>();
  port.subscribeAccount(news.listen);
  await news.first((entry) => entry.kind === 'connected');
});
afterEach(async () => {
  await port.close();
  await bench.control.setSocketLifetime({ maxAgeMs: null });
  await bench.heal();
});
afterAll(async () => {
  expectNoSecret(bench.log);
  await bench.stop();
});

const isTradeOf = (intent: OrderIntent) => (entry: AccountNews): boolean => entry.kind === 'trade' && entry.clientOrderId === intent.clientOrderId;
const isOrderOf = (intent: OrderIntent) => (entry: AccountNews): boolean => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId;

/** The stream broke, was made anew, and tells again; a fill from between is on REST. */
async function comesBack(broken: () => Promise<unknown>): Promise<void> {
  const resting = intentOf({ priceQuote: '49000' });
  await port.submit(resting);
  await news.first(isOrderOf(resting));
  const from = news.all.length;
  await broken();
  // Filled while nobody listens.
  await bench.control.fillOrder({ clientOrderId: resting.clientOrderId, priceQuote: '49000', amountBase: '0.01' });
  await news.first((entry) => entry.kind === 'disconnected', from);
  await news.first((entry) => entry.kind === 'connected', from);
  expect(await port.lookUp(referenceOf(resting))).toMatchObject({ kind: 'found', order: { state: 'filled' } });
  const after = intentOf({ type: 'MARKET' });
  await port.submit(after);
  await news.first(isTradeOf(after), from);
}

describe('card 26: the user data stream ends', () => {
  it('card 26: its socket is killed', () => comesBack(() => bench.control.killSockets({ scope: 'user' })));

  it('card 26: the exchange recycles old sockets, with notice', () => comesBack(() => bench.control.setSocketLifetime({ scope: 'user', maxAgeMs: 300, noticeMs: 200 })).finally(() => bench.control.setSocketLifetime({ maxAgeMs: null })));

  it('card 26: the subscription is terminated while its socket stays and answers pings', () => comesBack(() => bench.control.terminateUserData('main')));

  it('card 26: its socket falls silent without closing', async () => {
    const watchful = await bench.connect('binance_paper_trade', { silentAccountStreamMs: 5_500 });
    const heard = new Recorder<AccountNews>();
    watchful.subscribeAccount(heard.listen);
    await heard.first((entry) => entry.kind === 'connected');
    expect(await bench.control.stallSockets({ scope: 'user' })).toBeGreaterThan(0);
    const unheard = intentOf({ type: 'MARKET' });
    await watchful.submit(unheard);
    await heard.first((entry) => entry.kind === 'disconnected');
    await heard.first((entry) => entry.kind === 'connected', 1);
    expect(heard.all.some(isTradeOf(unheard))).toBe(false);
    const after = intentOf({ type: 'MARKET' });
    await watchful.submit(after);
    await heard.first(isTradeOf(after));
    await watchful.close();
  });

  it('card 26: a subscription that is refused at first is asked for again', async () => {
    const from = news.all.length;
    await bench.arm({ kind: 'code-before-commit', code: -1008, method: 'WS', route: '/userDataStream.subscribe.signature', count: 2 });
    await bench.control.killSockets({ scope: 'user' });
    await news.first((entry) => entry.kind === 'connected', from);
    expect(news.all.slice(from).map(({ kind }) => kind)).toEqual(['disconnected', 'connected']);
  });
});

describe('card 27: frames that do not arrive as they were sent', () => {
  it('card 27: lost: the stream says nothing, REST has the order and its trade', async () => {
    await bench.arm({ kind: 'frames-lost', scope: 'user', account: 'main', count: null });
    const intent = intentOf({ type: 'MARKET' });
    const outcome = await port.submit(intent);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    expect(await port.tradesOf(PAIR, outcome.order.exchangeOrderId)).toHaveLength(1);
    expect(news.all.filter(isTradeOf(intent))).toEqual([]);
    expect((await bench.control.faults())[0]?.hits).toBeGreaterThan(0);
  });

  it('card 27: duplicated: told twice with the same trade id, by which it is counted once', async () => {
    await bench.arm({ kind: 'frames-duplicated', scope: 'user', count: null });
    const [intent, next] = [intentOf({ type: 'MARKET' }), intentOf({ type: 'MARKET' })];
    await port.submit(intent);
    await port.submit(next);
    await news.first(isTradeOf(next));
    const ids = new Set(news.all.filter(isTradeOf(intent)).map((entry) => (entry.kind === 'trade' ? entry.trade.tradeId : '')));
    expect(ids.size).toBe(1);
  });

  it('card 27: reordered and delayed: told late, with everything in it', async () => {
    await bench.arm({ kind: 'frames-reordered', scope: 'user', clientOrderIdPrefix: 'd', count: 1 });
    await bench.arm({ kind: 'frames-delayed', delayMs: 150, scope: 'user', count: 3, skip: 1 });
    const intent = intentOf({ type: 'MARKET' });
    await port.submit(intent);
    expect(await news.first(isTradeOf(intent))).toMatchObject({ trade: { amountBase: '0.01', priceQuote: '50001' } });
  });

  it('card 27: a price frame that is lost, doubled or late is only a price', async () => {
    const tops = new Recorder<TopOfBook>();
    const stop = port.subscribeTopOfBook(PAIR, tops.listen);
    // The first price may have come over REST: the stream speaks when it tells a change.
    await bench.control.setPrice(SYMBOL, '50010', '50011');
    await tops.first((top) => top.bidQuote === '50010');
    await bench.arm({ kind: 'frames-lost', scope: 'public', symbol: SYMBOL, count: 1 });
    await bench.arm({ kind: 'frames-duplicated', scope: 'public', symbol: SYMBOL, count: null });
    await bench.control.setPrice(SYMBOL, '50100', '50101');
    await bench.control.setPrice(SYMBOL, '50200', '50201');
    await tops.first((top) => top.bidQuote === '50200');
    expect((await bench.control.faults()).map(({ hits }) => hits > 0)).toEqual([true, true]);
    stop();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountBalances } from '../../src/exchanges/account-balances.js';
import { Decimal, decimal } from '../../src/domain/money.js';
import { createPriceHistory } from '../../src/exchanges/price-history.js';
import type { AccountNews, ExchangePort, ExchangeTrade, TopOfBook } from '../../src/ports/exchange.js';
import { PaperVenue, SYMBOL } from './paper-venue.js';
import { intentOf, PAIR, Recorder, referenceOf } from './port-inputs.js';

let venue: PaperVenue;
let port: ExchangePort;

beforeAll(async () => {
  venue = await PaperVenue.start();
  port = await venue.exchange({ silentStreamMs: 300 });
});

afterAll(async () => {
  await venue.stop();
});

async function listen(): Promise<{ news: Recorder<AccountNews>; stop: () => void }> {
  const news = new Recorder<AccountNews>();
  const stop = port.subscribeAccount(news.listen);
  await news.first((entry) => entry.kind === 'connected');
  return { news, stop };
}

function tradesIn(news: Recorder<AccountNews>, clientOrderId: string): ExchangeTrade[] {
  return news.all.flatMap((entry) => (entry.kind === 'trade' && entry.clientOrderId === clientOrderId ? [entry.trade] : []));
}

describe('user data stream', () => {
  it('tells each of many fills once, with its own exact fee, also when they come in one burst', async () => {
    const { news, stop } = await listen();
    await venue.control.setMatching(SYMBOL, { mode: 'manual', admission: 'accept' });
    const intent = intentOf({ amountBase: '0.3' });
    const outcome = await port.submit(intent);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    const fills = Array.from({ length: 300 }, (_, index) => ({
      clientOrderId: intent.clientOrderId,
      // More digits than a double has: they have to come through.
      priceQuote: `49000.12345678901${index + 100}`,
      amountBase: '0.001',
      ...(index % 3 === 0 ? { feeAsset: 'BNB', feeAmount: `0.00000${index + 100}1` } : {}),
    }));
    await Promise.all(fills.map(async (fill) => await venue.control.fillOrder(fill)));
    await news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId && entry.order.state === 'filled');
    while (tradesIn(news, intent.clientOrderId).length < 300) await news.first((entry) => entry.kind === 'trade', news.all.length);
    stop();
    await venue.control.setMatching(SYMBOL, { mode: 'automatic' });
    const ledger = await port.tradesOf(PAIR, outcome.order.exchangeOrderId);
    const byId = (trades: readonly ExchangeTrade[]): ExchangeTrade[] => [...trades].sort((left, right) => Number(left.tradeId) - Number(right.tradeId));
    expect(byId(tradesIn(news, intent.clientOrderId))).toEqual(byId(ledger));
    expect(new Set(ledger.map((trade) => trade.priceQuote))).toEqual(new Set(fills.map((fill) => fill.priceQuote.replace(/0+$/, ''))));
  });

  it('tells a market order that walks the book fill by fill', async () => {
    await venue.control.setBook(SYMBOL, { bids: [['50000', '1']], asks: [['50001', '0.01'], ['50002', '0.02'], ['50005', '5']] });
    const { news, stop } = await listen();
    const intent = intentOf({ type: 'MARKET', amountBase: '0.05' });
    const outcome = await port.submit(intent);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    expect(outcome.trades.map((trade) => [trade.priceQuote, trade.amountBase])).toEqual([['50001', '0.01'], ['50002', '0.02'], ['50005', '0.02']]);
    while (tradesIn(news, intent.clientOrderId).length < 3) await news.first((entry) => entry.kind === 'trade', news.all.length);
    stop();
    expect(tradesIn(news, intent.clientOrderId)).toEqual(outcome.trades);
    await venue.control.setPrice(SYMBOL, '50000', '50001');
  });

  it('tells a break and the return once each, and after the return that everything is to be reconciled', async () => {
    const { news, stop } = await listen();
    const before = news.all.length;
    await venue.control.killSockets({ scope: 'user', refuseMs: 1_200 });
    await news.first((entry) => entry.kind === 'disconnected', before);
    const missed = intentOf();
    await port.submit(missed);
    await news.first((entry) => entry.kind === 'connected', before);
    const kinds = news.all.slice(before).map((entry) => entry.kind);
    expect(kinds).toEqual(['disconnected', 'connected']);
    // What happened in the gap is not in the stream: that is what `connected` is for.
    expect((await port.openOrders(PAIR)).map((order) => order.clientOrderId)).toContain(missed.clientOrderId);
    const after = intentOf();
    await port.submit(after);
    await news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === after.clientOrderId);
    stop();
  });

  it('tells who listens later that the stream stands, and keeps one listener apart from another', async () => {
    const first = await listen();
    const angry = port.subscribeAccount(() => {
      throw new Error('mine');
    });
    const second = await listen();
    const intent = intentOf();
    await port.submit(intent);
    for (const { news } of [first, second]) await news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId);
    first.stop();
    const count = first.news.all.length;
    await port.cancel(referenceOf(intent));
    await second.news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId && entry.order.state === 'cancelled');
    expect(first.news.all.length).toBe(count);
    angry();
    second.stop();
  });
});

describe('prices', () => {
  it('reach 300 listeners over one stream, and go on after a break without a frame missed for long', async () => {
    const recorders = Array.from({ length: 300 }, () => new Recorder<TopOfBook>());
    const stops = recorders.map((recorder) => port.subscribeTopOfBook(PAIR, recorder.listen));
    await Promise.all(recorders.map(async (recorder) => await recorder.first((top) => top.bidQuote === '50000')));
    for (let price = 50_100; price < 50_120; price += 1) await venue.control.setPrice(SYMBOL, String(price), String(price + 1));
    await Promise.all(recorders.map(async (recorder) => await recorder.first((top) => top.bidQuote === '50119')));
    await venue.control.killSockets({ scope: 'public', refuseMs: 1_000 });
    // No stream now: this price can only be read.
    await venue.control.setPrice(SYMBOL, '50200', '50201');
    await Promise.all(recorders.map(async (recorder) => await recorder.first((top) => top.bidQuote === '50200')));
    await venue.control.setPrice(SYMBOL, '50000', '50001');
    await Promise.all(recorders.map(async (recorder) => await recorder.first((top) => top.bidQuote === '50000', recorder.all.length - 1)));
    for (const stop of stops) stop();
  });

  it('are there without credentials', async () => {
    const data = await venue.marketData();
    expect(await data.topOfBook(PAIR)).toMatchObject({ bidQuote: '50000', askQuote: '50001' });
    const tops = new Recorder<TopOfBook>();
    const stop = data.subscribeTopOfBook(PAIR, tops.listen);
    await tops.first((top) => top.askQuote === '50001');
    stop();
    await data.close();
  });

  it('tell an empty side as none', async () => {
    await venue.control.setBook(SYMBOL, { bids: [['50000', '1']], asks: [] });
    expect(await port.topOfBook(PAIR)).toMatchObject({ bidQuote: '50000', askQuote: null });
    await venue.control.setPrice(SYMBOL, '50000', '50001');
  });

  it('value a fee asset by the open of its minute, the same whenever it is asked', async () => {
    await venue.control.setPrice('BNBUSDT', '600', '602');
    const atMs = Date.now();
    const first = await createPriceHistory(port).priceAt('BNB', 'USDT', atMs);
    await venue.control.setPrice('BNBUSDT', '700', '702');
    expect(await createPriceHistory(port).priceAt('BNB', 'USDT', atMs)).toBe(first);
    expect(first).toBe('601');
    expect(await createPriceHistory(port).priceAt('NOPE', 'USDT', atMs)).toBeNull();
    expect(await createPriceHistory(port).priceAt('USDT', 'USDT', atMs)).toBe('1');
  });
});

describe('funds of one account', () => {
  it('two orders at once with money for one: one is told so, and the exchange refuses nothing', async () => {
    const free = decimal((await port.balances())['USDT']?.free ?? '0');
    const priceQuote = '49000';
    const amountBase = free.times('0.6').div(priceQuote).toDecimalPlaces(5, Decimal.ROUND_DOWN).toFixed();
    const need = decimal(amountBase).times(priceQuote).toFixed();
    const funds = new AccountBalances(port, { maxWaitMs: 3_000, pauseMs: 50 });
    await venue.control.setMatching(SYMBOL, { mode: 'manual', admission: 'accept' });
    const results = await Promise.all(
      ['a', 'b'].map(async (session) => {
        const reserved = await funds.reserve(session, 'USDT', need);
        if (reserved.kind !== 'reserved') return reserved.kind;
        const outcome = await port.submit(intentOf({ amountBase, priceQuote, deadlineMs: 2_000 }));
        if (outcome.kind === 'accepted') funds.acknowledge(session, 'USDT', need);
        return outcome.kind;
      }),
    );
    expect([...results].sort()).toEqual(['accepted', 'insufficient']);
    await venue.control.setMatching(SYMBOL, { mode: 'automatic' });
    funds.close();
  });

  it('are counted to the last cent by fifty sessions at once', async () => {
    await venue.control.deposit('paper', 'ETH', '1');
    const free = Number((await port.balances())['ETH']?.free ?? '0');
    const need = '3';
    const fits = Math.floor(free / 3);
    const funds = new AccountBalances(port, { maxWaitMs: 500, pauseMs: 20 });
    const results = await Promise.all(
      Array.from({ length: 50 }, async (_, session) => {
        const reserved = await funds.reserve(String(session), 'ETH', need);
        if (reserved.kind !== 'reserved') return reserved.kind;
        const outcome = await port.submit(intentOf({ pair: 'ETH-USDT', side: 'SELL', amountBase: need, priceQuote: '9000', deadlineMs: 2_000 }));
        if (outcome.kind === 'accepted') funds.acknowledge(String(session), 'ETH', need);
        return outcome.kind;
      }),
    );
    const count = (kind: string): number => results.filter((result) => result === kind).length;
    expect([count('accepted'), count('insufficient'), count('rejected')]).toEqual([fits, 50 - fits, 0]);
    funds.close();
  });

  it('come back when they are released, without waiting for the next reading', async () => {
    const funds = new AccountBalances(port, { maxWaitMs: 600_000, pauseMs: 600_000 });
    const free = (await port.balances())['BTC']?.free ?? '0';
    expect(await funds.reserve('a', 'BTC', free)).toEqual({ kind: 'reserved' });
    const waiting = funds.reserve('b', 'BTC', free);
    setTimeout(() => funds.release('a'), 100);
    expect(await waiting).toEqual({ kind: 'reserved' });
    expect(await funds.reserve('c', 'XRP', '1')).toMatchObject({ kind: 'insufficient', available: '0', needed: '1' });
    funds.close();
  });

  it('are unknown, not insufficient, while they cannot be read', async () => {
    const funds = new AccountBalances(port);
    await venue.control.armFault({ kind: 'drop-before-commit', route: '/api/v3/account' });
    expect(await funds.reserve('a', 'BTC', '0.1')).toMatchObject({ kind: 'unknown', failure: { code: 'OUTCOME_UNKNOWN' } });
    expect(await funds.reserve('a', 'BTC', '0.1')).toEqual({ kind: 'reserved' });
    funds.close();
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.js';
import { createExchange } from '../../src/exchanges/create-exchange.js';
import { findFreePorts } from '../../src/processes/free-ports.js';
import { type AccountNews, type ExchangePort, ExchangeReadError, type SubmitOutcome, type TopOfBook } from '../../src/ports/exchange.js';
import { PaperVenue, SYMBOL } from './paper-venue.js';
import { intentOf, PAIR, Recorder, referenceOf } from './port-inputs.js';

let venue: PaperVenue;
let port: ExchangePort;

beforeAll(async () => {
  venue = await PaperVenue.start();
  port = await venue.exchange();
  await port.rules(PAIR);
});

afterEach(async () => {
  await venue.control.clearFaults();
  await venue.control.setMatching(SYMBOL, { mode: 'automatic' });
});

afterAll(async () => {
  await venue.stop();
});

const ORDER = { route: '/api/v3/order' } as const;
const NEW_ORDER = { ...ORDER, method: 'POST' } as const;

type Fault = Parameters<PaperVenue['control']['armFault']>[0];

describe('a new order through the real client', () => {
  const beforeCommit: readonly (readonly [string, Fault, SubmitOutcome['kind'], string])[] = [
    ['connection dropped', { kind: 'drop-before-commit', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['status 500', { kind: 'status-before-commit', status: 500, ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['status 502, a page', { kind: 'status-before-commit', status: 502, body: '<html>Bad Gateway</html>', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['status 524, a page', { kind: 'status-before-commit', status: 524, body: '<html>timeout</html>', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['status 200, a page', { kind: 'status-before-commit', status: 200, body: '<html>hello</html>', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['status 200, no order', { kind: 'status-before-commit', status: 200, body: '{}', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['status 200, another order', { kind: 'status-before-commit', status: 200, body: JSON.stringify({ symbol: SYMBOL, orderId: 9, clientOrderId: 'other', status: 'NEW', type: 'LIMIT', side: 'BUY', price: '1', origQty: '1', executedQty: '0' }), ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['-1006', { kind: 'status-before-commit', status: 400, body: '{"code":-1006,"msg":"Execution status unknown."}', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['-1007', { kind: 'status-before-commit', status: 400, body: '{"code":-1007,"msg":"Timeout."}', ...NEW_ORDER }, 'unknown', 'OUTCOME_UNKNOWN'],
    ['-1015 as 400', { kind: 'status-before-commit', status: 400, body: '{"code":-1015,"msg":"Too many new orders."}', ...NEW_ORDER }, 'notSent', 'THROTTLED'],
    ['-1021', { kind: 'status-before-commit', status: 400, body: '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}', ...NEW_ORDER }, 'notSent', 'CLOCK_SKEW'],
    ['-2015', { kind: 'status-before-commit', status: 401, body: '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}', ...NEW_ORDER }, 'rejected', 'CREDENTIALS_REFUSED'],
    ['market closed', { kind: 'status-before-commit', status: 400, body: '{"code":-2010,"msg":"Market is closed."}', ...NEW_ORDER }, 'rejected', 'MARKET_CLOSED'],
    ['an unheard code', { kind: 'status-before-commit', status: 400, body: '{"code":-9999,"msg":"New."}', ...NEW_ORDER }, 'unknown', 'EXCHANGE_ERROR'],
    ['status 403, a page', { kind: 'status-before-commit', status: 403, body: '<html>Forbidden</html>', ...NEW_ORDER }, 'rejected', 'PERMISSION_DENIED'],
  ];
  it.each(beforeCommit)('%s: the outcome proves no more than it should', async (_, fault, kind, code) => {
    const intent = intentOf();
    await venue.control.armFault(fault);
    const outcome = await port.submit(intent);
    expect(outcome).toMatchObject({ kind, failure: { code } });
    if (outcome.kind !== 'accepted') expect(outcome.failure.message).not.toMatch(/https?:|signature|paper-key|paper-secret/);
    expect(await port.lookUp(referenceOf(intent))).toEqual({ kind: 'missing' });
  });

  it('pauses everything as long as the exchange asks for, and knows where the wait ended', async () => {
    await venue.control.armFault({ kind: 'status-before-commit', status: 429, ...NEW_ORDER });
    expect(await port.submit(intentOf())).toMatchObject({ kind: 'unknown', failure: { code: 'THROTTLED', retryAfterMs: 1_000 } });
    const held = intentOf({ deadlineMs: 300 });
    expect(await port.submit(held)).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED' } });
    // The pause is over before this deadline.
    const patient = intentOf({ deadlineMs: 2_400 });
    expect(await port.submit(patient)).toMatchObject({ kind: 'accepted' });
    expect(await port.lookUp(referenceOf(held))).toEqual({ kind: 'missing' });
    expect(await venue.control.orders({ clientOrderId: held.clientOrderId })).toEqual([]);
  });

  it('is refused by the exchange when it arrives after its deadline, so that missing is final', async () => {
    const intent = intentOf({ deadlineMs: 300 });
    await venue.control.armFault({ kind: 'delay-before-commit', delayMs: 700, ...NEW_ORDER });
    expect(await port.submit(intent)).toMatchObject({ kind: 'unknown' });
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(await port.lookUp(referenceOf(intent))).toEqual({ kind: 'missing' });
    expect(await venue.control.orders({ clientOrderId: intent.clientOrderId })).toEqual([]);
  });

  it('takes what the exchange answers in time, however slowly', async () => {
    await venue.control.armFault({ kind: 'delay-after-commit', delayMs: 300, ...NEW_ORDER });
    expect(await port.submit(intentOf())).toMatchObject({ kind: 'accepted' });
  });

  it('is sent once: a lost answer is never repeated by the client', async () => {
    const intent = intentOf({ type: 'MARKET' });
    await venue.control.armFault({ kind: 'drop-after-commit', ...NEW_ORDER });
    await port.submit(intent);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await venue.control.orders({ clientOrderId: intent.clientOrderId })).toHaveLength(1);
  });
});

describe('a live connector', () => {
  it('works by the same rules, at the pace of its exchange and with its clock', async () => {
    const { restUrl, websocketUrl } = venue.launched;
    const config = parseConfig({
      accounts: [{ name: 'main', connector: 'binance', credentials: { apiKeyEnv: 'LIVE_KEY', secretEnv: 'LIVE_SECRET' } }],
      connectors: { binance: { restUrl, websocketUrl } },
    });
    const env = { LOG_LEVEL: 'silent', LIVE_KEY: 'paper-key', LIVE_SECRET: 'paper-secret' };
    const live = await createExchange(config, { connector: 'binance', account: 'main' }, { env });
    await live.rules(PAIR);
    const intent = intentOf({ deadlineMs: 2_000 });
    expect(await live.submit(intent)).toMatchObject({ kind: 'accepted' });
    await venue.control.armFault({ kind: 'delay-before-commit', delayMs: 0, route: '/api/v3/time', count: null });
    await venue.control.armFault({ kind: 'status-before-commit', status: 400, body: '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}', ...NEW_ORDER });
    expect(await live.submit(intentOf())).toMatchObject({ kind: 'notSent', failure: { code: 'CLOCK_SKEW' } });
    const clockRead = async (): Promise<boolean> => (await venue.control.faults()).some((fault) => fault.kind === 'delay-before-commit' && fault.hits > 0);
    while (!(await clockRead())) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await live.cancel(referenceOf(intent))).toMatchObject({ kind: 'cancelled' });
    await live.close();
  });

  it('is paused by a throttle code that comes without its status', async () => {
    await venue.control.armFault({ kind: 'status-before-commit', status: 400, body: '{"code":-1015,"msg":"Too many new orders."}', ...NEW_ORDER });
    expect(await port.submit(intentOf())).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED' } });
    expect(await port.submit(intentOf({ deadlineMs: 200 }))).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED' } });
    expect(await port.submit(intentOf({ deadlineMs: 2_000 }))).toMatchObject({ kind: 'accepted' });
  });
});

describe('a cancel through the real client', () => {
  it.each([
    ['dropped before', { kind: 'drop-before-commit' }, 'open'],
    ['dropped after', { kind: 'drop-after-commit' }, 'cancelled'],
    ['answered with 500 after', { kind: 'status-after-commit', status: 500 }, 'cancelled'],
    ['throttled', { kind: 'status-before-commit', status: 400, body: '{"code":-1003,"msg":"Too many requests."}' }, 'open'],
  ] as const)('%s it took effect: unknown, and the look-up tells', async (_, fault, state) => {
    const intent = intentOf();
    await port.submit(intent);
    await venue.control.armFault({ ...fault, ...ORDER, method: 'DELETE' });
    expect(await port.cancel(referenceOf(intent))).toMatchObject({ kind: 'unknown' });
    expect(await port.lookUp(referenceOf(intent))).toMatchObject({ kind: 'found', order: { state } });
  });

  it('stays a confirmed cancel when its answer has no readable order', async () => {
    await venue.control.armFault({ kind: 'status-before-commit', status: 200, body: '{"symbol":"BTCUSDT"}', ...ORDER, method: 'DELETE' });
    expect(await port.cancel(referenceOf(intentOf()))).toEqual({ kind: 'cancelled', order: null });
  });
});

describe('a look-up through the real client', () => {
  it.each([
    ['dropped', { kind: 'drop-before-commit' }],
    ['answered with 503', { kind: 'status-before-commit', status: 503 }],
    ['answered with a page', { kind: 'status-before-commit', status: 200, body: '<html></html>' }],
    ['refused', { kind: 'status-before-commit', status: 401, body: '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}' }],
    ['cut short', { kind: 'cut-body-after-commit' }],
    ['not answered', { kind: 'delay-before-commit', delayMs: 1_500 }],
  ] as const)('that is %s proves nothing', async (_, fault) => {
    const slow = await venue.exchange({ requestDeadlineMs: 500 });
    await slow.rules(PAIR);
    await venue.control.armFault({ ...fault, ...ORDER, method: 'GET' });
    expect(await slow.lookUp(referenceOf(intentOf()))).toMatchObject({ kind: 'unknown' });
    await slow.close();
  });
});

describe('reads through the real client', () => {
  it('throw a read error that names what happened, without an address', async () => {
    for (const [route, read] of [
      ['/api/v3/myTrades', async () => await port.tradesOf(PAIR, '1')],
      ['/api/v3/openOrders', async () => await port.openOrders(null)],
      ['/api/v3/allOrders', async () => await port.ordersSince(PAIR, 0)],
      ['/api/v3/account', async () => await port.balances()],
      ['/api/v3/ticker/bookTicker', async () => await port.topOfBook(PAIR)],
      ['/api/v3/klines', async () => await port.candles(PAIR, 60_000, 0, 1)],
    ] as const) {
      await venue.control.armFault({ kind: 'drop-before-commit', route });
      const error = await read().then(() => null, (thrown: unknown) => thrown);
      expect(error, route).toBeInstanceOf(ExchangeReadError);
      expect((error as ExchangeReadError).failure.code).toBe('OUTCOME_UNKNOWN');
      expect((error as ExchangeReadError).message).not.toMatch(/http:|signature/);
    }
  });

  it('read all trades of an order, over several pages, each once', async () => {
    await venue.control.setMatching(SYMBOL, { mode: 'manual', admission: 'accept' });
    const intent = intentOf({ amountBase: '1.005' });
    const outcome = await port.submit(intent);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    for (let fill = 0; fill < 1_005; fill += 1) {
      await venue.control.fillOrder({ clientOrderId: intent.clientOrderId, priceQuote: '49000', amountBase: '0.001', feeAsset: 'BNB', feeAmount: `0.0000${1_000 + fill}` });
    }
    const trades = await port.tradesOf(PAIR, outcome.order.exchangeOrderId);
    expect(trades).toHaveLength(1_005);
    expect(new Set(trades.map((trade) => trade.tradeId)).size).toBe(1_005);
    expect(trades.map((trade) => trade.fees[0])).toEqual(Array.from({ length: 1_005 }, (_, fill) => ({ asset: 'BNB', amount: `0.0000${1_000 + fill}`.replace(/0+$/, '') })));
  });
});

describe('an exchange that is not there', () => {
  it('makes nothing unknown: what could not connect was not sent, and it works once the exchange is back', async () => {
    const [restPort = 0, controlPort = 0] = await findFreePorts(2);
    const first = await PaperVenue.start({ port: restPort, controlPort });
    const lonely = await first.exchange();
    await lonely.rules(PAIR);
    await first.launched.kill();
    const intent = intentOf();
    expect(await lonely.submit(intent)).toMatchObject({ kind: 'notSent', failure: { code: 'EXCHANGE_UNREACHABLE' } });
    expect(await lonely.lookUp(referenceOf(intent))).toMatchObject({ kind: 'unknown', failure: { code: 'EXCHANGE_UNREACHABLE' } });
    expect(await lonely.cancel(referenceOf(intent))).toMatchObject({ kind: 'notSent' });
    const second = await PaperVenue.start({ port: restPort, controlPort, databaseFile: `${first.directory}/ledger.db` });
    expect(await lonely.submit(intent)).toMatchObject({ kind: 'accepted' });
    await second.stop();
    await first.stop();
  });

  it('breaks no stream for good, and ends no process with an error nobody waited for', async () => {
    const [restPort = 0, controlPort = 0] = await findFreePorts(2);
    const first = await PaperVenue.start({ port: restPort, controlPort });
    const watched = await first.exchange({ silentStreamMs: 500 });
    const news = new Recorder<AccountNews>();
    const tops = new Recorder<TopOfBook>();
    watched.subscribeAccount(news.listen);
    watched.subscribeTopOfBook(PAIR, tops.listen);
    await news.first((entry) => entry.kind === 'connected');
    await tops.first((top) => top.bidQuote === '50000');
    const before = news.all.length;
    await first.launched.kill();
    await news.first((entry) => entry.kind === 'disconnected', before);
    // Long enough for several refused reconnects of both streams.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const second = await PaperVenue.start({ port: restPort, controlPort, databaseFile: `${first.directory}/ledger.db` });
    await second.control.setPrice(SYMBOL, '51000', '51001');
    await tops.first((top) => top.bidQuote === '51000');
    await news.first((entry) => entry.kind === 'connected', before);
    const intent = intentOf({ deadlineMs: 2_000 });
    await watched.submit(intent);
    await news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId, before);
    expect(news.all.slice(before, before + 2).map((entry) => entry.kind)).toEqual(['disconnected', 'connected']);
    await watched.close();
    await second.stop();
    await first.stop();
  });

  it('does not poison the markets: the first read fails, a later one works', async () => {
    const [restPort = 0, controlPort = 0] = await findFreePorts(2);
    const first = await PaperVenue.start({ port: restPort, controlPort });
    const early = await first.exchange();
    await first.launched.kill();
    expect(await early.submit(intentOf())).toMatchObject({ kind: 'notSent', failure: { code: 'EXCHANGE_UNREACHABLE' } });
    await expect(early.rules(PAIR)).rejects.toBeInstanceOf(ExchangeReadError);
    const second = await PaperVenue.start({ port: restPort, controlPort, databaseFile: `${first.directory}/ledger.db` });
    expect(await early.rules(PAIR)).toMatchObject({ pair: PAIR });
    expect(await early.submit(intentOf())).toMatchObject({ kind: 'accepted' });
    await second.stop();
    await first.stop();
  });

  it('tells rules that were changed meanwhile', async () => {
    await venue.control.setRules(SYMBOL, { priceTickQuote: '0.1' });
    expect(await port.rules(PAIR)).toMatchObject({ priceTickQuote: '0.1' });
    await venue.control.setRules(SYMBOL, { priceTickQuote: '0.01' });
    expect(await port.rules(PAIR)).toMatchObject({ priceTickQuote: '0.01' });
  });
});

describe('wrong keys', () => {
  it.each([
    ['an unknown key', { PAPER_API_KEY: 'nobody' }],
    ['a wrong secret', { PAPER_API_SECRET: 'wrong' }],
  ])('%s: refused, and said so', async (_, env) => {
    const stranger = await venue.exchange({}, env);
    expect(await stranger.submit(intentOf())).toMatchObject({ kind: 'rejected', failure: { code: 'CREDENTIALS_REFUSED' } });
    await expect(stranger.balances()).rejects.toMatchObject({ failure: { code: 'CREDENTIALS_REFUSED' } });
    await stranger.close();
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockFuturesClient } from './stock-futures-client.js';

const PAIR = 'BTC/USDT:USDT';
const BTC = 'BTCUSDT_PERP';
const DEADLINE_MS = 30_000;

let exchange: LaunchedExchange;
let client: StockFuturesClient;

const text = (value: string | undefined): number => value as unknown as number;

async function place(type: string, side: 'buy' | 'sell', amount: string, price?: string, params: object = {}): Promise<string> {
  return String((await client.createOrder(PAIR, type, side, text(amount), text(price), params)).id);
}

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
  await exchange.control.setPrice(BTC, '60000', '60000.1');
  client = await exchange.futuresClient();
});
afterAll(() => exchange.end());

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

type Frame = Readonly<Record<string, unknown>> & { readonly e: string };
interface OrderFields {
  readonly x: string;
  readonly X: string;
  readonly c: string;
  readonly o: string;
  readonly rp: string;
}

/** A plain socket on the user data stream, and every frame it got. */
async function listen(): Promise<{ frames: Frame[]; socket: WebSocket; key: string }> {
  const subscribed = async (): Promise<number> => (await exchange.subscriptions()).userData.filter((name) => name === 'usdm:paper').length;
  const before = await subscribed();
  const { listenKey: key } = (await client.fapiPrivatePostListenKey()) as unknown as { listenKey: string };
  const socket = new WebSocket(`${exchange.process.websocketUrl}/usdm/private/ws?listenKey=${key}`);
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8')) as Frame));
  await until(async () => (await subscribed()) > before);
  return { frames, socket, key };
}

const orderFrames = (frames: readonly Frame[], clientOrderId: string): OrderFields[] =>
  frames.filter(({ e }) => e === 'ORDER_TRADE_UPDATE').map((frame) => frame['o'] as OrderFields).filter(({ c }) => c === clientOrderId);

describe('market data', () => {
  test('best prices, ticker, book, trades, candles and mark price', async () => {
    const [best, ticker, book, mark] = await Promise.all([
      client.watchBidsAsks([PAIR]),
      client.watchTicker(PAIR),
      client.watchOrderBook(PAIR),
      client.watchMarkPrice(PAIR),
    ]);
    expect(best[PAIR]).toMatchObject({ bid: '60000.00000000', ask: '60000.10000000' });
    expect([ticker.symbol, mark.symbol, mark.markPrice]).toEqual([PAIR, PAIR, '60000.05000000']);
    expect([book.symbol, book.bids[0]?.[0], book.asks[0]?.[0]]).toEqual([PAIR, 60000, 60000.1]);
    const [trades, candles] = [client.watchTrades(PAIR), client.watchOHLCV(PAIR, '1m')];
    const { streams } = await exchange.subscriptions();
    expect(streams.every((name) => name.startsWith('usdm:btcusdt@'))).toBe(true);
    await until(async () => (await exchange.subscriptions()).streams.some((name) => name.endsWith('@trade')));
    await exchange.control.printTrade(BTC, { priceQuote: '60000', amountBase: '0.5', buyerIsMaker: true });
    expect((await trades)[0]).toMatchObject({ symbol: PAIR, price: '60000.00000000', amount: '0.50000000', side: 'sell' });
    expect((await candles).length).toBeGreaterThan(0);
  });

  test('differences of the book chain, and follow the market', async () => {
    for (let step = 1; step <= 5; step += 1) {
      const bid = 60_000 - step;
      await exchange.control.setPrice(BTC, String(bid), String(bid + 1));
      // A gap in the chain would make the client drop its book.
      await until(() => client.orderbooks[PAIR]?.bids[0]?.[0] === bid);
      const book = client.orderbooks[PAIR]!;
      expect([book.bids.length, book.asks[0]?.[0]]).toEqual([1, bid + 1]);
    }
    await exchange.control.setPrice(BTC, '60000', '60000.1');
  });

  test('a stream that does not exist is refused', async () => {
    const socket = new WebSocket(`${exchange.process.websocketUrl}/usdm/market/ws`);
    const answers: unknown[] = [];
    socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString('utf8'))));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ id: 1, method: 'SUBSCRIBE', params: ['dogeusdt@bookTicker'] }));
    await until(() => answers.length > 0);
    expect(answers[0]).toMatchObject({ id: 1, error: { code: 2 } });
    socket.terminate();
  });
});

describe('user data', () => {
  beforeEach(async () => {
    await exchange.control.setPrice(BTC, '60000', '60000.1');
  });
  afterEach(async () => {
    await exchange.control.setMarkPrice(BTC, null);
    await client.cancelAllOrders(PAIR);
    for (const { side, contracts } of await client.fetchPositions()) {
      await place('market', side === 'long' ? 'sell' : 'buy', String(contracts), undefined, { reduceOnly: true });
    }
  });

  test('orders, trades, balance and positions reach the client', async () => {
    // The first answer is what there was before: nothing.
    expect(await client.watchPositions([PAIR])).toEqual([]);
    const [orders, trades, positions, balance] = [client.watchOrders(PAIR), client.watchMyTrades(PAIR), client.watchPositions([PAIR]), client.watchBalance()];
    await until(async () => (await exchange.subscriptions()).userData.includes('usdm:paper'));
    const id = await place('market', 'buy', '0.1', undefined, { clientOrderId: 'watched' });
    expect((await orders)[0]).toMatchObject({ id, clientOrderId: 'watched', symbol: PAIR });
    expect((await trades)[0]).toMatchObject({ order: id, price: '60000.10000000', amount: '0.10000000', fee: { currency: 'USDT', cost: '3.00000500' } });
    expect((await positions)[0]).toMatchObject({ symbol: PAIR, side: 'long', contracts: '0.1', entryPrice: '60000.10000000' });
    expect((await balance)['USDT']?.total).toBe('99996.99999500');
  });

  test('every step of an order is a frame', async () => {
    const { frames, socket } = await listen();
    const id = await place('limit', 'buy', '0.2', '59000', { clientOrderId: 'steps' });
    await client.editOrder(id, PAIR, 'limit', 'buy', text('0.2'), text('59001'));
    await exchange.control.printTrade(BTC, { priceQuote: '59001', amountBase: '0.05' });
    await client.cancelOrder(id, PAIR);
    await until(() => orderFrames(frames, 'steps').length === 4);
    expect(orderFrames(frames, 'steps').map(({ x, X }) => `${x} ${X}`)).toEqual(['NEW NEW', 'AMENDMENT NEW', 'TRADE PARTIALLY_FILLED', 'CANCELED CANCELED']);
    const account = frames.find(({ e }) => e === 'ACCOUNT_UPDATE')?.['a'] as { readonly m: string; readonly P: readonly { readonly pa: string; readonly ep: string }[] };
    expect([account.m, account.P[0]?.pa, account.P[0]?.ep]).toEqual(['ORDER', '0.05000000', '59001.00000000']);
    socket.terminate();
  });

  test('a conditional order tells each of its states, and its order tells its own', async () => {
    const { frames, socket } = await listen();
    await place('market', 'buy', '0.1');
    await place('market', 'sell', '0.1', undefined, { clientOrderId: 'guard', triggerPrice: '59500', reduceOnly: true });
    await exchange.control.setPrice(BTC, '59400', '59400.1');
    const states = (): string[] => frames.filter(({ e }) => e === 'ALGO_UPDATE').map((frame) => (frame['o'] as { readonly X: string }).X);
    await until(() => states().length === 3);
    expect(states()).toEqual(['NEW', 'TRIGGERED', 'FINISHED']);
    expect(orderFrames(frames, 'guard').map(({ x, X, rp }) => `${x} ${X} ${rp}`)).toEqual(['NEW NEW 0', 'TRADE FILLED -60.01000000']);
    socket.terminate();
  });

  test('leverage, funding, margin call and liquidation', async () => {
    const { frames, socket } = await listen();
    await client.setLeverage(20, PAIR);
    await place('market', 'buy', '30');
    await exchange.control.setContract(BTC, { markQuote: '60000', fundingRate: '0.0001' });
    await exchange.control.settleFunding(BTC);
    await exchange.control.setMarkPrice(BTC, '57083');
    await exchange.control.setMarkPrice(BTC, '56000');
    await exchange.control.setMarkPrice(BTC, null);
    await until(() => frames.some(({ e, a }) => e === 'ACCOUNT_UPDATE' && (a as { m: string }).m === 'INSURANCE_CLEAR'));
    expect(frames.find(({ e }) => e === 'ACCOUNT_CONFIG_UPDATE')?.['ac']).toEqual({ s: 'BTCUSDT', l: 20 });
    const reasons = frames.filter(({ e }) => e === 'ACCOUNT_UPDATE').map(({ a }) => (a as { m: string }).m);
    expect(reasons).toEqual(['ORDER', 'FUNDING_FEE', 'ORDER', 'INSURANCE_CLEAR']);
    expect(frames.filter(({ e }) => e === 'MARGIN_CALL')).toHaveLength(1);
    const closing = frames.filter(({ e }) => e === 'ORDER_TRADE_UPDATE').map((frame) => frame['o'] as OrderFields).filter(({ c }) => c.startsWith('autoclose-'));
    expect(closing.map(({ o, x, X }) => `${o} ${x} ${X}`)).toEqual(['LIQUIDATION NEW NEW', 'LIQUIDATION CALCULATED FILLED']);
    await exchange.control.depositPerpetual('paper', 'USDT', '100000');
    socket.terminate();
  });

  test('a key that ends is told, and another takes its place', async () => {
    const { frames, socket, key } = await listen();
    expect(((await client.fapiPrivatePutListenKey()) as unknown as { listenKey: string }).listenKey).toBe(key);
    await exchange.control.terminateUserData('paper');
    await until(() => frames.some(({ e }) => e === 'listenKeyExpired'));
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await expect(client.fapiPrivatePutListenKey()).rejects.toThrow('"code":-1125,');
    const before = frames.length;
    const next = await listen();
    expect(next.key).not.toBe(key);
    const id = await place('limit', 'buy', '0.01', '59000', { clientOrderId: 'after' });
    await until(() => orderFrames(next.frames, 'after').length === 1);
    expect(frames.length).toBe(before);
    await client.cancelOrder(id, PAIR);
    const stale = new WebSocket(`${exchange.process.websocketUrl}/usdm/private/ws?listenKey=${key}`);
    const told: Frame[] = [];
    stale.on('message', (data: Buffer) => told.push(JSON.parse(data.toString('utf8')) as Frame));
    await until(() => told.length > 0);
    expect(told[0]?.e).toBe('listenKeyExpired');
    for (const each of [socket, next.socket, stale]) each.terminate();
  });

  test('neither market tells of the other', async () => {
    const { frames, socket } = await listen();
    const spot = await exchange.client();
    await exchange.control.setPrice('BTCUSDT', '60000', '60000.1');
    const spotOrders = spot.watchOrders('BTC/USDT');
    await until(async () => (await exchange.subscriptions()).userData.includes('paper'));
    await place('market', 'buy', '0.01', undefined, { clientOrderId: 'of-the-contract' });
    await spot.createOrder('BTC/USDT', 'limit', 'buy', text('0.001'), text('50000'), { clientOrderId: 'of-the-pair' });
    expect((await spotOrders).map(({ clientOrderId }) => clientOrderId)).toEqual(['of-the-pair']);
    expect((await spot.fetchOpenOrders('BTC/USDT')).map(({ clientOrderId }) => clientOrderId)).toEqual(['of-the-pair']);
    await until(() => orderFrames(frames, 'of-the-contract').length === 2);
    expect(orderFrames(frames, 'of-the-pair')).toEqual([]);
    expect(await client.fetchOpenOrders(PAIR)).toEqual([]);
    socket.terminate();
  });

  test('frames can be lost like those of spot', async () => {
    const { frames, socket } = await listen();
    await exchange.control.armFault({ kind: 'frames-lost', scope: 'user', clientOrderId: 'lost', count: 1 });
    const id = await place('limit', 'buy', '0.01', '59000', { clientOrderId: 'lost' });
    await client.cancelOrder(id, PAIR);
    await until(() => orderFrames(frames, 'lost').length === 1);
    expect(orderFrames(frames, 'lost')[0]?.x).toBe('CANCELED');
    socket.terminate();
  });
});

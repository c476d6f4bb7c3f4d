import ccxt from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;
let client: StockClient;
let sequence = 0;

const text = (value: string | undefined): number => value as unknown as number;
const newId = (): string => `stop-${(sequence += 1)}`;

type Placed = Awaited<ReturnType<StockClient['createOrder']>> & { readonly id: string };

async function place(type: string, side: 'buy' | 'sell', amount: string, price: string | undefined, params: object): Promise<Placed> {
  const created = await client.createOrder(PAIR, type, side, text(amount), text(price), params);
  return { ...created, id: String(created.id) };
}

async function balance(asset: string): Promise<[free: unknown, used: unknown]> {
  const { free, used } = (await client.fetchBalance())[asset]!;
  return [free, used];
}

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
  client = await exchange.client();
});
afterAll(() => exchange.end());
beforeEach(async () => {
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
});

describe('stop orders as the stock client places them', () => {
  test('a stop loss waits with its funds locked, is found by both ids, and can be cancelled', async () => {
    const clientOrderId = newId();
    const order = await place('market', 'sell', '0.1', undefined, { clientOrderId, stopLossPrice: '59000' });
    expect([order.status, order.clientOrderId, order.triggerPrice, order.filled, order.info.type, order.info.workingTime]).toEqual(
      ['open', clientOrderId, '59000.00000000', '0.00000000', 'STOP_LOSS', -1],
    );
    expect((await balance('BTC'))[1]).toBe('0.10000000');
    const found = await client.fetchOrder('', PAIR, { clientOrderId });
    expect([found.id, found.status, found.triggerPrice, found.info.isWorking]).toEqual([order.id, 'open', '59000.00000000', false]);
    expect((await client.fetchOpenOrders(PAIR)).map(({ id }) => id)).toEqual([order.id]);
    // Not on the book: nobody sees it and nobody can trade with it.
    expect((await client.fetchOrderBook(PAIR)).asks).toEqual([[60010, 1000]]);
    const canceled = await client.cancelOrder('', PAIR, { clientOrderId });
    expect([canceled.status, (await balance('BTC'))[1]]).toEqual(['canceled', '0.00000000']);
    await exchange.control.setPrice('BTCUSDT', '58000', '58010');
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('canceled');
  });

  test.each([
    ['stop loss of a long', 'sell', { stopLossPrice: '59000' }, ['59500', '59510'], ['58990', '58995'], '58990'],
    ['stop loss of a short', 'buy', { stopLossPrice: '61000' }, ['60500', '60510'], ['61005', '61010'], '61010'],
    ['take profit of a long', 'sell', { takeProfitPrice: '61000' }, ['60500', '60510'], ['61005', '61010'], '61005'],
    ['take profit of a short', 'buy', { takeProfitPrice: '59000' }, ['59500', '59510'], ['58990', '58995'], '58995'],
  ] as const)('%s: a price before the stop leaves it, one at the stop sends it to the market', async (_, side, params, before, after, price) => {
    const order = await place('market', side, '0.1', undefined, { clientOrderId: newId(), ...params });
    await exchange.control.setPrice('BTCUSDT', before[0], before[1]);
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('open');
    await exchange.control.setPrice('BTCUSDT', after[0], after[1]);
    const closed = await client.fetchOrder(order.id, PAIR);
    expect([closed.status, closed.average, closed.filled]).toEqual(['closed', price, '0.10000000']);
    const trades = await client.fetchOrderTrades(order.id, PAIR);
    expect(trades.map((trade) => [trade.price, trade.takerOrMaker])).toEqual([[`${price}.00000000`, 'taker']]);
    expect([(await balance('BTC'))[1], (await balance('USDT'))[1]]).toEqual(['0.00000000', '0.00000000']);
  });

  test('a stop limit rests at its limit once it is triggered, and fills there', async () => {
    const order = await place('limit', 'sell', '0.1', '59500', { clientOrderId: newId(), stopLossPrice: '59000', timeInForce: 'GTC' });
    expect([order.info.type, order.price, order.triggerPrice]).toEqual(['STOP_LOSS_LIMIT', '59500.00000000', '59000.00000000']);
    // A trade at the stop triggers, also while the book has not moved.
    await exchange.control.setPrice('BTCUSDT', '58990', '59010');
    const resting = await client.fetchOrder(order.id, PAIR);
    expect([resting.status, resting.info.isWorking, Number(resting.info.workingTime) > 0]).toEqual(['open', true, true]);
    await exchange.control.setPrice('BTCUSDT', '59500', '59510');
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('closed');
    expect((await client.fetchOrderTrades(order.id, PAIR)).map((trade) => trade.takerOrMaker)).toEqual(['maker']);
  });

  test('a print through the stop triggers it while the book stands still', async () => {
    const order = await place('market', 'sell', '0.1', undefined, { clientOrderId: newId(), stopLossPrice: '59000' });
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '59000', amountBase: '0.001' });
    expect(await client.fetchOrder(order.id, PAIR)).toMatchObject({ status: 'closed', average: '60000' });
  });

  test('one stop that trades down the book triggers the next', async () => {
    await exchange.control.setBook('BTCUSDT', { bids: [['60000', '0.1'], ['59500', '0.1'], ['58000', '1']], asks: [['60010', '1']] });
    const first = await place('market', 'sell', '0.2', undefined, { clientOrderId: newId(), stopLossPrice: '59900' });
    const second = await place('market', 'sell', '0.1', undefined, { clientOrderId: newId(), stopLossPrice: '59600' });
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '59890', amountBase: '0.001' });
    expect((await client.fetchOrder(first.id, PAIR)).average).toBe('59750');
    expect((await client.fetchOrder(second.id, PAIR)).average).toBe('58000');
  });

  test.each([
    ['sell', { stopLossPrice: '60010' }],
    ['buy', { stopLossPrice: '60000' }],
    ['sell', { takeProfitPrice: '60000' }],
    ['buy', { takeProfitPrice: '60010' }],
  ] as const)('a %s with %j would trigger at once and is refused', async (side, params) => {
    const refused = place('market', side, '0.1', undefined, { clientOrderId: newId(), ...params });
    await expect(refused).rejects.toBeInstanceOf(ccxt.OrderImmediatelyFillable);
    await expect(refused).rejects.toThrow('Stop price would trigger immediately.');
  });

  test('a stop needs its funds, its steps and an id of its own like any order', async () => {
    await expect(place('market', 'sell', '1000', undefined, { stopLossPrice: '59000' })).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
    await expect(place('limit', 'buy', '0.1', '59999.999', { stopLossPrice: '61000' })).resolves.toMatchObject({ price: '60000.00000000' });
    await client.cancelAllOrders(PAIR);
    const clientOrderId = newId();
    await place('market', 'sell', '0.1', undefined, { clientOrderId, stopLossPrice: '59000' });
    await expect(place('market', 'sell', '0.1', undefined, { clientOrderId, stopLossPrice: '59000' })).rejects.toThrow('Duplicate order sent.');
    await client.cancelAllOrders(PAIR);
  });

  test('a buy that costs more than is left when it triggers buys what the money allows and expires', async () => {
    const free = Number((await balance('USDT'))[0]);
    await exchange.control.withdraw('paper', 'USDT', String(Math.floor(free - 12_000)));
    const order = await place('market', 'buy', '0.19', undefined, { clientOrderId: newId(), stopLossPrice: '61000' });
    await exchange.control.setPrice('BTCUSDT', '79999', '80000');
    const ended = await client.fetchOrder(order.id, PAIR);
    expect([ended.status, Number(ended.filled) > 0.14, Number(ended.filled) < 0.19]).toEqual(['expired', true, true]);
    await exchange.control.deposit('paper', 'USDT', '100000');
  });

  test('the user data stream tells the trigger: open but not working, then working, then the trade', async () => {
    const user = await exchange.client();
    const waiting = user.watchOrders(PAIR);
    while (!(await exchange.subscriptions()).userData.includes('paper'));
    const clientOrderId = newId();
    await place('market', 'sell', '0.1', undefined, { clientOrderId, stopLossPrice: '59000' });
    expect((await waiting)[0]).toMatchObject({ status: 'open', triggerPrice: '59000.00000000', info: { x: 'NEW', w: false } });
    await exchange.control.setPrice('BTCUSDT', '58990', '58995');
    const { events } = await exchange.control.events({ clientOrderId });
    expect(events.map(({ kind }) => kind)).toEqual(['order-new', 'order-triggered', 'order-trade']);
    const cached = (): readonly { readonly clientOrderId?: string | undefined; readonly status?: string | undefined }[] => [...(user.orders ?? [])];
    while (!cached().some((order) => order.clientOrderId === clientOrderId && order.status === 'closed')) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('a waiting stop survives a crash, and the price that comes first afterwards triggers it', async () => {
    const order = await place('market', 'sell', '0.1', undefined, { clientOrderId: newId(), stopLossPrice: '59000' });
    const limit = await place('limit', 'sell', '0.1', '59200', { clientOrderId: newId(), stopLossPrice: '59500' });
    await exchange.kill();
    await exchange.restart();
    expect((await client.fetchOpenOrders(PAIR)).map((open) => [open.id, open.triggerPrice, open.info.isWorking])).toEqual([
      [order.id, '59000.00000000', false],
      [limit.id, '59500.00000000', false],
    ]);
    await exchange.control.setPrice('BTCUSDT', '59100', '59150');
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('open');
    expect(await client.fetchOrder(limit.id, PAIR)).toMatchObject({ status: 'open', info: { isWorking: true } });
    await exchange.kill();
    await exchange.restart();
    // Triggered before the crash: it is on the book now.
    expect(await client.fetchOrder(limit.id, PAIR)).toMatchObject({ status: 'open', info: { isWorking: true } });
    await exchange.control.setPrice('BTCUSDT', '58990', '58995');
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('closed');
    await exchange.control.setPrice('BTCUSDT', '59200', '59210');
    expect((await client.fetchOrder(limit.id, PAIR)).status).toBe('closed');
  });

  test('in manual mode a triggered stop waits for its fill by hand; the mode does not trigger it by itself', async () => {
    const order = await place('market', 'sell', '0.1', undefined, { clientOrderId: newId(), stopLossPrice: '59000' });
    await exchange.control.setMatching('BTCUSDT', { mode: 'manual' });
    await exchange.control.setPrice('BTCUSDT', '58000', '58010');
    expect(await client.fetchOrder(order.id, PAIR)).toMatchObject({ status: 'open', info: { isWorking: true } });
    await exchange.control.fillOrder({ orderId: Number(order.id), priceQuote: '57000', amountBase: '0.1' });
    expect(await client.fetchOrder(order.id, PAIR)).toMatchObject({ status: 'closed', average: '57000' });
    await exchange.control.setMatching('BTCUSDT', { mode: 'automatic' });
  });
});

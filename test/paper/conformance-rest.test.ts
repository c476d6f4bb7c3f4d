import ccxt from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;
let client: StockClient;
let sequence = 0;

// ccxt declares numbers; with string numbers it takes and gives strings.
const text = (value: string | undefined): number => value as unknown as number;
const newId = (): string => `test-${(sequence += 1)}`;

type Placed = Awaited<ReturnType<StockClient['createOrder']>> & { readonly id: string };

async function place(type: string, side: 'buy' | 'sell', amount: string, price?: string, params: object = {}): Promise<Placed> {
  const created = await client.createOrder(PAIR, type, side, text(amount), text(price), params);
  return { ...created, id: String(created.id) };
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

describe('market data', () => {
  test('markets carry the rules of the pairs', () => {
    expect(Object.keys(client.markets ?? {}).sort()).toEqual(['BNB/USDT', 'BTC/USDT', 'ETH/USDT']);
    const { precision, limits } = client.market(PAIR);
    expect([precision.price, precision.amount]).toEqual(['0.01000000', '0.00001000']);
    expect([limits.amount?.min, limits.cost?.min]).toEqual(['0.00001000', '5.00000000']);
  });

  test('order book, ticker, best bid and ask', async () => {
    await exchange.control.setBook('BTCUSDT', { bids: [['100', '1'], ['99', '2']], asks: [['101', '3'], ['102', '4']] });
    const book = await client.fetchOrderBook(PAIR);
    expect([book.bids, book.asks]).toEqual([[[100, 1], [99, 2]], [[101, 3], [102, 4]]]);
    expect((await client.fetchOrderBook(PAIR, 5)).bids.length).toBe(2);
    const ticker = await client.fetchTicker(PAIR);
    expect([ticker.bid, ticker.ask, ticker.bidVolume, ticker.askVolume].map(String)).toEqual(
      ['100.00000000', '101.00000000', '1.00000000', '3.00000000'],
    );
    const best = await client.fetchBidsAsks([PAIR]);
    expect([best[PAIR]?.bid, best[PAIR]?.ask]).toEqual(['100.00000000', '101.00000000']);
    expect(Object.keys(await client.fetchTickers())).toContain('BTC/USDT');
    expect((await client.fetchLastPrices([PAIR]))[PAIR]?.price).toBeDefined();
  });

  test('trades and candles', async () => {
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '60005', amountBase: '0.25', buyerIsMaker: true });
    const trades = await client.fetchTrades(PAIR);
    const last = trades.at(-1);
    expect([last?.price, last?.amount, last?.side]).toEqual(['60005.00000000', '0.25000000', 'sell']);
    expect((await client.fetchTrades(PAIR, last!.timestamp! - 60_000, 5)).length).toBeGreaterThan(0);
    const candle = (await client.fetchOHLCV(PAIR, '1m')).at(-1)!;
    expect(candle[4]).toBe('60005.00000000');
    expect((await client.fetchOHLCV(PAIR, '1h', undefined, 1)).length).toBe(1);
  });

  test('time, status and fees', async () => {
    expect(Math.abs((await client.fetchTime())! - Date.now())).toBeLessThan(60_000);
    const fee = await client.fetchTradingFee(PAIR);
    expect([fee.maker, fee.taker]).toEqual(['0.00100000', '0.00100000']);
  });
});

describe('orders', () => {
  test('a market order answers its fills and fees', async () => {
    const clientOrderId = newId();
    const order = await place('market', 'buy', '0.1', undefined, { clientOrderId });
    expect([order.status, order.clientOrderId, order.filled, order.cost]).toEqual(['closed', clientOrderId, '0.10000000', '6001.00000000']);
    expect(order.trades.length).toBe(1);
    expect([order.fee?.currency, order.fee?.cost]).toEqual(['BTC', '0.00010000']);
    const trades = await client.fetchOrderTrades(order.id, PAIR);
    expect(trades.map((trade) => [trade.order, trade.price, trade.amount, trade.fee?.cost, trade.takerOrMaker])).toEqual([
      [order.id, '60010.00000000', '0.10000000', '0.00010000', 'taker'],
    ]);
  });

  test('a market order by quote amount spends no more than it', async () => {
    const order = await client.createMarketBuyOrderWithCost(PAIR, text('100'));
    expect([order.status, order.filled, order.cost]).toEqual(['closed', '0.00166000', '99.61660000']);
  });

  test('a limit order rests, is found by both ids, is listed, is cancelled', async () => {
    const clientOrderId = newId();
    const order = await place('limit', 'buy', '0.5', '59000', { clientOrderId });
    expect([order.status, order.price, order.remaining]).toEqual(['open', '59000.00000000', '0.5']);
    expect((await client.fetchOrder(order.id, PAIR)).clientOrderId).toBe(clientOrderId);
    expect((await client.fetchOrder('', PAIR, { clientOrderId })).id).toBe(order.id);
    expect((await client.fetchOpenOrders(PAIR)).map((open) => open.id)).toContain(order.id);
    client.options['warnOnFetchOpenOrdersWithoutSymbol'] = false;
    client.options['fetchOpenOrders'] = { warnWithoutSymbol: false };
    expect((await client.fetchOpenOrders()).map((open) => open.id)).toContain(order.id);
    const locked = (await client.fetchBalance())['USDT']!;
    expect(locked.used).toBe('29500.00000000');
    const canceled = await client.cancelOrder('', PAIR, { clientOrderId });
    expect([canceled.status, canceled.id, canceled.info.origClientOrderId]).toEqual(['canceled', order.id, clientOrderId]);
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('canceled');
    expect((await client.fetchBalance())['USDT']!.used).toBe('0.00000000');
  });

  test('post-only, immediate-or-cancel and fill-or-kill', async () => {
    const maker = await place('limit', 'buy', '0.1', '59999', { postOnly: true });
    expect([maker.status, maker.type, maker.postOnly]).toEqual(['open', 'limit', true]);
    await expect(place('limit', 'buy', '0.1', '60010', { postOnly: true })).rejects.toBeInstanceOf(ccxt.OrderImmediatelyFillable);
    await exchange.control.setPrice('BTCUSDT', '60000', '60010', { askSize: '0.05' });
    const ioc = await place('limit', 'buy', '0.1', '60010', { timeInForce: 'IOC' });
    expect([ioc.status, ioc.filled]).toEqual(['expired', '0.05000000']);
    await exchange.control.setPrice('BTCUSDT', '60000', '60010', { askSize: '0.05' });
    const fok = await place('limit', 'buy', '0.1', '60010', { timeInForce: 'FOK' });
    expect([fok.status, fok.filled]).toEqual(['expired', '0.00000000']);
    await client.cancelOrder(maker.id, PAIR);
  });

  test('cancel all, all orders since a time and from an id, my trades since a time', async () => {
    const first = await place('limit', 'buy', '0.1', '58000');
    const second = await place('limit', 'buy', '0.1', '58001');
    expect((await client.cancelAllOrders(PAIR)).map((order) => order.id).sort()).toEqual([first.id, second.id].sort());
    const since = await client.fetchOrders(PAIR, first.timestamp, 1_000);
    expect(since.map((order) => order.id)).toEqual(expect.arrayContaining([first.id, second.id]));
    const from = await client.fetchOrders(PAIR, undefined, 1_000, { orderId: second.id });
    expect(from.map((order) => order.id)).toEqual([second.id]);
    expect((await client.fetchClosedOrders(PAIR)).length).toBeGreaterThan(0);
    const trade = await place('market', 'sell', '0.01');
    const mine = await client.fetchMyTrades(PAIR, trade.timestamp);
    expect(mine.at(-1)?.order).toBe(trade.id);
    const fromId = await client.fetchMyTrades(PAIR, undefined, 10, { fromId: mine.at(-1)!.id });
    expect(fromId.map((each) => each.id)).toEqual([mine.at(-1)!.id]);
    await expect(client.cancelAllOrders(PAIR)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  });

  test('a print fills a resting order, as maker', async () => {
    const order = await place('limit', 'sell', '0.2', '60500');
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '60500', amountBase: '0.05' });
    const partial = await client.fetchOrder(order.id, PAIR);
    expect([partial.status, partial.filled, partial.remaining]).toEqual(['open', '0.05000000', '0.15']);
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '60501', amountBase: '0.00001' });
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('closed');
    const trades = await client.fetchOrderTrades(order.id, PAIR);
    expect(trades.map((trade) => [trade.amount, trade.takerOrMaker])).toEqual([['0.05000000', 'maker'], ['0.15000000', 'maker']]);
  });

  test('the id of an open order is refused, the id of a closed order is free', async () => {
    const clientOrderId = newId();
    await place('limit', 'buy', '0.1', '59000', { clientOrderId });
    const duplicate = await place('limit', 'buy', '0.1', '59000', { clientOrderId }).catch((error: unknown) => error);
    expect(duplicate).toBeInstanceOf(ccxt.InvalidOrder);
    expect(String(duplicate)).toContain('"code":-2010,"msg":"Duplicate order sent."');
    await client.cancelOrder('', PAIR, { clientOrderId });
    const again = await place('market', 'buy', '0.01', undefined, { clientOrderId });
    expect([again.status, again.clientOrderId]).toEqual(['closed', clientOrderId]);
    expect((await client.fetchOrder('', PAIR, { clientOrderId })).id).toBe(again.id);
  });
});

describe('refusals arrive as the classes of the real exchange', () => {
  const refusals: [string, () => Promise<unknown>, new (...args: never[]) => Error, string][] = [
    ['too little money', () => place('limit', 'buy', '1000', '60000'), ccxt.InsufficientFunds, 'insufficient balance'],
    ['a value below the minimum', () => place('limit', 'buy', '0.00001', '60000'), ccxt.BadRequest, 'NOTIONAL'],
    ['an unknown order to cancel', () => client.cancelOrder('999999', PAIR), ccxt.OrderNotFound, '-2011'],
    ['an unknown order to fetch', () => client.fetchOrder('999999', PAIR), ccxt.OrderNotFound, '-2013'],
    ['an unknown client order id to fetch', () => client.fetchOrder('', PAIR, { clientOrderId: 'nobody' }), ccxt.OrderNotFound, '-2013'],
    ['an illegal client order id', () => place('limit', 'buy', '0.1', '59000', { clientOrderId: 'a b' }), ccxt.BadRequest, '-1100'],
    ['a parameter nobody reads', () => place('limit', 'buy', '0.1', '59000', { reduceOnly: true }), ccxt.BadRequest, '-1104'],
    ['a price off the tick', () => client.privatePostOrder(raw({ price: '59000.001' })), ccxt.InvalidOrder, 'price is invalid'],
    ['an amount off the lot', () => client.privatePostOrder(raw({ quantity: '0.100001' })), ccxt.InvalidOrder, 'lot size'],
    ['too many decimals', () => client.privatePostOrder(raw({ quantity: '0.1000000001' })), ccxt.BadRequest, '-1111'],
    ['a missing price', () => client.privatePostOrder(raw({ price: '' })), ccxt.BadRequest, "Mandatory parameter 'price'"],
    ['an unknown pair', () => client.privatePostOrder(raw({ symbol: 'XXXUSDT' })), ccxt.BadSymbol, '-1121'],
  ];
  const raw = (changed: Record<string, string>): Record<string, string> => ({
    ...{ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.1', price: '59000' },
    ...changed,
  });

  test.each(refusals)('%s', async (_name, call, errorClass, message) => {
    const error = await call().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(errorClass);
    expect(String(error)).toContain(message);
  });

  test('nothing of it reached the ledger', async () => {
    expect((await exchange.control.orders({ clientOrderId: 'a b' })).length).toBe(0);
    expect((await exchange.control.orders({ state: 'new' })).length).toBe(0);
  });
});

test('five hundred market orders at once all fill, each once', async () => {
  await exchange.control.deposit('paper', 'USDT', '1000000');
  const ids = Array.from({ length: 500 }, () => newId());
  // The last of them waits for all the others; how long that takes on this machine is not the question.
  const patient = await exchange.client({ recvWindow: 60_000 });
  const buy = (clientOrderId: string): Promise<Placed> =>
    patient.createOrder(PAIR, 'market', 'buy', text('0.001'), undefined, { clientOrderId }) as Promise<Placed>;
  const orders = await Promise.all(ids.map(buy));
  expect(orders.every((order) => order.status === 'closed')).toBe(true);
  expect(new Set(orders.map((order) => order.id)).size).toBe(500);
  const ledger = await exchange.control.trades({ limit: 10_000 });
  const counts = ids.map((id) => ledger.filter((trade) => trade.clientOrderId === id).length);
  expect(counts.every((count) => count === 1)).toBe(true);
});

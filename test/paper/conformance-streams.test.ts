import { afterAll, beforeAll, expect, test } from 'vitest';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;
let client: StockClient;

const text = (value: string): number => value as unknown as number;

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
  await exchange.control.setPrice('BTCUSDT', '60000', '60010', { bidSize: '3', askSize: '3' });
  client = await exchange.client();
});
afterAll(() => exchange.end());

/** Reads a stream until something fits; a stream that never brings it fails by the test's own time limit. */
async function until<Value>(read: () => Promise<Value>, fits: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
  }
}

test('best bid and ask come at once and on every change', async () => {
  const read = async (): Promise<[string, string]> => {
    const best = (await client.watchBidsAsks([PAIR]))[PAIR];
    return [String(best?.bid), String(best?.ask)];
  };
  expect(await read()).toEqual(['60000.00000000', '60010.00000000']);
  const next = until(read, ([bid]) => bid === '60001.00000000');
  await exchange.control.setPrice('BTCUSDT', '60001', '60011');
  expect((await next)[1]).toBe('60011.00000000');
});

test('the ticker follows the book and the prints', async () => {
  await exchange.control.setPrice('BTCUSDT', '61000', '61010');
  const moved = await until(() => client.watchTicker(PAIR), (ticker) => String(ticker.last) === '61005.00000000');
  expect(moved.symbol).toBe(PAIR);
  await exchange.control.printTrade('BTCUSDT', { priceQuote: '61009', amountBase: '0.1' });
  await until(() => client.watchTicker(PAIR), (ticker) => String(ticker.last) === '61009.00000000');
});

test('the order book stays in step with the exchange through changes, used-up size and own orders', async () => {
  await exchange.control.setBook('BTCUSDT', { bids: [['60000', '1'], ['59990', '2']], asks: [['60010', '1'], ['60020', '2']] });
  const first = await until(() => client.watchOrderBook(PAIR), (book) => book.bids[0]?.[0] === 60000);
  expect(first.asks.map(([price, size]) => [price, size])).toEqual([[60010, 1], [60020, 2]]);
  await client.createOrder(PAIR, 'market', 'buy', text('0.4'));
  await client.createOrder(PAIR, 'limit', 'buy', text('0.25'), text('60005'));
  const moved = await until(
    () => client.watchOrderBook(PAIR),
    (book) => book.asks[0]?.[1] === 0.6 && book.bids[0]?.[0] === 60005,
  );
  expect(moved.bids.map(([price, size]) => [price, size])).toEqual([[60005, 0.25], [60000, 1], [59990, 2]]);
  await exchange.control.setBook('BTCUSDT', { bids: [['59990', '5']], asks: [['60030', '1']] });
  const last = await until(() => client.watchOrderBook(PAIR), (book) => book.asks[0]?.[0] === 60030);
  expect(last.bids.map(([price, size]) => [price, size])).toEqual([[60005, 0.25], [59990, 5]]);
  await client.cancelAllOrders(PAIR);
});

test('public trades and candles', async () => {
  const trades = client.watchTrades(PAIR);
  const candles = until(() => client.watchOHLCV(PAIR, '1m'), (list) => list.at(-1)?.[4] === 60001);
  // The subscriptions must stand before the trade happens: a stream does not repeat the past.
  await until(exchange.subscriptions, ({ streams }) => ['btcusdt@trade', 'btcusdt@kline_1m'].every((name) => streams.includes(name)));
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
  await exchange.control.printTrade('BTCUSDT', { priceQuote: '60001', amountBase: '0.3', buyerIsMaker: false });
  const [trade] = await trades;
  expect([trade?.price, trade?.amount, trade?.side]).toEqual(['60001.00000000', '0.30000000', 'buy']);
  await candles;
});

test('orders, own trades and balances', async () => {
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
  const placed = await client.createOrder(PAIR, 'limit', 'sell', text('0.2'), text('60500'), { clientOrderId: 'watched' });
  const orders = until(() => client.watchOrders(PAIR), (list) => list.some((order) => order.id === placed.id && order.status === 'closed'));
  const trades = until(() => client.watchMyTrades(PAIR), (list) => list.some((trade) => trade.order === placed.id));
  const balance = until(() => client.watchBalance(), (all) => all['USDT']?.free !== undefined);
  await until(exchange.subscriptions, ({ userData }) => userData.includes('paper'));
  await exchange.control.printTrade('BTCUSDT', { priceQuote: '60501', amountBase: '0.1' });
  const order = (await orders).find((each) => each.id === placed.id);
  expect([order?.clientOrderId, order?.filled, order?.status]).toEqual(['watched', '0.20000000', 'closed']);
  const trade = (await trades).find((each) => each.order === placed.id);
  expect([trade?.price, trade?.amount, trade?.fee?.cost, trade?.takerOrMaker]).toEqual(['60500.00000000', '0.20000000', '12.10000000', 'maker']);
  const [ledger] = await exchange.control.balances('paper').then((rows) => rows.filter((row) => row.asset === 'USDT'));
  expect((await balance)['USDT']?.free).toBe(Number(ledger!.free).toFixed(8));
});

test('a cancellation names the cancelled order, not the cancelling request', async () => {
  const placed = await client.createOrder(PAIR, 'limit', 'sell', text('0.2'), text('60600'), { clientOrderId: 'to-cancel' });
  const canceled = until(() => client.watchOrders(PAIR), (list) => list.some((order) => order.id === placed.id && order.status === 'canceled'));
  await client.cancelOrder(String(placed.id), PAIR);
  expect((await canceled).find((order) => order.id === placed.id)?.clientOrderId).toBe('to-cancel');
});

import ccxt from 'ccxt';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ControlError } from '../../src/paper/control-client.js';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;
let client: StockClient;

const text = (value: string): number => value as unknown as number;

function place(type: string, side: 'buy' | 'sell', amount: string, price: string | undefined, clientOrderId: string): ReturnType<StockClient['createOrder']> {
  return client.createOrder(PAIR, type, side, text(amount), price as unknown as number, { clientOrderId });
}

async function fetched(clientOrderId: string): Promise<[string | undefined, unknown]> {
  const order = await client.fetchOrder('', PAIR, { clientOrderId });
  return [order.status, order.filled];
}

async function balance(asset: string): Promise<[string, string]> {
  const row = (await exchange.control.balances('paper')).find((each) => each.asset === asset);
  return [row!.free, row!.locked];
}

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
  client = await exchange.client();
});
afterAll(() => exchange.end());

beforeEach(async () => {
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
  await exchange.control.setMatching('BTCUSDT', { mode: 'manual' });
});
afterEach(async () => {
  for (const order of await exchange.control.orders({ state: 'new' })) await exchange.control.cancelOrder({ orderId: order.orderId });
  for (const order of await exchange.control.orders({ state: 'partially_filled' })) await exchange.control.cancelOrder({ orderId: order.orderId });
});

test('nothing matches by itself, whatever the book and the prints do', async () => {
  const market = await place('market', 'buy', '0.1', undefined, 'idle-market');
  const limit = await place('limit', 'buy', '0.1', '60500', 'idle-limit');
  expect([market.status, market.filled, limit.status]).toEqual(['open', '0.00000000', 'open']);
  await exchange.control.printTrade('BTCUSDT', { priceQuote: '50000', amountBase: '100' });
  await exchange.control.setPrice('BTCUSDT', '40000', '40010');
  expect([await fetched('idle-market'), await fetched('idle-limit')]).toEqual([['open', '0.00000000'], ['open', '0.00000000']]);
  expect((await client.fetchOrderBook(PAIR)).bids).toEqual([[40000, 1000]]);
});

test('the caller fills with exact price, amount, fee asset and fee', async () => {
  const [usdt] = await balance('USDT');
  const [bnb] = await balance('BNB');
  await place('market', 'buy', '0.1', undefined, 'exact');
  const trade = await exchange.control.fillOrder({
    clientOrderId: 'exact',
    priceQuote: '60007.77',
    amountBase: '0.03',
    feeAsset: 'BNB',
    feeAmount: '0.00312345',
  });
  expect([trade.priceQuote, trade.amountBase, trade.feeAsset, trade.feeAmount]).toEqual(['60007.77', '0.03', 'BNB', '0.00312345']);
  expect(await fetched('exact')).toEqual(['open', '0.03000000']);
  await exchange.control.fillOrder({ clientOrderId: 'exact', priceQuote: '59000', amountBase: '0.07', feeAsset: 'BTC', feeAmount: '0' });
  expect(await fetched('exact')).toEqual(['closed', '0.10000000']);
  const spent = Number(usdt) - Number((await balance('USDT'))[0]);
  expect(spent.toFixed(4)).toBe((0.03 * 60007.77 + 0.07 * 59000).toFixed(4));
  expect((await balance('USDT'))[1]).toBe('0');
  expect((Number(bnb) - Number((await balance('BNB'))[0])).toFixed(8)).toBe('0.00312345');
  const trades = await client.fetchMyTrades(PAIR);
  expect(trades.slice(-2).map((each) => [each.price, each.fee?.currency, each.fee?.cost])).toEqual([
    ['60007.77000000', 'BNB', '0.00312345'],
    ['59000.00000000', 'BTC', '0.00000000'],
  ]);
});

test('an order by quote amount is complete with the fill that is called the last', async () => {
  const order = await client.createMarketBuyOrderWithCost(PAIR, text('600'), { clientOrderId: 'by-quote' });
  expect([order.status, (await balance('USDT'))[1]]).toEqual(['open', '600']);
  await exchange.control.fillOrder({ clientOrderId: 'by-quote', priceQuote: '60000', amountBase: '0.004' });
  expect(await fetched('by-quote')).toEqual(['open', '0.00400000']);
  await exchange.control.fillOrder({ clientOrderId: 'by-quote', priceQuote: '60000', amountBase: '0.005', isLast: true });
  expect(await fetched('by-quote')).toEqual(['closed', '0.00900000']);
  expect((await balance('USDT'))[1]).toBe('0');
});

test('the caller cancels, expires and rejects named orders; locks come back', async () => {
  const [free] = await balance('USDT');
  for (const name of ['to-cancel', 'to-expire', 'to-reject']) await place('limit', 'buy', '0.1', '60000', name);
  expect((await balance('USDT'))[1]).toBe('18000');
  await exchange.control.cancelOrder({ clientOrderId: 'to-cancel' });
  await exchange.control.expireOrder({ clientOrderId: 'to-expire' });
  await exchange.control.rejectOrder({ clientOrderId: 'to-reject' });
  const states = await Promise.all(['to-cancel', 'to-expire', 'to-reject'].map(fetched));
  expect(states.map(([status]) => status)).toEqual(['canceled', 'expired', 'rejected']);
  expect(await balance('USDT')).toEqual([free, '0']);
});

test('a fill that cannot be is refused and named', async () => {
  await place('limit', 'buy', '0.1', '60000', 'impossible');
  const tooMuch = exchange.control.fillOrder({ clientOrderId: 'impossible', priceQuote: '60000', amountBase: '0.2' });
  await expect(tooMuch).rejects.toThrow('amountBase 0.2 is above the remaining 0.1');
  const tooDear = exchange.control.fillOrder({ clientOrderId: 'impossible', priceQuote: '9000000', amountBase: '0.1' });
  await expect(tooDear).rejects.toThrow('does not have the funds');
  const unknown = await exchange.control.fillOrder({ clientOrderId: 'nobody', priceQuote: '1', amountBase: '1' }).catch((error: unknown) => error);
  expect([(unknown as ControlError).status, String(unknown)]).toEqual([409, expect.stringContaining('no open order')]);
  expect(await fetched('impossible')).toEqual(['open', '0.00000000']);
});

test('an acknowledgement waits after the commit until it is released', async () => {
  await exchange.control.setMatching('BTCUSDT', { mode: 'manual', admission: 'hold-after-commit' });
  const placing = place('limit', 'buy', '0.1', '60000', 'held-after');
  await exchange.control.waitForEvent({ clientOrderId: 'held-after', kind: 'order-new' });
  expect(await fetched('held-after')).toEqual(['open', '0.00000000']);
  const held = await exchange.control.heldRequests();
  expect(held.map((each) => [each.clientOrderId, each.stage])).toEqual([['held-after', 'after-commit']]);
  await expect(exchange.control.rejectHeld('held-after')).rejects.toThrow('is committed');
  await exchange.control.fillOrder({ clientOrderId: 'held-after', priceQuote: '60000', amountBase: '0.1' });
  await exchange.control.releaseHeld('held-after');
  expect((await placing).id).toBe((await client.fetchOrder('', PAIR, { clientOrderId: 'held-after' })).id);
});

test('a request waits before the commit until it is released or refused', async () => {
  await exchange.control.setMatching('BTCUSDT', { mode: 'manual', admission: 'hold-before-commit' });
  const settled = async (name: string): Promise<unknown> => {
    const placing = place('limit', 'buy', '0.1', '60000', name).catch((error: unknown) => error);
    while ((await exchange.control.heldRequests()).length === 0);
    await expect(client.fetchOrder('', PAIR, { clientOrderId: name })).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    return { placing };
  };
  const first = (await settled('held-refused')) as { placing: Promise<unknown> };
  await exchange.control.rejectHeld('held-refused');
  expect(await first.placing).toBeInstanceOf(ccxt.InsufficientFunds);
  const second = (await settled('held-released')) as { placing: Promise<{ status: string }> };
  await exchange.control.releaseHeld('held-released');
  expect((await second.placing).status).toBe('open');
});

test('back in automatic mode, open limit orders match again and open market orders expire', async () => {
  await place('market', 'buy', '0.1', undefined, 'left-market');
  await place('limit', 'buy', '0.1', '60500', 'left-limit');
  await place('limit', 'buy', '0.1', '59000', 'left-deep');
  await exchange.control.setMatching('BTCUSDT', { mode: 'automatic' });
  expect((await Promise.all(['left-market', 'left-limit', 'left-deep'].map(fetched))).map(([status]) => status)).toEqual([
    'expired',
    'closed',
    'open',
  ]);
});

test('the mode survives a restart', async () => {
  await place('limit', 'buy', '0.1', '60500', 'over-restart');
  await exchange.kill();
  await exchange.restart();
  client = await exchange.client();
  await exchange.control.setPrice('BTCUSDT', '50000', '50010');
  expect(await fetched('over-restart')).toEqual(['open', '0.00000000']);
});

import ccxt from 'ccxt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FaultInput } from '../../src/paper/control/schemas.js';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
const ORDER_ROUTE = { method: 'POST', route: '/api/v3/order' } as const;
let exchange: LaunchedExchange;
let client: StockClient;
let sequence = 0;

const text = (value: string): number => value as unknown as number;
const newId = (): string => `fault-${(sequence += 1)}`;

async function buy(clientOrderId: string): Promise<unknown> {
  const params = { clientOrderId };
  return client.createOrder(PAIR, 'market', 'buy', text('0.01'), undefined as unknown as number, params).catch((error: unknown) => error);
}

async function committed(clientOrderId: string): Promise<number> {
  return (await exchange.control.trades({ clientOrderId })).length;
}

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
  client = await exchange.client();
});
afterAll(() => exchange.end());
afterEach(() => exchange.control.clearFaults());

describe('faults of new orders', () => {
  const cases: [string, FaultInput, new (...args: never[]) => Error, number][] = [
    ['dropped before the commit', { kind: 'drop-before-commit', ...ORDER_ROUTE }, ccxt.NetworkError, 0],
    ['dropped after the commit', { kind: 'drop-after-commit', ...ORDER_ROUTE }, ccxt.NetworkError, 1],
    ['500 after the commit', { kind: 'status-after-commit', status: 500, ...ORDER_ROUTE }, ccxt.OperationFailed, 1],
    ['503 after the commit', { kind: 'status-after-commit', status: 503, body: '<html>503</html>', ...ORDER_ROUTE }, ccxt.ExchangeNotAvailable, 1],
    ['429 after the commit', { kind: 'status-after-commit', status: 429, ...ORDER_ROUTE }, ccxt.DDoSProtection, 1],
    ['429 before the commit', { kind: 'status-before-commit', status: 429, ...ORDER_ROUTE }, ccxt.DDoSProtection, 0],
  ];

  test.each(cases)('%s', async (_name, fault, errorClass, trades) => {
    await exchange.control.armFault(fault);
    const clientOrderId = newId();
    expect(await buy(clientOrderId)).toBeInstanceOf(errorClass);
    expect(await committed(clientOrderId)).toBe(trades);
    // Armed once: the next one passes.
    expect(await buy(newId())).toMatchObject({ status: 'closed' });
    expect((await exchange.control.faults()).map(({ hits, remaining }) => [hits, remaining])).toEqual([[1, 0]]);
  });

  test('a body that breaks off after the commit', async () => {
    await exchange.control.armFault({ kind: 'cut-body-after-commit', ...ORDER_ROUTE });
    const clientOrderId = newId();
    expect(await buy(clientOrderId)).toBeInstanceOf(Error);
    expect(await committed(clientOrderId)).toBe(1);
  });

  test('an answer that is late for the client although the order is committed', async () => {
    await exchange.control.armFault({ kind: 'delay-after-commit', delayMs: 1_500, ...ORDER_ROUTE });
    const impatient = await exchange.client();
    impatient.timeout = 300;
    const clientOrderId = newId();
    const params = { clientOrderId };
    const late = impatient.createOrder(PAIR, 'market', 'buy', text('0.01'), undefined as unknown as number, params);
    await expect(late).rejects.toBeInstanceOf(ccxt.RequestTimeout);
    expect(await committed(clientOrderId)).toBe(1);
  });

  test('a request that is late for the exchange is refused by its receive window', async () => {
    await exchange.control.armFault({ kind: 'delay-before-commit', delayMs: 600, ...ORDER_ROUTE });
    const strict = await exchange.client({ recvWindow: 200 });
    const clientOrderId = newId();
    const params = { clientOrderId };
    const late = strict.createOrder(PAIR, 'market', 'buy', text('0.01'), undefined as unknown as number, params);
    await expect(late).rejects.toBeInstanceOf(ccxt.InvalidNonce);
    expect(await committed(clientOrderId)).toBe(0);
  });
});

test('skip, count, client order id and account choose the requests', async () => {
  await exchange.control.armFault({ kind: 'drop-after-commit', ...ORDER_ROUTE, skip: 1, count: 2, clientOrderIdPrefix: 'chosen-' });
  expect(await buy(newId())).toMatchObject({ status: 'closed' });
  expect(await buy('chosen-1')).toMatchObject({ status: 'closed' });
  expect(await buy('chosen-2')).toBeInstanceOf(ccxt.NetworkError);
  expect(await buy('chosen-3')).toBeInstanceOf(ccxt.NetworkError);
  expect(await buy('chosen-4')).toMatchObject({ status: 'closed' });
  const other = await exchange.control.armFault({ kind: 'drop-before-commit', account: 'somebody-else', count: null });
  expect(await buy(newId())).toMatchObject({ status: 'closed' });
  expect(await exchange.control.clearFault(other.id)).toBe(1);
  const hits = (await exchange.control.events({ kind: 'fault-hit' })).events.map((event) => event.clientOrderId);
  expect(hits.slice(-2)).toEqual(['chosen-2', 'chosen-3']);
});

test('with read lag a committed order is not found, not listed, and has no trades for a while', async () => {
  const fault = await exchange.control.armFault({ kind: 'read-lag', lagMs: 60_000, count: null });
  const resting = await client.createOrder(PAIR, 'limit', 'buy', text('0.01'), text('50000'), { clientOrderId: 'lagging' });
  const clientOrderId = newId();
  await buy(clientOrderId);
  const queries = {
    fetch: () => client.fetchOrder(String(resting.id), PAIR),
    byClientId: () => client.fetchOrder('', PAIR, { clientOrderId: 'lagging' }),
  };
  for (const query of Object.values(queries)) await expect(query()).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  expect(await client.fetchOpenOrders(PAIR)).toEqual([]);
  expect((await client.fetchOrders(PAIR)).map((order) => order.id)).not.toContain(resting.id);
  expect((await client.fetchMyTrades(PAIR)).length).toBe(0);
  await exchange.control.clearFault(fault.id);
  for (const query of Object.values(queries)) expect((await query()).status).toBe('open');
  expect((await client.fetchOpenOrders(PAIR)).length).toBe(1);
  expect((await client.fetchMyTrades(PAIR)).length).toBeGreaterThan(0);
  await client.cancelOrder(String(resting.id), PAIR);
});

test('a read fault on one route leaves the others alone', async () => {
  await exchange.control.armFault({ kind: 'status-before-commit', status: 504, method: 'GET', route: '/api/v3/openOrders' });
  await expect(client.fetchOpenOrders(PAIR)).rejects.toBeInstanceOf(ccxt.RequestTimeout);
  expect(await client.fetchOpenOrders(PAIR)).toEqual([]);
});

test('sockets are cut, are refused for a while, and come back with the present state', async () => {
  await client.watchBidsAsks([PAIR]);
  const pending = client.watchBidsAsks([PAIR]).catch((error: unknown) => error);
  expect(await exchange.control.killSockets({ scope: 'public', refuseMs: 200 })).toBe(1);
  expect(await pending).toBeInstanceOf(ccxt.NetworkError);
  await exchange.control.setPrice('BTCUSDT', '61000', '61010');
  for (;;) {
    const best = await client.watchBidsAsks([PAIR]).catch(() => undefined);
    if (best === undefined) continue;
    expect(best[PAIR]?.bid).toBe('61000.00000000');
    break;
  }
});

test('a user data socket that is cut loses events, the ledger does not', async () => {
  const user = await exchange.client();
  const first = user.watchOrders(PAIR).catch((error: unknown) => error);
  while (!(await exchange.subscriptions()).userData.includes('paper'));
  expect(await exchange.control.killSockets({ scope: 'user' })).toBe(1);
  expect(await first).toBeInstanceOf(ccxt.NetworkError);
  const clientOrderId = newId();
  await buy(clientOrderId);
  expect(await committed(clientOrderId)).toBe(1);
});

test('a ban of one account leaves the others alone, and is over by itself', async () => {
  await exchange.control.armFault({ kind: 'ban', banMs: 400, of: 'account', ...ORDER_ROUTE });
  expect(await buy(newId())).toBeInstanceOf(ccxt.DDoSProtection);
  await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.DDoSProtection);
  // Public routes carry no key here.
  expect(await client.fetchTime()).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 450));
  expect(await buy(newId())).toMatchObject({ status: 'closed' });
});

test('retention outlives a restart, armed faults do not', async () => {
  const order = await client.createOrder(PAIR, 'limit', 'buy', text('0.01'), text('50000'), { clientOrderId: newId() });
  await client.cancelOrder(String(order.id), PAIR);
  await exchange.control.setRetention({ forget: 'unfilled', afterMs: 0 });
  await exchange.control.armFault({ kind: 'maintenance', count: null });
  await exchange.kill();
  await exchange.restart();
  await expect(client.fetchOrder(String(order.id), PAIR)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  await exchange.control.setRetention({ forget: 'unfilled', afterMs: 60_000 });
  expect((await client.fetchOrder(String(order.id), PAIR)).status).toBe('canceled');
});

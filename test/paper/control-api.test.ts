import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlError } from '../../src/paper/control-client.js';
import { launchPaperExchange } from '../../src/paper/launch.js';
import { LaunchedExchange, jsonFile } from './launched-exchange.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;

const text = (value: string): number => value as unknown as number;

beforeAll(async () => {
  const accountsFile = jsonFile([
    { name: 'first', apiKey: 'first-key', secret: 'first-secret', balances: { USDT: '1000', BTC: '1' } },
    { name: 'second', apiKey: 'second-key', secret: 'second-secret', balances: { USDT: '500' } },
  ]);
  const symbolsFile = jsonFile([{ symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', priceTickQuote: '0.1', amountStepBase: '0.001' }]);
  exchange = await LaunchedExchange.start({ accountsFile, symbolsFile, makerRate: '0.0002', takerRate: '0.0004' });
  await exchange.control.setPrice('BTCUSDT', '100', '101');
});
afterAll(() => exchange.end());

async function post(path: string, body: unknown, method = 'POST'): Promise<{ status: number; json: unknown }> {
  const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${exchange.process.controlUrl}${path}`, init);
  return { status: response.status, json: await response.json() };
}

async function free(name: string, asset: string): Promise<string | undefined> {
  return (await exchange.control.balances(name)).find((row) => row.asset === asset)?.free;
}

describe('accounts, fees and rules', () => {
  test('accounts are apart; deposits and withdrawals change one of them', async () => {
    expect(await exchange.control.balances()).toEqual([
      { account: 'first', asset: 'USDT', free: '1000', locked: '0' },
      { account: 'first', asset: 'BTC', free: '1', locked: '0' },
      { account: 'second', asset: 'USDT', free: '500', locked: '0' },
    ]);
    await exchange.control.deposit('second', 'USDT', '0.000000000001');
    expect(await free('second', 'USDT')).toBe('500.000000000001');
    await exchange.control.withdraw('second', 'USDT', '100.000000000001');
    expect(await free('second', 'USDT')).toBe('400');
    await expect(exchange.control.withdraw('second', 'USDT', '400.1')).rejects.toThrow('has 400 USDT free, less than 400.1');
    await expect(exchange.control.deposit('third', 'USDT', '1')).rejects.toThrow('account "third" does not exist; there is first, second');
  });

  test('fees of the command line, of all, of one', async () => {
    const client = await exchange.client({ apiKey: 'first-key', secret: 'first-secret' });
    const fee = async (): Promise<unknown> => (await client.createOrder(PAIR, 'market', 'buy', text('0.1'))).fee?.cost;
    expect(await fee()).toBe('0.00004000');
    await exchange.control.setFees({ makerRate: '0', takerRate: '0.001' });
    expect(await fee()).toBe('0.00010000');
    await exchange.control.setFees({ makerRate: '0', takerRate: '0.002', account: 'first' });
    expect(await fee()).toBe('0.00020000');
    expect((await client.fetchTradingFee(PAIR)).taker).toBe('0.00200000');
  });

  test('rules hold for new orders at once', async () => {
    const client = await exchange.client({ apiKey: 'first-key', secret: 'first-secret' });
    await exchange.control.setRules('BTCUSDT', { minNotionalQuote: '50', maxMarketAmountBase: '0.2', maxOpenOrders: 1 });
    await expect(client.createOrder(PAIR, 'market', 'buy', text('0.1'))).rejects.toThrow('NOTIONAL');
    await expect(client.createOrder(PAIR, 'market', 'sell', text('0.6'))).rejects.toThrow('lot size');
    const resting = await client.createOrder(PAIR, 'limit', 'buy', text('0.6'), text('90'));
    await expect(client.createOrder(PAIR, 'limit', 'buy', text('0.6'), text('90'))).rejects.toThrow('MAX_NUM_ORDERS');
    await client.cancelOrder(String(resting.id), PAIR);
    await client.loadMarkets(true);
    expect(client.market(PAIR).limits.cost?.min).toBe('50.00000000');
    await exchange.control.setRules('BTCUSDT', { minNotionalQuote: '5', maxMarketAmountBase: '1000', maxOpenOrders: 100 });
  });

  test('one account does not see or touch the orders of another', async () => {
    const first = await exchange.client({ apiKey: 'first-key', secret: 'first-secret' });
    const second = await exchange.client({ apiKey: 'second-key', secret: 'second-secret' });
    const order = await first.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('90'), { clientOrderId: 'mine' });
    await expect(second.fetchOrder(String(order.id), PAIR)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    await expect(second.cancelOrder(String(order.id), PAIR)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    expect(await second.fetchOpenOrders(PAIR)).toEqual([]);
    const same = await second.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('90'), { clientOrderId: 'mine' });
    expect((await second.fetchOrder('', PAIR, { clientOrderId: 'mine' })).id).toBe(same.id);
    await first.cancelOrder(String(order.id), PAIR);
    await second.cancelOrder(String(same.id), PAIR);
  });
});

describe('the ledger', () => {
  test('is read by account, symbol, client order id and state, in pages', async () => {
    const client = await exchange.client({ apiKey: 'first-key', secret: 'first-secret' });
    for (const name of ['page-1', 'page-2', 'page-3']) {
      await client.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('90'), { clientOrderId: name });
    }
    await client.cancelAllOrders(PAIR);
    const page = await exchange.control.orders({ account: 'first', state: 'canceled', newestFirst: 'true', limit: 2 });
    expect(page.map((order) => order.clientOrderId)).toEqual(['page-2', 'page-3']);
    const next = await exchange.control.orders({ fromOrderId: page[1]!.orderId, symbol: 'BTCUSDT' });
    expect(next.map((order) => order.clientOrderId)).toEqual(['page-3']);
    expect(await exchange.control.orders({ account: 'second', state: 'new' })).toEqual([]);
    const events = await exchange.control.events({ clientOrderId: 'page-2' });
    expect(events.events.map((event) => event.kind)).toEqual(['order-new', 'order-canceled']);
    expect((await exchange.control.events({ after: events.next, clientOrderId: 'page-2' })).events).toEqual([]);
  });

  test('lets a reader wait for what comes next', async () => {
    const { lastEventSequence } = await exchange.control.status();
    const waiting = exchange.control.waitForEvent({ after: lastEventSequence, kind: 'deposit', account: 'second' });
    await exchange.control.deposit('first', 'USDT', '1');
    await exchange.control.deposit('second', 'USDT', '2');
    expect((await waiting).data).toEqual({ asset: 'USDT', amount: '2' });
    const never = exchange.control.waitForEvent({ after: 1_000_000, timeoutMs: 50 });
    await expect(never).rejects.toThrow('within 50 ms');
  });
});

describe('bad input is answered with field, value and rule', () => {
  test.each([
    ['PUT', '/pairs/BTCUSDT/book', { bid: '0', ask: '1' }, 400, /bid = "0": must be above 0/],
    ['PUT', '/pairs/BTCUSDT/book', { bid: '102', ask: '101' }, 400, /bid = "102": must be below the best ask 101/],
    ['POST', '/pairs/BTCUSDT/prints', { priceQuote: 100, amountBase: '1' }, 400, /priceQuote = 100: /],
    ['POST', '/pairs/XXX/prints', { priceQuote: '100', amountBase: '1' }, 404, /unknown_symbol/],
    ['POST', '/orders/fill', { priceQuote: '1', amountBase: '1' }, 400, /orderId = null: orderId or clientOrderId must be given/],
    ['POST', '/orders/fill', { orderId: 1, priceQuote: '1', amountBase: '1', feeAsset: 'BNB' }, 400, /feeAsset = "BNB": feeAsset and feeAmount go together/],
    ['POST', '/orders/fill', { orderId: 987_654, priceQuote: '1', amountBase: '1' }, 409, /no open order/],
    ['POST', '/faults', { kind: 'meteor' }, 400, /kind = "meteor"/],
    ['POST', '/faults', { kind: 'delay-after-commit' }, 400, /delayMs = null/],
    ['POST', '/faults', { kind: 'drop-after-commit', sometimes: true }, 400, /sometimes/],
    ['PUT', '/fees', { makerRate: '-1', takerRate: '0' }, 400, /makerRate = "-1"/],
    ['PUT', '/feed', { feed: 'scripted', speed: -1 }, 400, /speed = -1/],
    ['PUT', '/pairs/BTCUSDT/rules', { minNotional: '5' }, 400, /minNotional/],
    ['PUT', '/pairs/BTCUSDT/matching', { mode: 'manual', admission: 'maybe' }, 400, /admission = "maybe"/],
    ['POST', '/held/release', { clientOrderId: 'nobody' }, 409, /no held request with clientOrderId "nobody"/],
    ['POST', '/accounts/first/deposits', { asset: 'usdt', amount: '1' }, 400, /asset = "usdt"/],
  ])('%s %s %j', async (method, path, body, status, message) => {
    const answer = await post(path, body, method);
    expect(answer.status).toBe(status);
    expect((answer.json as { error: { message: string } }).error.message).toMatch(message);
  });

  test('the typed client throws it as ControlError', async () => {
    const error = await exchange.control.setPrice('BTCUSDT', 'a', '1').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ControlError);
    expect((error as ControlError).status).toBe(400);
  });
});

describe('the command line', () => {
  const databaseFile = (): string => join(mkdtempSync(join(tmpdir(), 'paper-exchange-')), 'paper.db');
  const badAccounts = [{ name: 'a', apiKey: 'k', secret: 'very-secret', balances: { USDT: 5 } }];

  test('names the argument, and never prints a secret', async () => {
    const cases: [object, RegExp][] = [
      [{ makerRate: '5' }, /--fee-maker: must be a fraction such as 0\.001/],
      [{ port: 70_000 }, /--port/],
      [{ accountsFile: jsonFile(badAccounts) }, /0\.balances\.USDT/],
      [{ accountsFile: '/nowhere.json' }, /cannot read \/nowhere\.json/],
      [{ symbolsFile: jsonFile([{ symbol: 'X' }]) }, /0\.symbol/],
    ];
    await Promise.all(
      cases.map(async ([options, message]) => {
        const error = await launchPaperExchange({ databaseFile: databaseFile(), ...options }).catch((caught: unknown) => caught);
        expect(String(error)).toMatch(message);
        expect(String(error)).not.toContain('very-secret');
      }),
    );
  });

  test('an exchange ends when the process that launched it is killed', async () => {
    const launcher = fileURLToPath(new URL('./launch-and-wait.ts', import.meta.url));
    const argv = ['--import', import.meta.resolve('tsx'), launcher, databaseFile()];
    const parent = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data: Buffer) => { resolve(Number(data.toString())); }));
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    expect(isAlive()).toBe(true);
    parent.kill('SIGKILL');
    while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

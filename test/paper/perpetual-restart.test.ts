import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockFuturesClient } from './stock-futures-client.js';

const PAIR = 'BTC/USDT:USDT';
const BTC = 'BTCUSDT_PERP';
const MARKET_DATA = join(import.meta.dirname, '../../../shared/market-data');

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

describe('SIGKILL', () => {
  test('keeps positions, leverage, wallets, open and conditional orders, funding and listen keys', async () => {
    await client.setLeverage(12, PAIR);
    await client.setMarginMode('isolated', PAIR);
    await exchange.control.setContract(BTC, { fundingRate: '0.0007', fundingIntervalMs: 3_600_000 });
    await place('market', 'buy', '0.5');
    await place('limit', 'sell', '0.2', '61000', { clientOrderId: 'resting', reduceOnly: true });
    await place('market', 'sell', '0.5', undefined, { clientOrderId: 'waiting', triggerPrice: '59000', reduceOnly: true });
    await exchange.control.settleFunding(BTC);
    const { listenKey } = (await client.fapiPrivatePostListenKey()) as unknown as { listenKey: string };
    const read = async (): Promise<unknown> => ({
      positions: await exchange.control.positions(),
      wallets: await exchange.control.perpetualWallets(),
      incomes: await exchange.control.incomes(),
      contracts: await exchange.control.contracts(),
      open: (await client.fetchOpenOrders(PAIR)).map(({ info }) => info as unknown),
      conditionals: await exchange.control.conditionals({ account: 'paper' }),
      key: (await client.fapiPrivatePutListenKey()) as unknown,
    });
    const before = await read();
    expect(before).toMatchObject({ key: { listenKey }, positions: [{ amountBase: '0.5', leverage: 12, marginMode: 'isolated' }] });
    await exchange.kill();
    await exchange.restart();
    expect(await read()).toEqual(before);
  });

  test('and all of it still works afterwards', async () => {
    await exchange.control.setPrice(BTC, '61000', '61000.1');
    expect((await client.fetchOrder('', PAIR, { clientOrderId: 'resting' })).status).toBe('closed');
    await exchange.control.setPrice(BTC, '58900', '58900.1');
    const stop = await client.fetchOrder('', PAIR, { clientAlgoId: 'waiting', trigger: true });
    const actual = await client.fetchOrder('', PAIR, { clientOrderId: 'waiting' });
    expect([stop.status, actual.status, actual.filled]).toEqual(['closed', 'closed', '0.30000000']);
    expect(await client.fetchPositions()).toEqual([]);
  });

  test('an answer lost with the process leaves what was committed, once', async () => {
    await exchange.control.armFault({ kind: 'delay-after-commit', delayMs: 60_000, route: '/fapi/v1/order', method: 'POST', clientOrderId: 'lost' });
    const lost = place('market', 'sell', '0.1', undefined, { clientOrderId: 'lost' });
    const settled = lost.then(() => 'answered', () => 'lost');
    await exchange.control.waitForEvent({ kind: 'order-trade', clientOrderId: 'lost', timeoutMs: 30_000 });
    await exchange.kill();
    expect(await settled).toBe('lost');
    await exchange.restart();
    expect((await client.fetchOrder('', PAIR, { clientOrderId: 'lost' })).filled).toBe('0.10000000');
    expect((await exchange.control.positions()).map(({ amountBase }) => amountBase)).toEqual(['-0.1']);
  });
});

describe('feeds', () => {
  test('recorded frames of both markets play side by side', async () => {
    await exchange.control.loadFeed(`recorded:${MARKET_DATA}`, 20);
    await exchange.control.attachToFeed(BTC);
    const [spot, perpetual] = [await exchange.control.pair('BTCUSDT'), await exchange.control.pair(BTC)];
    expect(Number(spot.bid?.priceQuote)).toBeGreaterThan(61_000);
    expect(Number(perpetual.bid?.priceQuote)).toBeGreaterThan(61_000);
    const trades = await client.watchTrades(PAIR);
    expect(trades[0]?.symbol).toBe(PAIR);
  });

  test('a synthetic market has the ticks of the contract', async () => {
    await exchange.control.loadFeed('synthetic:seed', 50);
    const { bid, ask } = await exchange.control.pair(BTC);
    for (const level of [bid, ask]) {
      expect(Number(level?.priceQuote) * 10).toBeCloseTo(Math.round(Number(level?.priceQuote) * 10), 6);
      expect(Number(level?.amountBase) * 1_000).toBeCloseTo(Math.round(Number(level?.amountBase) * 1_000), 6);
    }
  });
});

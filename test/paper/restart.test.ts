import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BalanceView } from '../../src/paper/control-client.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;
let client: StockClient;

const text = (value: string): number => value as unknown as number;
const NO_PRICE = undefined as unknown as number;

beforeEach(async () => {
  exchange = await LaunchedExchange.start();
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
  client = await exchange.client();
});
afterEach(() => exchange.end());

async function crash(): Promise<void> {
  await exchange.kill();
  await exchange.restart();
}

interface Recomputed {
  readonly total: Decimal;
  readonly locked: Decimal;
}

/** Balances worked out from deposits, trades and open orders alone. */
async function recompute(asset: 'BTC' | 'USDT'): Promise<Recomputed> {
  const { events } = await exchange.control.events({ kind: 'deposit', limit: 10_000 });
  const trades = await exchange.control.trades({ limit: 10_000 });
  const orders = await exchange.control.orders({ limit: 10_000 });
  let total = new Decimal(0);
  for (const { data } of events) if (data['asset'] === asset) total = total.plus(String(data['amount']));
  for (const trade of trades) {
    const sign = trade.side === 'buy' ? 1 : -1;
    total = asset === 'BTC' ? total.plus(new Decimal(trade.amountBase).times(sign)) : total.minus(new Decimal(trade.amountQuote).times(sign));
    if (trade.feeAsset === asset) total = total.minus(trade.feeAmount);
  }
  let locked = new Decimal(0);
  for (const order of orders) {
    const isOpen = order.state === 'new' || order.state === 'partially_filled';
    if (!isOpen || (order.side === 'buy') !== (asset === 'USDT')) continue;
    const remaining = new Decimal(order.amountBase).minus(order.filledBase);
    locked = locked.plus(asset === 'BTC' ? remaining : remaining.times(order.priceQuote!));
  }
  return { total, locked };
}

async function balance(asset: string): Promise<BalanceView> {
  return (await exchange.control.balances('paper')).find((row) => row.asset === asset)!;
}

describe('SIGKILL', () => {
  test('in the middle of a burst loses nothing that was answered, and the books still balance', async () => {
    await exchange.control.deposit('paper', 'USDT', '10000000');
    const answered: string[] = [];
    const burst = Array.from({ length: 400 }, async (_, index) => {
      const clientOrderId = `burst-${index}`;
      const isMarket = index % 3 !== 0;
      const side = index % 2 === 0 ? 'buy' : 'sell';
      const price = isMarket ? NO_PRICE : text(side === 'buy' ? '59000' : '61000');
      await client.createOrder(PAIR, isMarket ? 'market' : 'limit', side, text('0.003'), price, { clientOrderId });
      answered.push(clientOrderId);
      if (answered.length === 120) await exchange.kill();
    });
    const outcomes = await Promise.allSettled(burst);
    expect(outcomes.some((outcome) => outcome.status === 'rejected')).toBe(true);
    await exchange.restart();
    client = await exchange.client();
    const orders = await exchange.control.orders({ limit: 10_000 });
    const ids = orders.map((order) => order.clientOrderId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(answered));
    const trades = await exchange.control.trades({ limit: 10_000 });
    expect(new Set(trades.map((trade) => trade.tradeId)).size).toBe(trades.length);
    for (const order of orders) {
      const filled = trades.filter((trade) => trade.orderId === order.orderId).reduce((sum, trade) => sum.plus(trade.amountBase), new Decimal(0));
      expect([order.clientOrderId, filled.toFixed()]).toEqual([order.clientOrderId, order.filledBase]);
    }
    for (const asset of ['BTC', 'USDT'] as const) {
      const { total, locked } = await recompute(asset);
      const row = await balance(asset);
      expect([row.free, row.locked]).toEqual([total.minus(locked).toFixed(), locked.toFixed()]);
    }
    const { events } = await exchange.control.events({ limit: 10_000 });
    expect(events.map((event) => event.sequence)).toEqual(events.map((_event, index) => index + 1));
  });

  test('leaves open orders matching, ids rising and client ids taken', async () => {
    const resting = await client.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('59000'), { clientOrderId: 'resting' });
    const before = await client.createOrder(PAIR, 'market', 'buy', text('0.1'));
    await crash();
    client = await exchange.client();
    const again = client.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('59000'), { clientOrderId: 'resting' });
    await expect(again).rejects.toThrow('Duplicate order sent.');
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '58999', amountBase: '1' });
    expect((await client.fetchOrder(String(resting.id), PAIR)).status).toBe('closed');
    const after = await client.createOrder(PAIR, 'market', 'buy', text('0.1'));
    expect(Number(after.id)).toBeGreaterThan(Number(before.id));
    const ids = (await client.fetchMyTrades(PAIR)).map((trade) => Number(trade.id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(ids.length).toBe(3);
  });

  test('keeps the book set by hand, what takers used up of it, and places in the queue', async () => {
    await exchange.control.setBook('BTCUSDT', { bids: [['60000', '2']], asks: [['60010', '1'], ['60020', '1']] });
    await client.createOrder(PAIR, 'market', 'buy', text('0.75'));
    const queued = await client.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('60000'));
    await exchange.control.setBook('BTCUSDT', { bids: [['60000', '5']], asks: [['60010', '1'], ['60020', '1']] });
    await client.createOrder(PAIR, 'market', 'buy', text('0.25'));
    await crash();
    client = await exchange.client();
    expect((await client.fetchOrderBook(PAIR)).asks).toEqual([[60010, 0.75], [60020, 1]]);
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '60000', amountBase: '2' });
    expect((await client.fetchOrder(String(queued.id), PAIR)).filled).toBe('0.00000000');
    await exchange.control.printTrade('BTCUSDT', { priceQuote: '60000', amountBase: '0.04' });
    expect((await client.fetchOrder(String(queued.id), PAIR)).filled).toBe('0.04000000');
  });

  test('keeps fees, rules and candles', async () => {
    await exchange.control.setFees({ makerRate: '0', takerRate: '0.002', feeAsset: 'BNB' });
    await exchange.control.setFees({ makerRate: '0', takerRate: '0.0005', account: 'paper' });
    await exchange.control.setRules('BTCUSDT', { minNotionalQuote: '100' });
    const open = (await client.fetchOHLCV(PAIR, '1m')).at(-1)!;
    await crash();
    client = await exchange.client();
    const order = await client.createOrder(PAIR, 'market', 'buy', text('0.1'));
    expect(order.fee?.cost).toBe('0.00005000');
    await expect(client.createOrder(PAIR, 'market', 'buy', text('0.001'))).rejects.toThrow('NOTIONAL');
    const same = (await client.fetchOHLCV(PAIR, '1m')).find((candle) => candle[0] === open[0])!;
    expect(same[1]).toBe(open[1]);
  });
});

test('SIGTERM is a clean stop with exit code 0', async () => {
  const resting = await client.createOrder(PAIR, 'limit', 'buy', text('0.1'), text('59000'));
  await exchange.process.stop();
  expect(await exchange.process.exited).toEqual({ code: 0, signal: null });
  await exchange.restart();
  client = await exchange.client();
  expect((await client.fetchOpenOrders(PAIR)).map((order) => order.id)).toEqual([resting.id]);
});

test('a second exchange on the same file is refused', async () => {
  const second = exchange.restart().then(
    () => 'started',
    (error: unknown) => String(error),
  );
  expect(await second).toContain('database is locked');
});

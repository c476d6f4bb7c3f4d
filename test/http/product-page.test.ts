import { afterAll, beforeAll, expect, it } from 'vitest';
import { Decimal } from 'decimal.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { type HttpAnswer, request } from './http-fixture.js';

/**
 * What an agent does with inventory: a grid hits its limit and keeps what it holds, the agent sees it with its next read, and an order
 * executor sells it later. Everything over HTTP, and compared with the exchange's own ledger.
 */
let stack: Stack;
let paper: PaperControlClient;
beforeAll(async () => {
  stack = await startStack();
  paper = new PaperControlClient(stack.paper?.controlUrl ?? '');
  await price(60_000);
}, 90_000);
afterAll(async () => await stack.stop());

const CONTROLLER = 'agent';
const GRID = {
  type: 'grid_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', start_price: '59200', end_price: '60100', limit_price: '59400', keep_position: true,
  total_amount_quote: '1200', min_order_amount_quote: '280', min_spread_between_orders: '0.003', triple_barrier_config: { take_profit: '0.002' },
};

async function price(bid: number): Promise<void> {
  await paper.setPrice('BTCUSDT', bid.toFixed(2), (bid + 0.01).toFixed(2), { bidSize: '1000', askSize: '1000' });
}

async function call(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
  const { url = '', username = '', password = '' } = stack.http ?? {};
  return await request(url, method, path, body, { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` });
}

async function until(path: string, holds: (json: any) => boolean): Promise<any> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const { json, text } = await call('GET', path);
    if (holds(json)) return json;
    if (Date.now() > deadline) throw new Error(`${path}: ${text.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Base and quote that all trades of the exchange moved, and their fees in quote. */
async function ledger(): Promise<{ readonly base: Decimal; readonly quote: Decimal; readonly fees: Decimal; readonly volume: Decimal }> {
  const zero = new Decimal(0);
  return (await paper.trades()).reduce((sum, { side, amountBase, priceQuote, feeAsset, feeAmount }) => {
    const quote = new Decimal(amountBase).times(priceQuote);
    const sign = side === 'buy' ? 1 : -1;
    const feeBase = feeAsset === 'BTC' ? new Decimal(feeAmount) : zero;
    return {
      base: sum.base.plus(new Decimal(amountBase).times(sign)).minus(feeBase),
      quote: sum.quote.minus(quote.times(sign)).minus(feeAsset === 'BTC' ? 0 : feeAmount),
      fees: sum.fees.plus(feeBase.isZero() ? feeAmount : feeBase.times(priceQuote)),
      volume: sum.volume.plus(quote),
    };
  }, { base: zero, quote: zero, fees: zero, volume: zero });
}

async function summary(): Promise<any> {
  return (await call('GET', `/executors/positions/summary?controller_id=${CONTROLLER}`)).json;
}

it('keeps the inventory of a grid, shows it at once, and attributes its P&L to the order that sells it', async () => {
  const { json: created, status } = await call('POST', '/executors', { controller_id: CONTROLLER, executor_config: GRID });
  expect(status).toBe(201);
  await until(`/executors/${created.executor_id}`, (row) => row.custom_info.levels_by_state?.OPEN_ORDER_PLACED === 4);
  // One round trip, and then down through the limit with three levels held.
  await price(59_790);
  await until(`/executors/${created.executor_id}`, (row) => row.custom_info.levels_by_state?.CLOSE_ORDER_PLACED === 2);
  await price(59_930);
  await until(`/executors/${created.executor_id}`, (row) => row.custom_info.round_trips === 1);
  await until(`/executors/${created.executor_id}`, (row) => row.custom_info.levels_by_state?.OPEN_ORDER_PLACED === 3);
  await price(59_490);
  await until(`/executors/${created.executor_id}`, (row) => row.custom_info.levels_by_state?.CLOSE_ORDER_PLACED === 3);
  await price(59_390);
  const grid = await until(`/executors/${created.executor_id}`, (row) => row.status === 'TERMINATED');
  expect(grid).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', net_pnl_quote: 0, filled_amount_quote: 0 });

  // The next read has it, to the last decimal of the exchange.
  const held = await summary();
  const before = await ledger();
  expect(held.positions).toHaveLength(1);
  const [position] = held.positions;
  expect(new Decimal(String(position.net_amount_base_exact ?? position.net_amount_base)).toFixed()).toBe(before.base.toFixed());
  expect(position.executor_ids ?? []).toEqual([created.executor_id]);

  // A worker and a facade that start anew know it as well.
  await stack.worker?.kill();
  await stack.worker?.restart();
  const again = await until(`/executors/positions/summary?controller_id=${CONTROLLER}`, ({ positions }) => positions?.[0]?.unrealized_pnl_quote != null);
  expect(again.positions).toEqual(held.positions);

  await price(60_500);
  const amount = before.base.toDecimalPlaces(5, Decimal.ROUND_DOWN).toFixed();
  const { json: order } = await call('POST', '/executors', { controller_id: CONTROLLER, executor_config: { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'SELL', amount, execution_strategy: 'MARKET' } });
  const sold = await until(`/executors/${order.executor_id}`, (row) => row.status === 'TERMINATED');
  expect(sold).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });

  const after = await summary();
  const exchange = await ledger();
  expect(exchange.base.toNumber()).toBeLessThan(0.00002);
  expect(after.total_fees_quote).toBeCloseTo(exchange.fees.toNumber(), 8);
  // The cash that all trades moved = realised P&L, less fees, less what the dust that is left has cost.
  const [dust] = after.positions;
  const dustCost = dust === undefined ? 0 : dust.net_amount_base * dust.buy_breakeven_price;
  expect(after.total_realized_pnl - after.total_fees_quote - dustCost).toBeCloseTo(exchange.quote.toNumber(), 6);
  expect(after.total_realized_pnl).toBeGreaterThan(held.total_realized_pnl);
}, 180_000);

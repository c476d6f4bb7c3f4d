import { afterAll, beforeAll, expect, it } from 'vitest';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { type HttpAnswer, request } from './http-fixture.js';

let stack: Stack;
let first: PaperControlClient;
let second: PaperControlClient;

beforeAll(async () => {
  stack = await startStack({ secondPaper: {} });
  first = new PaperControlClient(stack.paper?.controlUrl ?? '');
  second = new PaperControlClient(stack.secondPaper?.controlUrl ?? '');
  for (const paper of [first, second]) await paper.setPrice('BTCUSDT', '60000', '60001', { bidSize: '2', askSize: '2' });
}, 90_000);
afterAll(async () => await stack?.stop());

async function call(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
  const { url = '', username = '', password = '' } = stack.http ?? {};
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return await request(url, method, path, body, { authorization });
}

async function until(path: string, holds: (json: any) => boolean): Promise<any> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { json, text } = await call('GET', path);
    if (holds(json)) return json;
    if (Date.now() > deadline) throw new Error(`${path}: ${text.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const XEMM = {
  type: 'xemm_executor',
  buying_market: { connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT' },
  selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'BTC-USDT' },
  maker_side: 'BUY',
  order_amount: '0.5',
  min_profitability: '0.001',
  target_profitability: '0.002',
  max_profitability: '0.004',
};

it('previews what would be quoted and earned, and starts nothing', async () => {
  const { status, json } = await call('POST', '/executors/preview', { executor_config: XEMM });
  expect(status).toBe(200);
  // 60000 / (1 + 0.002 + 0.001 + 0.001), fees of 0.001 on both legs.
  expect(json).toMatchObject({ executor_type: 'xemm_executor', side: 'BUY', total_base: 0.5, maker_price: 59760.95, taker_price: 60000, tx_cost_pct: 0.002, fees_quote: 59.880475, profit_quote: 59.644525, warnings: [] });
  expect(json.needed).toEqual([{ leg: 'maker', amount: 29880.475, asset: 'USDT' }, { leg: 'hedge', amount: 0.5, asset: 'BTC' }]);
  const thin = await call('POST', '/executors/preview', { executor_config: { ...XEMM, order_amount: 3 } });
  expect(thin.json).toMatchObject({ maker_price: null, warnings: [{ code: 'BOOK_TOO_THIN' }] });
  expect((await call('GET', '/executors/')).json.data).toEqual([]);
});

it.each<[string, object, number, RegExp]>([
  ['an exchange nobody configured', { selling_market: { connector_name: 'binance', trading_pair: 'BTC-USDT' } }, 400, /binance.*is not configured/],
  ['a pair that is not listed there', { selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'BTC-EUR' } }, 400, /selling_market.trading_pair.*BTC-EUR/],
  ['an account that is not there', { selling_market: { ...XEMM.selling_market, account_name: 'nobody' } }, 400, /nobody.*is not an account of kucoin_paper_trade/],
  ['an amount too small for an order', { order_amount: '0.000001' }, 400, /order_amount.*0.000001/],
  ['a band upside down', { target_profitability: '0.01' }, 400, /max_profitability/],
])('refuses %s and starts nothing', async (_what, change, _status, text) => {
  const answer = await call('POST', '/executors/', { executor_config: { ...XEMM, ...change } });
  expect([400, 404, 422]).toContain(answer.status);
  expect(answer.text).toMatch(text);
  expect((await call('GET', '/executors/')).json.data).toEqual([]);
});

it('creates one that is found by both of its markets, hedges, and reports under the names of the wire', async () => {
  const created = await call('POST', '/executors/', { executor_config: XEMM, controller_id: 'maker' });
  expect(created.status).toBe(201);
  const { executor_id: id } = created.json;
  for (const connector of ['binance_paper_trade', 'kucoin_paper_trade']) {
    const listed = await call('POST', '/executors/search', { connector_names: [connector] });
    expect(listed.json.data.map((row: { id: string }) => row.id)).toEqual([id]);
  }
  const open = async (): Promise<{ clientOrderId: string; priceQuote?: string | null | undefined }[]> => (await first.orders({ symbol: 'BTCUSDT' })).filter(({ state }) => state === 'new');
  const deadline = Date.now() + 20_000;
  while ((await open()).length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  const [order] = await open();
  expect(order?.priceQuote).toBe('59760.95');
  await first.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: '59760.95', amountBase: '0.5' });
  const closed = await until(`/executors/${id}`, (row) => row.status === 'TERMINATED');
  expect(closed).toMatchObject({
    close_type: 'COMPLETED',
    outcome: 'COMPLETED',
    controller_id: 'maker',
    side: 'BUY',
    // 30000 - 29880.475 - 29.880475 - 30
    net_pnl_quote: 59.644525,
    filled_amount_quote: 59880.475,
    cum_fees_quote: 59.880475,
    config: { buying_market: { connector_name: 'binance_paper_trade' }, order_amount: 0.5, maker_side: 'BUY' },
    custom_info: { maker_connector: 'binance_paper_trade', taker_connector: 'kucoin_paper_trade', maker_filled_base: 0.5, hedge_filled_base: 0.5, taker_price: 60000 },
  });
  expect(closed.custom_info.net_profitability).toBeGreaterThanOrEqual(0.002);
  const again = await call('POST', '/executors/', { executor_config: { ...XEMM, id } , controller_id: 'maker' });
  expect(again.status).toBe(200);
});

const ARBITRAGE = { type: 'arbitrage_executor', buying_market: XEMM.buying_market, selling_market: XEMM.selling_market, order_amount: '0.5', min_profitability: '0.001' };

it('previews an arbitrage: what it would earn now, and whether it would trade', async () => {
  const { status, json } = await call('POST', '/executors/preview', { executor_config: ARBITRAGE });
  expect(status).toBe(200);
  expect(json).toMatchObject({ executor_type: 'arbitrage_executor', total_base: 0.5, buy_price: 60001, sell_price: 60000, tx_cost_pct: 0.002, pays_now: false, warnings: [{ code: 'DOES_NOT_PAY_NOW' }] });
  const thin = await call('POST', '/executors/preview', { executor_config: { ...ARBITRAGE, order_amount: 3 } });
  expect(thin.json).toMatchObject({ buy_price: null, sell_price: null, profit_pct: null, pays_now: false, warnings: [{ code: 'BOOK_TOO_THIN' }] });
  expect((await call('POST', '/executors/', { executor_config: { ...ARBITRAGE, selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'BTC-EUR' } } })).text).toMatch(/selling_market.trading_pair.*BTC-EUR/);
});

it('creates an arbitrage that trades when it pays, and reports under the names of the wire', async () => {
  const created = await call('POST', '/executors/', { executor_config: ARBITRAGE, controller_id: 'spread' });
  expect(created.status).toBe(201);
  const { executor_id: id } = created.json;
  await second.setPrice('BTCUSDT', '60300', '60301', { bidSize: '2', askSize: '2' });
  const closed = await until(`/executors/${id}`, (row) => row.status === 'TERMINATED');
  expect(closed).toMatchObject({
    close_type: 'COMPLETED',
    controller_id: 'spread',
    // 30150 - 30000.5 - 30.0005 - 30.15
    net_pnl_quote: 89.3495,
    config: { order_amount: 0.5, on_failed_leg: 'unwind' },
    custom_info: { buy_connector: 'binance_paper_trade', sell_connector: 'kucoin_paper_trade', bought_base: 0.5, sold_base: 0.5, failures: 0 },
  });
});

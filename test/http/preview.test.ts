import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type HttpFixture, startHttpFixture } from './http-fixture.js';

let http: HttpFixture;
beforeAll(async () => {
  http = await startHttpFixture({ worker: false });
}, 60_000);
afterAll(async () => await http.stop());
afterEach(async () => {
  http.market.top = { bidQuote: '60000', askQuote: '60010', atMs: 0 };
  // Nothing of a preview is ever started.
  expect(await http.workflowCount()).toBe(0);
});

const TWAP = { type: 'twap_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', total_amount_quote: '600', total_duration: 20, order_interval: 10 };

it('answers slices, exposure, worst loss, fees and the smallest budget, from mid', async () => {
  const { status, json } = await http.request('POST', '/executors/preview', { executor_config: TWAP });
  expect(status).toBe(200);
  // 200 / 60005 in steps of 0.00001.
  expect(json).toMatchObject({ executor_type: 'twap_executor', mid_price: 60005, ends_after_seconds: 20, total_base: 0.00999, smallest_total_amount_quote: 18.0015 });
  expect(json.slices).toEqual([0, 1, 2].map((index) => ({ index, after_seconds: index * 10, planned_quote: 200, amount: 0.00333, price: null })));
  expect(json.total_quote).toBeCloseTo(0.00999 * 60005, 8);
  expect(json.fees_quote).toBeCloseTo(0.00999 * 60005 * 0.001, 8);
  expect(json.worst_case).toMatchObject({ exposure_base: 0.00999, needed_asset: 'USDT' });
  expect(json.worst_case.loss_quote).toBeCloseTo(0.00999 * 60005 * 1.001, 8);
  expect(json.warnings.map(({ code }: { code: string }) => code)).toEqual(['NOTHING_ENDS_A_LOSS', 'NO_PRICE_BOUND']);
});

it('of a MAKER has its prices, and a short has no worst loss', async () => {
  const { json } = await http.request('POST', '/executors/preview', { executor_config: { ...TWAP, side: 'SELL', mode: 'MAKER', limit_order_buffer: '0.001' } });
  expect(json.slices.map(({ price }: { price: number }) => price)).toEqual([60065.01, 60065.01, 60065.01]);
  expect(json.worst_case).toMatchObject({ needed_asset: 'BTC', loss_quote: null });
  expect(json.warnings.map(({ code }: { code: string }) => code)).toContain('MAY_NOT_END');
});

const ORDER = { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', amount: '0.01', execution_strategy: 'MARKET' };

const DCA = { type: 'dca_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', amounts_quote: ['300', '600'], prices: ['59000', '58000'], stop_loss: '0.05', time_limit: 60 };

it('of a DCA has its levels, its break-even and the loss at its stop', async () => {
  const { status, json } = await http.request('POST', '/executors/preview', { executor_config: DCA });
  expect(status).toBe(200);
  expect(json.levels).toEqual([
    { index: 0, price: 59000, planned_quote: 300, amount: 0.00508, sent_at_once: true },
    { index: 1, price: 58000, planned_quote: 600, amount: 0.01034, sent_at_once: true },
  ]);
  const cost = 0.00508 * 59000 + 0.01034 * 58000;
  expect(json).toMatchObject({ executor_type: 'dca_executor', mid_price: 60005, total_base: 0.01542, warnings: [] });
  expect(json.total_quote).toBeCloseTo(cost, 8);
  expect(json.break_even_price).toBeCloseTo(cost / 0.01542, 8);
  expect(json.worst_case).toMatchObject({ exposure_base: 0.01542, needed_asset: 'USDT' });
  expect(json.worst_case.needed_amount).toBeCloseTo(cost * 1.001, 8);
  expect(json.worst_case.loss_quote).toBeCloseTo(cost * 0.051, 8);
});

it('of a DCA needs no mid, and says what its bounds hold back', async () => {
  http.market.top = { bidQuote: '60000', askQuote: null, atMs: 0 };
  const { json } = await http.request('POST', '/executors/preview', { executor_config: { ...DCA, activation_bounds: '0.01' } });
  expect(json.mid_price).toBeNull();
  expect(json.levels.map(({ sent_at_once }: { sent_at_once: boolean }) => sent_at_once)).toEqual([false, false]);
  http.market.top = { bidQuote: '59500', askQuote: '59500', atMs: 0 };
  const near = await http.request('POST', '/executors/preview', { executor_config: { ...DCA, activation_bounds: '0.01' } });
  expect(near.json.levels.map(({ sent_at_once }: { sent_at_once: boolean }) => sent_at_once)).toEqual([true, false]);
  expect(near.json.warnings.map(({ code }: { code: string }) => code)).toEqual(['LEVELS_HELD_BACK']);
});

const GRID = { type: 'grid_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', start_price: '59000', end_price: '61000', total_amount_quote: '900', min_order_amount_quote: '280', triple_barrier_config: { take_profit: '0.01', stop_loss: '0.05' } };

it('of a grid has its levels, what is left of the budget and the loss at its stop', async () => {
  const { status, json } = await http.request('POST', '/executors/preview', { executor_config: GRID });
  expect(status).toBe(200);
  expect(json.levels.map(({ price, take_profit_price: profit }: { price: number; take_profit_price: number }) => [price, profit])).toEqual([[59000, 59590], [60000, 60600], [61000, 61610]]);
  expect(json).toMatchObject({ executor_type: 'grid_executor', mid_price: 60005, take_profit: 0.01 });
  expect(json.allocated_quote + json.unallocated_quote).toBeCloseTo(900, 8);
  expect(json.worst_case).toMatchObject({ needed_asset: 'USDT', ended_by: 'stop_loss' });
  expect(json.worst_case.loss_quote).toBeGreaterThan(0.05 * json.total_quote);
  expect(json.warnings.map(({ code }: { code: string }) => code)).toEqual(['LEVELS_AT_TOUCH']);
});

it('of an order has what it needs and what it may lose', async () => {
  const { status, json } = await http.request('POST', '/executors/preview', { executor_config: ORDER });
  expect(status).toBe(200);
  expect(json).toMatchObject({ executor_type: 'order_executor', orders: [{ type: 'MARKET', side: 'BUY', amount: 0.01, price: null }], total_quote: 600.1, smallest_amount: 0.0001 });
  expect(json.worst_case).toMatchObject({ exposure_base: 0.01, needed_amount: 600.7001, needed_asset: 'USDT', loss_quote: 600.7001 });
  expect(json.warnings.map(({ code }: { code: string }) => code)).toEqual(['NOTHING_ENDS_A_LOSS', 'NO_PRICE_BOUND']);
});

it('of a position has the prices of its barriers', async () => {
  const targets = [{ distance: '0.01', share: '0.5', order_type: 'LIMIT' }, { distance: '0.02', share: '0.5', order_type: 'MARKET' }];
  const config = { ...ORDER, type: 'position_executor', execution_strategy: undefined, entry_price: '59000', triple_barrier_config: { stop_loss: '0.05', targets, time_limit: 60 } };
  const { status, json } = await http.request('POST', '/executors/preview', { executor_config: config });
  expect(status).toBe(200);
  expect(json).toMatchObject({ executor_type: 'position_executor', entry_price: 59000, orders: [{ type: 'LIMIT', side: 'BUY', amount: 0.01, price: 59000 }], exchange_stop_price: null });
  expect(json.targets[0]).toEqual({ order_type: 'LIMIT', price: 59590, amount: 0.00499 });
  expect(json.targets[1]).toMatchObject({ order_type: 'MARKET', amount: 0.005 });
  expect(json.stop_loss_price).toBeGreaterThan(59000 * 0.95);
  expect(json.stop_loss_price).toBeLessThan(59000 * 0.953);
  expect(json.warnings.map(({ code }: { code: string }) => code)).toEqual(['MAY_NOT_FILL']);
});

it('tells what the config itself would be warned of', async () => {
  const { json } = await http.request('POST', '/executors/preview', { executor_config: { ...TWAP, limit_order_buffer: '0.001' } });
  expect(json.warnings).toContainEqual({ code: 'CONFIG', text: 'limit_order_buffer: is ignored for mode TAKER' });
});

it.each<[string, object, number, string]>([
  ['a level too small', { ...DCA, amounts_quote: ['300', '4'] }, 400, 'these amounts_quote work: 300, 6.38'],
  ['a budget too small', { ...TWAP, total_amount_quote: '10' }, 400, 'must be at least 18.0015 USDT'],
  ['an order too small', { ...ORDER, amount: '0.00001' }, 400, 'must be at least 0.0001 BTC'],
  ['a grid whose budget is too small', { ...GRID, total_amount_quote: '100' }, 400, 'must be at least'],
  ['an unknown account', { ...TWAP, account_name: 'nobody' }, 400, 'nobody'],
])('refuses %s', async (_name, config, status, words) => {
  const answer = await http.request('POST', '/executors/preview', { executor_config: config });
  expect(answer.status).toBe(status);
  expect(answer.json.detail).toContain(words);
});

it('says that there is no mid while one side of the book is empty', async () => {
  http.market.top = { bidQuote: '60000', askQuote: null, atMs: 0 };
  const answer = await http.request('POST', '/executors/preview', { executor_config: TWAP });
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('empty');
});

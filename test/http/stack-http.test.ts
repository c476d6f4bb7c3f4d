import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/money.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { type HttpAnswer, request } from './http-fixture.js';

let stack: Stack;
let paper: PaperControlClient;
beforeAll(async () => {
  stack = await startStack();
  paper = new PaperControlClient(stack.paper?.controlUrl ?? '');
  await price('60000', '60000.01');
}, 90_000);
afterAll(async () => await stack.stop());

async function price(bid: string, ask: string): Promise<void> {
  await paper.setPrice('BTCUSDT', bid, ask, { bidSize: '1000', askSize: '1000' });
}

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

const POSITION = {
  type: 'position_executor',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 'BUY',
  amount: '0.01',
  triple_barrier_config: { take_profit: '0.01', stop_loss: '0.05', open_order_type: 'MARKET' },
};

describe('HTTP facade on the whole stack', () => {
  it('creates a position that trades, is marked while it runs, and reports its close', async () => {
    const created = await call('POST', '/executors/', { executor_config: POSITION, controller_id: 'agent' });
    expect(created.status).toBe(201);
    const { executor_id: id } = created.json;
    const open = await until(`/executors/${id}`, (row) => row.is_trading === true);
    expect(open).toMatchObject({ status: 'RUNNING', marked: true, custom_info: { current_price: 60000 } });
    expect(open.net_pnl_quote).toBeLessThan(0);
    await price('60300', '60300.01');
    const better = await until(`/executors/${id}`, (row) => row.net_pnl_quote > 0);
    expect(better.custom_info.level_take_profit_quote).toBeGreaterThan(60_600);
    await price('61000', '61000.01');
    const closed = await until(`/executors/${id}`, (row) => row.status === 'TERMINATED');
    expect(closed).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED', controller_id: 'agent', side: 'BUY' });
    expect(closed.net_pnl_pct).toBeGreaterThanOrEqual(0.01);
    // The same numbers from the exchange's own ledger.
    const ledgerQuote = (await paper.trades()).reduce((sum, trade) => sum.plus(decimal(trade.priceQuote).times(trade.amountBase)), decimal('0'));
    expect(closed.volume_quote_exact).toBe(ledgerQuote.toFixed());
  });

  it('creates a TWAP, marks it at mid while it runs, and closes it on request', async () => {
    await price('60000', '60000.01');
    const twap = { type: 'twap_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', total_amount_quote: '300', total_duration: 600, order_interval: 300 };
    const small = await call('POST', '/executors/', { executor_config: { ...twap, total_amount_quote: '12' } });
    expect(small.status).toBe(400);
    expect(small.json.detail).toContain('total_amount_quote');
    expect(small.json.detail).toContain('USDT for 3 slices');
    const created = await call('POST', '/executors/', { executor_config: twap, controller_id: 'twap' });
    expect(created.status).toBe(201);
    const { executor_id: id } = created.json;
    await until(`/executors/${id}`, (row) => row.custom_info.slices_done === 1);
    await price('66000', '66000.01');
    const better = await until(`/executors/${id}`, (row) => row.net_pnl_quote > 5);
    expect(better).toMatchObject({ status: 'RUNNING', marked: true, is_trading: true, custom_info: { slots_left: 2 } });
    expect((await call('PATCH', `/executors/${id}`, { amount: '1' })).status).toBe(400);
    expect((await call('POST', `/executors/${id}/stop`, { keep_position: false })).json).toMatchObject({ status: 'stopping', keep_position: false });
    const closed = await until(`/executors/${id}`, (row) => row.status === 'TERMINATED');
    expect(closed).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', controller_id: 'twap' });
    expect(closed.net_pnl_quote).toBeGreaterThan(5);
    await price('61000', '61000.01');
  });

  it('refuses an amount below the minimum of the exchange before anything starts', async () => {
    const answer = await call('POST', '/executors/', { executor_config: { ...POSITION, amount: '0.000001' } });
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toContain('amount');
    const pair = await call('POST', '/executors/', { executor_config: { ...POSITION, trading_pair: 'BTC-USDX' } });
    expect(pair.status).toBe(400);
    expect(pair.json.detail).toContain('BTC-USDX');
  });

  it('answers 503 naming the account while no process owns it, and creates again when one does', async () => {
    await stack.worker?.stop();
    const refused = await call('POST', '/executors/', { executor_config: POSITION });
    expect(refused.status).toBe(503);
    expect(refused.json.detail).toContain('No running process owns account master_account of binance_paper_trade');
    expect((await call('GET', '/executors?status=RUNNING')).json.data).toEqual([]);
    await stack.worker?.restart();
    const deadline = Date.now() + 30_000;
    let again = await call('POST', '/executors/', { executor_config: POSITION });
    while (again.status === 503 && Date.now() < deadline) again = await call('POST', '/executors/', { executor_config: POSITION });
    expect(again.status).toBe(201);
    const { executor_id: id } = again.json;
    await until(`/executors/${id}`, (row) => row.is_trading === true);
    expect((await call('DELETE', `/executors/${id}`)).status).toBe(200);
    expect((await until(`/executors/${id}`, (row) => row.status === 'TERMINATED')).close_type).toBe('EARLY_STOP');
  });
});

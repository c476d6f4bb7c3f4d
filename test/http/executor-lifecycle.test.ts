import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpAnswer, type HttpFixture, startHttpFixture } from './http-fixture.js';
import { oneFill } from './scripted-worker.js';

let http: HttpFixture;
let deletedId: string;
beforeAll(async () => {
  http = await startHttpFixture();
  await http.until(() => http.client.isAccountOwned('binance_paper_trade', 'master_account'), (owned) => owned);
  // Deleting takes the server some ten seconds; the last test looks at what is left.
  deletedId = await created(ORDER, { controller_id: 'deleted' });
  await http.request('DELETE', `/executors/${deletedId}`);
  const { client, namespace } = http.temporal;
  await client.workflow.getHandle(deletedId).result();
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: deletedId } });
}, 60_000);
afterAll(async () => await http.stop());

const ORDER = {
  type: 'order_executor',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 1,
  amount: '0.01',
  execution_strategy: 'LIMIT',
  price: 59_000.5,
};
const POSITION = {
  type: 'position_executor',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 'BUY',
  amount: 0.01,
  triple_barrier_config: { stop_loss: '0.02', take_profit: 0.03, trailing_stop: { activation_price: '0.015', trailing_delta: '0.005' } },
};

async function create(config: object, rest: object = {}, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return await http.request('POST', '/executors/', { executor_config: config, ...rest }, headers);
}

async function created(config: object, rest: object = {}): Promise<string> {
  const answer = await create(config, rest);
  expect(answer.text).toContain('executor_id');
  expect(answer.status).toBe(201);
  return answer.json.executor_id as string;
}

async function ended(id: string): Promise<any> {
  const answer = await http.until(() => http.request('GET', `/executors/${id}`), (found) => found.json.status === 'TERMINATED');
  return answer.json;
}

describe('creating', () => {
  it('answers 201 with the keys of the wire, and the list shows it at once', async () => {
    const answer = await create(ORDER, { controller_id: 'visible' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toMatchObject({
      executor_type: 'order_executor',
      connector_name: 'binance_paper_trade',
      trading_pair: 'BTC-USDT',
      controller_id: 'visible',
      status: 'RUNNING',
      warnings: [],
    });
    expect(answer.json.executor_id).toMatch(/^[1-9A-HJ-NP-Za-km-z]{43,44}$/);
    expect(answer.json.id).toBe(answer.json.executor_id);
    expect(new Date(answer.json.created_at).getTime()).toBeGreaterThan(Date.now() - 60_000);
    const list = await http.request('GET', '/executors?controller_id=visible');
    expect(list.json.data.map((row: any) => row.executor_id)).toEqual([answer.json.executor_id]);
  });

  it('is seen by every list that is asked after the answer', async () => {
    const rounds = Array.from({ length: 25 }, (_, index) => `seen-${index}`);
    const seen = await Promise.all(
      rounds.map(async (controller) => {
        await created(ORDER, { controller_id: controller });
        return (await http.request('GET', `/executors?controller_id=${controller}&status=RUNNING`)).json.data.length as number;
      }),
    );
    expect(seen).toEqual(rounds.map(() => 1));
  });

  it('works without the slash at the end, and reports unknown keys', async () => {
    const answer = await http.request('POST', '/executors', { executor_config: { ...ORDER, colour: 'red' } });
    expect(answer.status).toBe(201);
    expect(answer.json.warnings).toEqual(['colour: is unknown and ignored']);
  });

  it('keeps every digit of a JSON number from the body to the workflow and back', async () => {
    const text = `{"executor_config": {"type":"order_executor","connector_name":"binance_paper_trade","trading_pair":"BTC-USDT","side":2,"amount":0.01,"execution_strategy":"LIMIT","price":60000.000000000000000001,"id":"digits"}}`;
    expect((await http.request('POST', '/executors/', text)).status).toBe(201);
    const detail = await http.request('GET', '/executors/digits');
    expect(detail.text).toContain('"price":60000.000000000000000001');
    expect(detail.json.config.side).toBe('SELL');
  });

  it('is idempotent by id: the same config is the same executor, another one a conflict', async () => {
    const config = { ...ORDER, id: 'same-id' };
    expect((await create(config)).status).toBe(201);
    const before = await http.workflowCount();
    const again = await create({ ...config, side: 'BUY', amount: 0.0100, price: '59000.50' });
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({ executor_id: 'same-id', status: 'RUNNING' });
    const other = await create({ ...config, amount: '0.02' });
    expect(other.status).toBe(409);
    expect(other.json.detail).toContain('another config');
    expect(await http.workflowCount()).toBe(before);
  });

  it('is idempotent by Idempotency-Key, also after the executor has ended', async () => {
    const key = { 'idempotency-key': 'order 17 of today' };
    const first = await create(ORDER, {}, key);
    expect(first.status).toBe(201);
    const id = first.json.executor_id as string;
    expect((await create(ORDER, {}, key)).json.executor_id).toBe(id);
    await http.request('POST', `/executors/${id}/stop`, {});
    await ended(id);
    // The exchange being down must not change the answer.
    http.market.failure = { code: 'EXCHANGE_UNREACHABLE', message: 'down' };
    try {
      const late = await create(ORDER, {}, key);
      expect(late.status).toBe(200);
      expect(late.json).toMatchObject({ executor_id: id, status: 'TERMINATED' });
      expect((await create({ ...ORDER, side: 2 }, {}, key)).status).toBe(409);
    } finally {
      http.market.failure = null;
    }
  });

  it('starts one executor for ten requests with one key at the same time', async () => {
    const before = await http.workflowCount();
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(ORDER, {}, { 'idempotency-key': 'at once' })));
    expect(new Set(answers.map((answer) => answer.json.executor_id)).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(9);
    expect(await http.workflowCount()).toBe(before + 1);
  });
});

describe('an order executor', () => {
  it('runs, fills, ends as POSITION_HOLD, and its hold is visible with the end', async () => {
    const id = await created(ORDER, { controller_id: 'holder' });
    await http.worker.fill(id, oneFill('0.01', '590.005', '0.590005'));
    const running = await http.until(() => http.request('GET', `/executors/${id}`), (found) => found.json.is_trading === true);
    expect(running.json).toMatchObject({ status: 'RUNNING', is_active: true, close_type: null, close_timestamp: null, cum_fees_quote: 0.590005, fees_paid_quote_exact: '0.590005' });
    expect(running.json.custom_info).toMatchObject({ side: 'BUY', executed_amount_base: 0.01, average_executed_price: 59000.5 });
    await http.worker.end(id, { kind: 'completed' });
    const report = await ended(id);
    expect(report).toMatchObject({
      close_type: 'POSITION_HOLD',
      outcome: 'COMPLETED',
      is_active: false,
      is_trading: false,
      side: 'BUY',
      net_pnl_quote: 0,
      filled_amount_quote: 0,
      volume_quote: 590.005,
      volume_quote_exact: '590.005',
      config: { amount: 0.01, price: 59000.5, controller_id: 'holder', execution_strategy: 'LIMIT' },
    });
    expect(report.close_timestamp).toBeGreaterThan(report.timestamp);
    expect(report.why.length).toBeGreaterThan(0);

    const summary = (await http.request('GET', '/executors/positions/summary?controller_id=holder')).json;
    expect(summary).toMatchObject({ total_positions: 1, total_realized_pnl: 0, total_unrealized_pnl: 10.045 });
    expect(summary.positions[0]).toMatchObject({
      trading_pair: 'BTC-USDT',
      connector_name: 'binance_paper_trade',
      account_name: 'master_account',
      controller_id: 'holder',
      position_side: 'LONG',
      buy_amount_base: 0.01,
      buy_amount_quote: 590.005,
      sell_amount_base: 0,
      net_amount_base: 0.01,
      buy_breakeven_price: 59000.5,
      sell_breakeven_price: null,
      current_price: 60005,
      unrealized_pnl_quote: 10.045,
      cum_fees_quote: 0.590005,
      executor_count: 1,
      executor_ids: [id],
    });
    const one = await http.request('GET', '/executors/positions/binance_paper_trade/BTC-USDT?controller_id=holder');
    expect(one.json).toMatchObject({ position_side: 'LONG', executor_ids: [id] });
    const all = (await http.request('GET', '/executors/positions/summary')).json;
    expect(all.positions.map((position: any) => position.controller_id)).toContain('holder');
  });
});

describe('a running position', () => {
  it('is marked with the current price in lists, and with the last durable numbers when there is none', async () => {
    const id = await created(POSITION, { controller_id: 'marked' });
    await http.worker.fill(`${id}/entry/1`, oneFill('0.01', '600', '0.6'));
    const row = async (): Promise<any> => (await http.request('POST', '/executors/search', { controller_ids: ['marked'] })).json.data[0];
    // Bought at 60000, best bid 60600: 6 of gain less 0.6 of fees, over 600.
    http.market.top = { bidQuote: '60600', askQuote: '60610', atMs: 0 };
    const marked = await http.until(row, (found) => found.is_trading === true);
    expect(marked).toMatchObject({ marked: true, net_pnl_quote: 5.4, net_pnl_quote_exact: '5.4', net_pnl_pct: 0.009, cum_fees_quote: 0.6, filled_amount_quote: 600 });
    expect(marked.custom_info).toMatchObject({ side: 'BUY', current_position_average_price: 60000, current_price: 60600 });
    http.market.top = { bidQuote: '59400', askQuote: '59410', atMs: 0 };
    expect(await row()).toMatchObject({ net_pnl_quote: -6.6, net_pnl_pct: -0.011 });
    expect((await http.request('GET', '/executors/summary')).json).toMatchObject({ by_type: { position_executor: 1 } });
    // The detail is marked alike and adds what only the workflow knows.
    const detail = (await http.request('GET', `/executors/${id}`)).json;
    expect(detail).toMatchObject({ net_pnl_quote: -6.6, custom_info: { order_ids: [], max_retries: 10, current_price: 59400 } });

    http.market.failure = { code: 'EXCHANGE_UNREACHABLE', message: 'down' };
    try {
      expect(await row()).toMatchObject({ marked: false, net_pnl_quote: -0.6 });
    } finally {
      http.market.failure = null;
      http.market.top = { bidQuote: '60000', askQuote: '60010', atMs: 0 };
    }
  });

  it('waits no longer for a price that does not come than its bound', async () => {
    const id = await created(POSITION, { controller_id: 'silent' });
    await http.worker.fill(`${id}/entry/1`, oneFill('0.01', '600', '0.6'));
    await http.until(() => http.client.describe(id), (found) => found?.entryTotals?.fillCount === 1);
    http.market.silent = true;
    try {
      const row = (await http.request('POST', '/executors/search', { controller_ids: ['silent'] })).json.data[0];
      expect(row).toMatchObject({ executor_id: id, marked: false });
    } finally {
      http.market.silent = false;
    }
  });
});

describe('stopping', () => {
  it('is answered once decided; the first decision wins, and a repeat is told it', async () => {
    const id = await created(POSITION);
    await http.worker.fill(`${id}/entry/1`, oneFill('0.01', '600', '0.6'));
    await http.until(() => http.client.describe(id), (found) => found?.entryTotals?.fillCount === 1);
    const first = await http.request('DELETE', `/executors/${id}?keep_position=true`);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ executor_id: id, status: 'stopping', keep_position: true, decided_now: true, quantity_to_hand_over_base: '0.01' });
    const report = await ended(id);
    expect(report.close_type).toBe('POSITION_HOLD');
    await http.temporal.client.workflow.getHandle(id).result();
    const late = await http.request('POST', `/executors/${id}/stop`, { keep_position: false });
    expect(late.status).toBe(200);
    expect(late.json).toMatchObject({ status: 'stopped', keep_position: true, close_type: 'POSITION_HOLD' });
  });

  it('without keeping closes, and without a body means not keeping', async () => {
    const id = await created(ORDER);
    const answer = await http.request('POST', `/executors/${id}/stop`);
    expect(answer.json).toMatchObject({ executor_id: id, status: 'stopping' });
    expect(await ended(id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: 0 });
  });

  it('of an unknown executor is a 404 with the literal message', async () => {
    for (const [method, path] of [['POST', '/executors/nobody/stop'], ['DELETE', '/executors/nobody'], ['GET', '/executors/nobody']] as const) {
      const answer = await http.request(method, path, method === 'POST' ? {} : undefined);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual({ detail: 'Executor nobody not found' });
    }
    // A workflow that is no executor is none of this route's business.
    expect((await http.request('DELETE', '/executors/account%2Fbinance_paper_trade%2Fmaster_account')).status).toBe(404);
  });
});

describe('lists', () => {
  it('page through running and closed executors, newest first, each once', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) ids.push(await created({ ...ORDER, timestamp: 1_700_000_000 + Math.floor(index / 2) }, { controller_id: 'pages' }));
    for (const id of [ids[1], ids[4]]) {
      await http.request('POST', `/executors/${id ?? ''}/stop`, {});
      await ended(id ?? '');
    }
    const seen: any[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 10; page += 1) {
      const { json } = await http.request('POST', '/executors/search', { controller_ids: ['pages'], limit: 3, ...(cursor === null ? {} : { cursor }) });
      expect(json.pagination).toMatchObject({ limit: 3, total_count: 7 });
      expect(json.next_cursor ?? null).toBe(json.pagination.next_cursor);
      expect(json.pagination.has_more).toBe(json.pagination.next_cursor !== null);
      seen.push(...json.data);
      cursor = json.pagination.next_cursor as string | null;
      if (cursor === null) break;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen.map((row) => row.id))).toEqual(new Set(ids));
    expect(seen.map((row) => row.timestamp)).toEqual([...seen.map((row) => row.timestamp)].sort((left, right) => right - left));

    const status = async (name: string): Promise<number> => (await http.request('GET', `/executors?controller_id=pages&status=${name}`)).json.pagination.total_count as number;
    expect(await status('RUNNING')).toBe(5);
    expect(await status('TERMINATED')).toBe(2);
    expect((await http.request('GET', '/executors?controller_id=pages&trading_pair=ETH-USDT')).json.data).toEqual([]);
    expect((await http.request('GET', '/executors?controller_id=pages&controller_id=visible&executor_type=order_executor')).json.pagination.total_count).toBe(8);
    expect((await http.request('POST', '/executors/search', { controller_ids: ['pages'], executor_types: ['position_executor'] })).json.data).toEqual([]);
  });

  it('show an executor that is archived but still running in visibility once, as closed', async () => {
    const id = await created(ORDER, { controller_id: 'both' });
    const live = await http.client.report(id);
    if (live === null) throw new Error('no report');
    await http.archive.record({ ...live, status: 'TERMINATED', close_type: 'EARLY_STOP', closed_at_ms: Date.now() });
    const { json } = await http.request('GET', '/executors?controller_id=both');
    expect(json.data.map((row: any) => [row.id, row.status])).toEqual([[id, 'TERMINATED']]);
    expect(json.pagination.total_count).toBe(1);
    expect((await http.request('GET', `/executors/${id}`)).json.status).toBe('TERMINATED');
    expect((await http.request('GET', '/executors?controller_id=both&status=RUNNING')).json.data).toEqual([]);
  });

  it('show an executor whose workflow was terminated from outside, and say so', async () => {
    const id = await created(ORDER, { controller_id: 'cut' });
    await http.worker.session(id);
    await http.temporal.client.workflow.getHandle(id).terminate('a person did it');
    const rows = await http.until(async () => (await http.request('GET', '/executors?controller_id=cut')).json.data, (data) => data[0]?.status === 'TERMINATED');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ id, is_active: false, needs_attention: true });
    expect(rows[0].last_error).toContain('ended from outside');
    expect((await http.request('GET', `/executors/${id}`)).json).toMatchObject({ id, status: 'TERMINATED' });
  });

  it('can be asked with values that would break a query', async () => {
    for (const value of ["x' OR 'a'='a", 'x"', 'back\\slash', '', '%']) {
      const answer = await http.request('POST', '/executors/search', { controller_ids: [value], trading_pairs: [value] });
      expect(answer.status).toBe(200);
      expect(answer.json.data).toEqual([]);
    }
  });
});

describe('held positions', () => {
  it('that do not exist are empty sums and a 404 with the literal message', async () => {
    expect((await http.request('GET', '/executors/positions/summary?controller_id=nobody')).json).toMatchObject({ total_positions: 0, positions: [] });
    const one = await http.request('GET', '/executors/positions/binance_paper_trade/BTC-USDT?controller_id=nobody');
    expect(one.status).toBe(404);
    expect(one.json).toEqual({ detail: 'No position hold found for binance_paper_trade/BTC-USDT' });
  });

  it('of a controller nobody can read hide no other, and no total is told without them', async () => {
    await http.temporal.client.workflow.start('controller', { workflowId: 'controller/stranded', taskQueue: 'polled-by-nobody', args: ['stranded'] });
    await http.until(() => http.client.controllerIds(), (ids) => ids.includes('stranded'));
    const summary = (await http.request('GET', '/executors/positions/summary')).json;
    await http.temporal.client.workflow.getHandle('controller/stranded').terminate();
    expect(summary.positions.map((position: any) => position.controller_id)).toContain('holder');
    expect(summary.unreadable_controllers).toEqual([{ controller_id: 'stranded', error: expect.stringContaining('controller stranded') }]);
    expect(summary).toMatchObject({ total_realized_pnl: null, total_unrealized_pnl: null, total_fees_quote: null });
  });

  it('that went flat keep their realised profit in the sums', async () => {
    const trade = async (side: string, quote: string): Promise<void> => {
      const id = await created({ ...ORDER, side, price: '60000' }, { controller_id: 'flat' });
      await http.worker.fill(id, oneFill('0.01', quote, '0.5'));
      await http.worker.end(id, { kind: 'completed' });
      await ended(id);
    };
    await trade('BUY', '600');
    await trade('SELL', '606');
    const summary = (await http.request('GET', '/executors/positions/summary?controller_id=flat')).json;
    expect(summary).toMatchObject({ total_positions: 0, total_realized_pnl: 6, total_unrealized_pnl: 0, positions: [] });
    expect((await http.request('GET', '/executors/positions/binance_paper_trade/BTC-USDT?controller_id=flat')).json).toMatchObject({ position_side: 'FLAT', realized_pnl_quote: 6, cum_fees_quote: 1 });
  });

  it('that are cleared are gone from the books, and what they realised is not', async () => {
    const trade = async (side: string, amount: string, quote: string): Promise<void> => {
      const id = await created({ ...ORDER, side, price: '60000' }, { controller_id: 'cleared' });
      await http.worker.fill(id, oneFill(amount, quote, '0.5'));
      await http.worker.end(id, { kind: 'completed' });
      await ended(id);
    };
    await trade('BUY', '0.01', '600');
    await trade('SELL', '0.005', '303');
    const path = '/executors/positions/binance_paper_trade/BTC-USDT?controller_id=cleared';
    expect((await http.request('DELETE', `${path}&hedge_side=UP`)).json).toMatchObject({ detail: [{ loc: ['query', 'hedge_side'], input: 'UP' }] });
    const answer = await http.request('DELETE', path);
    expect(answer).toMatchObject({ status: 200, json: { connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', message: expect.stringContaining('0.005 cleared') } });
    for (const method of ['GET', 'DELETE']) expect(await http.request(method, path)).toMatchObject({ status: 404, json: { detail: 'No position hold found for binance_paper_trade/BTC-USDT' } });
    expect((await http.request('GET', '/executors/positions/summary?controller_id=cleared')).json).toMatchObject({ total_positions: 0, total_realized_pnl: 3, total_fees_quote: 1, positions: [] });
    // What is handed over afterwards begins a position of its own.
    await trade('BUY', '0.002', '120');
    expect((await http.request('GET', path)).json).toMatchObject({ net_amount_base: 0.002, buy_breakeven_price: 60000, realized_pnl_quote: 3, executor_count: 3 });
  });
});

describe('an executor that never traded', () => {
  it('has zeros, and no value is text where the wire has a number', async () => {
    const id = await created(POSITION);
    await http.worker.session(`${id}/entry/1`);
    const row = (await http.request('GET', `/executors/${id}`)).json;
    for (const name of ['net_pnl_quote', 'net_pnl_pct', 'cum_fees_quote', 'filled_amount_quote', 'volume_quote', 'duration_seconds', 'timestamp']) expect(typeof row[name]).toBe('number');
    expect(row.config.triple_barrier_config).toMatchObject({ stop_loss: 0.02, take_profit: 0.03, open_order_type: 'LIMIT', trailing_stop: { activation_price: 0.015 } });
  });
});

describe('a closed executor whose workflow execution was deleted', () => {
  it('is still answered, with its whole report', async () => {
    await http.until(() => http.client.describe(deletedId), (found) => found === null);
    expect((await http.request('GET', `/executors/${deletedId}`)).json).toMatchObject({ executor_id: deletedId, close_type: 'EARLY_STOP', side: 'BUY' });
    expect((await http.request('GET', '/executors?controller_id=deleted')).json.data).toHaveLength(1);
    const again = await http.request('DELETE', `/executors/${deletedId}`);
    expect(again.json).toMatchObject({ status: 'stopped', close_type: 'EARLY_STOP' });
  });
});

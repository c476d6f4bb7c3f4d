import Database from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import { SIGNALS, type FillReport } from '../../src/contract/messages.js';
import { NO_FILLS, totalsRecord } from '../../src/domain/fills.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function holdOf(controllerId: string): Promise<string | undefined> {
  const state = await run.client.workflow.getHandle(`controller/${controllerId}`).query<ControllerState>('positions');
  return state.positions[0]?.held.netBase;
}

it('fills at market and hands the quantity to its controller', async () => {
  const id = await run.start(orderConfig({ controllerId: 'market' }));
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', net_pnl_quote: '0', volume_quote: '600.0001' });
  const { entry } = await tradesOf(run.paper, report);
  expect(report.fees_paid_quote).toBe(recompute(entry, [], 'BTC').feesQuote);
  expect(await holdOf('market')).toBe('0.00999');
  expect(await run.archive.find(id)).toMatchObject({ executor_id: id, status: 'TERMINATED', close_type: 'POSITION_HOLD' });
});

it('waits with its end while nobody can write the archive, says so, and is counted once', async () => {
  const lock = new Database(run.stack.archiveFile);
  lock.exec('BEGIN IMMEDIATE');
  const id = await run.start(orderConfig({ controllerId: 'locked' }));
  try {
    const ending = await run.until(() => run.client.workflow.getHandle(id).describe(), ({ memo }) => memo?.['status'] === 'SHUTTING_DOWN', 'the executor is ending');
    expect(ending.status.name).toBe('RUNNING');
  } finally {
    lock.exec('ROLLBACK');
    lock.close();
  }
  expect(await run.closed(id)).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
  expect(await run.archive.find(id)).toMatchObject({ executor_id: id, status: 'TERMINATED' });
  expect(await holdOf('locked')).toBe('0.00999');
});

it('ends with what its session counted, not with an older report that comes late', async () => {
  const lock = new Database(run.stack.archiveFile);
  lock.exec('BEGIN IMMEDIATE');
  const id = await run.start(orderConfig({ controllerId: 'late' }));
  try {
    await run.until(() => run.client.workflow.getHandle(id).describe(), ({ memo }) => memo?.['status'] === 'SHUTTING_DOWN', 'the executor is ending');
    const late: FillReport = { sequence: Date.now() * 1_000, totals: totalsRecord(NO_FILLS), openOrders: [], trigger: null };
    await run.client.workflow.getHandle(id).signal(SIGNALS.fillReport, late);
    await run.client.workflow.getHandle(id).signal(SIGNALS.attention, { code: 'LATE', message: 'of an order that is over', atMs: Date.now() });
    const live = await run.live(id);
    expect(live).toMatchObject({ volume_quote: '600.0001', needs_attention: false });
    expect(JSON.stringify(live)).not.toContain('of an order that is over');
  } finally {
    lock.exec('ROLLBACK');
    lock.close();
  }
  expect(await run.closed(id)).toMatchObject({ close_type: 'POSITION_HOLD', volume_quote: '600.0001', last_error: null });
  expect(await run.archive.find(id)).toMatchObject({ volume_quote: '600.0001' });
});

it('rests, is stopped with nothing filled, and leaves nothing behind', async () => {
  const id = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' }));
  await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some((order) => order.state === 'new'), 'the order rests');
  const answer = await run.client.workflow.getHandle(id).executeUpdate<{ decided_now: boolean }, [object]>('stop', { args: [{}] });
  expect(answer.decided_now).toBe(true);
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
  expect((await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new')).toEqual([]);
});

it('takes no stop with a field that is none, or of another kind', async () => {
  const id = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' }));
  const handle = run.client.workflow.getHandle(id);
  for (const [stop, rule] of [
    [5, 'stop: 5 is not allowed, it must be an object'],
    [['keep_position'], 'it must be an object'],
    [{ keep_positon: true }, 'keep_positon: is no field of a stop; fields are keep_position, reason'],
    [{ keep_position: 'yes' }, 'keep_position: "yes" is not allowed, it must be true or false'],
    [{ reason: 5 }, 'reason: 5 is not allowed, it must be text'],
  ] as readonly (readonly [unknown, string])[]) {
    const refused: unknown = await handle.executeUpdate<unknown, [unknown]>('stop', { args: [stop] }).catch((error: unknown) => error);
    expect(String((refused as { readonly cause?: unknown }).cause)).toContain(rule);
  }
  expect((await run.live(id)).status).toBe('RUNNING');
  await handle.executeUpdate('stop', { args: [{ keep_position: null, reason: 'done' }] });
  expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP' });
});

it('counts the fills of a cancelled order', async () => {
  await run.paper.setPrice('BNBUSDT', '500', '500.02');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000', controllerId: 'partial' }));
  const orders = await run.until(() => run.paper.orders({ symbol: SYMBOL }), (all) => all.some((order) => order.state === 'new'), 'the order rests');
  const clientOrderId = orders.find((order) => order.state === 'new')?.clientOrderId ?? '';
  await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.003' });
  await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.001', feeAsset: 'BNB', feeAmount: '0.0001' });
  await run.client.workflow.getHandle(id).signal('early_stop');
  const report = await run.closed(id);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'STOPPED', volume_quote: '200' });
  // The third-asset fee kept its asset and was valued once, at the price of its minute.
  expect(report.orders[0]?.totals.feesByAsset).toMatchObject({ BNB: '0.0001' });
  expect(report.fees_paid_quote).toBe('0.200001');
  expect(report.custom_info['unvalued_fees']).toEqual({});
  expect(await holdOf('partial')).toBe('0.003997');
});

it('re-places what an outside cancel left', async () => {
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' }));
  const open = async (): Promise<string | undefined> => (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.state === 'new')?.clientOrderId;
  const first = await run.until(open, (found) => found !== undefined, 'the order rests');
  await run.paper.fillOrder({ clientOrderId: first ?? '', priceQuote: '50000', amountBase: '0.004' });
  await run.paper.cancelOrder({ clientOrderId: first ?? '' });
  const second = await run.until(open, (found) => found !== undefined && found !== first, 'the rest is placed again');
  await run.paper.fillOrder({ clientOrderId: second ?? '', priceQuote: '50000', amountBase: '0.006' });
  const report = await run.closed(id);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', volume_quote: '500' });
  expect(report.orders.map((order) => order.totals.filledBase)).toEqual(['0.004', '0.006']);
});

it('adopts an order whose answer was lost, and sends it once', async () => {
  await run.paper.armFault({ kind: 'drop-after-commit', method: 'POST', route: '/api/v3/order', count: 1 });
  const report = await run.closed(await run.start(orderConfig({ amountBase: '0.02' })));
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', volume_quote: '1200.0002' });
  expect((await tradesOf(run.paper, report)).entry).toHaveLength(1);
});

it('gives funds for one to one of two', async () => {
  const free = (await run.paper.balances('paper')).find((balance) => balance.asset === 'USDT')?.free ?? '0';
  await run.paper.withdraw('paper', 'USDT', String(Math.floor(Number(free)) - 7_000));
  const orders = await run.paper.events({});
  const ids = await Promise.all([0, 1].map(() => run.start(positionConfig({ amountBase: '0.1', entryPriceQuote: '60000' }, { openOrderType: 'LIMIT' }))));
  await run.until(
    () => Promise.all(ids.map((id) => run.client.workflow.getHandle(id).describe())),
    (both) => both.filter((one) => one.status.name === 'COMPLETED').length === 1,
    'one of the two is refused',
  );
  for (const id of ids) await run.client.workflow.getHandle(id).signal('early_stop').catch(() => undefined);
  const reports = await Promise.all(ids.map((id) => run.closed(id)));
  expect(reports.map((report) => report.close_type).sort()).toEqual(['EARLY_STOP', 'INSUFFICIENT_BALANCE']);
  const since = (await run.paper.events({ after: orders.next } as never)).events;
  expect(since.filter((event) => JSON.stringify(event).includes('reject'))).toEqual([]);
});

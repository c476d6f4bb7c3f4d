import { afterAll, beforeAll, expect, it } from 'vitest';
import { startOptions } from '../../src/client/start-options.js';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import { auditOf, expectNoDifference } from './audited-run.js';
import { gridTrades, moved } from './grid-trades.js';
import { SYMBOL, gridConfig, runStack, type RunningStack } from './running-stack.js';

/** Far below what a grid keeps in production, so that a short test sees several runs. */
const MAX_HISTORY_EVENTS = 250;
/** The short form; `GRID_CYCLES=100 npx vitest run test/executors/grid-continues` plays more. */
const CYCLES = Number(process.env['GRID_CYCLES'] ?? 40);

let run: RunningStack;
const started: GridExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function start(change: Partial<GridExecutorConfig>): Promise<string> {
  const config = gridConfig(change);
  const { workflowType, options } = startOptions(config);
  await run.client.workflow.start(workflowType, { ...options, args: [config, null, MAX_HISTORY_EVENTS] });
  started.push(config);
  return config.id;
}

/** Events of each run of the grid, the oldest first. */
async function runsOf(id: string): Promise<readonly number[]> {
  const runs: number[] = [];
  for await (const { runId, startTime } of run.client.workflow.list({ query: `WorkflowId = "${id}"` })) {
    const { raw } = await run.client.workflow.getHandle(id, runId).describe();
    runs.push(Number(raw.workflowExecutionInfo?.historyLength ?? 0));
    expect(startTime.getTime()).toBeGreaterThan(0);
  }
  return runs.reverse();
}

/** A query that meets a run in its last moment is answered by nobody, and asked again. */
async function tripsOf(id: string): Promise<number> {
  return run.live(id).then((report) => Number(report.custom_info['round_trips']), () => Number.NaN);
}

it('goes on in new runs with its levels at work, level 0 trades again and again, and every order has one fill', async () => {
  await run.price('60000', '60000.01');
  // The budget pays for one level, in the middle.
  const id = await start({ startPriceQuote: '59700', endPriceQuote: '60100', totalAmountQuote: '300', stopLossFraction: '0.05' });
  await run.until(() => restingBuys(), (count) => count === 1, 'level 0 rests');
  for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
    await run.price('59850', '59850.01');
    await run.until(() => resting('sell'), (count) => count === 1, `the take profit of round trip ${cycle} rests`);
    await run.price('60030', '60030.01');
    await run.until(() => tripsOf(id), (trips) => trips === cycle, `round trip ${cycle} is through`, 100_000);
    await run.until(() => restingBuys(), (count) => count === 1, 'the level is out again');
  }
  const [config] = started;
  const trades = await gridTrades(run.paper, { executor_id: id, created_at_ms: config?.createdAtMs ?? 0 });
  expect(trades.length).toBe(2 * CYCLES);
  expect(new Set(trades.map(({ clientOrderId }) => clientOrderId)).size).toBe(2 * CYCLES);
  const runs = await runsOf(id);
  expect(runs.length).toBeGreaterThan(CYCLES / 20);
  // What a decision adds comes on top of the threshold.
  expect(Math.max(...runs)).toBeLessThan(MAX_HISTORY_EVENTS + 100);
  await run.price('59850', '59850.01');
  await run.until(() => resting('sell'), (count) => count === 1, 'another one is under way');
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: false }] });
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
  expect(report.custom_info['round_trips']).toBe(CYCLES);
  const money = moved(await gridTrades(run.paper, report));
  expect(report).toMatchObject({ volume_quote: money.volumeQuote.toFixed(), fees_paid_quote: money.feesQuote.toFixed() });
  expect((await run.paper.orders({ symbol: SYMBOL })).filter(({ state }) => state === 'new')).toEqual([]);
}, 240_000);

it('its stop, its trailing peak and its levels are those of the first run in all that follow', async () => {
  await run.price('60000', '60000.01');
  const id = await start({ stopLossFraction: '0.006' });
  await run.until(() => restingBuys(), (count) => count === 4, 'all levels rest');
  const levels = (await run.live(id)).custom_info['grid_level_prices'];
  for (let cycle = 1; (await runsOf(id)).length < 3; cycle += 1) {
    expect(cycle).toBeLessThan(20);
    await run.price('59790', '59790.01');
    await run.until(() => resting('sell'), (count) => count === 2, 'two take profits rest');
    await run.price('59930', '59930.01');
    await run.until(() => restingBuys(), (count) => count === 3, 'one is through and out again');
  }
  expect((await run.live(id)).custom_info['grid_level_prices']).toEqual(levels);
  await run.price('59350', '59350.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
  expect(report.why.map(({ decision }) => decision)).not.toContain('contradiction');
}, 180_000);

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});

async function resting(side: 'buy' | 'sell'): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' && order.side === side).length;
}

async function restingBuys(): Promise<number> {
  return resting('buy');
}

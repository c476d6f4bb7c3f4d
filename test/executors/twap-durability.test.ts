import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { startOptions } from '../../src/client/start-options.js';
import { auditOf, expectNoDifference } from './audited-run.js';
import type { CatchUpPolicy } from '../../src/domain/twap/twap-terms.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, runStack, twapConfig, type RunningStack } from './running-stack.js';

let run: RunningStack;
const started: TwapExecutorConfig[] = [];

async function start(config: TwapExecutorConfig): Promise<string> {
  started.push(config);
  return run.start(config);
}

interface ShownSlice {
  readonly number: number;
  readonly origin: string;
  readonly filled_base: string;
}

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function openOrders(): Promise<readonly string[]> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled').map((order) => order.clientOrderId);
}

function slicesOf(report: ExecutorReport): readonly ShownSlice[] {
  return (report.custom_info['slices'] ?? []) as readonly ShownSlice[];
}

/** Each slice is one order, and the sums are those of the exchange's own trades. */
async function expectOnceEach(report: ExecutorReport): Promise<void> {
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, 'BTC');
  expect(report).toMatchObject({ volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
  expect(report.custom_info['filled_amount_base']).toBe(money.entryBase);
  const traded = new Set(entry.map((trade) => trade.clientOrderId));
  expect(traded.size).toBe(slicesOf(report).filter((slice) => slice.filled_base !== '0').length);
  expect(entry).toHaveLength(traded.size);
}

describe('a worker killed in the middle, gone for several slices', () => {
  const POLICIES: readonly CatchUpPolicy[] = ['skip', 'stretch', 'burst'];
  const plan = { totalAmountQuote: '900', totalDurationSeconds: 16, orderIntervalSeconds: 2 } as const;
  const reports = new Map<string, ExecutorReport>();

  beforeAll(async () => {
    const configs = new Map<string, TwapExecutorConfig>(POLICIES.map((catchUp) => [catchUp, twapConfig({ ...plan, catchUp, controllerId: `down-${catchUp}` })]));
    configs.set('maker', twapConfig({ side: 'SELL', mode: 'MAKER', limitOrderBufferFraction: '0.001', totalDurationSeconds: 2, controllerId: 'down-maker' }));
    for (const config of configs.values()) await start(config);
    for (const policy of POLICIES) {
      const id = configs.get(policy)?.id ?? '';
      await run.until(() => run.live(id), (live) => Number(live.custom_info['slices_done']) >= 1, `${policy} has a slice done`);
    }
    await run.until(openOrders, (open) => open.length >= 1, 'the maker rests');
    await run.stack.worker?.kill();
    // Three intervals pass whatever the machine does; the lease adds to it.
    await sleep(6_500);
    await run.stack.worker?.restart();
    await run.until(openOrders, (open) => open.length === 3, 'all slices of the maker rest', 90_000);
    await run.price('60061', '60061.01');
    for (const [name, config] of configs) reports.set(name, await run.closed(config.id));
  }, 180_000);

  const report = (name: string): ExecutorReport => reports.get(name) as ExecutorReport;
  const missed = (name: string): Record<string, number> => report(name).custom_info['missed_slots'] as Record<string, number>;

  it.each([...POLICIES, 'maker'])('%s: no slice is doubled, and the sums are those of the exchange', async (name) => {
    await expectOnceEach(report(name));
    expect(report(name)).toMatchObject({ close_type: 'POSITION_HOLD', needs_attention: false });
  });

  it('skip drops the share of what was missed', () => {
    expect(missed('skip')['skipped']).toBeGreaterThanOrEqual(2);
    expect(report('skip').outcome).toBe('PARTIAL');
    expect(slicesOf(report('skip'))).toHaveLength(9 - (missed('skip')['skipped'] ?? 0));
    const left = 900 - Number(report('skip').custom_info['skipped_quote']);
    expect(Number(report('skip').volume_quote)).toBeLessThan(left + 2);
    expect(Number(report('skip').volume_quote)).toBeGreaterThan(left - 2);
  });

  it('stretch trades as many slices as planned, the missed ones at the end', () => {
    expect(missed('stretch')['stretched']).toBeGreaterThanOrEqual(2);
    expect(report('stretch').outcome).toBe('COMPLETED');
    expect(slicesOf(report('stretch'))).toHaveLength(9);
    expect(Number(report('stretch').volume_quote)).toBeGreaterThan(898);
    expect(Number(report('stretch').duration_seconds)).toBeGreaterThan(20);
  });

  it('burst trades what was missed with the next slice', () => {
    const burst = missed('burst')['burst'] ?? 0;
    expect(burst).toBeGreaterThanOrEqual(2);
    expect(report('burst').outcome).toBe('COMPLETED');
    // What was missed goes with a slice that is on time, or, when the worker was away beyond the last, as a slice of its own.
    expect([9 - burst, 10 - burst]).toContain(slicesOf(report('burst')).length);
    const amounts = slicesOf(report('burst')).map((slice) => Number(slice.filled_base));
    expect(Math.max(...amounts)).toBeGreaterThan(2.5 * Math.min(...amounts));
    expect(Number(report('burst').volume_quote)).toBeGreaterThan(898);
  });
});

it('counts what a slice filled whose workflow somebody terminated, and goes on', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await start(twapConfig({ mode: 'MAKER', limitOrderBufferFraction: '0.001', totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900', controllerId: 'terminated-slice' }));
  const [first] = await run.until(openOrders, (open) => open.length === 1, 'the slice rests');
  await run.paper.fillOrder({ clientOrderId: first ?? '', priceQuote: '59940', amountBase: '0.003' });
  await run.client.workflow.getHandle(`${id}/slice/0`).terminate('by a test');
  await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the slice is accounted');
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(await openOrders()).toEqual([]);
  await run.client.workflow.getHandle(id).signal('early_stop', { keep_position: true });
  const report = await run.closed(id);
  await expectOnceEach(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'STOPPED' });
  expect(report.custom_info['filled_amount_base']).toBe('0.003');
});

it('a worker killed while a stop closes what was filled sells it once', async () => {
  await run.price('60000', '60000.01');
  const id = await start(twapConfig({ totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900', controllerId: 'killed-closing' }));
  await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the first slice is done');
  await run.paper.armFault({ kind: 'delay-before-commit', delayMs: 1_500, method: 'POST', route: '/api/v3/order' });
  await run.client.workflow.getHandle(id).signal('early_stop', { keep_position: false });
  await run.until(() => run.paper.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the exit is on its way');
  await run.stack.worker?.kill();
  await run.paper.clearFaults();
  await run.stack.worker?.restart();
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
  const { entry, exit } = await tradesOf(run.paper, report);
  expect(exit).toHaveLength(1);
  expect(report).toMatchObject({ net_pnl_quote: recompute(entry, exit, 'BTC').netPnlQuote, fees_paid_quote: recompute(entry, exit, 'BTC').feesQuote });
});

it('goes on in another run of its workflow with slices at work, and loses nothing of them', async () => {
  await run.price('60000', '60000.01');
  const config = twapConfig({ mode: 'MAKER', limitOrderBufferFraction: '0.001', totalDurationSeconds: 6, orderIntervalSeconds: 1, totalAmountQuote: '700', controllerId: 'long-history' });
  started.push(config);
  const { workflowType, options } = startOptions(config);
  await run.client.workflow.start(workflowType, { ...options, args: [config, null, 60] });
  const first = (await run.client.workflow.getHandle(config.id).describe()).runId;
  await run.until(openOrders, (open) => open.length === 7, 'all slices rest');
  await run.price('59900', '59939');
  const report = await run.closed(config.id);
  expect((await run.client.workflow.getHandle(config.id).describe()).runId).not.toBe(first);
  await expectOnceEach(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
  expect(slicesOf(report)).toHaveLength(7);
  expect(report.why.map(({ decision }) => decision)).toContain('slices planned');
});

it('withdraws slices whose run of the workflow is over, when it is stopped', async () => {
  await run.price('60000', '60000.01');
  const config = twapConfig({ side: 'SELL', mode: 'MAKER', limitOrderBufferFraction: '0.001', orderResubmissionSeconds: 2, totalDurationSeconds: 4, orderIntervalSeconds: 1, totalAmountQuote: '500', controllerId: 'long-stop' });
  started.push(config);
  const { workflowType, options } = startOptions(config);
  await run.client.workflow.start(workflowType, { ...options, args: [config, null, 40] });
  const handle = run.client.workflow.getHandle(config.id);
  await run.until(() => run.live(config.id), (live) => slicesOf(live).some(({ origin }) => origin === 'resubmitted'), 'a slice is placed anew');
  await handle.executeUpdate('stop', { args: [{}] });
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
  expect(await openOrders()).toEqual([]);
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});

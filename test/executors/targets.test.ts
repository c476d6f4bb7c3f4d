import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TripleBarrierConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { TargetState } from '../../src/contract/target-states.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { PAIR, SYMBOL, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

const HALVES = (first: 'LIMIT' | 'MARKET', second: 'LIMIT' | 'MARKET'): TripleBarrierConfig['targets'] => [
  { distanceFraction: '0.01', shareFraction: '0.5', orderType: first },
  { distanceFraction: '0.03', shareFraction: '0.5', orderType: second },
];

async function resting(): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled').length;
}

async function expectExactMoney(report: ExecutorReport): Promise<void> {
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, PAIR.split('-')[0] ?? '');
  expect({ net: report.net_pnl_quote, fees: report.fees_paid_quote, volume: report.volume_quote }).toEqual({ net: money.netPnlQuote, fees: money.feesQuote, volume: money.volumeQuote });
  expect(await resting()).toBe(0);
}

function states(report: ExecutorReport): readonly TargetState[] {
  return report.custom_info['targets'] as readonly TargetState[];
}

describe.each(['BUY', 'SELL'] as const)('targets of a %s position', (side) => {
  const at = (fraction: number): [string, string] => {
    const bid = 60000 * (1 + (side === 'BUY' ? fraction : -fraction));
    return [bid.toFixed(2), (bid + 0.01).toFixed(2)];
  };
  const start = async (barriers: Partial<TripleBarrierConfig>): Promise<string> => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }, { takeProfitFraction: null, ...barriers }));
    await run.until(() => run.live(id), (report) => report.is_trading, `${id} is filled`);
    return id;
  };
  const filledTargets = (id: string, count: number): Promise<ExecutorReport> =>
    run.until(() => run.live(id), (report) => states(report).filter((target) => target.state === 'filled').length >= count, `${count} targets of ${id} are filled`);

  it('rest together and close all of it', async () => {
    const id = await start({ targets: HALVES('LIMIT', 'LIMIT') });
    await run.until(resting, (count) => count === 2, 'both rest');
    await run.price(...at(0.015));
    const half = await filledTargets(id, 1);
    expect(states(half).map((target) => target.state)).toEqual(['filled', 'waiting']);
    await run.price(...at(0.04));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED', last_error: null });
    expect(states(report).map((target) => target.state)).toEqual(['filled', 'filled']);
    await expectExactMoney(report);
  });

  it('are watched by MARKET, and the stop acts on what is left', async () => {
    const id = await start({ targets: HALVES('MARKET', 'MARKET') });
    await run.price(...at(0.015));
    await filledTargets(id, 1);
    await run.price(...at(-0.03));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
    expect(states(report).map((target) => target.state)).toEqual(['filled', 'waiting']);
    expect(report.orders.map((order) => order.purpose).sort()).toEqual(['close', 'takeProfit', 'work']);
    await expectExactMoney(report);
  });

  it('leave a part to the trailing stop', async () => {
    const id = await start({ targets: [{ distanceFraction: '0.01', shareFraction: '0.4', orderType: 'MARKET' }], trailingStop: { activationFraction: '0.02', deltaFraction: '0.005' } });
    await run.price(...at(0.015));
    await filledTargets(id, 1);
    await run.price(...at(0.03));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await run.price(...at(0.022));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TRAILING_STOP', outcome: 'COMPLETED', last_error: null });
    await expectExactMoney(report);
  });

  it('move the stop to the entry plus fees', async () => {
    const id = await start({ targets: HALVES('LIMIT', 'LIMIT'), breakevenAfterTarget: 1 });
    await run.until(resting, (count) => count === 2, 'both rest');
    await run.price(...at(0.015));
    await filledTargets(id, 1);
    await run.price(...at(0.001));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
    expect(report.why.map((entry) => entry.decision)).toContain('the stop moved to the entry plus fees');
    expect(Number(report.net_pnl_quote)).toBeGreaterThan(0);
    await expectExactMoney(report);
  });
});

it('a share that the exchange does not trade is closed with its neighbour, and the reason is told', async () => {
  await run.price('60000', '60000.01');
  const targets = [
    { distanceFraction: '0.01', shareFraction: '0.0001', orderType: 'LIMIT' },
    { distanceFraction: '0.02', shareFraction: '0.9999', orderType: 'LIMIT' },
  ] as const;
  const id = await run.start(positionConfig({}, { takeProfitFraction: null, targets }));
  await run.until(resting, (count) => count === 1, 'one rests');
  await run.price('61500', '61500.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'TAKE_PROFIT', last_error: null });
  expect(states(report).map((target) => [target.state, target.merged_into])).toEqual([['merged', 2], ['filled', null]]);
  expect(report.why.map((entry) => entry.decision)).toContain('target 1 is closed with target 2');
  await expectExactMoney(report);
});

it('a partly closed position counts what it realised and what is open', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({}, { takeProfitFraction: null, targets: HALVES('LIMIT', 'LIMIT') }));
  await run.until(resting, (count) => count === 2, 'both rest');
  await run.price('60900', '60900.01');
  const report = await run.until(() => run.live(id), (live) => states(live)[0]?.state === 'filled', 'the first target is filled');
  // What is open stands at its cost in the durable report, so its P&L is what was realised, less all fees.
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, 'BTC');
  expect(Number(money.exitBase)).toBeGreaterThan(0);
  expect({ net: report.net_pnl_quote, volume: report.volume_quote }).toEqual({ net: money.netPnlQuote, volume: money.volumeQuote });
  await run.client.workflow.getHandle(id).signal('early_stop', { reason: 'test' });
  const closed = await run.closed(id);
  expect(closed.close_type).toBe('EARLY_STOP');
  await expectExactMoney(closed);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig, PositionExecutorConfig } from '../../../src/contract/executor-config.js';
import { LIMITS } from '../../../src/domain/limits.js';
import { ACCOUNT, CONNECTOR, orderConfig, positionConfig, runStack, type RunningStack } from '../running-stack.js';
import type { ChildExit } from '../../../src/processes/guarded-child.js';
import { accountWorkflowId } from '../../../src/contract/queues.js';
import { completedActivities, leg, openBase, pauseActivities, truthOf } from './user-actions.js';

let run: RunningStack;
let resting: OrderExecutorConfig;

/** Unix ms of every time the worker said it owns the account. */
function grants(): readonly number[] {
  const lines = readFileSync(join(run.stack.logDirectory, 'worker.log'), 'utf8').split('\n');
  return lines.filter((line) => line.includes('this process owns the account')).map((line) => (JSON.parse(line) as { time: number }).time);
}

async function filled(config: PositionExecutorConfig): Promise<PositionExecutorConfig> {
  await run.start(config);
  await run.until(() => run.live(config.id), (report) => report.is_trading, 'the entry is filled');
  return config;
}

async function exits(config: PositionExecutorConfig): Promise<readonly { readonly state: string; readonly createdMs: number }[]> {
  return (await truthOf(run, config, 'exit/1')).orders;
}

async function expectClosedOnce(config: PositionExecutorConfig, closeType: string, dust: number): Promise<void> {
  expect(await run.closed(config.id)).toMatchObject({ close_type: closeType, outcome: 'COMPLETED' });
  expect((await truthOf(run, config, 'entry/1')).orders.map((order) => order.state)).toEqual(['filled']);
  expect((await exits(config)).map((order) => order.state)).toEqual(['filled']);
  expect((await truthOf(run, config, 'exit/2')).orders).toEqual([]);
  expect(Number(await openBase(run, config))).toBeLessThan(dust);
}

async function expectStillResting(): Promise<void> {
  expect((await truthOf(run, resting, 'order')).orders.map((order) => order.state)).toEqual(['new']);
}

beforeAll(async () => {
  run = await runStack();
  await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
  await run.paper.setPrice('BNBUSDT', '500', '500.01');
  resting = orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' });
  await run.start(resting);
  await run.until(() => truthOf(run, resting, 'order'), (truth) => truth.open.length === 1, 'the order rests');
});
afterAll(async () => {
  // A frozen process does not hear that it is to stop.
  run?.stack.worker?.signal('SIGCONT');
  await run?.stop();
});

it('a frozen process sends nothing before it holds the lease again, and then closes once', async () => {
  const config = await filled(positionConfig({ pair: 'ETH-USDT', amountBase: '0.1' }));
  const [first] = grants();
  expect(grants()).toEqual([first]);
  run.stack.worker?.signal('SIGSTOP');
  await run.paper.setPrice('ETHUSDT', '2522', '2522.01');
  await sleep(LIMITS.sessionHeartbeatTimeoutMs + 2_000);
  expect(await exits(config)).toEqual([]);
  run.stack.worker?.signal('SIGCONT');
  await expectClosedOnce(config, 'STOP_LOSS', 0.0001);
  const [, again] = grants();
  const [close] = await exits(config);
  expect(grants()).toHaveLength(2);
  expect(close?.createdMs).toBeGreaterThan(again ?? Number.POSITIVE_INFINITY);
  await expectStillResting();
});

describe('a Temporal server that is gone', () => {
  it('holds no stop back, adds nothing, and hears the right story when it is there again', async () => {
    await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
    const early = await filled(positionConfig({ pair: 'BNB-USDT', amountBase: '1' }));
    const late = await filled(positionConfig());
    const trailing = await filled(
      positionConfig({ pair: 'ETH-USDT', amountBase: '0.1' }, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } }),
    );
    await run.stack.temporal.process?.kill();
    await run.paper.setPrice('BNBUSDT', '485', '485.01');
    await run.until(() => exits(early), (orders) => orders.length === 1, 'the stop leaves while the lease lasts');
    await run.paper.setPrice('ETHUSDT', '2678', '2678.01');
    await sleep(LIMITS.leaseTimeoutMs + 1_000);
    await run.price('58200', '58200.01');
    await run.until(() => exits(late), (orders) => orders.length === 1, 'the stop leaves although nobody renews the lease');
    await sleep(2_000);
    await expectStillResting();
    await run.stack.temporal.process?.restart();
    await expectClosedOnce(early, 'STOP_LOSS', 0.001);
    await expectClosedOnce(late, 'STOP_LOSS', 0.00001);
    await run.paper.setPrice('ETHUSDT', '2657', '2657.01');
    await expectClosedOnce(trailing, 'TRAILING_STOP', 0.0001);
    await expectStillResting();
  });

  it('is heard again by the same process', async () => {
    const config = orderConfig();
    await run.start(config);
    expect(await run.closed(config.id)).toMatchObject({ outcome: 'COMPLETED' });
    await run.client.workflow.getHandle(resting.id).signal('early_stop', {});
    expect(await run.closed(resting.id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
    expect((await truthOf(run, resting, 'order')).orders.map((order) => order.state)).toEqual(['canceled']);
  });
});

it('a killed process has not forgotten what it was told a moment before', async () => {
  const config = positionConfig({ entryPriceQuote: '50000' }, { openOrderType: 'LIMIT' });
  await run.start(config);
  await run.until(() => truthOf(run, config, 'entry/1'), (truth) => truth.open.length === 1, 'the entry rests');
  await run.paper.armFault({ kind: 'status-before-commit', status: 503, method: 'DELETE', count: null });
  await run.client.workflow.getHandle(config.id).signal('early_stop', {});
  await run.until(() => completedActivities(run, leg(config, 'exit')), (names) => names.includes('commandSession'), 'the exit has its command');
  await run.stack.worker?.kill();
  await run.paper.clearFaults();
  expect((await truthOf(run, config, 'entry/1')).open).toHaveLength(1);
  await run.stack.worker?.restart();
  expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
  expect((await truthOf(run, config, 'entry/1')).orders.map((order) => order.state)).toEqual(['canceled']);
});

describe('the lease of the account', () => {
  const lease = accountWorkflowId(CONNECTOR, ACCOUNT);

  it('terminated, is granted again; its stops work', async () => {
    await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
    const config = await filled(positionConfig({ pair: 'ETH-USDT', amountBase: '0.1' }));
    const before = grants().length;
    await run.client.workflow.getHandle(lease).terminate('test');
    await run.until(async () => grants().length, (count) => count > before, 'the account is owned again');
    await run.paper.setPrice('ETHUSDT', '2522', '2522.01');
    await expectClosedOnce(config, 'STOP_LOSS', 0.0001);
  });

  it('paused, keeps its stops armed, and the process still hears that it is to stop', async () => {
    await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
    const config = await filled(positionConfig({ pair: 'ETH-USDT', amountBase: '0.1' }));
    const before = grants().length;
    await pauseActivities(run, lease, 'ownAccount');
    // Longer than it takes until the activity hears of it.
    await sleep(LIMITS.leaseTimeoutMs + 1_000);
    await run.paper.setPrice('ETHUSDT', '2522', '2522.01');
    await expectClosedOnce(config, 'STOP_LOSS', 0.0001);
    expect(grants()).toHaveLength(before);
    expect((await run.stack.worker?.stop()) as ChildExit).toMatchObject({ code: 0, signal: null });
  });
});

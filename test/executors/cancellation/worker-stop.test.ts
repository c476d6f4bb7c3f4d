import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig, PositionExecutorConfig } from '../../../src/contract/executor-config.js';
import type { ChildExit } from '../../../src/processes/guarded-child.js';
import { LIMITS } from '../../../src/domain/limits.js';
import { CONNECTOR, orderConfig, positionConfig, runStack, type RunningStack } from '../running-stack.js';
import { nothingOpen, openBase, truthOf } from './user-actions.js';

/** Each in a market of its own, so that one price moves one of them. */
interface Standing {
  readonly hitWhileDown: PositionExecutorConfig;
  readonly hitAfterwards: PositionExecutorConfig;
  readonly trailing: PositionExecutorConfig;
  readonly entry: PositionExecutorConfig;
  readonly order: OrderExecutorConfig;
  readonly unowned: OrderExecutorConfig;
}

const SECOND = 'second_account';
let run: RunningStack;
let standing: Standing;
let exit: ChildExit;

async function begin(): Promise<Standing> {
  const ahead: Standing = {
    hitWhileDown: positionConfig({ pair: 'ETH-USDT', amountBase: '0.1' }),
    hitAfterwards: positionConfig({ pair: 'BNB-USDT', amountBase: '1' }),
    trailing: positionConfig({}, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } }),
    entry: positionConfig({ entryPriceQuote: '50000' }, { openOrderType: 'LIMIT' }),
    order: orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' }),
    unowned: orderConfig({ account: SECOND }),
  };
  for (const config of Object.values(ahead) as readonly (OrderExecutorConfig | PositionExecutorConfig)[]) await run.start(config);
  for (const { id } of [ahead.hitWhileDown, ahead.hitAfterwards, ahead.trailing]) {
    await run.until(() => run.live(id), (report) => report.is_trading, `${id} is filled`);
  }
  await run.until(() => truthOf(run, ahead.entry, 'entry/1'), (truth) => truth.open.length === 1, 'the entry rests');
  await run.until(() => truthOf(run, ahead.order, 'order'), (truth) => truth.open.length === 1, 'the order rests');
  return ahead;
}

async function restingOrders(): Promise<readonly (readonly [number, string])[]> {
  const orders = [...(await truthOf(run, standing.entry, 'entry/1')).orders, ...(await truthOf(run, standing.order, 'order')).orders];
  return orders.map((order) => [order.orderId, order.state] as const);
}

async function expectClosedOnce(config: PositionExecutorConfig, closeType: string, dust: number): Promise<void> {
  expect(await run.closed(config.id)).toMatchObject({ close_type: closeType, outcome: 'COMPLETED' });
  expect((await truthOf(run, config, 'entry/1')).orders.map((order) => order.state)).toEqual(['filled']);
  expect((await truthOf(run, config, 'exit/1')).orders.map((order) => order.state)).toEqual(['filled']);
  expect(Number(await openBase(run, config))).toBeLessThan(dust);
}

let restingBefore: readonly (readonly [number, string])[];

beforeAll(async () => {
  run = await runStack();
  await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
  await run.paper.setPrice('BNBUSDT', '500', '500.01');
  standing = await begin();
  restingBefore = await restingOrders();
  await run.price('61800', '61800.01');
  // The peak has to have reached the session; nothing shows it from outside.
  await sleep(500);
  exit = (await run.stack.worker?.stop()) as ChildExit;
});
afterAll(async () => {
  await run?.stop();
});

describe('a worker that is told to stop', () => {
  it('ends by itself, with success, and touches nothing at the exchange', async () => {
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(restingBefore.map(([, state]) => state)).toEqual(['new', 'new']);
    expect(await restingOrders()).toEqual(restingBefore);
    for (const config of [standing.hitWhileDown, standing.hitAfterwards, standing.trailing]) {
      expect((await truthOf(run, config, 'exit/1')).orders).toEqual([]);
    }
  });

  it('started long after, closes at once what was hit while it was down, trailing stops from their peak', async () => {
    await run.paper.setPrice('ETHUSDT', '2522', '2522.01');
    await run.price('61320', '61320.01');
    // Longer than an activity waits for an owner: sessions begin again as other activities than they were.
    await sleep(LIMITS.noOwnerMs + 1_000);
    await run.stack.worker?.restart();
    await expectClosedOnce(standing.hitWhileDown, 'STOP_LOSS', 0.0001);
    await expectClosedOnce(standing.trailing, 'TRAILING_STOP', 0.00001);
  }, 120_000);

  it('keeps what rested, and stops that are hit afterwards; nobody is called any more', async () => {
    for (const { id } of [standing.hitAfterwards, standing.entry, standing.order]) {
      const report = await run.until(() => run.live(id), ({ needs_attention }) => !needs_attention, 'the alarm is over');
      expect(report.last_error).toContain('no process owns account');
    }
    expect((await run.live(standing.hitAfterwards.id)).is_trading).toBe(true);
    await run.paper.setPrice('BNBUSDT', '485', '485.01');
    await expectClosedOnce(standing.hitAfterwards, 'STOP_LOSS', 0.001);
    expect(await restingOrders()).toEqual(restingBefore);
    for (const { id } of [standing.entry, standing.order]) {
      await run.client.workflow.getHandle(id).signal('early_stop', {});
      expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
    }
    expect((await restingOrders()).map(([, state]) => state)).toEqual(['canceled', 'canceled']);
    expect(await nothingOpen(run, standing.entry)).toBe(true);
  });
});

describe('an account that no process owns', () => {
  it('is told of by its executors, which go on when somebody does', async () => {
    const { unowned } = standing;
    await run.price('60000', '60000.01');
    const trailing = positionConfig({}, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } });
    await run.start(trailing);
    await run.until(() => run.live(trailing.id), (report) => report.is_trading, 'the entry is filled');
    await run.price('61800', '61800.01');
    const report = await run.until(() => run.live(unowned.id), ({ needs_attention }) => needs_attention, 'the executor asks for attention');
    expect(report).toMatchObject({ status: 'RUNNING', volume_quote: '0' });
    expect(report.last_error).toContain(`no process owns account ${SECOND} of ${CONNECTOR}`);
    const { configurationFile } = run.stack;
    const configuration = JSON.parse(readFileSync(configurationFile, 'utf8')) as { accounts: { name: string }[] };
    const [first] = configuration.accounts;
    writeFileSync(configurationFile, JSON.stringify({ ...configuration, accounts: [first, { ...first, name: SECOND }] }));
    await run.stack.worker?.restart();
    await run.price('61320', '61320.01');
    await expectClosedOnce(trailing, 'TRAILING_STOP', 0.00001);
    expect(await run.closed(unowned.id)).toMatchObject({ outcome: 'COMPLETED', needs_attention: false });
    expect((await truthOf(run, unowned, 'order')).orders.map((order) => order.state)).toEqual(['filled']);
  });
});

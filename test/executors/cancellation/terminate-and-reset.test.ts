import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig, PositionExecutorConfig } from '../../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../../src/contract/report.js';
import { orderConfig, positionConfig, runStack, type RunningStack } from '../running-stack.js';
import { Rendezvous, Scenarios, meeting } from './scenarios.js';
import { heldBy, leg, nothingOpen, openBase, reset, sessionStarted, truthOf, workflowStatus } from './user-actions.js';

let run: RunningStack;
let fall: Rendezvous;

const RESTING = { executionStrategy: 'LIMIT', priceQuote: '50000' } as const;
/** Stops are 2 % away; the fall is 3 %. */
const ETH = { pair: 'ETH-USDT', amountBase: '0.1' } as const;
const PARTIES = [
  'exit cancelled',
  'exit terminated',
  'exit of a resting entry terminated',
  'both legs terminated',
  'position terminated',
  'everything terminated',
  'entry terminated',
  'exit reset',
  'position reset',
  'entry and exit reset',
];
const met = (party: string, body: (arrive: () => Promise<void>) => Promise<void>): (() => Promise<void>) => meeting(() => fall, party, body);

/** A position in ETH with its market entry filled, and the sessions of both legs begun. */
async function filled(change: Partial<PositionExecutorConfig> = {}): Promise<PositionExecutorConfig> {
  const config = positionConfig({ ...ETH, ...change });
  await run.start(config);
  await sessionStarted(run, leg(config, 'exit'));
  await run.until(() => run.live(config.id), (report) => report.is_trading && report.volume_quote !== '0', 'the entry is filled');
  return config;
}

async function resting(change: Partial<PositionExecutorConfig> = {}): Promise<PositionExecutorConfig> {
  const config = positionConfig({ entryPriceQuote: '50000', ...change }, { openOrderType: 'LIMIT' });
  await run.start(config);
  await run.until(() => truthOf(run, config, 'entry/1'), (truth) => truth.open.length === 1, 'the entry rests');
  return config;
}

async function fillOpen(config: OrderExecutorConfig | PositionExecutorConfig, path: string, amountBase: string): Promise<void> {
  const [order] = (await truthOf(run, config, path)).open;
  await run.paper.fillOrder({ orderId: order?.orderId ?? 0, priceQuote: order?.priceQuote ?? '', amountBase });
}

/** Bought once, sold once, nothing left and nothing resting. */
async function expectClosedOnce(config: PositionExecutorConfig, report: ExecutorReport | null): Promise<void> {
  expect(await nothingOpen(run, config)).toBe(true);
  const open = Number(await openBase(run, config));
  // What the fee in the base asset leaves below the amount step.
  expect(open).toBeGreaterThanOrEqual(0);
  expect(open).toBeLessThan(config.pair === 'BNB-USDT' ? 0.001 : 0.0001);
  const exits = (await Promise.all(['exit/1', 'exit/2', 'exit/3'].map((path) => truthOf(run, config, path)))).flatMap((truth) => truth.orders);
  expect(exits.map((order) => order.state)).toEqual(['filled']);
  if (report === null) return;
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', needs_attention: false });
  const trades = (await Promise.all(['entry/1', 'exit/1', 'exit/2', 'exit/3'].map((path) => truthOf(run, config, path)))).flatMap((truth) => truth.trades);
  const volume = trades.reduce((sum, trade) => sum + Number(trade.amountQuote), 0);
  expect(Number(report.volume_quote)).toBeCloseTo(volume, 8);
}

const scenarios = new Scenarios({
  'cancel of an order executor ends it and its order': async () => {
    const config = orderConfig(RESTING);
    await run.start(config);
    await run.until(() => truthOf(run, config, 'order'), (truth) => truth.open.length === 1, 'the order rests');
    await run.client.workflow.getHandle(config.id).cancel();
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
    const { orders } = await truthOf(run, config, 'order');
    expect(orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'cancel of a position is an early stop': async () => {
    const config = positionConfig();
    await run.start(config);
    await run.until(() => run.live(config.id), (report) => report.is_trading, 'the entry is filled');
    await run.client.workflow.getHandle(config.id).cancel();
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
    expect(Number(await openBase(run, config))).toBeLessThan(0.00001);
    expect(await nothingOpen(run, config)).toBe(true);
  },

  'cancel of an entry leg ends a position that holds nothing': async () => {
    const config = await resting();
    await run.client.workflow.getHandle(leg(config, 'entry')).cancel();
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
    expect((await truthOf(run, config, 'entry/1')).orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'cancel of an exit leg: another exit takes over': met('exit cancelled', async (arrive) => {
    const config = await filled();
    await run.client.workflow.getHandle(leg(config, 'exit')).cancel();
    await sessionStarted(run, leg(config, 'exit', 2));
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
    expect((await truthOf(run, config, 'exit/1')).orders).toEqual([]);
    expect((await truthOf(run, config, 'exit/2')).trades.length).toBeGreaterThan(0);
  }),

  'terminate of an order executor: its order is cancelled': async () => {
    const config = orderConfig(RESTING);
    await run.start(config);
    await run.until(() => truthOf(run, config, 'order'), (truth) => truth.open.length === 1, 'the order rests');
    await run.client.workflow.getHandle(config.id).terminate('test');
    const truth = await run.until(() => truthOf(run, config, 'order'), ({ open }) => open.length === 0, 'the order is cancelled');
    expect(truth.orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'terminate of an exit leg: another exit takes over and the stop works': met('exit terminated', async (arrive) => {
    const config = await filled();
    await run.client.workflow.getHandle(leg(config, 'exit')).terminate('test');
    await sessionStarted(run, leg(config, 'exit', 2));
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
    expect((await truthOf(run, config, 'exit/1')).orders).toEqual([]);
    expect((await truthOf(run, config, 'exit/2')).trades.length).toBeGreaterThan(0);
  }),

  'terminate of an exit leg while the entry rests: the entry stays, under the next exit': met('exit of a resting entry terminated', async (arrive) => {
    const config = await resting({ ...ETH, entryPriceQuote: '2590' });
    await run.client.workflow.getHandle(leg(config, 'exit')).terminate('test');
    await sessionStarted(run, leg(config, 'exit', 2));
    // Longer than an entry waits before it gives up without an exit.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await fillOpen(config, 'entry/1', '0.1');
    await run.until(() => run.live(config.id), (report) => report.is_trading, 'the entry is filled');
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
    expect((await truthOf(run, config, 'entry/1')).orders.map((order) => order.state)).toEqual(['filled']);
  }),

  'terminate of both legs: what is filled stays protected, the rest is cancelled': met('both legs terminated', async (arrive) => {
    const config = await resting({ ...ETH, amountBase: '0.2', entryPriceQuote: '2590' });
    await fillOpen(config, 'entry/1', '0.1');
    await run.until(() => run.live(config.id), (report) => report.is_trading, 'a part is filled');
    await run.client.workflow.getHandle(leg(config, 'entry')).terminate('test');
    await run.client.workflow.getHandle(leg(config, 'exit')).terminate('test');
    await run.until(() => truthOf(run, config, 'entry/1'), ({ open }) => open.length === 0, 'the rest is cancelled');
    await sessionStarted(run, leg(config, 'exit', 2));
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
  }),

  'terminate of a half-filled order executor: its fills go to the controller': async () => {
    const config = orderConfig({ ...ETH, ...RESTING, priceQuote: '2100', controllerId: 'left behind' });
    await run.start(config);
    await run.until(() => truthOf(run, config, 'order'), (truth) => truth.open.length === 1, 'the order rests');
    await fillOpen(config, 'order', '0.04');
    await run.until(() => run.live(config.id), (report) => report.volume_quote !== '0', 'a part is filled');
    await run.client.workflow.getHandle(config.id).terminate('test');
    const [held] = await run.until(() => heldBy(run, 'left behind'), (positions) => positions.length === 1, 'the controller holds the fills');
    expect(held?.held.netBase).toBe(await openBase(run, config));
    expect((await truthOf(run, config, 'order')).orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'terminate of a position and its exit: the exit stays armed, its fills go to the controller': met('everything terminated', async (arrive) => {
    const config = await filled({ controllerId: 'nobody left' });
    await run.client.workflow.getHandle(config.id).terminate('test');
    await run.client.workflow.getHandle(leg(config, 'exit')).terminate('test');
    // At once, not when the exit fires: an exit without any workflow dies with its process.
    await run.until(() => heldBy(run, 'nobody left'), (positions) => positions[0]?.executorCount === 1, 'the controller holds what the exit protects');
    await arrive();
    const [held] = await run.until(() => heldBy(run, 'nobody left'), (positions) => positions.length === 1 && positions[0]?.executorCount === 2, 'the controller holds both fills');
    await expectClosedOnce(config, null);
    expect(held?.held.netBase).toBe(await openBase(run, config));
  }),

  'terminate of an entry leg: the rest is cancelled, what is filled stays protected': met('entry terminated', async (arrive) => {
    const config = positionConfig({ pair: 'BNB-USDT', amountBase: '1', entryPriceQuote: '500' }, { openOrderType: 'LIMIT' });
    await run.start(config);
    await run.until(() => run.live(config.id), (report) => report.volume_quote !== '0', 'a part is filled');
    await run.client.workflow.getHandle(leg(config, 'entry')).terminate('test');
    const truth = await run.until(() => truthOf(run, config, 'entry/1'), ({ open }) => open.length === 0, 'the rest is cancelled');
    expect(truth.orders.map((order) => [order.state, order.filledBase])).toEqual([['canceled', '0.4']]);
    expect(await workflowStatus(run, config.id)).toBe('RUNNING');
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
  }),

  'terminate of a position: its exit stays armed and its fills go to the controller': met('position terminated', async (arrive) => {
    const config = await filled({ controllerId: 'orphans' });
    await run.client.workflow.getHandle(config.id).terminate('test');
    await arrive();
    await run.client.workflow.getHandle(leg(config, 'exit')).result();
    await expectClosedOnce(config, null);
    const [held] = await heldBy(run, 'orphans');
    expect(held?.held.netBase).toBe(await openBase(run, config));
    expect(Number(held?.held.realizedPnlQuote)).toBeLessThan(0);
  }),

  'reset of an order executor: the order is adopted, not doubled': async () => {
    const config = orderConfig(RESTING);
    await run.start(config);
    await run.until(() => truthOf(run, config, 'order'), (truth) => truth.open.length === 1, 'the order rests');
    await reset(run, config.id);
    await sessionStarted(run, config.id);
    await run.client.workflow.getHandle(config.id).signal('early_stop', { reason: 'test' });
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
    expect((await truthOf(run, config, 'order')).orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'reset of an entry leg: the order is adopted, not doubled': async () => {
    const config = await resting();
    await reset(run, leg(config, 'entry'));
    await sessionStarted(run, leg(config, 'entry'));
    await run.client.workflow.getHandle(config.id).signal('early_stop', { reason: 'test' });
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
    expect((await truthOf(run, config, 'entry/1')).orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'reset of an exit leg: the stop works, once': met('exit reset', async (arrive) => {
    const config = await filled();
    await reset(run, leg(config, 'exit'));
    await sessionStarted(run, leg(config, 'exit'));
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
  }),

  'reset of a position: it adopts its legs': met('position reset', async (arrive) => {
    const config = await filled();
    await reset(run, config.id);
    await run.until(() => run.live(config.id), (report) => report.is_trading, 'the new run knows what is filled');
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
    expect((await truthOf(run, config, 'entry/1')).orders).toHaveLength(1);
  }),

  'reset of both legs that filled and wait: nothing is bought twice': met('entry and exit reset', async (arrive) => {
    const config = await filled();
    await reset(run, leg(config, 'entry'));
    await reset(run, leg(config, 'exit'));
    await sessionStarted(run, leg(config, 'exit'));
    await run.client.workflow.getHandle(leg(config, 'entry')).result();
    await arrive();
    await expectClosedOnce(config, await run.closed(config.id));
    expect((await truthOf(run, config, 'entry/1')).orders).toHaveLength(1);
  }),
});

beforeAll(async () => {
  run = await runStack();
  fall = new Rendezvous(PARTIES, async () => {
    await run.paper.setPrice('ETHUSDT', '2522', '2522.01');
    await run.paper.setPrice('BNBUSDT', '485', '485.01');
  });
  await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
  await run.paper.setBook('BNBUSDT', { bids: [['499.99', '1000']], asks: [['500', '0.4'], ['500.01', '1000']] });
  scenarios.start();
});
afterAll(async () => {
  await run?.stop();
});

describe('what a person does to workflows', () => {
  it.each(scenarios.names)('%s', (name) => scenarios.result(name));

  it('an exit that takes over follows the peak of the one before it', async () => {
    const config = positionConfig({}, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } });
    await run.start(config);
    await run.until(() => run.live(config.id), (report) => report.is_trading, 'the entry is filled');
    await run.price('61800', '61800.01');
    // The peak has to have reached the session; nothing shows it from outside.
    await new Promise((resolve) => setTimeout(resolve, 500));
    // A price at which a stop that began to follow only now would not fire.
    await run.price('61550', '61550.01');
    await run.client.workflow.getHandle(leg(config, 'exit')).terminate('test');
    await sessionStarted(run, leg(config, 'exit', 2));
    await run.price('61320', '61320.01');
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'TRAILING_STOP', outcome: 'COMPLETED' });
    // Sent by the session that goes on, or by the terminated one's, which stays armed until that is seen.
    const sent = await Promise.all(['exit/1', 'exit/2'].map(async (path) => (await truthOf(run, config, path)).orders));
    expect(sent.flat().map((order) => order.state)).toEqual(['filled']);
  });
});

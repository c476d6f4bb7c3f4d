import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutorConfig } from '../../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../../src/contract/report.js';
import { orderConfig, positionConfig, runStack, type RunningStack } from '../running-stack.js';
import { Rendezvous, Scenarios, meeting } from './scenarios.js';
import { attemptOf, leg, nothingOpen, openBase, pauseSession, sessionStarted, truthOf, unpauseSession } from './user-actions.js';

let run: RunningStack;
let fall: Rendezvous;
const PARTIES = ['exit', 'exit and back'];

async function alarmed(config: ExecutorConfig, wanted: boolean): Promise<ExecutorReport> {
  return run.until(() => run.live(config.id), (report) => report.needs_attention === wanted, `needs_attention is ${wanted}`);
}

async function openOrders(config: ExecutorConfig, path: string, count: number): Promise<void> {
  await run.until(() => truthOf(run, config, path), (truth) => truth.open.length === count, `${path} has ${count} open orders`);
}

/** The server shows the pause only once the attempt was told; the session that heard it looks every second. */
async function filledAndPaused(): Promise<ExecutorConfig> {
  const config = positionConfig({ pair: 'ETH-USDT', amountBase: '0.1' });
  await run.start(config);
  await run.until(() => run.live(config.id), (report) => report.is_trading, 'the entry is filled');
  await pauseSession(run, leg(config, 'exit'));
  const report = await alarmed(config, true);
  expect(report.last_error).toContain('exit stays armed');
  return config;
}

const scenarios = new Scenarios({
  'an order is withdrawn, its executor asks for attention, and comes back with the activity': async () => {
    const config = orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' });
    await run.start(config);
    await openOrders(config, 'order', 1);
    await pauseSession(run, config.id);
    expect((await alarmed(config, true)).last_error).toContain('paused');
    await openOrders(config, 'order', 0);
    const before = await attemptOf(run, config.id);
    expect((await truthOf(run, config, 'order')).orders.map((order) => order.state)).toEqual(['canceled']);
    await unpauseSession(run, config.id);
    await openOrders(config, 'order', 1);
    await alarmed(config, false);
    // The paused attempt has heard its one cancellation; a later one must be heard too.
    await run.until(() => attemptOf(run, config.id), (attempt) => attempt !== null && attempt > (before ?? 0), 'a fresh attempt');
    await pauseSession(run, config.id);
    await openOrders(config, 'order', 0);
    await run.client.workflow.getHandle(config.id).signal('early_stop', {});
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0', needs_attention: false });
    expect((await truthOf(run, config, 'order')).orders.map((order) => order.state)).toEqual(['canceled', 'canceled']);
  },

  'an entry is withdrawn and comes back; its position asks for attention': async () => {
    const config = positionConfig({ entryPriceQuote: '50000' }, { openOrderType: 'LIMIT' });
    await run.start(config);
    await openOrders(config, 'entry/1', 1);
    await pauseSession(run, leg(config, 'entry'));
    expect((await alarmed(config, true)).last_error).toContain('entry/1 is paused');
    await openOrders(config, 'entry/1', 0);
    await unpauseSession(run, leg(config, 'entry'));
    await openOrders(config, 'entry/1', 1);
    await alarmed(config, false);
    await run.client.workflow.getHandle(config.id).signal('early_stop', {});
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
    expect(await nothingOpen(run, config)).toBe(true);
  },

  'a terminated executor does not come back with its pause': async () => {
    const config = orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' });
    await run.start(config);
    await openOrders(config, 'order', 1);
    await pauseSession(run, config.id);
    await openOrders(config, 'order', 0);
    await run.client.workflow.getHandle(config.id).terminate('test');
    // Longer than the paused session looks whether it may go on.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await truthOf(run, config, 'order')).orders.map((order) => order.state)).toEqual(['canceled']);
  },

  'an exit closes at its stop while it is paused': meeting(() => fall, 'exit', async (arrive) => {
    const config = await filledAndPaused();
    await arrive();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    expect((await truthOf(run, config, 'exit/1')).orders.map((order) => order.state)).toEqual(['filled']);
    expect(Number(await openBase(run, config))).toBeLessThan(0.0001);
  }),

  'an exit that was paused for a while closes at its stop': meeting(() => fall, 'exit and back', async (arrive) => {
    const config = await filledAndPaused();
    await unpauseSession(run, leg(config, 'exit'));
    await alarmed(config, false);
    await sessionStarted(run, leg(config, 'exit'));
    await arrive();
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', needs_attention: false });
    expect((await truthOf(run, config, 'exit/1')).orders.map((order) => order.state)).toEqual(['filled']);
  }),
});

beforeAll(async () => {
  run = await runStack();
  await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
  fall = new Rendezvous(PARTIES, async () => {
    await run.paper.setPrice('ETHUSDT', '2522', '2522.01');
  });
  scenarios.start();
});
afterAll(async () => {
  await run?.stop();
});

describe('a paused activity', () => {
  it.each(scenarios.names)('%s', (name) => scenarios.result(name));
});

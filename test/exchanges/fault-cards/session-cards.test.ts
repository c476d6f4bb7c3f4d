import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig } from '../../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../../src/contract/report.js';
import { Decimal, decimal } from '../../../src/domain/money.js';
import { createExecutorId } from '../../../src/schema/executor-id.js';
import type { StatusView } from '../../../src/paper/control-client.js';
import type { FaultInput } from '../../../src/paper/control/schemas.js';
import { clientOrderIdFor } from '../../../src/exchanges/client-order-id.js';
import { recompute, tradesOf } from '../../executors/recomputed-money.js';
import { orderConfig, positionConfig, runStack, type RunningStack } from '../../executors/running-stack.js';

/** The same faults where they cost money: real workflows and sessions, and reports compared with the exchange's ledger. */
let run: RunningStack;

beforeAll(async () => {
  run = await runStack({ perpetual: true });
}, 120_000);
afterEach(async () => {
  await run.paper.clearFaults();
  await run.price('60000', '60000.01');
});
afterAll(async () => {
  await run?.stop();
});

const NEW_ORDER = { method: 'POST', route: '/api/v3/order' } as const;

const PERPETUAL_SYMBOL = 'BTCUSDT_PERP';
const listensToPerpetuals = (status: StatusView): boolean => status.subscriptions.userData.includes('usdm:paper');

/** The id of an order of an executor: `order` is the leg of an order executor, `entry/1` the first of a position. */
function orderOf({ id, createdAtMs }: { readonly id: string; readonly createdAtMs: number }, leg: 'order' | 'entry/1', sequence: number): string {
  return clientOrderIdFor({ workflowId: id, rootId: id, rootCreatedAtMs: createdAtMs, path: leg }, sequence);
}

interface Resting {
  readonly id: string;
  readonly createdAtMs: number;
  readonly clientOrderId: string;
}

/** An order executor whose order rests at the exchange. */
async function resting(change: Partial<OrderExecutorConfig> = {}): Promise<Resting> {
  const config = orderConfig({ id: createExecutorId(), executionStrategy: 'LIMIT', priceQuote: '50000', ...change });
  const clientOrderId = orderOf(config, 'order', 1);
  await run.start(config);
  await run.until(() => run.paper.orders({ clientOrderId }), ([order]) => order?.state === 'new', 'the order rests');
  return { id: config.id, createdAtMs: config.createdAtMs, clientOrderId };
}

async function stop(id: string): Promise<ExecutorReport> {
  await run.client.workflow.getHandle(id).signal('early_stop');
  return run.closed(id);
}

/** What the report says is what the exchange did, and nothing was bought twice. */
async function agrees(report: ExecutorReport, boughtBase: string): Promise<void> {
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, 'BTC');
  expect({ bought: money.entryBase, volume: report.volume_quote, fees: report.fees_paid_quote }).toEqual({ bought: boughtBase, volume: money.volumeQuote, fees: money.feesQuote });
  const open = (await run.paper.orders({ state: 'new' })).filter((order) => entry.some((trade) => trade.clientOrderId === order.clientOrderId));
  expect(open).toEqual([]);
}

describe('card 28: no answer to the order of an executor', () => {
  it.each<readonly [string, readonly FaultInput[]]>([
    ['it hangs until our deadline, after it filled', [{ kind: 'hang-after-commit', ...NEW_ORDER }]],
    ['it hangs until our deadline, before anything happened', [{ kind: 'hang-before-commit', ...NEW_ORDER }]],
    ['its body is cut, and the look-ups are answered with a page, a 524 and a stall', [
      { kind: 'cut-body-after-commit', ...NEW_ORDER },
      { kind: 'status-before-commit', status: 200, body: '<html></html>', method: 'GET', route: '/api/v3/order' },
      { kind: 'status-before-commit', status: 524, method: 'GET', route: '/api/v3/order', skip: 1 },
    ]],
    ['-1006 after it filled, and REST is behind', [
      { kind: 'code-after-commit', code: -1006, ...NEW_ORDER },
      { kind: 'read-lag', lagMs: 1_000, method: 'GET', count: 8 },
    ]],
  ])('card 28: %s: bought once, and the report says so', async (_, faults) => {
    for (const fault of faults) await run.paper.armFault(fault);
    const report = await run.closed(await run.start(orderConfig()));
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
  });
});

describe('card 29: refusals that say nothing about the order', () => {
  it('card 29: the clock is wrong: it is read, the order goes again and nobody is asked to count it as refused', async () => {
    const skew = await run.paper.armFault({ kind: 'clock-skew', skewMs: 60_000, count: null });
    const report = await run.closed(await run.start(orderConfig()));
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
    expect((await run.paper.faults()).find(({ id }) => id === skew.id)?.hits).toBeGreaterThan(1);
  });

  it('card 29: maintenance longer than the retries of an executor would last: it waits and goes on', async () => {
    await run.paper.armFault({ kind: 'code-before-commit', code: -1016, ...NEW_ORDER, count: 12 });
    const id = await run.start(orderConfig());
    await run.until(() => run.paper.faults(), (faults) => (faults[0]?.hits ?? 0) >= 4, 'it was refused');
    await run.paper.clearFaults();
    const report = await run.closed(id);
    expect(report.custom_info['current_retries']).toBe(0);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
  });

  it('card 29: a ban: nothing leaves until it is over, then what was asked before is found or sent', async () => {
    await run.paper.armFault({ kind: 'ban', banMs: 2_000, ...NEW_ORDER });
    const report = await run.closed(await run.start(orderConfig()));
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
  });

  it('card 29: a key that is revoked while a stop is armed: the stop stays, asks for a person, and leaves when the key is back', async () => {
    const config = positionConfig();
    const id = await run.start(config);
    // Its exit was armed before this order left.
    await run.until(() => run.paper.orders({ clientOrderId: orderOf(config, 'entry/1', 1) }), ([entry]) => entry?.state === 'filled', 'the position is open');
    await run.paper.armFault({ kind: 'code-before-commit', code: -2015, account: 'paper', count: null });
    await run.price('58000', '58000.01');
    await run.until(() => run.client.workflow.getHandle(id).describe(), ({ searchAttributes }) => searchAttributes['NeedsAttention']?.[0] === true, 'it asks for a person');
    await run.paper.clearFaults();
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS' });
    await agrees(report, '0.01');
  });
});

describe.concurrent('card 30: the stream keeps things to itself', () => {
  const filledAnyway = async (...faults: readonly FaultInput[]): Promise<void> => {
    const { id, clientOrderId } = await resting();
    for (const fault of faults) await run.paper.armFault({ ...fault, clientOrderId });
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.004' });
    await run.paper.fillOrder({ clientOrderId, priceQuote: '49999', amountBase: '0.006' });
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
  };
  it('card 30: every frame of an order is lost', () => filledAnyway({ kind: 'frames-lost', scope: 'user', count: null }));
  it('card 30: every frame comes twice', () => filledAnyway({ kind: 'frames-duplicated', scope: 'user', count: null }));
  it('card 30: frames overtake each other', () => filledAnyway({ kind: 'frames-reordered', scope: 'user', count: null }));
  it('card 30: frames come three seconds late, every other one', () => filledAnyway({ kind: 'frames-delayed', delayMs: 3_000, scope: 'user', share: 0.5, seed: 7, count: null }));

  it('card 31: an order that was partly filled, ended and was forgotten while nobody heard: its trades decide, the rest goes out again', async () => {
    const executor = await resting();
    const { id, clientOrderId } = executor;
    await run.paper.armFault({ kind: 'frames-lost', scope: 'user', clientOrderId, count: null });
    await run.paper.armFault({ kind: 'code-before-commit', code: -2013, method: 'GET', route: '/api/v3/order', clientOrderId, count: null });
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.004' });
    await run.paper.cancelOrder({ clientOrderId });
    const open = async (): Promise<readonly string[]> => (await run.paper.orders({ state: 'new' })).map((order) => order.clientOrderId);
    const second = orderOf(executor, 'order', 2);
    await run.until(open, (ids) => ids.includes(second), 'the rest is placed again');
    expect((await run.paper.orders({ clientOrderId: second }))[0]?.amountBase).toBe('0.006');
    await agrees(await stop(id), '0.004');
  });
});

describe('card 32: the user data stream breaks while an order fills', () => {
  it.each<readonly [string, () => Promise<unknown>]>([
    ['its socket is recycled', () => run.paper.setSocketLifetime({ scope: 'user', maxAgeMs: 100, noticeMs: 50 })],
    ['its subscription is terminated', () => run.paper.terminateUserData()],
  ])('card 32: %s: the fill in the gap is found by REST when the stream is back', async (_, broken) => {
    const { id, clientOrderId } = await resting();
    await run.paper.armFault({ kind: 'code-before-commit', code: -1008, method: 'WS', count: 3 });
    await broken();
    await run.until(() => run.paper.status(), (status) => !status.subscriptions.userData.includes('paper'), 'nobody listens');
    await run.paper.setSocketLifetime({ scope: 'user', maxAgeMs: null });
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.01' });
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
  });
});

describe('card 36: the listen key of a perpetual account expires while an order fills', () => {
  it('card 36: the fill in the gap is found by REST, and a key is asked for again', async () => {
    await run.paper.setPrice(PERPETUAL_SYMBOL, '60000', '60000.1');
    const { id, clientOrderId } = await resting({ connector: 'binance_perpetual_paper_trade' });
    await run.until(() => run.paper.status(), listensToPerpetuals, 'the stream stands');
    await run.paper.armFault({ kind: 'code-before-commit', code: -1000, method: 'POST', route: '/fapi/v1/listenKey', count: 2 });
    expect(await run.paper.terminateUserData()).toBeGreaterThan(0);
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.01' });
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    await agrees(report, '0.01');
    await run.until(() => run.paper.status(), listensToPerpetuals, 'the stream is back');
  });
});

describe('card 33: the exchange is killed and starts again', () => {
  it('card 33: three orders rest through it; one fills afterwards, one was never answered, one is cancelled', async () => {
    const [fills, stays] = [await resting({ priceQuote: '50000' }), await resting({ priceQuote: '40000' })];
    await run.paper.armFault({ kind: 'drop-after-commit', ...NEW_ORDER });
    const lost = orderConfig({ executionStrategy: 'LIMIT', priceQuote: '45000' });
    await run.start(lost);
    await run.until(() => run.paper.faults(), (faults) => faults[0]?.hits === 1, 'the answer was lost');
    await run.stack.paper?.kill();
    await run.stack.paper?.restart();
    const open = (await run.paper.orders({ state: 'new' })).map((order) => order.priceQuote).sort();
    expect(open).toEqual(['40000', '45000', '50000']);
    await run.price('49999', '50000');
    await agrees(await run.closed(fills.id), '0.01');
    await agrees(await stop(lost.id), '0');
    await agrees(await stop(stays.id), '0');
    const totals = new Map((await run.paper.balances('paper')).map(({ asset, locked }) => [asset, locked]));
    expect(decimal(totals.get('USDT') ?? '1').equals(new Decimal(0))).toBe(true);
  });
});

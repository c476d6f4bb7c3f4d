import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import { controllerWorkflowId } from '../../src/contract/queues.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { auditLedger } from '../../src/audit/audit-ledger.js';
import { rootPrefix } from '../../src/exchanges/client-order-id.js';
import { auditOf } from './audited-run.js';
import { reset } from './cancellation/user-actions.js';
import { gridTrades, moved } from './grid-trades.js';
import { SYMBOL, gridConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;
/** Those that end by themselves, with a report that the audit reads. */
const reported: GridExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

const LEVELS = ['59994', '59800', '59500', '59200'];
/** Of the level beyond the price, and of the next one below it. */
const FIRST_PROFIT = '60220.2';
const SECOND_PROFIT = '59919.6';

async function openPrices(): Promise<readonly string[]> {
  const orders = await run.paper.orders({ symbol: SYMBOL });
  return orders.filter((order) => order.state === 'new' || order.state === 'partially_filled').map((order) => order.priceQuote ?? 'market');
}

async function resting(prices: readonly string[], boundMs?: number): Promise<void> {
  await run.until(openPrices, (open) => [...open].sort().join() === [...prices].sort().join(), `${prices.join(', ')} rest`, boundMs);
}

/** The first two levels bought, their take profits and the other two levels resting. */
async function halfway(change: Partial<GridExecutorConfig> = {}): Promise<GridExecutorConfig> {
  const config = gridConfig({ stopLossFraction: '0.005', ...change });
  await run.price('60000', '60000.01');
  await run.start(config);
  await resting(LEVELS);
  await run.price('59790', '59790.01');
  await resting([FIRST_PROFIT, SECOND_PROFIT, ...LEVELS.slice(2)]);
  await run.until(() => run.live(config.id), (report) => Number(report.volume_quote) > 500, 'both are counted');
  return config;
}

async function terminate(workflowId: string): Promise<void> {
  await run.client.workflow.getHandle(workflowId).terminate('by a test');
}

/** Sums of the report are the exchange's, nothing rests, and the audit of all of them follows at the end. */
async function expectExact(config: GridExecutorConfig): Promise<ExecutorReport> {
  const report = await run.closed(config.id);
  reported.push(config);
  const money = moved(await gridTrades(run.paper, report));
  expect(report).toMatchObject({ volume_quote: money.volumeQuote.toFixed(), fees_paid_quote: money.feesQuote.toFixed() });
  expect(await openPrices()).toEqual([]);
  return report;
}

async function entriesOf(config: GridExecutorConfig): Promise<number> {
  const trades = await gridTrades(run.paper, { executor_id: config.id, created_at_ms: config.createdAtMs });
  return new Set(trades.filter(({ side }) => side === 'buy').map(({ clientOrderId }) => clientOrderId)).size;
}

describe('terminated by somebody', () => {
  it('a level with its take profit out is taken up again under its ids, and the stop closes what it holds', async () => {
    const config = await halfway();
    await terminate(`${config.id}/L2/1`);
    await run.until(() => run.live(config.id), ({ why }) => why.some(({ decision }) => decision === 'a lost level is taken up again'), 'it is taken up again');
    await resting([FIRST_PROFIT, SECOND_PROFIT, ...LEVELS.slice(2)]);
    expect(await entriesOf(config)).toBe(2);
    await run.price('59500.01', '59500.02');
    expect(await expectExact(config)).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
  }, 120_000);

  it('a level with its entry filled in part trades on', async () => {
    const config = gridConfig();
    await run.price('60000', '60000.01');
    await run.start(config);
    await resting(LEVELS);
    await run.paper.setMatching(SYMBOL, { mode: 'manual' });
    const second = (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.state === 'new' && order.priceQuote === '59800');
    await run.paper.fillOrder({ clientOrderId: second?.clientOrderId ?? '', priceQuote: '59800', amountBase: '0.002' });
    await run.until(() => run.live(config.id), (live) => live.is_trading, 'the part is known');
    await terminate(`${config.id}/L2/1`);
    await run.until(() => run.live(config.id), ({ why }) => why.some(({ decision }) => decision === 'a lost level is taken up again'), 'it is taken up again');
    // Below its take profit, or what is bought of it would be sold at once.
    await run.price('59810', '59810.01');
    await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
    await run.price('59790', '59790.01');
    // The part has a take profit of its own.
    await resting([FIRST_PROFIT, SECOND_PROFIT, SECOND_PROFIT, ...LEVELS.slice(2)]);
    await run.price('59930', '59930.01');
    await run.until(() => run.live(config.id), (live) => live.custom_info['round_trips'] === 1, 'its round trip is through');
    await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{ keep_position: false }] });
    expect(await expectExact(config)).toMatchObject({ close_type: 'EARLY_STOP' });
  }, 120_000);

  it.each(['entry/1', 'exit/1'])('the %s of a level: the grid goes on, and its stop closes all', async (leg) => {
    const config = await halfway();
    // A level that rests, and one that holds.
    await terminate(`${config.id}/L1/1/${leg}`);
    await terminate(`${config.id}/L2/1/${leg}`).catch(() => undefined);
    await run.until(async () => (await openPrices()).filter((price) => price === SECOND_PROFIT || price === FIRST_PROFIT).length, (count) => count === 2, 'both take profits rest', 60_000);
    await run.price('59450', '59450.01');
    expect(await expectExact(config)).toMatchObject({ close_type: 'STOP_LOSS' });
  }, 120_000);

  it('its exit: it is taken up again and fires', async () => {
    const config = await halfway();
    await terminate(`${config.id}/exit/1`);
    await run.until(() => run.live(config.id), ({ last_error: told }) => told === 'the workflow of exit/1 was lost', 'it is known');
    await run.until(() => run.client.workflow.getHandle(`${config.id}/exit/1`).describe(), ({ status }) => status.name === 'RUNNING', 'it runs again');
    await run.price('59450', '59450.01');
    expect(await expectExact(config)).toMatchObject({ close_type: 'STOP_LOSS' });
  }, 120_000);

  it('the grid: entries are cancelled, what it holds keeps its exit, and its controller is told of every fill once', async () => {
    const config = await halfway({ controllerId: 'grid-terminated' });
    await terminate(config.id);
    // A new owner of the account sweeps at once.
    await run.stack.worker?.kill();
    await run.stack.worker?.restart();
    await run.until(async () => (await openPrices()).filter((price) => LEVELS.includes(price)).length, (count) => count === 0, 'the entries are cancelled', 60_000);
    await resting([FIRST_PROFIT, SECOND_PROFIT]);
    await run.price('59930', '59930.01');
    await resting([FIRST_PROFIT]);
    await run.price('59450', '59450.01');
    await run.client.workflow.getHandle(`${config.id}/exit/1`).result();
    const trades = await gridTrades(run.paper, { executor_id: config.id, created_at_ms: config.createdAtMs });
    const { base, volumeQuote } = moved(trades);
    expect(trades.filter(({ side }) => side === 'sell').length).toBeGreaterThan(1);
    const controller = async (): Promise<ControllerState> => run.client.workflow.getHandle(controllerWorkflowId(config.controllerId)).query<ControllerState>('positions');
    const held = await run.until(controller, ({ positions }) => positions[0]?.held.volumeQuote === volumeQuote.toFixed(), 'every fill is in the books');
    expect(held.positions[0]?.held.netBase).toBe(base);
    expect(await openPrices()).toEqual([]);
  }, 240_000);
});

it('its worker is killed: the stop knows what was filled before', async () => {
  const config = await halfway();
  await run.stack.worker?.kill();
  await run.stack.worker?.restart();
  await run.until(() => run.client.workflow.getHandle(`${config.id}/exit/1`).describe(), ({ raw }) => (raw.pendingActivities ?? []).some(({ attempt, lastStartedTime, state }) => (attempt ?? 0) > 1 && lastStartedTime != null && state === 2), 'the exit is in the new process');
  // Not a single fill comes after the restart that could tell of those before.
  await run.price('59510', '59510.01');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await run.price('59505', '59505.01');
  expect(await expectExact(config)).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
}, 120_000);

describe('reset by somebody', () => {
  it.each(['grid', 'level', 'exit'] as const)('a %s: nothing is bought twice, and everything counts', async (what) => {
    const config = await halfway();
    // A round trip that is over before the reset, and one that is under way.
    await run.price('59930', '59930.01');
    await run.until(() => run.live(config.id), (live) => live.custom_info['round_trips'] === 1, 'a round trip is through');
    await resting([FIRST_PROFIT, ...LEVELS.slice(1)]);
    await run.price('59790', '59790.01');
    await resting([FIRST_PROFIT, SECOND_PROFIT, ...LEVELS.slice(2)]);
    await reset(run, { grid: config.id, level: `${config.id}/L2/2`, exit: `${config.id}/exit/1` }[what]);
    await run.until(() => run.live(config.id), (live) => live.custom_info['round_trips'] === 1 && Number(live.volume_quote) > 1_100, 'everything is counted again');
    await resting([FIRST_PROFIT, SECOND_PROFIT, ...LEVELS.slice(2)]);
    expect(await entriesOf(config)).toBe(3);
    await run.price('59450', '59450.01');
    expect(await expectExact(config)).toMatchObject({ close_type: 'STOP_LOSS' });
  }, 120_000);
});

it('the audit finds no difference between the exchange and the reports', async () => {
  const input = await auditOf(run, reported);
  const { orders, trades } = input.ledger;
  // What was terminated wrote no report; the books of its controller were compared above.
  const foreign = new Set(orders.filter(({ clientOrderId }) => !reported.some(({ id, createdAtMs }) => clientOrderId.startsWith(rootPrefix(id, createdAtMs)))).map(({ clientOrderId }) => clientOrderId));
  const { differences } = auditLedger({ ...input, controllers: [], ledger: { ...input.ledger, orders: orders.filter(({ clientOrderId }) => !foreign.has(clientOrderId)), trades: trades.filter(({ clientOrderId }) => !foreign.has(clientOrderId)) } });
  // Orders of a leg whose workflow was ended are in the sums alone; what the foreign ones moved is in the balances.
  const expected = ['fill-not-reported', 'fill-not-at-exchange', 'not-counted-once', 'balance-differs'];
  expect(differences.filter(({ kind }) => !expected.includes(kind)).map(({ message }) => message)).toEqual([]);
});

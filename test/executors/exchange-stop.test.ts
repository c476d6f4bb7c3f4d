import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { PositionExecutorConfig, TripleBarrierConfig } from '../../src/contract/executor-config.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { clientOrderIdFor } from '../../src/exchanges/client-order-id.js';
import type { OrderView } from '../../src/paper/control-client.js';
import { truthOf } from './cancellation/user-actions.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, positionConfig, runStack, type RunningStack } from './running-stack.js';

const OPEN: ReadonlySet<string> = new Set(['new', 'partially_filled']);
const STOP = { exchangeStop: { distanceFraction: '0.05', triggeredBy: 'last' }, takeProfitFraction: null } as const;

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});
afterEach(async () => {
  await run.paper.clearFaults();
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
});

async function exitOrders(config: PositionExecutorConfig): Promise<readonly OrderView[]> {
  return (await truthOf(run, config, 'exit/1')).orders;
}

async function restingStop(config: PositionExecutorConfig, what: (stop: OrderView) => boolean = () => true): Promise<OrderView> {
  const found = await run.until(() => exitOrders(config), (orders) => orders.some((order) => order.stopPriceQuote !== null && OPEN.has(order.state) && what(order)), 'the stop rests at the exchange');
  const stops = found.filter((order) => order.stopPriceQuote !== null && OPEN.has(order.state));
  expect(stops).toHaveLength(1);
  return stops[0] as OrderView;
}

async function expectExactMoney(report: ExecutorReport): Promise<void> {
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, report.trading_pair.split('-')[0] ?? '');
  expect({ net: report.net_pnl_quote, fees: report.fees_paid_quote, volume: report.volume_quote }).toEqual({ net: money.netPnlQuote, fees: money.feesQuote, volume: money.volumeQuote });
  expect((await run.paper.orders({ symbol: report.trading_pair.replace('-', '') })).filter((order) => OPEN.has(order.state))).toEqual([]);
}

async function start(change: Partial<PositionExecutorConfig>, barriers: Partial<TripleBarrierConfig> = {}): Promise<PositionExecutorConfig> {
  await run.price('60000', '60000.01');
  const config = positionConfig(change, { ...STOP, ...barriers });
  await run.start(config);
  return config;
}

/** Ids that the exit's stop can have had: every eighth from the seventh on. */
function stopIds(config: PositionExecutorConfig): readonly string[] {
  const path = { workflowId: '', rootId: config.id, rootCreatedAtMs: config.createdAtMs, path: 'exit/1' };
  return Array.from({ length: 8 }, (_, index) => clientOrderIdFor(path, 7 + 8 * index));
}

it.each([
  ['BUY', '0.00999', '57000', '58500', '58500.01'],
  ['SELL', '0.01', '63000', '61500', '61500.01'],
] as const)('the stop of a %s position is placed once something is filled, and is off before the own stop closes', async (side, amountBase, stopPriceQuote, bid, ask) => {
  const config = await start({ side });
  expect(await restingStop(config)).toMatchObject({ amountBase, stopPriceQuote });
  await run.price(bid, ask);
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
  expect((await exitOrders(config)).map((order) => [order.stopPriceQuote !== null, order.state])).toEqual([[true, 'canceled'], [false, 'filled']]);
  await expectExactMoney(report);
});

it('stops fire while nothing of ours runs, and are recognised afterwards; one whose placement was never answered is found', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setPrice('ETHUSDT', '2600', '2600.01');
  await run.paper.setPrice('BNBUSDT', '500', '500.01');
  const long = positionConfig({}, STOP);
  const short = positionConfig({ pair: 'ETH-USDT', side: 'SELL', amountBase: '0.1' }, STOP);
  const unanswered = positionConfig({ pair: 'BNB-USDT', amountBase: '1' }, STOP);
  const [id] = stopIds(unanswered);
  await run.paper.armFault({ kind: 'hang-after-commit', method: 'POST', clientOrderId: id, count: 1 });
  for (const config of [long, short, unanswered]) await run.start(config);
  for (const config of [long, short, unanswered]) await restingStop(config);
  await run.stack.worker?.kill();
  await run.paper.clearFaults();
  await run.price('56900', '56900.01');
  await run.paper.setPrice('ETHUSDT', '2740', '2740.01');
  for (const config of [long, short]) await run.until(() => exitOrders(config), (orders) => orders.some((order) => order.state === 'filled'), 'the exchange fired it');
  await run.price('60000', '60000.01');
  await run.stack.worker?.restart();
  for (const config of [long, short]) {
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
    expect(report.orders.map((order) => order.purpose).sort()).toEqual(['exchangeStop', 'work']);
    expect(await exitOrders(config)).toHaveLength(1);
    await expectExactMoney(report);
  }
  await run.until(() => run.live(unanswered.id), (report) => report.status === 'RUNNING', 'it is protected');
  await run.paper.setPrice('BNBUSDT', '485', '485.01');
  const report = await run.closed(unanswered.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
  expect((await exitOrders(unanswered)).map((order) => [order.clientOrderId === id, order.state])).toEqual([[true, 'canceled'], [false, 'filled']]);
  await expectExactMoney(report);
}, 90_000);

it('moves when a further part of the entry fills', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const config = await start({ entryPriceQuote: '59000' }, { openOrderType: 'LIMIT' });
  const [entry] = await run.until(async () => (await truthOf(run, config, 'entry/1')).open, (open) => open.length === 1, 'the entry rests');
  const clientOrderId = entry?.clientOrderId ?? '';
  await run.paper.fillOrder({ clientOrderId, priceQuote: '59000', amountBase: '0.004' });
  const first = await restingStop(config);
  expect(first).toMatchObject({ amountBase: '0.00399', stopPriceQuote: '56050' });
  await run.paper.fillOrder({ clientOrderId, priceQuote: '59000', amountBase: '0.006' });
  const second = await restingStop(config, (stop) => stop.clientOrderId !== first.clientOrderId);
  expect(second.amountBase).toBe('0.00999');
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  await run.client.workflow.getHandle(config.id).signal('early_stop', { reason: 'test' });
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', last_error: null });
  await expectExactMoney(report);
});

it('moves with an amendment, and is taken off by one', async () => {
  const config = await start({});
  const first = await restingStop(config);
  const amend = (exchangeStop: unknown): Promise<unknown> => run.client.workflow.getHandle(config.id).executeUpdate('amend', { args: [{ triple_barrier_config: { exchange_stop: exchangeStop } }] });
  await amend({ distance: '0.1' });
  expect(await restingStop(config, (stop) => stop.clientOrderId !== first.clientOrderId)).toMatchObject({ amountBase: first.amountBase, stopPriceQuote: '54000' });
  await expect(amend({ distance: '0.02' })).rejects.toThrow();
  await amend(null);
  await run.until(() => exitOrders(config), (orders) => orders.length === 2 && orders.every((order) => order.state === 'canceled'), 'it is off');
  await run.price('58500', '58500.01');
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
  await expectExactMoney(report);
});

it('comes off for a target and goes back for what is left', async () => {
  const targets = [{ distanceFraction: '0.01', shareFraction: '0.5', orderType: 'LIMIT' }] as const;
  const config = await start({}, { targets });
  const first = await restingStop(config);
  await run.price('60900', '60900.01');
  const second = await restingStop(config, (stop) => stop.clientOrderId !== first.clientOrderId);
  expect(second).toMatchObject({ amountBase: '0.005', stopPriceQuote: first.stopPriceQuote });
  await run.price('58500', '58500.01');
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
  expect(report.why.map((entry) => entry.decision)).toContain('targets are watched, not resting');
  await expectExactMoney(report);
});

it('refused by the exchange raises an alarm, is tried a few times only, and leaves the own stop armed', async () => {
  await run.price('60000', '60000.01');
  const config = positionConfig({}, STOP);
  for (const clientOrderId of stopIds(config)) await run.paper.armFault({ kind: 'code-before-commit', code: -1013, message: 'Filter failure: MAX_NUM_ALGO_ORDERS', method: 'POST', clientOrderId, count: null });
  await run.start(config);
  const alarmed = await run.until(() => run.live(config.id), (report) => report.needs_attention, 'the alarm');
  expect(alarmed.last_error).toContain('the exchange does not keep the stop');
  const tries = async (): Promise<number> => (await run.paper.faults()).reduce((sum, fault) => sum + fault.hits, 0);
  await run.until(tries, (count) => count === LIMITS.maxExchangeStopRefusals, 'every try is used');
  await sleep(3_000);
  expect(await tries()).toBe(LIMITS.maxExchangeStopRefusals);
  await run.price('58500', '58500.01');
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
  expect((await exitOrders(config)).map((order) => order.state)).toEqual(['filled']);
  await expectExactMoney(report);
});

it('is refused by the request when the market has no such price', async () => {
  const config = await start({}, { exchangeStop: { distanceFraction: '0.05', triggeredBy: 'mark' } });
  expect(await run.closed(config.id)).toMatchObject({ close_type: 'FAILED', outcome: 'REFUSED', last_error: 'exchange_stop.triggered_by: mark is the price of a perpetual; use last' });
});

it('a stop that fired is recognised by the exit that follows a terminated one', async () => {
  const config = await start({});
  await restingStop(config);
  await run.stack.worker?.kill('SIGKILL');
  await run.client.workflow.getHandle(`${config.id}/exit/1`).terminate('test');
  await run.price('56000', '56000.01');
  await run.until(() => exitOrders(config), (orders) => orders.some((order) => order.stopPriceQuote !== null && order.state === 'filled'), 'the stop fired at the exchange');
  await run.stack.worker?.restart();
  const report = await run.closed(config.id);
  // Bought 0.01 at 60000.01, sold 0.00999 at 56000, 0.1 % of each for the exchange.
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', volume_quote: '1159.4401', hold: null });
  expect((await exitOrders(config)).map((order) => order.state)).toEqual(['filled']);
  expect((await truthOf(run, config, 'exit/2')).orders).toEqual([]);
});

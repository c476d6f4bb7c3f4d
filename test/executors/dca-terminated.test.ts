import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { DcaExecutorConfig } from '../../src/contract/executor-config.js';
import { decimal } from '../../src/domain/money.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, dcaConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function openOrders(): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled').length;
}

/** With its first level filled and the others resting. */
async function halfway(config: DcaExecutorConfig): Promise<string> {
  await run.price('60000', '60000.01');
  await run.start(config);
  await run.until(openOrders, (count) => count === 3, 'all levels rest');
  await run.price('59690', '59690.01');
  await run.until(() => run.live(config.id), (live) => live.custom_info['filled_amount'] === '0.00502', 'the first level is filled');
  await run.armed(config.id);
  return config.id;
}

async function expectExact(config: DcaExecutorConfig): Promise<void> {
  const report = await run.closed(config.id);
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, 'BTC');
  expect(report).toMatchObject({ volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
  expect(report.custom_info['filled_amount']).toBe(money.entryBase);
  expect(await openOrders()).toBe(0);
}

it('a level whose workflow is terminated is withdrawn, and what it filled stays protected', async () => {
  const config = dcaConfig({ controllerId: 'level-terminated' });
  const id = await halfway(config);
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const second = (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.state === 'new' && order.priceQuote === '59400');
  await run.paper.fillOrder({ clientOrderId: second?.clientOrderId ?? '', priceQuote: '59400', amountBase: '0.002' });
  await run.until(() => run.live(id), (live) => live.custom_info['filled_amount'] === '0.00702', 'a part of the second level is filled');
  await run.client.workflow.getHandle(`${id}/entry/2`).terminate('by a test');
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  await run.until(openOrders, (count) => count === 1, 'only the third level rests');
  await run.price('60400', '60400.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED' });
  expect(report.custom_info['filled_amount']).toBe('0.00702');
  await expectExact(config);
}, 120_000);

it('an exit whose workflow is terminated is followed by another, which protects all levels', async () => {
  const config = dcaConfig({ controllerId: 'exit-terminated' });
  const id = await halfway(config);
  await run.client.workflow.getHandle(`${id}/exit/1`).terminate('by a test');
  await run.until(() => run.live(id), ({ why }) => why.some(({ decision }) => decision === 'another exit'), 'another exit is started');
  await run.price('58000', '58000.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS' });
  await expectExact(config);
}, 120_000);

it('terminated itself withdraws its levels, stays protected, and its controller is told of every fill once', async () => {
  const config = dcaConfig({ controllerId: 'terminated' });
  const id = await halfway(config);
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const second = (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.state === 'new' && order.priceQuote === '59400');
  await run.paper.fillOrder({ clientOrderId: second?.clientOrderId ?? '', priceQuote: '59400', amountBase: '0.002' });
  await run.until(() => run.live(id), (live) => live.custom_info['filled_amount'] === '0.00702', 'a part of the second level is filled');
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  await run.client.workflow.getHandle(id).terminate('by a test');
  // A new owner of the account sweeps at once.
  await run.stack.worker?.kill();
  await run.stack.worker?.restart();
  await run.until(openOrders, (count) => count === 0, 'the levels are withdrawn', 60_000);
  await run.price('58000', '58000.01');
  await run.client.workflow.getHandle(`${id}/exit/1`).result();
  const { entry, exit } = await tradesOf(run.paper, { executor_id: id, created_at_ms: config.createdAtMs });
  const bought = entry.reduce((sum, trade) => sum.plus(trade.amountBase).minus(trade.feeAmount), decimal('0'));
  const net = exit.reduce((sum, trade) => sum.minus(trade.amountBase), bought);
  expect(exit.length).toBeGreaterThan(0);
  const controller = async (): Promise<ControllerState> => run.client.workflow.getHandle(`controller/${config.controllerId}`).query<ControllerState>('positions');
  const held = await run.until(controller, ({ positions }) => positions[0]?.held.netBase === net.toFixed(), 'what the fees left is all that is held');
  expect(held.positions[0]?.held.volumeQuote).toBe([...entry, ...exit].reduce((sum, trade) => sum.plus(decimal(trade.amountBase).times(trade.priceQuote)), decimal('0')).toFixed());
}, 240_000);

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import { decimal } from '../../src/domain/money.js';
import type { TradeView } from '../../src/paper/control-client.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, runStack, twapConfig, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

const LONG = { totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900' } as const;

async function openOrders(): Promise<readonly string[]> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled').map((order) => order.clientOrderId);
}

async function sliceDone(config: TwapExecutorConfig): Promise<void> {
  await run.until(() => run.live(config.id), (live) => live.custom_info['slices_done'] === 1, 'its first slice is done');
}

async function entryOf(config: TwapExecutorConfig): Promise<readonly TradeView[]> {
  return (await tradesOf(run.paper, { executor_id: config.id, created_at_ms: config.createdAtMs })).entry;
}

async function expectHeld(config: TwapExecutorConfig): Promise<void> {
  const { positions } = await run.client.workflow.getHandle(`controller/${config.controllerId}`).query<ControllerState>('positions');
  const net = (await entryOf(config)).reduce((sum, trade) => (trade.side === 'buy' ? sum.plus(trade.amountBase).minus(trade.feeAmount) : sum.minus(trade.amountBase)), decimal('0'));
  expect(positions[0]?.held.netBase).toBe(net.toFixed());
}

it('terminated between two slices, or with one at work, leaves nothing without an owner', async () => {
  const between = twapConfig({ ...LONG, controllerId: 'between' });
  const atWork = twapConfig({ totalDurationSeconds: 6, orderIntervalSeconds: 6, totalAmountQuote: '600', mode: 'MAKER', side: 'SELL', limitOrderBufferFraction: '0.001', controllerId: 'at-work' });
  await run.start(between);
  await sliceDone(between);
  await run.start(atWork);
  await run.until(openOrders, (open) => open.length === 1, 'the first slice rests');
  await run.price('60061', '60061.01');
  await sliceDone(atWork);
  const [resting] = await run.until(openOrders, (open) => open.length === 1, 'the second slice rests');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  await run.paper.fillOrder({ clientOrderId: resting ?? '', priceQuote: '60121.07', amountBase: '0.001' });
  for (const { id } of [between, atWork]) await run.client.workflow.getHandle(id).terminate('by a test');
  // The sweep would do so within a minute; the same end without the wait.
  const slice = run.client.workflow.getHandle(`${atWork.id}/slice/1`);
  await slice.cancel();
  await slice.result();
  expect(await openOrders()).toEqual([]);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  // A new owner of the account sweeps at once.
  await run.stack.worker?.kill();
  await run.stack.worker?.restart();
  for (const { id } of [between, atWork]) {
    const report = await run.until(() => run.archive.find(id), (found) => found !== null, `${id} is archived`, 90_000);
    expect(report).toMatchObject({ status: 'TERMINATED', close_type: 'POSITION_HOLD', outcome: 'FAILED', needs_attention: true });
  }
  for (const config of [between, atWork]) await expectHeld(config);
  const money = recompute(await entryOf(between), [], 'BTC');
  expect(await run.archive.find(between.id)).toMatchObject({ volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
}, 240_000);

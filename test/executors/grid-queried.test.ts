import { afterAll, beforeAll, expect, it } from 'vitest';
import { replayHistories } from '../../worker/replay-histories.js';
import { connectTemporal } from '../../src/client/temporal-connection.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { WORKFLOW_BUNDLE_VARIABLE } from '../../worker/bundle.js';
import { SYMBOL, gridConfig, runStack, type RunningStack } from './running-stack.js';

const LEVELS = 12;
const SWINGS = 4;
const ASKING_AT_ONCE = 6;

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function resting(side: 'buy' | 'sell'): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' && order.side === side).length;
}

it('a grid that is asked again and again while its levels trade leaves histories that replay', async () => {
  await run.price('60000', '60000.01');
  // Far wider than the swings: nothing reaches its upper end, where it would be over.
  const id = await run.start(gridConfig({ startPriceQuote: '59660', endPriceQuote: '60500', totalAmountQuote: '2000', minOrderAmountQuote: '25', minSpreadFraction: '0.0005', maxOpenOrders: LEVELS, takeProfitFraction: '0.0003' }));
  const out = await run.until(() => resting('buy'), (count) => count > 8, 'its levels rest');
  let over = false;
  const asked: ExecutorReport['status'][] = [];
  const asking = Array.from({ length: ASKING_AT_ONCE }, async () => {
    while (!over) await run.live(id).then(({ status }) => asked.push(status), () => undefined);
  });
  for (let swing = 1; swing <= SWINGS; swing += 1) {
    // Lower each time: a level that was priced before the last rise was told rests at the last low.
    const low = 59_400 - 100 * swing;
    await run.price(`${low}`, `${low}.01`);
    await run.until(() => resting('buy'), (count) => count === 0, 'all are bought');
    await run.until(() => resting('sell'), (count) => count >= out, 'their take profits rest');
    await run.price('60010', '60010.01');
    await run.until(() => resting('buy'), (count) => count >= out - 3, 'they rest again');
  }
  over = true;
  await Promise.all(asking);
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{}] });
  await run.closed(id);
  expect(asked.length).toBeGreaterThan(SWINGS);
  const temporal = connectTemporal({ connectionOptions: { address: run.stack.temporal.address }, namespace: run.stack.temporal.namespace });
  try {
    expect(await replayHistories(temporal, process.env[WORKFLOW_BUNDLE_VARIABLE] ?? '')).toEqual([]);
  } finally {
    await temporal.close();
  }
}, 120_000);

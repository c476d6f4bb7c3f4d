import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStack, twapConfig, type RunningStack } from './running-stack.js';
import { recompute, tradesOf } from './recomputed-money.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

it.each(['BUY', 'SELL'] as const)('TAKER %s trades every slice at market and hands over exactly what was traded', async (side) => {
  const id = await run.start(twapConfig({ side, controllerId: `taker-${side}` }));
  const report = await run.closed(id);
  const { entry, exit } = await tradesOf(run.paper, report);
  console.log(JSON.stringify(report, null, 1));
  const money = recompute(entry, exit, 'BTC');
  expect(entry).toHaveLength(3);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
});

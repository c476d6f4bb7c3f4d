import { afterAll, beforeAll, expect, it } from 'vitest';
import { positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

it('follows a peak that nobody saw', async () => {
  const id = await run.start(positionConfig({}, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.01' } }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'it is filled');
  // Long enough for a heartbeat to carry the state; the peak comes and goes while the worker is dead.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await run.stack.worker?.kill('SIGKILL');
  await run.price('63000', '63000.01');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await run.price('61500', '61500.01');
  await run.stack.worker?.restart();
  // Still above entry and activation, below the unseen peak: only who knows the peak sells here.
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'TRAILING_STOP', custom_info: { close_price: '61500' } });
}, 90_000);

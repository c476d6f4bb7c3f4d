import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/domain/limits.js';
import { positionConfig, runStack, SYMBOL, type RunningStack } from '../executors/running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack({ configure: (configuration) => ({ ...configuration, accounts: configuration.accounts.map((account) => ({ ...account, strict: true })) }) });
});
afterAll(async () => {
  await run?.stop();
});

it('a strict account sends no stop while the server is away, and sends it when it is back', async () => {
  const id = await run.start(positionConfig({}, { takeProfitFraction: null }));
  await run.armed(id);
  await run.stack.temporal.process?.kill('SIGKILL');
  // As long as the lease certainly holds, the server need not be asked.
  await sleep(LIMITS.leaseTimeoutMs + 500);
  await run.price('57000', '57000.01');
  const sales = async (): Promise<number> => (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.side === 'sell').length;
  // Beyond what an exit without that rule waits before it is sent.
  await sleep(LIMITS.requestDeadlineMs + 3_000);
  expect(await sales()).toBe(0);
  await run.stack.temporal.process?.restart();
  expect(await run.closed(id)).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
  expect(await sales()).toBe(1);
}, 90_000);

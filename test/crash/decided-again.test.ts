import { afterAll, beforeAll, expect, it } from 'vitest';
import Database from 'libsql';
import type { ControllerState } from '../../src/contract/controller.js';
import { tradesOf } from '../executors/recomputed-money.js';
import { runStack, twapConfig, type RunningStack } from '../executors/running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function heldBy(controllerId: string): Promise<string> {
  try {
    const { positions } = await run.client.workflow.getHandle(`controller/${controllerId}`).query<ControllerState>('positions');
    return positions[0]?.held.netBase ?? 'nothing';
  } catch {
    return 'nothing';
  }
}

it('a hold that its controller was told of is not closed by a stop that comes before the server hears of the end', async () => {
  const archive = new Database(run.stack.archiveFile);
  archive.exec('BEGIN IMMEDIATE');
  const config = twapConfig({ totalDurationSeconds: 0, side: 'SELL', controllerId: 'told-first' });
  await run.start(config);
  // The report cannot be written yet, so the task that ends the TWAP is still with its worker.
  const held = await run.until(() => heldBy('told-first'), (net) => net !== 'nothing', 'the controller is told');
  await run.stack.worker?.kill();
  await run.client.workflow.getHandle(config.id).signal('early_stop', { reason: 'too late' });
  archive.exec('ROLLBACK');
  archive.close();
  await run.stack.worker?.restart();
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD' });
  const { entry, exit } = await tradesOf(run.paper, report);
  expect(exit).toEqual([]);
  expect(entry).toHaveLength(1);
  expect(await heldBy('told-first')).toBe(held);
}, 120_000);

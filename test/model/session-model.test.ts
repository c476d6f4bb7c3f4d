import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import { GuardedChild } from '../../src/processes/guarded-child.js';
import type { BatchResult } from './model-batch.js';
import { reportSchedule } from './schedule-report.js';

/** The short form; `MODEL_SCHEDULES=1000000 npx vitest run test/model` plays more; `MODEL_FIRST_SEED` plays others. */
const SCHEDULES = Number(process.env['MODEL_SCHEDULES'] ?? 12_000);
const FIRST_SEED = Number(process.env['MODEL_FIRST_SEED'] ?? 1);
const PROCESSES = 2;
/** Far above what it takes, for a machine that has other work too. */
const BOUND_MS = 120_000 + SCHEDULES * 5;

describe('the order session against an adversarial exchange, network, process and user', () => {
  it(
    `keeps every invariant in ${SCHEDULES} schedules`,
    async () => {
      const share = Math.ceil(SCHEDULES / PROCESSES);
      const results = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => playBatch(FIRST_SEED + index * share, share)));
      const failed = results.flatMap((result) => result.failedSeeds);
      expect(failed, failed[0] === undefined ? '' : reportSchedule(failed[0], reduceSession, null)).toEqual([]);
      expect(results.reduce((sum, result) => sum + result.played, 0)).toBeGreaterThanOrEqual(SCHEDULES);
    },
    BOUND_MS,
  );
});

/** In a process of its own: one core each, and the code as it runs in production instead of as the test runner rewrites it. */
async function playBatch(first: number, count: number): Promise<BatchResult> {
  let output = '';
  const child = await GuardedChild.start({
    name: `model schedules from ${first}`,
    command: process.execPath,
    args: ['--import', 'tsx', fileURLToPath(new URL('model-batch.ts', import.meta.url)), String(first), String(count)],
    env: { PATH: process.env['PATH'] ?? '' },
    onStdout: (chunk) => (output += chunk),
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`model schedules from ${first} ended with ${String(code)}: ${child.logTail().join('\n')}`);
  return JSON.parse(output) as BatchResult;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { countsLine, crashReport, isSound } from '../../scripts/crash/crash-report.js';
import { runCrash } from '../../scripts/crash/run-crash.js';

const SEED = 7;
const EXECUTORS = 16;
const RANDOM_KILLS = 2;
const LONGEST_MS = 300_000;

const directory = mkdtempSync(join(tmpdir(), 'executors-crash-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

it('survives a crash at every named point, with the ledger to prove it', async () => {
  const said: string[] = [];
  const result = await runCrash({ seed: SEED, executors: EXECUTORS, randomKills: RANDOM_KILLS, rounds: 1, directory, say: (message) => said.push(message) });
  expect(isSound(result), [...said, ...crashReport(result, SEED)].join('\n')).toBe(true);
  expect(result.tally.pointCount).toBe(15);
  expect(result.audit.executors).toBeGreaterThanOrEqual(EXECUTORS);
  expect(result.audit.fills).toBeGreaterThan(0);
  console.log(countsLine(result));
}, LONGEST_MS);

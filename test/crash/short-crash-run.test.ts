import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ALL_TYPES } from '../../scripts/crash/crash-options.js';
import { countsLine, crashReport, isSound } from '../../scripts/crash/crash-report.js';
import { runCrash } from '../../scripts/crash/run-crash.js';

const SEED = 7;
const EXECUTORS = 16;
const RANDOM_KILLS = 2;
const LONGEST_MS = 300_000;

it('survives a crash at every named point, with the ledger to prove it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'executors-crash-'));
  const said: string[] = [`data and logs in ${directory}`];
  const result = await runCrash({ seed: SEED, executors: EXECUTORS, randomKills: RANDOM_KILLS, minutes: null, faults: [], types: [...ALL_TYPES, 'xemm_executor', 'arbitrage_executor', 'arbitrage_executor'], gridLevels: null, recordings: null, rounds: 1, directory, say: (message) => said.push(message) });
  expect(isSound(result), [...said, ...crashReport(result, SEED)].join('\n')).toBe(true);
  expect(result.tally.pointCount).toBe(15);
  expect(result.audit.executors).toBeGreaterThanOrEqual(EXECUTORS);
  const { executors, fills, fundingPayments } = result.perpetuals;
  expect(result.audit.fills).toBeGreaterThan(fills);
  expect(executors).toBeGreaterThan(0);
  expect(fills).toBeGreaterThan(0);
  expect(fundingPayments).toBeGreaterThan(0);
  expect(result.twoMarkets.tradedOnBoth).toBeGreaterThan(0);
  // Kept when a line above fails: databases and logs are what the fault is found with.
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.stdout.write(`${countsLine(result)}\n`);
}, LONGEST_MS);

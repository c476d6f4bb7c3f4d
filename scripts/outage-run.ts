/**
 * `npm run outage -- --armed 50 --resting 50 --down 30`: the Temporal server is killed for that many seconds and started
 * again on its database, while prices fill resting entries and cross the stops of all positions. Exit code 0 only when
 * every exit left while it was down, none twice, and the exchange's ledger agrees with every report.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { outageFaults, outageLine } from './outage/outage-report.js';
import { runOutage } from './outage/run-outage.js';

const USAGE = 'npm run outage -- [--armed N] [--resting N] [--down SECONDS]';

async function main(): Promise<number> {
  const flag = { type: 'string' } as const;
  const { armed = '50', resting = '50', down = '30' } = parseArgs({ options: { armed: flag, resting: flag, down: flag } }).values;
  const directory = mkdtempSync(join(tmpdir(), 'executors-outage-'));
  const startedAt = Date.now();
  const say = (message: string): void => void process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${message}\n`);
  say(`data and logs in ${directory}`);
  const result = await runOutage({
    armed: wholeNumber('--armed', armed, 1, 2_000),
    resting: wholeNumber('--resting', resting, 0, 2_000),
    downMs: wholeNumber('--down', down, 1, 600) * 1_000,
    directory,
    say,
  });
  const faults = outageFaults(result);
  for (const fault of faults) process.stdout.write(`fault: ${fault}\n`);
  // Databases and logs of a run that is not sound are kept: they are what the fault is found with.
  if (faults.length === 0) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.stdout.write(`${outageLine(result)}\n`);
  return faults.length === 0 ? 0 : 1;
}

/** Throws an Error that names the flag, its value and the rule. */
function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < least || number > most) throw new Error(`${flag} ${text}: must be a whole number from ${least} to ${most}; ${USAGE}`);
  return number;
}

process.exitCode = await main();

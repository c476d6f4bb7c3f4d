/**
 * `npm run crash -- --seed N --executors K`: executors on moving markets, spot and perpetual, while worker, Temporal
 * server and exchange are killed at named points and at random; then the exchange's ledger is compared with what
 * executors report and controllers hold. The last line is the counts. Exit code 0 only when nothing differs, every point
 * was reached and every executor ended.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CRASH_USAGE, parseCrashOptions, type CrashOptions } from './crash/crash-options.js';
import { countsLine, crashReport, isSound } from './crash/crash-report.js';
import { runCrash } from './crash/run-crash.js';

/** Every named point is gone through once for this many executors. */
const EXECUTORS_PER_ROUND = 60;

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const directory = options.directory === undefined ? mkdtempSync(join(tmpdir(), 'executors-crash-')) : resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const startedAt = Date.now();
  const say = (message: string): void => void process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${message}\n`);
  say(`seed ${options.seed}, ${options.executors} executors, data and logs in ${directory}`);
  const rounds = options.minutes === null ? Math.max(1, Math.round(options.executors / EXECUTORS_PER_ROUND)) : 1;
  const result = await runCrash({ ...options, rounds, directory, say });
  for (const line of crashReport(result, options.seed)) process.stdout.write(`${line}\n`);
  // Databases and logs of a run that is not sound are kept: they are what the fault is found with.
  if (isSound(result) && options.directory === undefined) rmSync(directory, { recursive: true, force: true });
  process.stdout.write(`${countsLine(result)}\n`);
  return isSound(result) ? 0 : 1;
}

/** Null, with the usage on standard error, for flags it does not take. */
function readOptions(): CrashOptions | null {
  try {
    return parseCrashOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${CRASH_USAGE}\n`);
    return null;
  }
}

process.exitCode = await main();

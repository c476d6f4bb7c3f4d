/**
 * `npm test [-- arguments of vitest]`: runs vitest, shows its output as it is, and ends with the line
 * `N passed, N failed`. Exit code 0 only when every test passed. No process of the run is left behind, also when the
 * run is interrupted: vitest and its workers are one process group, and what tests start is guarded by them.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardProcess, releaseProcess } from '../src/processes/process-guard.js';
import { resolveTemporalCli } from '../src/temporal-server/cli-resolver.js';
import { COUNTS_FILE_VARIABLE, type TestCounts } from './vitest-count-reporter.js';

const INTERRUPT_GRACE_MS = 8_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const reporter = fileURLToPath(new URL('vitest-count-reporter.ts', import.meta.url));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

async function main(): Promise<number> {
  await installTemporalOnce();
  const directory = mkdtempSync(join(tmpdir(), 'executors-test-'));
  try {
    const countsFile = join(directory, 'counts.json');
    const { code, interrupted } = await runVitest(countsFile);
    const counts = readCounts(countsFile, code);
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
    if (interrupted) return 130;
    return code !== 0 ? code : counts.failed > 0 ? 1 : 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Test files run side by side; without this each of the first ones would download the server for itself. */
async function installTemporalOnce(): Promise<void> {
  if (process.env['TEMPORAL_ADDRESS'] !== undefined) return;
  try {
    await resolveTemporalCli({ onProgress: (message) => process.stderr.write(`${message}\n`) });
  } catch (error) {
    // Tests that need no server can still run; those that need one fail with this same message.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

async function runVitest(countsFile: string): Promise<{ code: number; interrupted: boolean }> {
  const given = process.argv.slice(2);
  const reporters = given.some((argument) => argument.startsWith('--reporter')) ? [] : ['--reporter=default'];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, `--reporter=${reporter}`, ...given], {
    cwd: root,
    env: { ...process.env, [COUNTS_FILE_VARIABLE]: countsFile },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('vitest could not be started');
  guardProcess(pid);
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted) signalGroup(pid, 'SIGKILL');
    interrupted = true;
    signalGroup(pid, 'SIGTERM');
    setTimeout(() => signalGroup(pid, 'SIGKILL'), INTERRUPT_GRACE_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  const code = await exitCode(child);
  signalGroup(pid, 'SIGKILL');
  releaseProcess(pid);
  return { code, interrupted };
}

async function exitCode(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A run that ended without counting, or badly although nothing was counted as failed, is one failure. */
function readCounts(file: string, code: number): TestCounts {
  let counts: TestCounts = { passed: 0, failed: 0 };
  try {
    counts = JSON.parse(readFileSync(file, 'utf8')) as TestCounts;
  } catch {
    return { passed: 0, failed: 1 };
  }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

process.exitCode = await main();

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BenchResults } from '../../bench/bench-report.js';
import { PROJECT_ROOT } from '../tidy/project-files.js';

const LONGEST_MS = 240_000;
/** No executor ends with one event: the bar that proves that a missed one is told. */
const IMPOSSIBLE = 'history-events.order=1';

/** Figures of the rows that share one stack, except for the one whose samples take long. */
const ROWS = 'stop-reaction,stop-armed,history-events';

it('measures both sides, writes what it measured, and fails for a bar that is missed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'executors-bench-test-'));
  const jsonFile = join(directory, 'results.json');
  const { code, stdout, stderr } = await run(['--quick', '--only', ROWS, '--json', jsonFile, '--limit', IMPOSSIBLE]);
  const results = JSON.parse(readFileSync(jsonFile, 'utf8')) as BenchResults;
  rmSync(directory, { recursive: true });
  expect(results.failed, stderr).toEqual([]);
  expect(code).toBe(1);
  expect(results.quick).toBe(true);
  expect(results.machine.cores).toBeGreaterThan(0);
  expect(results.missed).toContain('history-events.order');
  const rowsSeen = new Set(results.figures.map(({ name }) => name.split('.')[0]));
  expect([...rowsSeen].join()).toBe(ROWS);
  for (const figure of results.figures) {
    expect(figure, figure.name).toMatchObject({ name: expect.any(String), unit: expect.any(String), note: expect.any(String) });
    expect(Number.isFinite(figure.ours), figure.name).toBe(true);
    expect(figure.samples, figure.name).toBeGreaterThan(0);
    // Whatever the machine is busy with: an order cannot be accepted before the price that it answers.
    if (figure.name.startsWith('stop-reaction')) expect(Math.min(figure.ours, figure.bare ?? 0), figure.name).toBeGreaterThan(0);
    expect(stdout).toContain(figure.name);
  }
  // Counts depend on nothing but the code.
  const history = new Map(results.figures.filter(({ unit }) => unit === 'events').map((figure) => [figure.name, figure]));
  for (const name of ['order-ticks', 'position', 'position-ticks', 'position-with-children', 'position-with-children-ticks']) {
    expect(history.get(`history-events.${name}`)?.met, name).toBe(true);
  }
}, LONGEST_MS);

function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { cwd: PROJECT_ROOT, timeout: LONGEST_MS }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

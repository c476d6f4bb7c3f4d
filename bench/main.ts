/**
 * `npm run bench`: measures the figures of docs/benchmarks.md, each against the same work done without this program
 * where there is such a thing. Exit code 0 when every bar is met, 1 when one is missed or a row failed, 2 for wrong flags.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import { BENCH_USAGE, parseBenchOptions, type BenchOptions } from './bench-options.js';
import { exitCode, machine, table, type BenchResults } from './bench-report.js';
import { judge, type Figure, type JudgedFigure } from './figure.js';
import { ROWS } from './rows/index.js';
import { SharedStack } from './stack/shared-stack.js';

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const startedAt = new Date();
  const loadBefore = loadavg();
  const say = (message: string): void => void process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(7)} s  ${message}\n`);
  const figures: JudgedFigure[] = [];
  const failed: { row: string; error: string }[] = [];
  const shared = new SharedStack();
  for (const row of ROWS.filter(({ id }) => options.rows.includes(id))) {
    say(row.id);
    try {
      const measured = await row.run({ quick: options.quick, shared, say });
      figures.push(...measured.map((figure) => judge(limited(figure, options.limits))));
    } catch (error) {
      failed.push({ row: row.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      say(`${row.id} failed: ${String(error)}`);
      // What a row left behind must not be measured with the next one.
      await shared.close();
    }
  }
  await shared.close();
  const results: BenchResults = {
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    quick: options.quick,
    machine: machine(loadBefore),
    figures,
    missed: figures.filter((figure) => figure.met === false).map((figure) => figure.name),
    failed,
  };
  mkdirSync(dirname(resolve(options.jsonFile)), { recursive: true });
  writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${table(figures)}\n`);
  for (const { row, error } of failed) process.stdout.write(`${row}: no figure, ${error}\n`);
  return exitCode(results);
}

function limited(figure: Figure, limits: ReadonlyMap<string, number>): Figure {
  const limit = limits.get(figure.name);
  return limit === undefined || figure.bar === null ? figure : { ...figure, bar: { ...figure.bar, limit } };
}

/** Null, with the usage on standard error, for flags it does not take. */
function readOptions(): BenchOptions | null {
  try {
    return parseBenchOptions(process.argv.slice(2), ROWS.map(({ id }) => id));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${BENCH_USAGE}\n`);
    return null;
  }
}

// Exits by itself: a client library's leftover timer must not hold the measurement up.
process.exit(await main());

import { setImmediate as turn } from 'node:timers/promises';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import { DecisionTape } from './decision-tape.js';
import { runSchedule } from './run-schedule.js';

/** One process's share of the schedules: `model-batch.ts FIRST COUNT`. Its last line of output is what came of them. */
export interface BatchResult {
  readonly played: number;
  readonly failedSeeds: readonly number[];
  readonly virtualMs: number;
  readonly elapsedMs: number;
}

const MAX_FAILURES = 5;
/** Between them the process can notice that nobody waits for it any more. */
const SCHEDULES_PER_TURN = 500;

const [first = NaN, count = NaN] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count)) throw new Error('model-batch: FIRST and COUNT have to be whole numbers');
process.stdin.on('end', () => process.exit(1)).resume();

const startedMs = performance.now();
const failedSeeds: number[] = [];
let virtualMs = 0;
let played = 0;
for (; played < count && failedSeeds.length < MAX_FAILURES; played += 1) {
  const run = runSchedule(DecisionTape.seeded(first + played), reduceSession);
  virtualMs += run.virtualMs;
  if (run.failure !== null) failedSeeds.push(first + played);
  if (played % SCHEDULES_PER_TURN === 0) await turn();
}
const result: BatchResult = { played, failedSeeds, virtualMs, elapsedMs: performance.now() - startedMs };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

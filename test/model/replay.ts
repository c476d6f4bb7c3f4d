import { parseArgs } from 'node:util';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import { DecisionTape } from './decision-tape.js';
import { FAULTY_REDUCERS } from './faulty-reducers.js';
import { runSchedule } from './run-schedule.js';
import { reportSchedule } from './schedule-report.js';

/** Plays one schedule again and prints it: `--seed N` shrunk when it fails, `--tape 1,2,3` as it is. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, tape: { type: 'string' }, reducer: { type: 'string' }, whole: { type: 'boolean' } } });
const reduce = values.reducer === undefined ? reduceSession : FAULTY_REDUCERS[values.reducer];
if (reduce === undefined) throw new Error(`reducer: ${values.reducer ?? ''} is none of ${Object.keys(FAULTY_REDUCERS).join(', ')}`);

if (values.tape === undefined && values.whole !== true) process.stdout.write(`${reportSchedule(Number(values.seed ?? 1), reduce, values.reducer ?? null)}\n`);
else {
  const tape = values.tape === undefined ? DecisionTape.seeded(Number(values.seed ?? 1)) : DecisionTape.written(values.tape.split(',').map(Number));
  const run = runSchedule(tape, reduce, true);
  process.stdout.write(`${run.trace.join('\n')}\n${run.failure === null ? 'every invariant holds' : `${run.failure.invariant}: ${run.failure.detail}`}\n`);
}

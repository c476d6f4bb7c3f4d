import { DecisionTape } from './decision-tape.js';
import type { Reducer } from './model-world.js';
import { runSchedule } from './run-schedule.js';
import { shrinkSchedule } from './shrink-schedule.js';

/** A failing schedule as a person reads it: what broke, the shortest way there, and how to see it again. */
export function reportSchedule(seed: number, reduce: Reducer, reducerName: string | null): string {
  const { failure } = runSchedule(DecisionTape.seeded(seed), reduce);
  if (failure === null) return `seed ${seed}: every invariant holds`;
  const small = shrinkSchedule(failure, reduce);
  const played = runSchedule(DecisionTape.written(small.tape), reduce, true);
  const again = `node --import tsx test/model/replay.ts --seed ${seed}${reducerName === null ? '' : ` --reducer "${reducerName}"`}`;
  return [
    `seed ${seed} breaks "${failure.invariant}": ${failure.detail}`,
    `shrunk from ${failure.tape.length} to ${small.tape.length} decisions, ${played.trace.length} lines: ${small.detail}`,
    ...played.trace,
    `tape: ${small.tape.join(',')}`,
    `again: ${again}`,
  ].join('\n');
}

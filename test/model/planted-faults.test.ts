import { describe, expect, it } from 'vitest';
import { AMEND_FAULTS } from './amend-faults.js';
import { CHASER_FAULTS } from './chaser-faults.js';
import { CLOSING_FAULTS } from './closing-faults.js';
import { DecisionTape } from './decision-tape.js';
import { FAULTY_REDUCERS } from './faulty-reducers.js';
import type { Reducer } from './model-world.js';
import { runSchedule, type ScheduleFailure } from './run-schedule.js';
import { reportSchedule } from './schedule-report.js';
import { shrinkSchedule } from './shrink-schedule.js';

/** The normal run plays five times as many. */
const SCHEDULES = 20_000;

describe('a fault planted in the reducer is found by the same model', () => {
  for (const [name, reduce] of Object.entries({ ...FAULTY_REDUCERS, ...CHASER_FAULTS, ...AMEND_FAULTS, ...CLOSING_FAULTS })) {
    it(name, () => {
      const found = findFailure(reduce);
      expect(found, `${SCHEDULES} schedules did not notice that it ${name}`).not.toBeNull();
    });
  }
});

describe('a failing schedule', () => {
  const reduce = FAULTY_REDUCERS['forgets a partial fill'] as Reducer;

  it('is shrunk to one that fails for the same reason', () => {
    const found = findFailure(reduce);
    if (found === null) throw new Error('no schedule failed');
    const small = shrinkSchedule(found.failure, reduce);
    expect(small.tape.length).toBeLessThan(found.failure.tape.length);
    const again = runSchedule(DecisionTape.written(small.tape), reduce);
    expect(again.failure?.invariant).toBe(found.failure.invariant);
  });

  it('is told with its seed, its trace and the command that plays it again', () => {
    const found = findFailure(reduce);
    if (found === null) throw new Error('no schedule failed');
    const report = reportSchedule(found.seed, reduce, 'forgets a partial fill');
    expect(report).toContain(`seed ${found.seed} breaks "${found.failure.invariant}"`);
    expect(report).toMatch(/exchange fills .* lots at/);
    expect(report).toContain(`--seed ${found.seed} --reducer "forgets a partial fill"`);
  });

  it('plays the same from its seed and from its tape', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const tape = DecisionTape.seeded(seed);
      const seeded = runSchedule(tape, reduce, true);
      const written = runSchedule(DecisionTape.written(tape.values), reduce, true);
      expect(written.trace).toEqual(seeded.trace);
    }
  });
});

function findFailure(reduce: Reducer): { readonly seed: number; readonly failure: ScheduleFailure } | null {
  for (let seed = 1; seed <= SCHEDULES; seed += 1) {
    const { failure } = runSchedule(DecisionTape.seeded(seed), reduce);
    if (failure !== null) return { seed, failure };
  }
  return null;
}

import { DecisionTape } from './decision-tape.js';
import type { Reducer } from './model-world.js';
import { runSchedule, type ScheduleFailure } from './run-schedule.js';

const MAX_RUNS = 4_000;

/** The smallest schedule found that breaks the same invariant: fewer decisions, and as many of them harmless as possible. */
export function shrinkSchedule(failure: ScheduleFailure, reduce: Reducer): ScheduleFailure {
  const search = new Search(failure, reduce);
  for (let before = -1; before !== search.progress && !search.exhausted; ) {
    before = search.progress;
    search.cutTail();
    for (const size of [64, 32, 16, 8, 4, 2, 1]) {
      search.eachChunk(size, (values, from) => values.slice(0, from).concat(values.slice(from + size)));
      search.eachChunk(size, (values, from) => values.map((value, index) => (index >= from && index < from + size ? 0 : value)));
    }
    search.eachChunk(1, (values, from) => values.map((value, index) => (index === from ? Math.floor(value / 2) : value)));
    search.eachChunk(1, (values, from) => values.map((value, index) => (index === from ? Math.max(0, value - 1) : value)));
  }
  return search.best;
}

class Search {
  progress = 0;
  private runs = 0;

  constructor(public best: ScheduleFailure, private readonly reduce: Reducer) {}

  get exhausted(): boolean {
    return this.runs >= MAX_RUNS;
  }

  /** Everything behind the cut is harmless. */
  cutTail(): void {
    for (let keep = 1; keep < this.best.tape.length && !this.exhausted; keep *= 2) if (this.accept(this.best.tape.slice(0, keep))) return;
    for (let cut = this.best.tape.length >> 1; cut > 0 && !this.exhausted; cut >>= 1) {
      while (cut < this.best.tape.length && this.accept(this.best.tape.slice(0, -cut)));
    }
  }

  eachChunk(size: number, change: (values: readonly number[], from: number) => readonly number[]): void {
    for (let from = this.best.tape.length - size; from >= 0 && !this.exhausted; from -= size) {
      const chunk = this.best.tape.slice(from, from + size);
      if (chunk.some((value) => value !== 0) || size > 1) this.accept(change(this.best.tape, from));
    }
  }

  private accept(values: readonly number[]): boolean {
    if (isSmaller(values, this.best.tape) === false) return false;
    this.runs += 1;
    const { failure } = runSchedule(DecisionTape.written(values), this.reduce);
    if (failure?.invariant !== this.best.invariant) return false;
    // The tape that was asked for, not the zeros read behind its end.
    this.best = { ...failure, tape: trimmed(values) };
    this.progress += 1;
    return true;
  }
}

function trimmed(values: readonly number[]): readonly number[] {
  let length = values.length;
  while (length > 0 && values[length - 1] === 0) length -= 1;
  return values.slice(0, length);
}

function isSmaller(values: readonly number[], than: readonly number[]): boolean {
  if (values.length !== than.length) return values.length < than.length;
  for (const [index, value] of values.entries()) if (value !== than[index]) return value < (than[index] ?? 0);
  return false;
}

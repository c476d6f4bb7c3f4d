/** Slots at one distance: the first at `firstAtMs`, unix ms. */
export interface ScheduleRun {
  readonly firstAtMs: number;
  readonly count: number;
}

/** When slices are due. Slots are numbered from 0 over all runs and only ever added behind the last. */
export interface SliceSchedule {
  readonly intervalMs: number;
  /** Slots of earlier runs, all taken. */
  readonly pastSlots: number;
  readonly runs: readonly ScheduleRun[];
  /** The first slot that no decision has taken yet. */
  readonly nextSlot: number;
}

export function newSchedule(startAtMs: number, intervalMs: number, count: number): SliceSchedule {
  return { intervalMs, pastSlots: 0, runs: [{ firstAtMs: startAtMs, count }], nextSlot: 0 };
}

export function slotCount(schedule: SliceSchedule): number {
  return schedule.runs.reduce((sum, { count }) => sum + count, schedule.pastSlots);
}

export function slotsLeft(schedule: SliceSchedule): number {
  return slotCount(schedule) - schedule.nextSlot;
}

/** Unix ms. Throws RangeError for a slot that the schedule does not have, or has forgotten. */
export function slotAtMs(schedule: SliceSchedule, slot: number): number {
  let before = schedule.pastSlots;
  for (const { firstAtMs, count } of schedule.runs) {
    if (slot >= before && slot < before + count) return firstAtMs + (slot - before) * schedule.intervalMs;
    before += count;
  }
  throw new RangeError(`slot: ${slot} must be from ${schedule.pastSlots} to ${before - 1}`);
}

/** Untaken slots whose time has come: `missed` are over, for a whole interval has passed since; `current` is on time. */
export interface DueSlots {
  readonly missed: number;
  readonly current: 0 | 1;
}

export function dueSlots(schedule: SliceSchedule, nowMs: number): DueSlots {
  let missed = 0;
  let before = schedule.pastSlots;
  for (const { firstAtMs, count } of schedule.runs) {
    const firstOpen = Math.max(schedule.nextSlot - before, 0);
    const over = Math.min(count, Math.floor((nowMs - firstAtMs) / schedule.intervalMs));
    missed += Math.max(over - firstOpen, 0);
    before += count;
  }
  const next = schedule.nextSlot + missed;
  const onTime = next < before && slotAtMs(schedule, next) <= nowMs;
  return { missed, current: onTime ? 1 : 0 };
}

/** Runs whose slots are all taken are forgotten but for the last, so that the schedule does not grow with every outage. */
export function takeSlots(schedule: SliceSchedule, count: number): SliceSchedule {
  const nextSlot = schedule.nextSlot + count;
  let { pastSlots, runs } = schedule;
  for (let first = runs[0]; runs.length > 1 && first !== undefined && pastSlots + first.count <= nextSlot; first = runs[0]) {
    pastSlots += first.count;
    runs = runs.slice(1);
  }
  return { ...schedule, pastSlots, runs, nextSlot };
}

/** Adds slots one interval behind the last, or one interval from now on when that time has come. */
export function appendSlots(schedule: SliceSchedule, count: number, nowMs: number): SliceSchedule {
  if (count === 0) return schedule;
  const { runs, intervalMs } = schedule;
  const last = runs.at(-1);
  const next = last === undefined ? nowMs : last.firstAtMs + last.count * intervalMs;
  if (last !== undefined && next > nowMs) return { ...schedule, runs: [...runs.slice(0, -1), { ...last, count: last.count + count }] };
  return { ...schedule, runs: [...runs, { firstAtMs: nowMs + intervalMs, count }] };
}

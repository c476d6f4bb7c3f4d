import { sleep } from '@temporalio/workflow';
import type { DecisionLog } from './decisions.js';
import type { Leg, Legs } from './position-legs.js';
import { noteError, type LifeState } from './report-base.js';

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;

/** Takes orders up again whose workflow somebody ended. One that is lost again and again must not fill the history. */
export class LegRestarts {
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly legs: Legs,
    private readonly life: LifeState,
    private readonly log: DecisionLog,
  ) {}

  /** The same order under the same ids: what it sent is found, by its session or from the exchange's own lists. */
  async restart(leg: Leg): Promise<Leg> {
    const { path } = leg.plan.path;
    const count = this.counts.get(path) ?? 0;
    this.counts.set(path, count + 1);
    if (count > 0) await sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(count, 10), LAST_PAUSE_MS));
    this.log.add('a lost order is taken up again', { order: path });
    noteError(this.life, `the workflow of ${path} was lost`);
    return this.legs.restart(leg.plan);
  }
}

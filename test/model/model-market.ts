import type { DecisionTape } from './decision-tape.js';
import { MIDDLE_TICKS } from './schedule-scenario.js';

/** Best bid and ask in ticks; null while that side of the book is empty. */
export class ModelMarket {
  bid: number | null = MIDDLE_TICKS - 1;
  ask: number | null = MIDDLE_TICKS + 1;
  private middle = MIDDLE_TICKS;

  constructor(private readonly tape: DecisionTape) {}

  /** Small steps, now and then a jump over levels, a one-sided or an empty book. */
  move(emptyPerMille: number): void {
    const how = this.tape.pick(12);
    const size = how < 8 ? this.tape.pick(4) : how < 11 ? this.tape.pick(16) : this.tape.pick(120);
    this.middle = Math.max(600, this.middle + (this.tape.pick(2) === 0 ? size : -size));
    const spread = this.tape.pick(3);
    this.bid = this.middle - 1 - spread;
    this.ask = this.middle + 1;
    if (!this.tape.chance(emptyPerMille)) return;
    const missing = this.tape.pick(3);
    if (missing !== 1) this.bid = null;
    if (missing !== 0) this.ask = null;
  }

  /** Both sides of the book are there again. */
  restore(): void {
    this.bid = this.middle - 1;
    this.ask = this.middle + 1;
  }
}

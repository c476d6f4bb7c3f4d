import { LIMITS } from '../../src/domain/limits.js';

/**
 * Exits of this process on their way to the exchange. What ended meanwhile keeps its answer back until they are there:
 * when one price hits many stops, the bookkeeping of the first must not take the processor from the last.
 */
export class ExitTraffic {
  private underWay = 0;
  private readonly waiting = new Set<() => void>();

  track(request: Promise<unknown>): void {
    this.underWay += 1;
    const over = (): void => this.arrived();
    request.then(over, over);
  }

  /** Resolves when none is under way, after a bound in any case. */
  async clear(): Promise<void> {
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, LIMITS.answerBehindExitsMs);
      this.waiting.add(go);
    });
  }

  private arrived(): void {
    this.underWay -= 1;
    if (this.underWay > 0) return;
    for (const go of [...this.waiting]) go();
  }
}

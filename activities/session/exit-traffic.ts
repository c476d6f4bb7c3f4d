import { LIMITS } from '../../src/domain/limits.js';

/** So many pieces of news within so many ms are a rush. Steady trade, however busy, stays far below. */
const RUSH = { news: 16, withinMs: 20 } as const;
const LOOK_AGAIN_MS = 10;

/**
 * What must not wait: exits of this process on their way to the exchange, and a rush of news, behind which fills may wait
 * for their stops. What ended meanwhile keeps its answer back until they are through: when one price hits many orders, the
 * bookkeeping of the first must not take the processor from the last.
 */
export class ExitTraffic {
  private underWay = 0;
  private readonly waiting = new Set<() => void>();
  /** Times of the latest news, as a ring. */
  private readonly news = new Array<number>(RUSH.news).fill(-Infinity);
  private next = 0;
  private look: NodeJS.Timeout | null = null;

  track(request: Promise<unknown>): void {
    this.underWay += 1;
    const over = (): void => this.arrived();
    request.then(over, over);
  }

  /** The exchange told of an order or a fill. */
  heard(): void {
    this.news[this.next] = performance.now();
    this.next = (this.next + 1) % RUSH.news;
  }

  /** Resolves when all is through, after a bound in any case. */
  async clear(): Promise<void> {
    if (this.underWay === 0 && !this.rushing()) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, LIMITS.answerBehindExitsMs);
      this.waiting.add(go);
      this.lookLater();
    });
  }

  private rushing(): boolean {
    return performance.now() - (this.news[this.next] ?? -Infinity) < RUSH.withinMs;
  }

  private arrived(): void {
    this.underWay -= 1;
    this.release();
  }

  private lookLater(): void {
    this.look ??= setTimeout(() => {
      this.look = null;
      this.release();
    }, LOOK_AGAIN_MS).unref();
  }

  private release(): void {
    if (this.underWay > 0 || this.waiting.size === 0) return;
    if (this.rushing()) return this.lookLater();
    for (const go of [...this.waiting]) go();
  }
}

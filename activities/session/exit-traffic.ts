import { LIMITS } from '../../src/domain/limits.js';

/** So many pieces of news within so many ms begin a rush. Steady trade, however busy, stays far below. */
const RUSH = { news: 16, withinMs: 20 } as const;
/**
 * A rush is over when nothing was heard from one look to the next, several times in a row: a process that was held up for
 * a moment, by others or by its own garbage, has yet to read what came meanwhile.
 */
const LOOK_AGAIN_MS = 20;
const QUIET_LOOKS = 3;

/**
 * What must not wait: exits of this process on their way to the exchange, and a rush of news, behind which fills may wait
 * for their stops. What ended meanwhile keeps its answer back until they are through: when one price hits many orders, the
 * bookkeeping of the first must not take the processor from the last.
 */
export class ExitTraffic {
  private underWay = 0;
  /** All who wait, behind one timer: in a rush there are hundreds of them. */
  private gate: { readonly opened: Promise<void>; readonly open: () => void } | null = null;
  /** Times of the latest news, as a ring. */
  private readonly news = new Array<number>(RUSH.news).fill(-Infinity);
  private next = 0;
  private look: NodeJS.Timeout | null = null;
  private rush: { quietLooks: number } | null = null;

  track(request: Promise<unknown>): void {
    this.underWay += 1;
    const over = (): void => this.arrived();
    request.then(over, over);
  }

  /** The exchange told of an order or a fill. */
  heard(): void {
    const nowMs = performance.now();
    this.news[this.next] = nowMs;
    this.next = (this.next + 1) % RUSH.news;
    if (nowMs - (this.news[this.next] ?? -Infinity) >= RUSH.withinMs) return;
    this.rush = { quietLooks: 0 };
    this.lookLater();
  }

  /** Resolves when all is through, after a bound in any case. */
  async clear(): Promise<void> {
    if (this.isClear) return;
    this.gate ??= this.newGate();
    await this.gate.opened;
  }

  get isClear(): boolean {
    return this.underWay === 0 && this.rush === null;
  }

  private newGate(): NonNullable<typeof this.gate> {
    let resolve = (): void => undefined;
    const opened = new Promise<void>((settle) => (resolve = settle));
    const open = (): void => {
      clearTimeout(timer);
      this.gate = null;
      resolve();
    };
    const timer = setTimeout(open, LIMITS.answerBehindExitsMs);
    return { opened, open };
  }

  private arrived(): void {
    this.underWay -= 1;
    this.release();
  }

  private lookLater(): void {
    this.look ??= setTimeout(() => {
      this.look = null;
      if (this.rush === null) return;
      this.rush.quietLooks += 1;
      if (this.rush.quietLooks < QUIET_LOOKS) return this.lookLater();
      this.rush = null;
      this.release();
    }, LOOK_AGAIN_MS).unref();
  }

  private release(): void {
    if (this.isClear) this.gate?.open();
  }
}

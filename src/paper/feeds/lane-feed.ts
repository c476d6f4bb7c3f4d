import type { BookUpdate } from '../exchange/market-intake.js';
import type { Feed, FeedSink } from './feed.js';
import type { Lane } from './lane.js';

/** Frames delivered in one go before requests get their turn. */
const MAX_FRAMES_PER_TURN = 200;
/** Behind by more than this (wall-clock ms), the market waits instead of racing to catch up. */
const MAX_BEHIND_MS = 1_000;
const MAX_SLEEP_MS = 1_000;

/** Plays lanes side by side, in the order of their market times, at a chosen speed. */
export class LaneFeed implements Feed {
  private sink: FeedSink | undefined;
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  private isPaused = false;
  /** Market time that belongs to `anchorWallMs`. */
  private anchorMarketMs: number;
  private anchorWallMs = 0;

  constructor(
    readonly name: string,
    private readonly lanes: readonly Lane[],
    private speed: number,
  ) {
    this.anchorMarketMs = Math.min(...lanes.map((lane) => lane.nextMs()));
  }

  get symbols(): readonly string[] {
    return this.lanes.map((lane) => lane.symbol);
  }

  async start(sink: FeedSink): Promise<void> {
    for (const lane of this.lanes) sink.book(lane.symbol, lane.snapshot());
    this.sink = sink;
    this.anchorWallMs = performance.now();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.sink = undefined;
    this.unschedule();
  }

  pause(): void {
    if (this.isPaused) return;
    this.reanchor(this.marketMs());
    this.isPaused = true;
    this.unschedule();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.reanchor(this.anchorMarketMs);
    this.schedule();
  }

  setSpeed(speed: number): void {
    this.reanchor(this.marketMs());
    this.speed = speed;
    this.schedule();
  }

  position(): string {
    return JSON.stringify(Object.fromEntries(this.lanes.map((lane) => [lane.symbol, lane.position()])));
  }

  snapshot(symbol: string): BookUpdate | undefined {
    return this.lanes.find((lane) => lane.symbol === symbol)?.snapshot();
  }

  private marketMs(): number {
    if (this.isPaused || this.sink === undefined) return this.anchorMarketMs;
    return this.anchorMarketMs + (performance.now() - this.anchorWallMs) * this.speed;
  }

  private reanchor(marketMs: number): void {
    this.anchorMarketMs = marketMs;
    this.anchorWallMs = performance.now();
  }

  private nextLane(): Lane {
    return this.lanes.reduce((first, lane) => (lane.nextMs() < first.nextMs() ? lane : first));
  }

  private schedule(): void {
    this.unschedule();
    if (this.sink === undefined || this.isPaused) return;
    const waitMs = (this.nextLane().nextMs() - this.marketMs()) / this.speed;
    const turn = (): void => {
      this.takeTurn();
    };
    this.timer = waitMs <= 0 ? setImmediate(turn) : setTimeout(turn, Math.min(waitMs, MAX_SLEEP_MS));
  }

  private unschedule(): void {
    clearTimeout(this.timer as NodeJS.Timeout | undefined);
    clearImmediate(this.timer as NodeJS.Immediate | undefined);
    this.timer = undefined;
  }

  private takeTurn(): void {
    const marketMs = this.marketMs();
    for (let count = 0; count < MAX_FRAMES_PER_TURN; count += 1) {
      const lane = this.nextLane();
      // A frame can make a listener stop or pause the feed.
      if (this.sink === undefined || this.isPaused || lane.nextMs() > marketMs) break;
      lane.deliver(this.sink);
    }
    const behindMs = (this.marketMs() - this.nextLane().nextMs()) / this.speed;
    if (behindMs > MAX_BEHIND_MS) this.reanchor(this.nextLane().nextMs());
    this.schedule();
  }
}

import type { Logger } from '../logger.js';
import type { TopOfBook } from '../ports/exchange.js';
import type { Metrics } from '../ports/metrics.js';

/** Where the prices of one pair come from. */
export interface PriceSource<Frame extends TopOfBook> {
  /** Resolves with the next frame of the stream. */
  watch(pair: string): Promise<Frame>;
  /** Ends the stream of the pair; a pending `watch` rejects. */
  unwatch(pair: string): Promise<void>;
  /** Gives the connection of the pair's stream up, as if it had broken; a pending `watch` rejects. */
  renew(pair: string, reason: string): void;
  poll(pair: string): Promise<Frame>;
}

export interface HubOptions {
  /** A stream without a frame for this long is checked against a reading, and read instead while it is not believed. */
  readonly silentMs: number;
  /** A stream nobody listens to is kept for this long, so that one session after another does not subscribe anew. */
  readonly lingerMs: number;
  /** Who is told how the streams of this connector do. */
  readonly measured?: { readonly connector: string; readonly stream: 'prices' | 'depth'; readonly metrics: Metrics };
}

export type FrameListener<Frame extends TopOfBook> = (frame: Frame) => void;

/** What a stream tells the hub of itself. */
export interface PriceStreamEvents {
  onClosed(): void;
  /** Why it is not believed, null when it is again. */
  onHealth(stale: string | null): void;
  /** Frames come again after the stream was lost. */
  onReconnected(): void;
}

/** One entry per subscription: the same callback may be subscribed twice. */
interface Subscription<Frame extends TopOfBook> {
  readonly listener: FrameListener<Frame>;
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** A price that a reading found is in a frame by then, or the stream is not telling. */
const FRAME_LATE_MS = 1_000;
/** While the stream is not believed, its pair is read this often, once for all listeners. */
const STALE_POLL_MS = 1_000;
const RENEW_AFTER_MS = 15_000;
/** A connection that has not failed for this long has been made: ccxt gives an attempt up after ten seconds. */
const CONNECTED_AFTER_MS = 12_000;

/**
 * The stream of one pair. Silence alone proves nothing, a quiet market is silent too: it is read then, and the stream is
 * called stale when the price moved without a frame, when it cannot be read either, or when it does not connect. A stale
 * stream is renewed, and read over REST until it speaks.
 */
export class PriceStream<Frame extends TopOfBook = TopOfBook> {
  readonly #listeners = new Set<Subscription<Frame>>();
  #last: Frame | null = null;
  #lastFrameAtMs = Date.now();
  #frames = 0;
  #failures = 0;
  #watchingSinceMs = Date.now();
  #renewedAtMs = 0;
  #movedAtMs = 0;
  /** A reading found another price than the stream told last. */
  #missed = false;
  #stale: string | null = null;
  #closed = false;
  #polling = false;
  #silence: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #endPause: (() => void) | null = null;

  constructor(
    readonly pair: string,
    readonly source: PriceSource<Frame>,
    readonly options: HubOptions,
    readonly logger: Logger,
    readonly events: PriceStreamEvents,
  ) {
    void this.#poll();
    this.#expectFrame();
    void this.#watch();
  }

  get stale(): string | null {
    return this.#stale;
  }

  /** Ms since the last frame; null before the first. */
  get frameAgeMs(): number | null {
    return this.#frames === 0 ? null : Date.now() - this.#lastFrameAtMs;
  }

  add(listener: FrameListener<Frame>): () => void {
    clearTimeout(this.#linger);
    const subscription: Subscription<Frame> = { listener };
    this.#listeners.add(subscription);
    if (this.#last !== null) this.#tell(subscription, this.#last);
    return () => {
      if (!this.#listeners.delete(subscription) || this.#listeners.size > 0 || this.#closed) return;
      this.#linger = setTimeout(() => this.close(), this.options.lingerMs);
      this.#linger.unref();
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#linger);
    this.#endPause?.();
    this.events.onClosed();
    this.source.unwatch(this.pair).catch((error: unknown) => {
      this.logger.debug({ pair: this.pair, error }, 'the stream was gone before it was left');
    });
  }

  async #watch(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#watchingSinceMs = Date.now();
        const top = await this.source.watch(this.pair);
        if (this.#closed) return;
        if (this.#failures > 0) this.events.onReconnected();
        this.#failures = 0;
        this.#frames += 1;
        this.#lastFrameAtMs = Date.now();
        this.#missed = false;
        this.#expectFrame();
        this.#judged(null);
        this.#deliver(top);
      } catch (error) {
        if (this.#closed) return;
        this.#failures += 1;
        this.logger.warn({ pair: this.pair, failures: this.#failures, error }, 'price stream lost, subscribing again');
        // What it would have told meanwhile is read.
        if (this.#failures === 1) this.#checkIn(0);
        await this.#wait(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 20), MAX_PAUSE_MS));
      }
    }
  }

  #expectFrame(): void {
    this.#checkIn(this.options.silentMs);
  }

  #checkIn(ms: number): void {
    clearTimeout(this.#silence);
    if (this.#closed) return;
    this.#silence = setTimeout(() => void this.#check(), ms);
    this.#silence.unref();
  }

  /** No frame for a while: what does a reading say? */
  async #check(): Promise<void> {
    const frames = this.#frames;
    const missedBefore = this.#missed;
    const answer = await this.#poll();
    if (this.#closed || frames !== this.#frames) return;
    if (answer === 'moved') {
      this.#missed = true;
      this.#movedAtMs = Date.now();
    }
    const quiet = this.#isQuietAgain(answer);
    if (quiet) this.#missed = false;
    const why = quiet ? null : this.#reason(answer, missedBefore, Date.now() - this.#lastFrameAtMs);
    if (quiet || why !== null) this.#judged(why);
    if (this.#stale !== null) this.#renew();
    if (this.#stale !== null || this.#isReconnecting()) this.#checkIn(STALE_POLL_MS);
    // The frame that tells what a reading found may be on its way.
    else this.#checkIn(answer === 'moved' ? FRAME_LATE_MS : this.options.silentMs);
  }

  #reason(answer: 'same' | 'moved' | 'failed', missed: boolean, silentForMs: number): string | null {
    if (silentForMs < this.options.silentMs) return null;
    const silence = `no frame of ${this.pair} for ${Math.round(silentForMs / 1_000)} s`;
    if (answer === 'failed') return `${silence}, and its price cannot be read either`;
    if (this.#isReconnecting()) return `${silence}, its stream does not connect; prices are read instead`;
    return missed ? `${silence} although its price moved; prices are read instead` : null;
  }

  #isReconnecting(): boolean {
    return this.#failures > 0 && Date.now() - this.#watchingSinceMs < CONNECTED_AFTER_MS;
  }

  /** It connected, and ever since readings have found nothing that it should have told. */
  #isQuietAgain(answer: 'same' | 'moved' | 'failed'): boolean {
    return answer === 'same' && Date.now() - this.#watchingSinceMs >= CONNECTED_AFTER_MS && this.#movedAtMs < this.#watchingSinceMs;
  }

  #judged(stale: string | null): void {
    const before = this.#stale;
    this.#stale = stale;
    if ((before === null) === (stale === null)) return;
    if (stale === null) this.logger.info({ pair: this.pair }, 'price stream is back');
    else this.logger.error({ pair: this.pair, stale }, 'price stream is stale');
    this.events.onHealth(stale);
  }

  /** A connection that only looks alive does not come back by itself. */
  #renew(): void {
    if (this.#isReconnecting() || Date.now() - this.#renewedAtMs < RENEW_AFTER_MS) return;
    this.#renewedAtMs = Date.now();
    this.source.renew(this.pair, this.#stale ?? 'stale');
  }

  async #poll(): Promise<'same' | 'moved' | 'failed'> {
    if (this.#polling) return 'same';
    this.#polling = true;
    const framesBefore = this.#frames;
    try {
      const top = await this.source.poll(this.pair);
      // A frame that came meanwhile is younger.
      if (this.#closed || this.#frames !== framesBefore) return 'same';
      const moved = this.#last !== null && (this.#last.bidQuote !== top.bidQuote || this.#last.askQuote !== top.askQuote);
      this.#deliver(top);
      return moved ? 'moved' : 'same';
    } catch (error) {
      if (!this.#closed) this.logger.warn({ pair: this.pair, error }, 'price could not be read');
      return 'failed';
    } finally {
      this.#polling = false;
    }
  }

  #deliver(top: Frame): void {
    this.#last = top;
    for (const subscription of this.#listeners) this.#tell(subscription, top);
  }

  #tell(subscription: Subscription<Frame>, top: Frame): void {
    try {
      subscription.listener(top);
    } catch (error) {
      // One listener's fault must not cost the others their price.
      this.logger.error({ pair: this.pair, error }, 'a price listener threw');
    }
  }

  async #wait(durationMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      timer.unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = null;
  }
}

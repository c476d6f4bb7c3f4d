import type { Logger } from '../logger.js';
import type { TopOfBook } from '../ports/exchange.js';

/** Where the prices of one pair come from. */
export interface TopOfBookSource {
  /** Resolves with the next frame of the stream. */
  watch(pair: string): Promise<TopOfBook>;
  /** Ends the stream of the pair; a pending `watch` rejects. */
  unwatch(pair: string): Promise<void>;
  poll(pair: string): Promise<TopOfBook>;
}

export interface HubOptions {
  /** A stream without a frame for this long is read by `poll` until it speaks again. */
  readonly silentMs: number;
  /** A stream nobody listens to is kept for this long, so that one session after another does not subscribe anew. */
  readonly lingerMs: number;
}

type Listener = (top: TopOfBook) => void;

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

/**
 * One stream per pair for any number of listeners: a frame is one loop over plain callbacks, the latest only, nothing
 * queues. ccxt's own fan-out wakes one promise per waiter and tick, which hundreds of sessions on a pair cannot afford.
 */
export class TopOfBookHub {
  readonly #source: TopOfBookSource;
  readonly #options: HubOptions;
  readonly #logger: Logger;
  readonly #streams = new Map<string, PairStream>();

  constructor(source: TopOfBookSource, options: HubOptions, logger: Logger) {
    this.#source = source;
    this.#options = options;
    this.#logger = logger;
  }

  /** The last prices, when known, come at once. Answers a function that ends the subscription. */
  subscribe(pair: string, listener: Listener): () => void {
    let stream = this.#streams.get(pair);
    if (stream === undefined) {
      const opened = new PairStream(pair, this.#source, this.#options, this.#logger, () => {
        if (this.#streams.get(pair) === opened) this.#streams.delete(pair);
      });
      this.#streams.set(pair, opened);
      stream = opened;
    }
    return stream.add(listener);
  }

  /** Pairs with a stream at the exchange. */
  get pairs(): readonly string[] {
    return [...this.#streams.keys()];
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }
}

/** One entry per subscription: the same callback may be subscribed twice. */
interface Subscription {
  readonly listener: Listener;
}

class PairStream {
  readonly #listeners = new Set<Subscription>();
  #last: TopOfBook | null = null;
  #frames = 0;
  #closed = false;
  #polling = false;
  #silence: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #pause: { readonly timer: NodeJS.Timeout; readonly end: () => void } | null = null;

  constructor(
    readonly pair: string,
    readonly source: TopOfBookSource,
    readonly options: HubOptions,
    readonly logger: Logger,
    readonly onClosed: () => void,
  ) {
    void this.#poll();
    this.#expectFrame();
    void this.#watch();
  }

  add(listener: Listener): () => void {
    clearTimeout(this.#linger);
    const subscription: Subscription = { listener };
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
    this.#pause?.end();
    this.onClosed();
    this.source.unwatch(this.pair).catch((error: unknown) => {
      this.logger.debug({ pair: this.pair, error }, 'the stream was gone before it was left');
    });
  }

  async #watch(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      try {
        const top = await this.source.watch(this.pair);
        if (this.#closed) return;
        failures = 0;
        this.#frames += 1;
        this.#expectFrame();
        this.#deliver(top);
      } catch (error) {
        if (this.#closed) return;
        failures += 1;
        this.logger.warn({ pair: this.pair, failures, error }, 'price stream lost, subscribing again');
        await this.#wait(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), MAX_PAUSE_MS));
      }
    }
  }

  #expectFrame(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      void this.#poll();
      if (!this.#closed) this.#expectFrame();
    }, this.options.silentMs);
    this.#silence.unref();
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    const framesBefore = this.#frames;
    try {
      const top = await this.source.poll(this.pair);
      // A frame that came meanwhile is younger.
      if (!this.#closed && this.#frames === framesBefore) this.#deliver(top);
    } catch (error) {
      if (!this.#closed) this.logger.warn({ pair: this.pair, error }, 'price could not be read');
    } finally {
      this.#polling = false;
    }
  }

  #deliver(top: TopOfBook): void {
    this.#last = top;
    for (const subscription of this.#listeners) this.#tell(subscription, top);
  }

  #tell(subscription: Subscription, top: TopOfBook): void {
    try {
      subscription.listener(top);
    } catch (error) {
      // One listener's fault must not cost the others their price.
      this.logger.error({ pair: this.pair, error }, 'a price listener threw');
    }
  }

  async #wait(durationMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pause = null;
        resolve();
      };
      const timer = setTimeout(end, durationMs);
      timer.unref();
      this.#pause = { timer, end };
    });
  }
}

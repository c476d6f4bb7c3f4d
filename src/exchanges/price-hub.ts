import type { Logger } from '../logger.js';
import { NO_METRICS } from '../ports/metrics.js';
import type { StreamHealth } from '../ports/stream-health.js';
import type { TopOfBook } from '../ports/exchange.js';
import { PriceStream, type FrameListener, type HubOptions, type PriceSource } from './price-stream.js';

export type { HubOptions, PriceSource } from './price-stream.js';

type HealthListener = (health: StreamHealth) => void;

/**
 * One stream per pair for any number of listeners: a frame is one loop over plain callbacks, the latest only, nothing
 * queues. ccxt's own fan-out wakes one promise per waiter and tick, which hundreds of sessions on a pair cannot afford.
 */
export class PriceHub<Frame extends TopOfBook = TopOfBook> {
  readonly #source: PriceSource<Frame>;
  readonly #options: HubOptions;
  readonly #logger: Logger;
  readonly #streams = new Map<string, PriceStream<Frame>>();
  readonly #healthListeners = new Set<{ readonly listener: HealthListener }>();

  constructor(source: PriceSource<Frame>, options: HubOptions, logger: Logger) {
    this.#source = source;
    this.#options = options;
    this.#logger = logger;
  }

  /** The last prices, when known, come at once. Answers a function that ends the subscription. */
  subscribe(pair: string, listener: FrameListener<Frame>): () => void {
    const stream = this.#streams.get(pair) ?? this.#open(pair);
    return stream.add(listener);
  }

  /** Hears of streams that are not believed any more, those that are not now at once, and when they are again. */
  subscribeHealth(listener: HealthListener): () => void {
    const entry = { listener };
    this.#healthListeners.add(entry);
    for (const [pair, { stale }] of this.#streams) if (stale !== null) listener(healthOf(pair, stale));
    return () => {
      this.#healthListeners.delete(entry);
    };
  }

  /** Pairs with a stream at the exchange. */
  get pairs(): readonly string[] {
    return [...this.#streams.keys()];
  }

  close(): void {
    this.#healthListeners.clear();
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #open(pair: string): PriceStream<Frame> {
    const { connector = '', stream: name = 'prices', metrics = NO_METRICS } = this.#options.measured ?? {};
    const identity = { connector, stream: name, pair } as const;
    const stream: PriceStream<Frame> = new PriceStream<Frame>(pair, this.#source, this.#options, this.#logger, {
      onClosed: () => {
        if (this.#streams.get(pair) === stream) this.#streams.delete(pair);
        unwatch();
        if (stream.stale !== null) metrics.staleData(identity, false);
        // Nobody hears its prices any more, so nobody needs its alarm.
        if (stream.stale !== null) this.#tell(healthOf(pair, null));
      },
      onHealth: (stale) => {
        metrics.staleData(identity, stale !== null);
        this.#tell(healthOf(pair, stale));
      },
      onReconnected: () => metrics.reconnected(identity),
    });
    const unwatch = metrics.watchStream(identity, () => stream.frameAgeMs);
    this.#streams.set(pair, stream);
    return stream;
  }

  #tell(health: StreamHealth): void {
    for (const { listener } of this.#healthListeners) listener(health);
  }
}

function healthOf(pair: string, stale: string | null): StreamHealth {
  return { stream: 'prices', pair, stale, atMs: Date.now() };
}

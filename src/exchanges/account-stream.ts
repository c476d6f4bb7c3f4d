import type { AccountNews, ExchangeFailure } from '../ports/exchange.js';
import type { Logger } from '../logger.js';
import { type Metrics, NO_METRICS, type StopWatching } from '../ports/metrics.js';
import type { CcxtClient, CcxtOrder, CcxtTrade } from './ccxt-client.js';
import { DeadlineError } from './request-error.js';
import { StreamAge } from './stream-age.js';
import { dropSockets, isAccountUpdate, lastSignOfLife, socketsOpen } from './stream-sockets.js';

export interface AccountStreamParts {
  readonly client: CcxtClient;
  readonly ready: () => Promise<void>;
  /** None for an update that says nothing about an order by itself. */
  readonly orderNews: (order: CcxtOrder) => readonly AccountNews[];
  readonly tradeNews: (trade: CcxtTrade) => AccountNews;
  readonly failureOf: (error: unknown) => ExchangeFailure;
  /** Without a sign of life for this long the stream is not believed any more. */
  readonly silentMs: number;
  /** Told why the stream is not believed any more, null when it is again. */
  readonly onHealth: (stale: string | null) => void;
  readonly logger: Logger;
  /** Who is told how the stream of this connector's account does. */
  readonly measured?: { readonly connector: string; readonly metrics: Metrics };
}

type Listener = (news: AccountNews) => void;

const SUBSCRIBE_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

/**
 * The user data stream of one account for any number of listeners. Orders and balances are hints; trades come one by
 * one, each with its own fee, because ccxt's order updates add fees of several fills up wrongly when numbers are text.
 */
export class AccountStream {
  readonly #parts: AccountStreamParts;
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  #state: 'idle' | 'connecting' | 'connected' | 'closed' = 'idle';
  #endPause: (() => void) | null = null;
  #connection = 0;
  readonly #age: StreamAge;
  readonly #metrics: Metrics;
  readonly #identity;
  #unwatch: StopWatching = () => undefined;

  constructor(parts: AccountStreamParts) {
    this.#parts = parts;
    const { connector = '', metrics = NO_METRICS } = parts.measured ?? {};
    this.#metrics = metrics;
    this.#identity = { connector, stream: 'account', pair: null } as const;
    this.#age = new StreamAge({
      silentMs: parts.silentMs,
      pongAtMs: () => lastSignOfLife(parts.client, isAccountUpdate),
      onHealth: (stale) => {
        if (stale !== null) parts.logger.error({ stale }, 'user data stream is stale');
        else parts.logger.info({}, 'user data stream is back');
        this.#metrics.staleData(this.#identity, stale !== null);
        parts.onHealth(stale);
      },
      renew: (reason) => dropSockets(parts.client, isAccountUpdate, reason),
    });
  }

  /** A read found what the stream should have told. */
  doubt(reason: string): void {
    if (this.#state === 'connected') this.#age.doubt(reason);
  }

  /** News that ccxt has no loop for. */
  tell(news: AccountNews): void {
    this.#age.spoke();
    this.#announce(news);
  }

  get stale(): string | null {
    return this.#age.stale;
  }

  /** The stream starts with its first listener. Who comes later is told `connected` at once, to reconcile like the others. */
  subscribe(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    if (this.#state === 'idle') {
      this.#state = 'connecting';
      this.#age.start();
      this.#unwatch = this.#metrics.watchStream(this.#identity, () => this.#age.ageMs);
      void this.#run();
    } else if (this.#state === 'connected') {
      this.#tell(entry, { kind: 'connected' });
    }
    return () => {
      this.#listeners.delete(entry);
    };
  }

  close(): void {
    this.#state = 'closed';
    this.#listeners.clear();
    this.#age.stop();
    this.#unwatch();
    if (this.#age.stale !== null) this.#metrics.staleData(this.#identity, false);
    this.#endPause?.();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isClosed()) {
      try {
        await this.#parts.ready();
        await this.#follow(() => {
          failures = 0;
        });
      } catch (error) {
        if (this.#isClosed()) return;
        // One outage is one piece of news, however often the reconnect fails.
        if (this.#state === 'connected' || failures === 0) this.#announce({ kind: 'disconnected', failure: this.#parts.failureOf(error) });
        this.#state = 'connecting';
        failures += 1;
        this.#parts.logger.warn({ failures, error }, 'user data stream lost, subscribing again');
        await this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), MAX_PAUSE_MS));
      }
    }
  }

  /** Runs until the stream breaks; then all three loops end together. */
  async #follow(onConnected: () => void): Promise<never> {
    const { client, orderNews, tradeNews } = this.#parts;
    await this.#subscribe();
    this.#connection += 1;
    const streams = Promise.all([
      this.#repeat(() => client.watchMyTrades(), (trades) => trades.map(tradeNews)),
      this.#repeat(() => client.watchOrders(), (orders) => orders.flatMap(orderNews)),
      this.#repeat(() => client.watchBalance(), () => [{ kind: 'balance' }]),
    ]);
    // The loops listen before `connected` is told: what happens from then on is either in the stream or in the reconcile.
    const opening = new AbortController();
    await Promise.race([socketsOpen(client, isAccountUpdate, opening.signal), streams]).finally(() => opening.abort());
    if (!this.#isClosed()) {
      this.#state = 'connected';
      onConnected();
      if (this.#connection > 1) this.#metrics.reconnected(this.#identity);
      this.#age.connected();
      this.#announce({ kind: 'connected' });
    }
    await streams;
    throw new DeadlineError('the stream ended');
  }

  /** Alone and before the loops: only the first of several callers waits until the exchange has confirmed. */
  async #subscribe(): Promise<void> {
    try {
      await withTimeout(this.#parts.client.authenticate(), SUBSCRIBE_TIMEOUT_MS);
    } catch (error) {
      // ccxt takes a subscription for done once it was asked for. New sockets begin without it.
      if (error instanceof DeadlineError) await this.#parts.client.close();
      throw error;
    }
  }

  async #repeat<T>(next: () => Promise<T>, newsOf: (update: T) => readonly AccountNews[]): Promise<void> {
    const connection = this.#connection;
    // A loop that survived the break of its socket tells what it has and leaves the rest to its successor.
    while (!this.#isClosed() && connection === this.#connection) {
      const update = await next();
      this.#age.spoke();
      for (const news of this.#read(update, newsOf)) this.#announce(news);
    }
  }

  /** An update that cannot be read costs its news, not the stream: the reconcile reads the same from REST. */
  #read<T>(update: T, newsOf: (update: T) => readonly AccountNews[]): readonly AccountNews[] {
    try {
      return newsOf(update);
    } catch (error) {
      this.#parts.logger.error({ error }, 'an update of the user data stream could not be read');
      return [];
    }
  }

  #announce(news: AccountNews): void {
    if (this.#isClosed()) return;
    for (const entry of this.#listeners) this.#tell(entry, news);
  }

  #tell(entry: { readonly listener: Listener }, news: AccountNews): void {
    try {
      entry.listener(news);
    } catch (error) {
      this.#parts.logger.error({ kind: news.kind, error }, 'a listener of the user data stream threw');
    }
  }

  // A method, so that the compiler does not take the state of before an await for the state after it.
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #pause(durationMs: number): Promise<void> {
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

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`the stream did not confirm its subscription within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

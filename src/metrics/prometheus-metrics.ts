import type { ErrorCode } from '../domain/errors.js';
import type {
  AccountIdentity,
  AccountReading,
  CancelResult,
  LimiterRefusal,
  Metrics,
  OrderKind,
  RequestClass,
  SendOutcome,
  StopWatching,
  StreamIdentity,
  UnknownVerdict,
} from '../ports/metrics.js';
import { DefinedRegistry } from './defined-registry.js';
import { WORKER_METRICS } from './metric-definitions.js';

/** Pairs with a series of their own, per connector and kind of stream; what comes later shares one. */
const MAX_PAIRS = 200;
const OTHER_PAIRS = '(other)';

interface Watched<Identity, Reading> {
  readonly identity: Identity;
  readonly read: () => Reading;
}

/** The metrics of one worker process, for Prometheus. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new DefinedRegistry(WORKER_METRICS, () => this.#collect());
  readonly #streams = new Set<Watched<StreamIdentity, number | null>>();
  readonly #accounts = new Set<Watched<AccountIdentity, AccountReading>>();
  readonly #queues = new Set<Watched<string, Readonly<Record<RequestClass, number>>>>();
  readonly #stale = new Map<string, { readonly identity: StreamIdentity; count: number }>();

  /** `candidates`: accounts this process may own; those it does not own are told as not held. */
  constructor(private readonly candidates: readonly AccountIdentity[] = []) {}

  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return await this.#registry.render();
  }

  orderSent(connector: string, kind: OrderKind, outcome: SendOutcome): void {
    this.#registry.count('durable_executors_orders_sent_total', { connector, kind, outcome });
  }

  cancelSent(connector: string, outcome: CancelResult): void {
    this.#registry.count('durable_executors_cancels_sent_total', { connector, outcome });
  }

  unknownResolved(connector: string, verdict: UnknownVerdict): void {
    this.#registry.count('durable_executors_unknown_orders_resolved_total', { connector, verdict });
  }

  reacted(connector: string, durationMs: number): void {
    this.#registry.observe('durable_executors_reaction_seconds', { connector }, durationMs);
  }

  reconnected({ connector, stream }: StreamIdentity): void {
    this.#registry.count('durable_executors_stream_reconnects_total', { connector, stream });
  }

  staleData(identity: StreamIdentity, stale: boolean): void {
    const { connector, stream } = identity;
    const key = `${connector} ${stream}`;
    const known = this.#stale.get(key) ?? { identity, count: 0 };
    known.count = Math.max(0, known.count + (stale ? 1 : -1));
    this.#stale.set(key, known);
    if (stale) this.#registry.count('durable_executors_stream_stale_total', { connector, stream });
  }

  attentionRaised(connector: string, code: ErrorCode): void {
    this.#registry.count('durable_executors_attention_total', { connector, code });
  }

  leaseHeartbeat({ connector, account }: AccountIdentity, answer: 'accepted' | 'refused' | 'unanswered'): void {
    this.#registry.count('durable_executors_lease_heartbeats_total', { connector, account, answer });
  }

  limiterWaited(connector: string, priority: RequestClass, durationMs: number): void {
    this.#registry.observe('durable_executors_limiter_wait_seconds', { connector, priority }, durationMs);
  }

  limiterRefused(connector: string, priority: RequestClass, reason: LimiterRefusal): void {
    this.#registry.count('durable_executors_limiter_refusals_total', { connector, priority, reason });
  }

  throttled(connector: string, status: number): void {
    this.#registry.count('durable_executors_throttled_total', { connector, status: String(status) });
  }

  watchStream(identity: StreamIdentity, ageMs: () => number | null): StopWatching {
    return watch(this.#streams, { identity, read: ageMs });
  }

  watchAccount(identity: AccountIdentity, read: () => AccountReading): StopWatching {
    return watch(this.#accounts, { identity, read });
  }

  watchQueue(connector: string, read: () => Readonly<Record<RequestClass, number>>): StopWatching {
    return watch(this.#queues, { identity: connector, read });
  }

  #collect(): void {
    this.#collectStreams();
    this.#collectAccounts();
    this.#registry.clear('durable_executors_limiter_queue');
    const waiting = new Map<string, number>();
    for (const { identity: connector, read } of this.#queues) {
      for (const [priority, count] of Object.entries(read())) {
        const sum = (waiting.get(`${connector} ${priority}`) ?? 0) + count;
        waiting.set(`${connector} ${priority}`, sum);
        this.#registry.set('durable_executors_limiter_queue', { connector, priority }, sum);
      }
    }
  }

  #collectStreams(): void {
    this.#registry.clear('durable_executors_stream_age_seconds');
    const oldest = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly ageMs: number }>();
    const pairs = new Map<string, number>();
    for (const { identity, read } of this.#streams) {
      const ageMs = read();
      if (ageMs === null) continue;
      const { connector, stream } = identity;
      let pair = identity.pair ?? '';
      if (!oldest.has(`${connector} ${stream} ${pair}`)) {
        const listed = pairs.get(`${connector} ${stream}`) ?? 0;
        if (listed >= MAX_PAIRS) pair = OTHER_PAIRS;
        else pairs.set(`${connector} ${stream}`, listed + 1);
      }
      const key = `${connector} ${stream} ${pair}`;
      oldest.set(key, { labels: { connector, stream, pair }, ageMs: Math.max(ageMs, oldest.get(key)?.ageMs ?? 0) });
    }
    for (const { labels, ageMs } of oldest.values()) this.#registry.set('durable_executors_stream_age_seconds', labels, ageMs / 1_000);
    for (const { identity, count } of this.#stale.values()) {
      this.#registry.set('durable_executors_streams_stale', { connector: identity.connector, stream: identity.stream }, count);
    }
  }

  #collectAccounts(): void {
    for (const name of ['durable_executors_sessions', 'durable_executors_lease_remaining_seconds', 'durable_executors_balance_reservations'] as const) this.#registry.clear(name);
    for (const { connector, account } of this.candidates) this.#registry.set('durable_executors_lease_held', { connector, account }, 0);
    for (const { identity, read } of this.#accounts) {
      const { connector, account } = identity;
      const reading = read();
      this.#registry.set('durable_executors_lease_held', { connector, account }, reading.leaseLost ? 0 : 1);
      this.#registry.set('durable_executors_lease_remaining_seconds', { connector, account }, reading.leaseRemainingMs / 1_000);
      this.#registry.set('durable_executors_balance_reservations', { connector, account }, reading.reservations);
      for (const [role, conditions] of Object.entries(reading.sessions)) {
        for (const [condition, count] of Object.entries(conditions)) this.#registry.set('durable_executors_sessions', { connector, account, role, condition }, count);
      }
    }
  }
}

function watch<Entry>(entries: Set<Entry>, entry: Entry): StopWatching {
  entries.add(entry);
  return () => {
    entries.delete(entry);
  };
}

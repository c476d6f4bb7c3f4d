import type { Config, ConnectorConfig } from '../config.js';
import type { Logger } from '../logger.js';
import { ExchangeReadError } from '../ports/exchange.js';
import type { Metrics } from '../ports/metrics.js';
import { TOO_MANY_ORDERS } from './binance-errors.js';
import { type CallOptions, runCall } from './call-context.js';
import type { CcxtClient, CcxtMarket } from './ccxt-client.js';
import { type Classified, classifyError } from './classify-error.js';
import type { ConnectorDefinition } from './connector-registry.js';
import { createCcxtClient, type Pace } from './create-ccxt-client.js';
import type { Credentials } from './credentials.js';
import { describeFailure } from './describe-failure.js';
import { MarketCatalog } from './market-catalog.js';
import type { RequestLimiter } from './request-limiter.js';
import { SharedRefresh } from './shared-refresh.js';

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly classified: Classified };

/** A market list is megabytes long on large exchanges, and nothing with a lease waits for it. */
const MARKETS_DEADLINE_MS = 20_000;
/** Rules of a live exchange change rarely; those of a paper exchange whenever somebody sets them. */
const RULES_MAX_AGE_MS = 600_000;
const UNKNOWN_PAIR_MAX_AGE_MS = 60_000;
const THROTTLED_PAUSE_MS = 1_000;

/** One ccxt client with what every call through it needs: markets, deadlines, error terms. */
export class CcxtConnection {
  readonly client: CcxtClient;
  readonly catalog: MarketCatalog;
  readonly requestDeadlineMs: number;
  readonly silentStreamMs: number;
  readonly silentAccountStreamMs: number;
  readonly #limiter: RequestLimiter;
  readonly #secrets: readonly string[];
  readonly #marketLoads = new SharedRefresh(() => this.#loadMarkets());
  readonly #clock = new SharedRefresh(async () => {
    await this.read(async () => await this.client.loadTimeDifference());
  });
  #marketsLoadedAtMs: number | null = null;

  private constructor(
    readonly definition: ConnectorDefinition,
    config: Config,
    created: { readonly client: CcxtClient; readonly limiter: RequestLimiter },
    credentials: Credentials | null,
    readonly metrics: Metrics,
    readonly logger: Logger,
  ) {
    this.client = created.client;
    this.#limiter = created.limiter;
    this.catalog = new MarketCatalog(created.client, definition);
    this.requestDeadlineMs = config.limits.requestDeadlineMs;
    this.silentStreamMs = config.limits.silentStreamMs;
    this.silentAccountStreamMs = config.limits.silentAccountStreamMs;
    const secrets = credentials?.reveal();
    this.#secrets = secrets === undefined ? [] : [secrets.apiKey, secrets.secret, secrets.password ?? ''];
  }

  static async open(
    definition: ConnectorDefinition,
    connector: ConnectorConfig,
    config: Config,
    credentials: Credentials | null,
    pace: Pace,
    logger: Logger,
  ): Promise<CcxtConnection> {
    const created = await createCcxtClient(definition, connector, credentials, pace, logger);
    return new CcxtConnection(definition, config, created, credentials, pace.metrics, logger);
  }

  /** Markets are there. Throws ExchangeReadError while they cannot be read. */
  async ready(): Promise<void> {
    if (this.#marketsLoadedAtMs === null) await this.#marketLoads.fresh();
  }

  /** Throws ExchangeReadError, UNKNOWN_PAIR included: a pair listed since the markets were read is found. */
  async market(pair: string): Promise<CcxtMarket> {
    await this.ready();
    try {
      return this.catalog.market(pair);
    } catch (error) {
      if (this.#marketsAgeMs() < UNKNOWN_PAIR_MAX_AGE_MS) throw error;
    }
    await this.#marketLoads.fresh();
    return this.catalog.market(pair);
  }

  /** Markets are no older than rules may be. */
  async freshRules(): Promise<void> {
    const maxAgeMs = this.definition.kind === 'paper' ? 0 : RULES_MAX_AGE_MS;
    if (this.#marketsAgeMs() >= maxAgeMs) await this.#marketLoads.fresh();
  }

  /** One call, its error cast into our terms. */
  async attempt<T>(options: CallOptions, call: () => Promise<T>): Promise<Attempt<T>> {
    const result = await runCall(options, call);
    if (result.ok) return result;
    const classified = classifyError(this.definition.ccxtId, result.error, result.context, this.#secrets);
    this.logger.debug({ operation: options.operation, kind: classified.kind, failure: classified.failure, error: result.error }, 'call failed');
    this.#learnFrom(classified);
    return { ok: false, classified };
  }

  /** What an error says about requests to come. */
  #learnFrom({ kind, failure }: Classified): void {
    // Some throttle by an error code alone, without the status that already paused us.
    const ofOrdersAlone = failure.exchangeCode === TOO_MANY_ORDERS;
    if (kind === 'throttled' && !ofOrdersAlone && this.pausedForMs === 0) this.#limiter.pause(failure.retryAfterMs ?? THROTTLED_PAUSE_MS);
    if (failure.code !== 'CLOCK_SKEW') return;
    this.#clock.fresh().catch((error: unknown) => {
      this.logger.warn({ error }, 'the time of the exchange could not be read');
    });
  }

  /** A read that has no other outcome than its value. Throws ExchangeReadError. */
  async read<T>(call: () => Promise<T>, options: Partial<CallOptions> = {}): Promise<T> {
    const attempt = await this.attempt({ operation: 'read', priority: 'read', deadlineMs: this.requestDeadlineMs, mustContain: null, ...options }, call);
    if (!attempt.ok) throw new ExchangeReadError(attempt.classified.failure);
    return attempt.value;
  }

  /** An error from outside a call, such as of a stream, in our terms. */
  failureOf(error: unknown): Classified['failure'] {
    if (error instanceof ExchangeReadError) return error.failure;
    const text = error instanceof Error ? error.message : String(error);
    return describeFailure({ code: 'EXCHANGE_UNREACHABLE', exchangeText: text, secrets: this.#secrets });
  }

  /** Ms for which nothing leaves because the exchange asked for a pause. */
  get pausedForMs(): number {
    return this.#limiter.pausedForMs;
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  #marketsAgeMs(): number {
    return this.#marketsLoadedAtMs === null ? Number.POSITIVE_INFINITY : Date.now() - this.#marketsLoadedAtMs;
  }

  async #loadMarkets(): Promise<void> {
    const startedAtMs = Date.now();
    // Always as a reload: after one failure ccxt answers every plain load with that failure again.
    await this.read(async () => await this.client.loadMarkets(true), { deadlineMs: MARKETS_DEADLINE_MS });
    this.#marketsLoadedAtMs = startedAtMs;
  }
}

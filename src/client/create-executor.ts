import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson } from '../archive/canonical-json.js';
import { marketsOf, type ExecutorConfig } from '../contract/executor-config.js';
import type { MarketReference } from '../contract/order-plan.js';
import type { ExecutorReport } from '../contract/report.js';
import type { ExecutorStatus } from '../domain/enumerations.js';
import type { MarketDataPort } from '../ports/exchange.js';
import type { ReportArchive } from '../ports/report-archive.js';
import { InvalidConfigError } from '../schema/config-error.js';
import { type ParsedConfig, parseExecutorConfig } from '../schema/parse-executor-config.js';
import type { ExecutorClient } from './executor-client.js';
import { ExecutorError } from './executor-error.js';
import { checkAgainstMarket } from './market-check.js';
import { checkArbitrage } from './arbitrage-at-market.js';
import { checkXemm } from './xemm-at-market.js';
import { previewAtMarket, type ExecutorPreview } from './preview-at-market.js';

/** What this installation can trade on. */
export interface Venues {
  /** Throws an error with code UNKNOWN_CONNECTOR or UNKNOWN_ACCOUNT that lists what exists. */
  requireAccount(connector: string, account: string): void;
  marketData(connector: string): MarketDataPort;
}

export interface CreatedExecutor {
  readonly config: ExecutorConfig;
  readonly status: ExecutorStatus;
  /** False when the same executor was created before under this id. */
  readonly created: boolean;
}

/** A worker that restarts gets its leases back within this. */
const OWNER_WAIT_MS = 2_000;
const OWNER_POLL_MS = 200;

/** Creates executors: every check first, one durable start last, and the same id with the same config is the same executor. */
export class ExecutorCreation {
  readonly #client: ExecutorClient;
  readonly #archive: ReportArchive;
  readonly #venues: Venues;

  constructor(client: ExecutorClient, archive: ReportArchive, venues: Venues) {
    this.#client = client;
    this.#archive = archive;
    this.#venues = venues;
  }

  /**
   * Throws InvalidConfigError for a config that breaks a rule of its market, and ExecutorError: UNKNOWN_PAIR,
   * CONFLICTING_CONFIG, NO_ACCOUNT_OWNER, EXCHANGE_UNREACHABLE, SERVER_UNREACHABLE: nothing is started then. OUTCOME_UNKNOWN: it may have been.
   */
  async create(parsed: ParsedConfig): Promise<CreatedExecutor> {
    const { config } = parsed;
    // Only an id that somebody chose can be in use. The exchange may be down by now, or its account be taken out of the
    // configuration, and the answer must be the same.
    const earlier = parsed.idGiven ? await this.#existing(parsed) : null;
    if (earlier !== null) return earlier;
    for (const { connector, account } of marketsOf(config)) this.#venues.requireAccount(connector, account);
    await this.#checkMarkets(config);
    for (const market of marketsOf(config)) await this.#requireOwner(market);
    if ((await this.#start(config)) === 'started') {
      await this.#client.waitUntilListed(config.id);
      return { config, status: 'RUNNING', created: true };
    }
    const existing = await this.#existing(parsed);
    if (existing !== null) return existing;
    throw new ExecutorError('CONFLICTING_CONFIG', `Executor id ${config.id} is already in use by another workflow.`);
  }

  /**
   * What a config would do at the market of now; nothing is started or kept. Throws as `create` does, InvalidConfigError
   * for a type without a preview too, and BOOK_EMPTY while there is no mid to plan by.
   */
  async preview({ config }: ParsedConfig): Promise<ExecutorPreview> {
    for (const { connector, account } of marketsOf(config)) this.#venues.requireAccount(connector, account);
    return previewAtMarket(config, (connector) => this.#venues.marketData(connector));
  }

  async #checkMarkets(config: ExecutorConfig): Promise<void> {
    const marketOf = (connector: string): MarketDataPort => this.#venues.marketData(connector);
    if (config.type === 'xemm_executor') await checkXemm(config, marketOf);
    else if (config.type === 'arbitrage_executor') await checkArbitrage(config, marketOf);
    else await checkAgainstMarket(config, marketOf(config.connector));
  }

  /** A start whose answer did not come may have happened: the caller is told the id, under which repeating is safe. */
  async #start(config: ExecutorConfig): Promise<'started' | 'exists'> {
    try {
      return await this.#client.start(config);
    } catch (error) {
      if (!(error instanceof ExecutorError) || error.code !== 'SERVER_UNREACHABLE') throw error;
      throw new ExecutorError('OUTCOME_UNKNOWN', `The Temporal server did not answer, so executor ${config.id} may have been started.`, {
        nextStep: 'Look this id up, or send the same config with this id, before you create another.',
        cause: error,
      });
    }
  }

  /** The executor that has this id already; throws CONFLICTING_CONFIG when its config is another. */
  async #existing(parsed: ParsedConfig): Promise<CreatedExecutor | null> {
    const { id } = parsed.config;
    const archived = await this.#archive.find(id);
    if (archived !== null) return this.#same(parsed, archivedConfig(archived), archived.status);
    const snapshot = await this.#client.describe(id);
    return snapshot === null ? null : this.#same(parsed, snapshot.config, snapshot.status);
  }

  #same(parsed: ParsedConfig, existing: ExecutorConfig | null, status: ExecutorStatus): CreatedExecutor {
    if (existing !== null && fingerprint(existing, parsed.timestampGiven) === fingerprint(parsed.config, parsed.timestampGiven)) {
      return { config: existing, status, created: false };
    }
    throw new ExecutorError('CONFLICTING_CONFIG', `Executor ${parsed.config.id} already exists with another config.`);
  }

  async #requireOwner(config: MarketReference): Promise<void> {
    const deadline = Date.now() + OWNER_WAIT_MS;
    while (!(await this.#client.isAccountOwned(config.connector, config.account))) {
      if (Date.now() >= deadline) {
        throw new ExecutorError('NO_ACCOUNT_OWNER', `No running process owns account ${config.account} of ${config.connector}. No executor was started.`);
      }
      await sleep(OWNER_POLL_MS);
    }
  }
}

/** Equal for equal requests: the time of arrival differs between a request and its repetition. */
function fingerprint(config: ExecutorConfig, withTimestamp: boolean): string {
  return canonicalJson(withTimestamp ? config : { ...config, createdAtMs: null });
}

/** Null when the archived config cannot be read any more; then no new one counts as the same. */
function archivedConfig(report: ExecutorReport): ExecutorConfig | null {
  try {
    return parseExecutorConfig(report.config, { accountName: report.account_name, nowMs: report.created_at_ms }).config;
  } catch (error) {
    if (error instanceof InvalidConfigError) return null;
    throw error;
  }
}

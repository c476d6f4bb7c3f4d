import type { ConnectorConfig } from '../config.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../ports/metrics.js';
import { type AddressTree, type Addresses, hostName, hostsOf, parentDomain, redirectAddresses } from './address-tree.js';
import type { CcxtClient } from './ccxt-client.js';
import { loadCcxtClass } from './ccxt-class.js';
import { ConnectorError } from './connector-error.js';
import type { ConnectorDefinition } from './connector-registry.js';
import type { Credentials } from './credentials.js';
import { guardRequests } from './guard-requests.js';
import { noticeStreamEnds } from './notice-stream-ends.js';
import { defaultRateLimits, type RateLimit } from './rate-limits.js';
import type { RequestLimiter } from './request-limiter.js';
import type { SharedLimiters } from './shared-limiters.js';

/** Where the requests of a client get their turn. */
export interface Pace {
  readonly limiters: SharedLimiters;
  /** Whose order counts they use; of public data nobody's. */
  readonly account: string;
  readonly metrics: Metrics;
}

export interface GuardedClient {
  readonly client: CcxtClient;
  readonly limiter: RequestLimiter;
}

/** Only the outermost bound: ours ends every call earlier. */
const CCXT_TIMEOUT_MS = 60_000;
const SOCKET_PING_MS = 5_000;
const CACHED_UPDATES = 5_000;

/** Reconnects begin at once and slow down to this, in ms; a connection that held for `stableAfter` begins anew. */
const BACKOFF = { base: 250, factor: 2, max: 10_000, stableAfter: 10_000 };

/**
 * A ccxt client for one connector, with strings for numbers, no retries of its own, our pace and our guards.
 * Throws ConnectorError when a paper or testnet connector could reach a live address.
 */
export async function createCcxtClient(
  definition: ConnectorDefinition,
  config: ConnectorConfig,
  credentials: Credentials | null,
  pace: Pace,
  logger: Logger,
): Promise<GuardedClient> {
  const CcxtClass = await loadCcxtClass(definition.ccxtId);
  const secrets = credentials?.reveal();
  const client = new CcxtClass({
    ...(secrets === undefined ? {} : { apiKey: secrets.apiKey, secret: secrets.secret, ...(secrets.password === null ? {} : { password: secrets.password }) }),
    timeout: CCXT_TIMEOUT_MS,
    enableRateLimit: true,
    enableLastHttpResponse: false,
    enableLastJsonResponse: false,
    enableLastResponseHeaders: false,
    newUpdates: true,
    streaming: { keepAlive: SOCKET_PING_MS },
    options: optionsOf(definition, config),
  });
  // After construction and before markets are read: from here on no digit of any amount passes a double.
  client.number = String;
  const allowedHosts = directTo(client, definition, config);
  promoteErrors(client, definition);
  const limiter = pace.limiters.at(countingAddress(client, definition), definition.name, limitsOf(client, definition, config));
  guardRequests(client, {
    limiter,
    account: pace.account,
    learnsLimits: config.rateLimited && config.rateLimits === null,
    allowedHosts,
    onThrottled: (status, retryAfterMs) => {
      pace.metrics.throttled(definition.name, status);
      logger.warn({ status, retryAfterMs }, 'the exchange asked to slow down');
    },
  });
  noticeStreamEnds(client);
  // By itself it prints to standard output, which belongs to the process.
  client.log = (...texts) => {
    logger.debug({ texts: texts.map(String) }, 'ccxt');
  };
  // ccxt refuses plain ws:// until it has the agent for it.
  await client.loadHttpProxyAgent();
  return { client, limiter };
}

function limitsOf(client: CcxtClient, definition: ConnectorDefinition, config: ConnectorConfig): readonly RateLimit[] {
  if (config.rateLimits !== null) return config.rateLimits;
  return config.rateLimited ? defaultRateLimits(definition.ccxtId, definition.marketType, client.rateLimit) : [];
}

/** What shares the limits of an address: all accounts of one exchange, its spot and its perpetual market each by itself. */
function countingAddress(client: CcxtClient, definition: ConnectorDefinition): string {
  const hosts = [...hostsOf(client.urls['api'])].sort();
  return `${definition.ccxtId} ${definition.marketType} ${hosts.join(',')}`;
}

function optionsOf(definition: ConnectorDefinition, config: ConnectorConfig): Record<string, unknown> {
  return {
    // A retry inside ccxt repeats an order whose answer was lost.
    maxRetriesOnFailure: 0,
    recvWindow: config.recvWindowMs,
    adjustForTimeDifference: definition.kind !== 'paper',
    defaultType: definition.marketType === 'spot' ? 'spot' : 'swap',
    fetchMarkets: { types: [definition.marketType === 'spot' ? 'spot' : 'linear'] },
    fetchMargins: false,
    fetchCurrencies: false,
    fetchOpenOrders: { warnWithoutSymbol: false },
    tradesLimit: CACHED_UPDATES,
    ordersLimit: CACHED_UPDATES,
    ws: { backoff: BACKOFF },
  };
}

/** Binds the client to its addresses and answers the hosts it may reach; null = wherever ccxt goes (live). */
function directTo(client: CcxtClient, definition: ConnectorDefinition, config: ConnectorConfig): ReadonlySet<string> | null {
  const liveHosts = hostsOf(client.urls['api']);
  const testHosts = [...hostsOf(client.urls['test']), ...hostsOf(client.urls['demo'])];
  const { restUrl, websocketUrl } = config;
  if (restUrl === null || websocketUrl === null) {
    if (definition.kind === 'paper') throw new ConnectorError('UNKNOWN_CONNECTOR', `Connector ${definition.name} has no address: give restUrl and websocketUrl.`);
    if (definition.kind === 'testnet') client.urls = { ...client.urls, api: testAddresses(client, definition) };
  } else {
    client.urls = { ...client.urls, api: redirectedTree(client, definition, { restUrl, websocketUrl }) };
  }
  // Left in the client they would be one `setSandboxMode` away.
  delete client.urls['test'];
  delete client.urls['demo'];
  if (definition.kind === 'live') return null;
  const hosts = hostsOf(client.urls['api']);
  if (definition.kind === 'paper') assertNotAt(definition, hosts, [...liveHosts, ...testHosts].map(parentDomain));
  else assertNotAt(definition, hosts, [...liveHosts].map(hostName));
  return hosts;
}

function redirectedTree(client: CcxtClient, definition: ConnectorDefinition, to: Addresses): AddressTree {
  const tree = redirectAddresses(client.urls['api'] as AddressTree, to);
  if (!definition.ccxtId.startsWith('binance') || typeof tree === 'string' || typeof tree['ws'] !== 'object') return tree;
  // ccxt takes a socket for a spot one when its address contains `/stream`, and for one of a perpetual when it does not.
  const websocketUrl = to.websocketUrl.replace(/\/$/, '');
  return { ...tree, ws: { ...tree['ws'], spot: `${websocketUrl}/stream/ws`, future: `${websocketUrl}/usdm/ws` } };
}

/** The exchange's own test system; entries it does not have lead nowhere. */
function testAddresses(client: CcxtClient, definition: ConnectorDefinition): AddressTree {
  const test = client.urls['test'];
  if (typeof test !== 'object' || test === null) throw new ConnectorError('NOT_SUPPORTED', `ccxt knows no test system of ${definition.ccxtId}; give restUrl and websocketUrl.`);
  const nowhere = redirectAddresses(client.urls['api'] as AddressTree, { restUrl: 'http://127.0.0.1:9', websocketUrl: 'ws://127.0.0.1:9' });
  return merge(nowhere, test as AddressTree);
}

function merge(base: AddressTree, over: AddressTree): AddressTree {
  if (typeof base === 'string' || typeof over === 'string') return over;
  return Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(over)])].map((name) => {
    const [lower, upper] = [base[name], over[name]];
    return [name, upper === undefined ? (lower ?? '') : lower === undefined ? upper : merge(lower, upper)];
  }));
}

/** `domains`: names that are forbidden themselves and with anything in front. */
function assertNotAt(definition: ConnectorDefinition, hosts: ReadonlySet<string>, domains: readonly string[]): void {
  const reached = [...hosts].filter((host) => domains.some((domain) => hostName(host) === domain || hostName(host).endsWith(`.${domain}`)));
  if (reached.length > 0) throw new ConnectorError('UNKNOWN_CONNECTOR', `Connector ${definition.name} is a ${definition.kind} connector and must not reach ${reached.join(', ')}.`);
}

/**
 * Binance's codes are mapped to error classes by the prefix of the live address. Behind any other address the codes of
 * this market type have to stand in the general map, or a refusal reads like any error.
 */
function promoteErrors(client: CcxtClient, definition: ConnectorDefinition): void {
  if (!definition.ccxtId.startsWith('binance')) return;
  const own = client.exceptions[definition.marketType === 'spot' ? 'spot' : 'linear'] as ErrorMap | undefined;
  const general = client.exceptions as unknown as ErrorMap;
  client.exceptions = {
    ...client.exceptions,
    exact: { ...general.exact, ...own?.exact },
    broad: { ...general.broad, ...own?.broad },
  };
}

interface ErrorMap {
  readonly exact?: Readonly<Record<string, unknown>>;
  readonly broad?: Readonly<Record<string, unknown>>;
}

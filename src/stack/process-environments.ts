import { join } from 'node:path';
import { definedEnvironment } from '../processes/environment.js';
import { localServerEnvironment } from '../temporal-server/connection-config.js';
import { credentialVariables, type ExecutorsConfiguration } from './executors-configuration.js';
import type { PriceFeed } from './price-feed.js';
import type { SecondPaper } from './stack-options.js';

export interface PaperSettings {
  readonly host: string;
  readonly port: number;
  readonly controlPort: number;
  readonly databaseFile: string;
  readonly accountsFile: string;
  readonly feed: PriceFeed | undefined;
  readonly difference: SecondPaper;
}

const HOST = '127.0.0.1';
const PAPER_CREDENTIALS = { PAPER_API_KEY: 'paper-key', PAPER_API_SECRET: 'paper-secret' } as const;

/** The paper exchange accepts one key pair, the one its clients get. */
function paperCredentials(): Record<string, string> {
  return {
    PAPER_API_KEY: process.env['PAPER_API_KEY'] ?? PAPER_CREDENTIALS.PAPER_API_KEY,
    PAPER_API_SECRET: process.env['PAPER_API_SECRET'] ?? PAPER_CREDENTIALS.PAPER_API_SECRET,
  };
}

/** The paper exchange needs nothing of the user's environment but what any program needs. */
export function paperEnvironment(): Record<string, string> {
  return withoutTemporal(definedEnvironment(process.env));
}

/** Its command line. The key pair comes in a file only this user can read, never as an argument. */
export function paperArguments(settings: PaperSettings): readonly string[] {
  return [
    '--exit-with-parent',
    ...['--host', settings.host, '--port', String(settings.port), '--control-port', String(settings.controlPort)],
    ...['--database', settings.databaseFile, '--accounts', settings.accountsFile, '--feed', feedArgument(settings.feed)],
    ...differenceArguments(settings.difference),
  ];
}

/** The one account of the paper exchange, with the balances it is given when its ledger is new. */
export function paperAccounts(perpetual = false): readonly object[] {
  const { PAPER_API_KEY: apiKey, PAPER_API_SECRET: secret } = paperCredentials();
  return [{ name: 'paper', apiKey, secret, balances: { USDT: '100000', BTC: '10', ETH: '100', BNB: '10' }, ...(perpetual ? { perpetualBalances: { USDT: '100000' } } : {}) }];
}

function differenceArguments({ priceOffset, feedDelayMs, makerRate, takerRate }: SecondPaper): readonly string[] {
  const named = { 'price-offset': priceOffset, 'feed-delay': feedDelayMs, 'fee-maker': makerRate, 'fee-taker': takerRate };
  // With "=": a negative offset would be taken for the next option.
  return Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

function feedArgument(feed: PriceFeed | undefined): string {
  if (feed === undefined) return 'scripted';
  switch (feed.kind) {
    case 'recorded':
      return `recorded:${feed.directory}`;
    case 'live':
      return `live:${feed.exchange}`;
    case 'synthetic':
      return `synthetic:${feed.seed}`;
  }
}

export interface ExecutorSettings {
  /** The server the stack started; undefined when the user's own `TEMPORAL_*` settings name one. */
  readonly ownServer: { readonly address: string; readonly namespace: string } | undefined;
  readonly namespace: string;
  readonly dataDirectory: string;
  readonly configurationFile: string;
  readonly extra: Readonly<Record<string, string>>;
}

export function archiveFileIn(dataDirectory: string): string {
  return join(dataDirectory, 'archive.db');
}

/**
 * The C library's allocator keeps a heap for each of many threads by default; the SDK's core has many, and what one of
 * them frees the others cannot use. Two heaps made a worker with 150 waiting positions 15 % smaller.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2' } as const;

export function workerEnvironment(settings: ExecutorSettings): Record<string, string> {
  return { ...ALLOCATOR, ...executorEnvironment(settings), ...paperCredentials(), ...settings.extra };
}

export interface HttpSettings extends ExecutorSettings {
  readonly port: number;
  readonly configuration: ExecutorsConfiguration;
}

/** Like the worker's, without the exchange credentials: the HTTP facade names accounts and never opens them. */
export function httpEnvironment(settings: HttpSettings): Record<string, string> {
  const secrets = credentialVariables(settings.configuration);
  const env = { ...executorEnvironment(settings), ...httpCredentials(), HTTP_HOST: HOST, HTTP_PORT: String(settings.port) };
  const visible = Object.entries(env).filter(([name]) => !secrets.has(name));
  return { ...Object.fromEntries(visible), ...settings.extra };
}

/**
 * `USERNAME` counts only together with `PASSWORD`: many desktops set it to the login name, which nobody meant as the
 * user of this API.
 */
function httpCredentials(): { USERNAME: string; PASSWORD: string } {
  const password = process.env['PASSWORD'];
  if (password === undefined || password === '') return { USERNAME: 'admin', PASSWORD: 'admin' };
  return { USERNAME: process.env['USERNAME'] ?? 'admin', PASSWORD: password };
}

function executorEnvironment(settings: ExecutorSettings): Record<string, string> {
  const user = definedEnvironment(process.env);
  const base =
    settings.ownServer === undefined
      ? { ...user, TEMPORAL_NAMESPACE: settings.namespace }
      : localServerEnvironment(user, settings.ownServer);
  return {
    ...base,
    DURABLE_EXECUTORS_CONFIG: settings.configurationFile,
    DURABLE_EXECUTORS_ARCHIVE: archiveFileIn(settings.dataDirectory),
    LOG_LEVEL: user['LOG_LEVEL'] ?? 'info',
  };
}

function withoutTemporal(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

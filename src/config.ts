import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LIMITS } from './domain/limits.js';
import { ConnectorError } from './exchanges/connector-error.js';
import { connectorDefinition, connectorDefinitions, DEFAULT_CONNECTOR } from './exchanges/connector-registry.js';
import type { RateLimit } from './exchanges/rate-limits.js';
import { type ConfigIssue, InvalidConfigError } from './schema/config-error.js';
import { configIssues } from './schema/zod-issues.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the process that owns an account finds its keys. The keys themselves are never part of the configuration. */
export type CredentialsSource =
  | { readonly kind: 'environment'; readonly apiKeyEnv: string; readonly secretEnv: string }
  | { readonly kind: 'file'; readonly path: string };

export interface AccountConfig {
  readonly name: string;
  readonly connector: string;
  readonly credentials: CredentialsSource;
  /** Order sessions the owner runs at the same time. */
  readonly maxSessions: number;
  /** Without an answer of the Temporal server nothing leaves, not even what reduces exposure. */
  readonly strict: boolean;
}

export interface ConnectorConfig {
  /** Null: the addresses that ccxt knows. Never null for a paper connector. */
  readonly restUrl: string | null;
  readonly websocketUrl: string | null;
  /** How long after its time stamp the exchange still takes a request that names no deadline of its own. */
  readonly recvWindowMs: number;
  /** Whether requests wait for the rate limits of the exchange. */
  readonly rateLimited: boolean;
  /** In place of the limits the exchange tells; null = those. */
  readonly rateLimits: readonly RateLimit[] | null;
}

export interface ProcessLimits {
  /** Longest wait for the answer to a read. */
  readonly requestDeadlineMs: number;
  /** A price stream without a frame for this long is read over REST instead, until it speaks again. */
  readonly silentStreamMs: number;
  /** The stream of an account without news or an answered ping for this long is stale: it is made anew, orders are read. */
  readonly silentAccountStreamMs: number;
}

export interface Config {
  readonly accounts: readonly AccountConfig[];
  readonly connectors: Readonly<Record<string, ConnectorConfig>>;
  readonly limits: ProcessLimits;
}

export const CONFIG_VARIABLE = 'DURABLE_EXECUTORS_CONFIG';
/** Stronger than the file: how long a stream may say nothing, in ms. */
export const SILENCE_VARIABLES = { silentStreamMs: 'SILENT_PRICES_MS', silentAccountStreamMs: 'SILENT_ACCOUNT_MS' } as const;
export const PAPER_KEY_VARIABLE = 'PAPER_API_KEY';
export const PAPER_SECRET_VARIABLE = 'PAPER_API_SECRET';

const PAPER_HOST = '127.0.0.1';
const PAPER_PORTS = { first: 8101, second: 8103 } as const;
const MAX_ACCOUNTS = 1_000;
/** A request must be refused by the exchange well before a lost lease could have passed to another process. */
const HALF_LEASE_MS = LIMITS.leaseTimeoutMs / 2;

const nameField = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"');
const variableField = z.string().regex(/^[A-Z_][A-Z0-9_]{0,127}$/, 'must be the name of an environment variable: capitals, digits and "_"');
const milliseconds = (from: number, to: number) => z.number().int('must be a whole number').min(from, `must be at least ${from}`).max(to, `must be at most ${to}`);

function addressField(schemes: readonly string[]) {
  const rule = `must be an address that starts with ${schemes.join(' or ')} and has no user, password or query`;
  return z.string().max(300, 'must be at most 300 characters').refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && schemes.includes(`${url.protocol}//`) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, rule);
}

const credentialsSchema = z.strictObject({ apiKeyEnv: variableField.optional(), secretEnv: variableField.optional(), file: z.string().min(1, 'must be a path').max(1_000, 'must be at most 1000 characters').optional() });
const accountSchema = z.strictObject({ name: nameField, connector: z.string().max(64), credentials: credentialsSchema.optional(), maxSessions: milliseconds(1, LIMITS.maxSessionsPerAccount).optional(), strict: z.boolean('must be true or false').optional() });
const rateLimitSchema = z.strictObject({ unit: z.enum(['weight', 'requests', 'orders'], 'must be weight, requests or orders'), limit: milliseconds(1, 10_000_000), intervalMs: milliseconds(100, 86_400_000) });
const connectorSchema = z.strictObject({
  restUrl: addressField(['http://', 'https://']).optional(),
  websocketUrl: addressField(['ws://', 'wss://']).optional(),
  recvWindowMs: milliseconds(100, 60_000).optional(),
  rateLimited: z.boolean().optional(),
  rateLimits: z.array(rateLimitSchema).min(1, 'must hold at least one limit').max(10, 'must hold at most 10 limits').optional(),
});
const limitsSchema = z.strictObject({ requestDeadlineMs: milliseconds(100, HALF_LEASE_MS - 1).optional(), silentStreamMs: milliseconds(100, 600_000).optional(), silentAccountStreamMs: milliseconds(1_000, 600_000).optional() });
const configSchema = z.strictObject({
  accounts: z.array(accountSchema).min(1, 'must name at least one account').max(MAX_ACCOUNTS, `must name at most ${MAX_ACCOUNTS} accounts`).optional(),
  connectors: z.record(z.string(), connectorSchema).optional(),
  limits: limitsSchema.optional(),
});
type Given = z.output<typeof configSchema>;

const KNOWN_KEYS = [configSchema, accountSchema, credentialsSchema, connectorSchema, rateLimitSchema, limitsSchema].flatMap((schema) => Object.keys(schema.shape));

/**
 * The configuration from the file that DURABLE_EXECUTORS_CONFIG names; without it one paper account.
 * Throws InvalidConfigError with every broken rule at once.
 */
export function loadConfig(env: Environment): Config {
  const path = env[CONFIG_VARIABLE];
  return parseConfig(withSilences(path === undefined || path === '' ? {} : readJson(path), env));
}

/** A text that is no number stays one, so that the rule it breaks names it. */
function withSilences(given: unknown, env: Environment): unknown {
  const texts = Object.entries(SILENCE_VARIABLES).map(([field, variable]) => [field, env[variable]?.trim() ?? ''] as const);
  const set = Object.fromEntries(texts.filter(([, text]) => text !== '').map(([field, text]) => [field, /^\d+$/.test(text) ? Number(text) : text]));
  if (Object.keys(set).length === 0 || typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const limits: unknown = (given as { readonly limits?: unknown }).limits;
  return { ...given, limits: { ...(typeof limits === 'object' ? limits : {}), ...set } };
}

/** The configuration in an object already read. Throws InvalidConfigError. */
export function parseConfig(input: unknown): Config {
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) fail(configIssues(parsed.error.issues, input, KNOWN_KEYS));
  const issues = crossFieldIssues(parsed.data);
  if (issues.length > 0) fail(issues);
  return deepFreeze(complete(parsed.data));
}

/** Throws ConnectorError (UNKNOWN_ACCOUNT) that lists what is configured. */
export function findAccount(config: Config, connector: string, name: string): AccountConfig {
  const found = config.accounts.find((account) => account.connector === connector && account.name === name);
  if (found !== undefined) return found;
  const listed = config.accounts.filter((account) => account.connector === connector).map((account) => account.name);
  const rest = listed.length === 0 ? `No account is configured for ${connector}.` : `Configured: ${listed.join(', ')}.`;
  throw new ConnectorError('UNKNOWN_ACCOUNT', `account_name: ${JSON.stringify(name)} is not an account of ${connector}. ${rest}`);
}

/** A key written where only the name of its variable belongs must not reach a message. */
const SECRET_LOOKING = /key|secret|pass|token|sign/i;

function fail(issues: readonly ConfigIssue[]): never {
  const safe = issues.map((issue) => (SECRET_LOOKING.test(issue.field) ? { ...issue, value: '[redacted]' } : issue));
  throw new InvalidConfigError(safe.map((issue) => ({ ...issue, field: issue.field === 'executor_config' ? 'configuration' : issue.field })), 'Invalid configuration');
}

function readJson(path: string): unknown {
  const issue = (rule: string): ConfigIssue => ({ field: CONFIG_VARIABLE, value: JSON.stringify(path.slice(0, 200)), rule });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fail([issue(`must be the path of a readable file (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`)]);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the mistake, which may hold a key.
    return fail([issue('must be the path of a JSON file')]);
  }
}

function crossFieldIssues(given: Given): ConfigIssue[] {
  return [...connectorIssues(given), ...accountIssues(given)];
}

function connectorIssues(given: Given): ConfigIssue[] {
  return Object.entries(given.connectors ?? {}).flatMap(([name, connector]): ConfigIssue[] => {
    const field = `connectors.${name.slice(0, 64)}`;
    const definition = connectorDefinition(name);
    if (definition === undefined) return [{ field, value: JSON.stringify(name.slice(0, 64)), rule: `must be one of ${knownConnectors()}` }];
    if (definition.unavailable !== null) return [{ field, value: JSON.stringify(name), rule: `cannot be used: ${definition.unavailable}` }];
    if ((connector.restUrl === undefined) !== (connector.websocketUrl === undefined)) {
      return [{ field, value: JSON.stringify(connector), rule: 'must give restUrl and websocketUrl together, or neither' }];
    }
    if (connector.rateLimited === false && connector.rateLimits !== undefined) {
      return [{ field: `${field}.rateLimits`, value: JSON.stringify(connector.rateLimits), rule: 'must not be given when rateLimited is false' }];
    }
    return [];
  });
}

function accountIssues(given: Given): ConfigIssue[] {
  const seen = new Set<string>();
  return (given.accounts ?? []).flatMap((account, index): ConfigIssue[] => {
    const issues: ConfigIssue[] = [];
    const field = `accounts.${index}`;
    const key = `${account.connector}/${account.name}`;
    if (seen.has(key)) issues.push({ field: `${field}.name`, value: JSON.stringify(account.name), rule: `must be there once for ${account.connector}` });
    seen.add(key);
    if (!configuredNames(given).has(account.connector)) {
      issues.push({ field: `${field}.connector`, value: JSON.stringify(account.connector), rule: `must be a configured connector: ${[...configuredNames(given)].join(', ')}` });
    }
    return [...issues, ...credentialIssues(`${field}.credentials`, account)];
  });
}

function credentialIssues(field: string, account: NonNullable<Given['accounts']>[number]): ConfigIssue[] {
  const { apiKeyEnv, secretEnv, file } = account.credentials ?? {};
  const isPaper = connectorDefinition(account.connector)?.kind === 'paper';
  if (account.credentials === undefined) return isPaper ? [] : [{ field, value: '(missing)', rule: 'must name apiKeyEnv and secretEnv, or a file' }];
  const names = apiKeyEnv !== undefined && secretEnv !== undefined;
  const none = apiKeyEnv === undefined && secretEnv === undefined;
  if ((names && file === undefined) || (none && file !== undefined)) return [];
  return [{ field, value: JSON.stringify(account.credentials), rule: 'must name apiKeyEnv and secretEnv, or a file, not both' }];
}

function configuredNames(given: Given): Set<string> {
  return new Set([DEFAULT_CONNECTOR, ...Object.keys(given.connectors ?? {})]);
}

function knownConnectors(): string {
  return connectorDefinitions().filter((definition) => definition.unavailable === null).map((definition) => definition.name).join(', ');
}

function complete(given: Given): Config {
  const connectors = Object.fromEntries([...configuredNames(given)].map((name) => [name, completeConnector(name, given.connectors?.[name] ?? {})]));
  const accounts = given.accounts ?? [{ name: 'master_account', connector: DEFAULT_CONNECTOR }];
  return {
    accounts: accounts.map((account) => ({
      name: account.name,
      connector: account.connector,
      credentials: credentialsSource('credentials' in account ? account.credentials : undefined),
      maxSessions: ('maxSessions' in account ? account.maxSessions : undefined) ?? LIMITS.maxSessionsPerAccount,
      strict: ('strict' in account ? account.strict : undefined) ?? false,
    })),
    connectors,
    limits: {
      requestDeadlineMs: given.limits?.requestDeadlineMs ?? LIMITS.requestDeadlineMs,
      silentStreamMs: given.limits?.silentStreamMs ?? DEFAULT_SILENT_STREAM_MS,
      silentAccountStreamMs: given.limits?.silentAccountStreamMs ?? DEFAULT_SILENT_ACCOUNT_STREAM_MS,
    },
  };
}

const DEFAULT_SILENT_STREAM_MS = 5_000;
const DEFAULT_SILENT_ACCOUNT_STREAM_MS = 30_000;

function completeConnector(name: string, given: z.output<typeof connectorSchema>): ConnectorConfig {
  const isPaper = connectorDefinition(name)?.kind === 'paper';
  return {
    restUrl: given.restUrl ?? (isPaper ? `http://${PAPER_HOST}:${paperPort(name)}` : null),
    websocketUrl: given.websocketUrl ?? (isPaper ? `ws://${PAPER_HOST}:${paperPort(name)}` : null),
    recvWindowMs: given.recvWindowMs ?? LIMITS.requestDeadlineMs,
    rateLimited: given.rateLimited ?? (given.rateLimits !== undefined || !isPaper),
    rateLimits: given.rateLimits ?? null,
  };
}

/** Two instances of the paper exchange are two exchanges: by default they are not at one address. */
function paperPort(connector: string): number {
  return connector.startsWith('kucoin') ? PAPER_PORTS.second : PAPER_PORTS.first;
}

function credentialsSource(given: z.output<typeof credentialsSchema> | undefined): CredentialsSource {
  if (given?.file !== undefined) return { kind: 'file', path: given.file };
  return { kind: 'environment', apiKeyEnv: given?.apiKeyEnv ?? PAPER_KEY_VARIABLE, secretEnv: given?.secretEnv ?? PAPER_SECRET_VARIABLE };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const entry of Object.values(value)) deepFreeze(entry);
    Object.freeze(value);
  }
  return value;
}

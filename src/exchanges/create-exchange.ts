import type { Config, ConnectorConfig, Environment } from '../config.js';
import { findAccount } from '../config.js';
import { createLogger, type Logger } from '../logger.js';
import type { ExchangePort, MarketDataPort } from '../ports/exchange.js';
import { type Metrics, NO_METRICS } from '../ports/metrics.js';
import { CcxtConnection } from './ccxt-connection.js';
import { CcxtExchange } from './ccxt-exchange.js';
import { CcxtMarketData } from './ccxt-market-data.js';
import { ConnectorError } from './connector-error.js';
import { type ConnectorDefinition, connectorDefinition } from './connector-registry.js';
import type { Pace } from './create-ccxt-client.js';
import { loadCredentials } from './credentials.js';
import { SharedLimiters } from './shared-limiters.js';

export interface CreateOptions {
  /** Where credentials are looked for; the process's own unless given. */
  readonly env?: Environment;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** Those of the process: what one client uses of an exchange's limits is gone for the others. Its own ones unless given. */
  readonly limiters?: SharedLimiters;
}

/**
 * The port of one account, for the process that owns it. Nothing is sent before it is used.
 * Throws ConnectorError: UNKNOWN_CONNECTOR, UNKNOWN_ACCOUNT, CREDENTIALS_REFUSED or NOT_SUPPORTED.
 */
export async function createExchange(
  config: Config,
  owned: { readonly connector: string; readonly account: string },
  options: CreateOptions = {},
): Promise<ExchangePort> {
  const { definition, connector } = configured(config, owned.connector);
  const account = findAccount(config, owned.connector, owned.account);
  const env = options.env ?? process.env;
  const credentials = loadCredentials(account, env);
  const connection = await CcxtConnection.open(definition, connector, config, credentials, paceOf(options, owned.account), loggerOf(options, env, owned));
  return new CcxtExchange(connection, owned.account);
}

/** Public data of one connector, without credentials. Throws ConnectorError (UNKNOWN_CONNECTOR or NOT_SUPPORTED). */
export async function createMarketData(config: Config, connectorName: string, options: CreateOptions = {}): Promise<MarketDataPort> {
  const { definition, connector } = configured(config, connectorName);
  const env = options.env ?? process.env;
  return new CcxtMarketData(await CcxtConnection.open(definition, connector, config, null, paceOf(options, NOBODY), loggerOf(options, env, { connector: connectorName })));
}

/** Names of the connectors that can be used here. */
export function configuredConnectors(config: Config): readonly string[] {
  return Object.keys(config.connectors);
}

function configured(config: Config, name: string): { readonly definition: ConnectorDefinition; readonly connector: ConnectorConfig } {
  const definition = connectorDefinition(name);
  const connector = Object.hasOwn(config.connectors, name) ? config.connectors[name] : undefined;
  if (definition !== undefined && connector !== undefined && definition.unavailable === null) return { definition, connector };
  const reason = definition === undefined ? 'is not a connector' : definition.unavailable === null ? 'is not configured' : `cannot be used: ${definition.unavailable}`;
  throw new ConnectorError('UNKNOWN_CONNECTOR', `connector_name: ${JSON.stringify(name.slice(0, 64))} ${reason}. Configured: ${configuredConnectors(config).join(', ')}.`);
}

/** Who reads public data places no orders. */
const NOBODY = '';

function paceOf({ metrics = NO_METRICS, limiters = new SharedLimiters(metrics) }: CreateOptions, account: string): Pace {
  return { limiters, account, metrics };
}

function loggerOf(options: CreateOptions, env: Environment, names: Readonly<Record<string, string>>): Logger {
  return (options.logger ?? createLogger({ name: 'exchange', env })).child(names);
}

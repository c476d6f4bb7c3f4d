import type { Venues } from '../client/create-executor.js';
import { ExecutorError } from '../client/executor-error.js';
import { type Config, findAccount } from '../config.js';
import { configuredConnectors, createMarketData } from '../exchanges/create-exchange.js';
import { connectorDefinition } from '../exchanges/connector-registry.js';
import type { Logger } from '../logger.js';
import type { MarketDataPort } from '../ports/exchange.js';

/** The configured connectors and accounts as creations ask for them. */
export function configuredVenues(config: Config, marketData: (connector: string) => MarketDataPort): Venues {
  return {
    requireAccount: (connector, account) => {
      if (!Object.hasOwn(config.connectors, connector)) throw unknownConnector(config, connector);
      findAccount(config, connector, account);
    },
    marketData,
  };
}

function unknownConnector(config: Config, connector: string): ExecutorError {
  const configured = Object.keys(config.connectors).join(', ');
  const definition = connectorDefinition(connector);
  const why = definition === undefined ? 'is no connector' : definition.unavailable === null ? 'is not configured' : `is not available yet: ${definition.unavailable}`;
  return new ExecutorError('UNKNOWN_CONNECTOR', `connector_name: ${JSON.stringify(connector)} ${why}. Configured: ${configured}.`);
}

/** Market data of every configured connector. */
export interface MarketDataSet {
  /** Null for a connector that is not configured any more: executors may outlive a configuration. */
  find(connector: string): MarketDataPort | null;
  require(connector: string): MarketDataPort;
  close(): Promise<void>;
}

/** Opens one market data client per connector; nothing is sent before it is used, and none needs credentials. */
export async function openMarketData(config: Config, logger: Logger): Promise<MarketDataSet> {
  const ports = new Map<string, MarketDataPort>();
  for (const connector of configuredConnectors(config)) ports.set(connector, await createMarketData(config, connector, { logger }));
  return {
    find: (connector) => ports.get(connector) ?? null,
    require: (connector) => {
      const port = ports.get(connector);
      if (port === undefined) throw unknownConnector(config, connector);
      return port;
    },
    close: async () => {
      await Promise.all([...ports.values()].map((port) => port.close()));
    },
  };
}

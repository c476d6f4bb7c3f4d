import type { Venues } from '../client/create-executor.js';
import { ExecutorError } from '../client/executor-error.js';
import { type Config, findAccount } from '../config.js';
import { connectorDefinition } from '../exchanges/connector-registry.js';
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

import { startDevServer } from '../temporal-server/dev-server.js';
import { loadTemporalConnectionConfig, type TemporalConnectionConfig } from '../temporal-server/connection-config.js';
import { prepareNamespaceAt } from '../temporal-server/prepare-namespace.js';
import type { StackBuilder } from './stack-builder.js';
import type { StackOptions, StackProcess } from './stack-options.js';

export interface StackTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  /** Undefined for an outside server. */
  readonly process: StackProcess | undefined;
}

/** The outside server that `TEMPORAL_ADDRESS` names, or a dev server of our own; its namespace prepared either way. */
export async function startTemporal(builder: StackBuilder, options: StackOptions): Promise<StackTemporal> {
  const outside = (process.env['TEMPORAL_ADDRESS'] ?? '') !== '';
  const temporal = outside ? describeOutside(options) : await startOwn(builder, options);
  const config = outside
    ? { ...loadTemporalConnectionConfig(), namespace: temporal.namespace }
    : localConfig(temporal.address, temporal.namespace);
  const prepared = await prepareNamespaceAt(config);
  for (const warning of prepared.warnings) builder.options.onEvent(warning);
  return temporal;
}

function describeOutside(options: StackOptions): StackTemporal {
  const { connectionOptions, namespace } = loadTemporalConnectionConfig();
  return {
    address: connectionOptions.address,
    namespace: options.namespace ?? namespace,
    uiUrl: undefined,
    process: undefined,
  };
}

async function startOwn(builder: StackBuilder, options: StackOptions): Promise<StackTemporal> {
  const server = await startDevServer({
    databaseFile: builder.dataFile('temporal.db'),
    port: options.ports?.temporal ?? 0,
    uiPort: options.ports?.temporalUi ?? 0,
    namespace: options.namespace ?? 'default',
    logFile: builder.logFile('temporal'),
    onProgress: builder.options.onEvent,
  });
  let first = true;
  const member = await builder.add('temporal', async () => {
    if (!first) await server.restart();
    first = false;
    return server.child;
  });
  return { address: server.address, namespace: server.namespace, uiUrl: server.uiUrl, process: member };
}

function localConfig(address: string, namespace: string): TemporalConnectionConfig {
  return { connectionOptions: { address }, namespace };
}

import { devNull } from 'node:os';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { definedEnvironment } from '../processes/environment.js';

/** What `Connection.connect` (client) and `NativeConnection.connect` (worker) both take, and the namespace to use. */
export interface TemporalConnectionConfig {
  readonly connectionOptions: Pick<NativeConnectionOptions, 'tls' | 'metadata'> & {
    readonly address: string;
    readonly apiKey?: string;
  };
  readonly namespace: string;
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_NAMESPACE = 'default';
const NO_CONFIGURATION_FILE = devNull;

/**
 * Reads how to reach Temporal from the standard environment (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
 * `TEMPORAL_API_KEY`, `TEMPORAL_TLS*`, `TEMPORAL_PROFILE`) and the standard configuration file, the environment first.
 */
export function loadTemporalConnectionConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): TemporalConnectionConfig {
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: definedEnvironment(env),
    // The loader takes an empty file for a broken one.
    disableFile: env['TEMPORAL_CONFIG_FILE'] === NO_CONFIGURATION_FILE,
  });
  const { address, apiKey, tls, metadata } = connectionOptions;
  if (apiKey !== undefined && typeof apiKey !== 'string') throw new Error('TEMPORAL_API_KEY: must be a string');
  return {
    connectionOptions: {
      address: address ?? DEFAULT_ADDRESS,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === undefined ? {} : { tls }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    namespace: namespace ?? DEFAULT_NAMESPACE,
  };
}

/**
 * The environment for a process that must reach one particular server without TLS or credentials, such as a dev server
 * on this machine: every other `TEMPORAL_*` setting of the user is taken out, and the user's configuration file is not
 * read, because its keys belong to another server.
 */
export function localServerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  server: { readonly address: string; readonly namespace: string },
): Record<string, string> {
  const others = Object.entries(definedEnvironment(env)).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(others),
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    TEMPORAL_CONFIG_FILE: NO_CONFIGURATION_FILE,
  };
}

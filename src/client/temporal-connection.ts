import { Client, Connection } from '@temporalio/client';
import type { TemporalConnectionConfig } from '../temporal-server/connection-config.js';

/** A client that connects with its first call, so that a process can start and answer while the server is down. */
export interface TemporalClient {
  readonly client: Client;
  readonly namespace: string;
  close(): Promise<void>;
}

export function connectTemporal(config: TemporalConnectionConfig): TemporalClient {
  const connection = Connection.lazy(config.connectionOptions as Parameters<typeof Connection.lazy>[0]);
  const client = new Client({ connection, namespace: config.namespace });
  return { client, namespace: config.namespace, close: () => connection.close() };
}

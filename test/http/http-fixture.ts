import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import type { FastifyInstance } from 'fastify';
import { openReportArchive } from '../../src/archive/open-archive.js';
import { ExecutorCreation } from '../../src/client/create-executor.js';
import { ExecutorClient, type ExecutorClientOptions } from '../../src/client/executor-client.js';
import { ExecutorDirectory } from '../../src/client/executor-directory.js';
import { HeldPositions } from '../../src/client/held-positions.js';
import { MarketPrices } from '../../src/client/market-prices.js';
import { connectTemporal, type TemporalClient } from '../../src/client/temporal-connection.js';
import { parseConfig } from '../../src/config.js';
import { buildHttpServer } from '../../src/http/server.js';
import { configuredVenues } from '../../src/http/venues.js';
import { createLogger } from '../../src/logger.js';
import type { ReportArchive } from '../../src/ports/report-archive.js';
import { type DevServer, startDevServer } from '../../src/temporal-server/dev-server.js';
import { prepareNamespaceAt } from '../../src/temporal-server/prepare-namespace.js';
import { ScriptedMarket } from './scripted-market.js';
import { ScriptedWorker } from './scripted-worker.js';

export const CREDENTIALS = { username: 'trader', password: 'a long password' };
const AUTHORIZATION = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}`;
const CONNECTOR = 'binance_paper_trade';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: any;
}

/** A real Temporal server, the real workflows, the HTTP facade on a port of its own, and a scripted exchange. */
export interface HttpFixture {
  readonly server: DevServer;
  readonly temporal: TemporalClient;
  readonly client: ExecutorClient;
  readonly archive: ReportArchive;
  readonly market: ScriptedMarket;
  readonly worker: ScriptedWorker;
  readonly app: FastifyInstance;
  readonly url: string;
  /** With credentials. `body` is sent as JSON text, a string as it is. */
  request(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** Executor workflows started so far. */
  workflowCount(): Promise<number>;
  until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T>;
  stop(): Promise<void>;
}

export async function startHttpFixture(options: { readonly worker?: boolean; readonly client?: ExecutorClientOptions } = {}): Promise<HttpFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'http-'));
  // Else a deletion waits until the server has noted that the end is indexed, up to half a minute later.
  const server = await startDevServer({ dynamicConfig: { 'history.transferProcessorEnsureCloseBeforeDelete': false, 'history.visibilityProcessorEnsureCloseBeforeDelete': false } });
  const connectionConfig = { connectionOptions: { address: server.address }, namespace: server.namespace };
  await prepareNamespaceAt(connectionConfig);
  const temporal = connectTemporal(connectionConfig);
  const archive = await openReportArchive({ kind: 'sqlite', path: join(folder, 'archive.db') });
  const market = new ScriptedMarket();
  const worker = new ScriptedWorker(temporal.client);
  const native = await NativeConnection.connect({ address: server.address });
  if (options.worker !== false) await worker.start(native, server.namespace, archive, market, { connector: CONNECTOR, name: 'master_account' });

  const client = new ExecutorClient(temporal.client, options.client);
  const config = parseConfig({ accounts: [{ name: 'master_account', connector: CONNECTOR }, { name: 'unowned', connector: CONNECTOR }] });
  const venues = configuredVenues(config, () => market);
  const prices = new MarketPrices(() => market, { maxAgeMs: 0, pauseMs: 0 });
  const services = {
    client,
    creation: new ExecutorCreation(client, archive, venues),
    directory: new ExecutorDirectory(client, archive, prices),
    positions: new HeldPositions(client, prices),
    archive,
  };
  const app = await buildHttpServer(services, { credentials: CREDENTIALS, version: '0.0.0', logger: createLogger({ name: 'http', env: { LOG_LEVEL: 'silent' } }) });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  return {
    server,
    temporal,
    client,
    archive,
    market,
    worker,
    app,
    url,
    request: (method, path, body, headers) => request(url, method, path, body, { authorization: AUTHORIZATION, ...headers }),
    workflowCount: async () => (await temporal.client.workflow.count(`ExecutorRole = 'executor'`)).count,
    until,
    stop: async () => {
      await app.close();
      if (options.worker !== false) await worker.stop();
      await native.close();
      await temporal.close();
      await archive.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function request(url: string, method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const answered = await response.text();
  return { status: response.status, headers: response.headers, text: answered, json: answered === '' ? undefined : JSON.parse(answered) };
}

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`still not so, last value ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

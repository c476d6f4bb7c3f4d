import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { archiveLocation, openReportArchive } from '../archive/open-archive.js';
import { ExecutorCreation } from '../client/create-executor.js';
import { ExecutorClient } from '../client/executor-client.js';
import { ExecutorDirectory } from '../client/executor-directory.js';
import { HeldPositions } from '../client/held-positions.js';
import { MarketPrices } from '../client/market-prices.js';
import { connectTemporal } from '../client/temporal-connection.js';
import { loadConfig } from '../config.js';
import { createLogger } from '../logger.js';
import { exitWithParent } from '../stack/exit-with-parent.js';
import { loadTemporalConnectionConfig } from '../temporal-server/connection-config.js';
import { buildHttpServer } from './server.js';
import { httpSettings } from './settings.js';
import { configuredVenues, openMarketData } from './venues.js';

const DEFAULT_ARCHIVE = '.data/archive.db';
const CLOSE_TIMEOUT_MS = 5_000;

const logger = createLogger({ name: 'http', env: process.env });

/** One HTTP process. It holds no state of its own: any number of them can run on the same server and archive. */
async function main(): Promise<void> {
  const settings = httpSettings(process.env);
  const config = loadConfig(process.env);
  const temporal = connectTemporal(loadTemporalConnectionConfig());
  const archive = await openReportArchive(archiveLocation(process.env, DEFAULT_ARCHIVE));
  const markets = await openMarketData(config, logger);
  const client = new ExecutorClient(temporal.client);
  const prices = new MarketPrices((connector) => markets.find(connector));
  const services = {
    client,
    creation: new ExecutorCreation(client, archive, configuredVenues(config, (connector) => markets.require(connector))),
    directory: new ExecutorDirectory(client, archive, prices),
    positions: new HeldPositions(client, prices),
    archive,
  };
  const app = await buildHttpServer(services, { credentials: settings.credentials, version: packageVersion(), logger });
  const stopped = stopSignal();
  exitWithParent();
  const url = await app.listen({ host: settings.host, port: settings.port });
  process.stdout.write(`READY ${JSON.stringify({ pid: process.pid, url })}\n`);
  await stopped;
  await closeWithin(app);
  await markets.close();
  await temporal.close();
  await archive.close();
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

/** Answers what is under way; a client that keeps its connection open cannot keep the process. */
async function closeWithin(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    logger.fatal({ err: error }, 'the HTTP facade failed');
    process.exit(1);
  },
);

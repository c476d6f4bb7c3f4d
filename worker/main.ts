import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { ownAccount, type Candidate } from '../activities/ownership/own-account.js';
import { PublicMarkets } from '../activities/public-markets.js';
import { recordClose } from '../activities/record-close.js';
import { readOwnMarket } from '../activities/session/commands.js';
import { HedgePrices } from '../activities/session/hedge-prices.js';
import { readSpread, watchSpread } from '../activities/watch-spread.js';
import { archiveLocation, openReportArchive } from '../src/archive/open-archive.js';
import { loadConfig } from '../src/config.js';
import type { NearbyActivities, OwnershipActivities, RecordActivities } from '../src/contract/activities.js';
import type { WatchActivities } from '../src/contract/spread-watch.js';
import { EXECUTORS_QUEUE, WATCH_QUEUE, accountQueue } from '../src/contract/queues.js';
import { LIMITS } from '../src/domain/limits.js';
import { createMarketData } from '../src/exchanges/create-exchange.js';
import { SharedLimiters } from '../src/exchanges/shared-limiters.js';
import { createLogger } from '../src/logger.js';
import { exitWithParent } from '../src/stack/exit-with-parent.js';
import { loadTemporalConnectionConfig } from '../src/temporal-server/connection-config.js';
import { prepareNamespace } from '../src/temporal-server/prepare-namespace.js';
import { bundleToRun } from './bundle.js';
import { AccountQueueWorkers } from './exchange-workers.js';
import { keepGranting, type Grants } from './grant-accounts.js';
import { handOverOrphans } from './hand-over-orphans.js';
import { openAccount } from './open-account.js';
import { OwnedAccounts } from './owned-accounts.js';
import { tellController } from './tell-controller.js';
import { TemporalLink } from './temporal-link.js';
import { installRuntime, startMetrics } from './worker-telemetry.js';

const logger = createLogger({ name: 'worker', env: process.env });

/**
 * Node ends the whole process when it interrupts workflow code that took longer than this, and a machine that was
 * suspended for a moment counts as such: the SDK's five seconds would cost every stop of the process. The SDK takes this
 * option and does not name it among those for users.
 */
const WORKFLOW_CODE = { isolateExecutionTimeout: 60_000 } as const;

/** Spreads watched at the same time; each is an activity that lasts. */
const WATCH_SLOTS = 1_000;

/** One worker process: workflows, records, and a candidate for every configured account. */
async function main(): Promise<void> {
  installRuntime(logger, process.env);
  const config = loadConfig(process.env);
  const { metrics, server } = await startMetrics(config.accounts.map(({ connector, name }) => ({ connector, account: name })), process.env);
  const { connectionOptions, namespace } = loadTemporalConnectionConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const client = new Client({ connection: await Connection.connect(connectionOptions as Parameters<typeof Connection.connect>[0]), namespace });
  const prepared = await prepareNamespace(client.connection, namespace);
  for (const warning of prepared.warnings) logger.warn(warning);
  const archive = await openReportArchive(archiveLocation(process.env, '.data/archive.db'));
  const workflows = new TemporalLink(client);
  // What one account uses of an exchange's limits is gone for the others of this process, and stays used when a lease ends.
  const limiters = new SharedLimiters(metrics);
  const markets = new PublicMarkets((connector) => createMarketData(config, connector, { metrics, limiters }));
  const owned = new OwnedAccounts();
  const stopping = new AbortController();
  const close: RecordActivities['recordClose'] = (closing) => recordClose(archive, tellController(client), closing, logger);
  const candidate: Candidate = {
    workflows,
    stopping: stopping.signal,
    workers: new AccountQueueWorkers(connection, namespace),
    logger,
    maxSessions: (connector, account) => config.accounts.find((entry) => entry.connector === connector && entry.name === account)?.maxSessions ?? LIMITS.maxSessionsPerAccount,
    metrics,
    openAccount: owned.remembering(openAccount(config, workflows, logger, { ...handOverOrphans(close), neighbour: (connector, account) => owned.get(connector, account), hedgePrices: new HedgePrices(markets) }, { metrics, limiters })),
  };
  const record: RecordActivities & NearbyActivities = { recordClose: close, readOwnMarket: (connector, account, pair) => readOwnMarket(owned.get(connector, account), pair) };
  const watch: WatchActivities = { watchSpread: (plan) => watchSpread(markets, plan), readSpread: (plan) => readSpread(markets, plan) };
  let grants: Grants | null = null;
  const own: OwnershipActivities = {
    ownAccount: (connector, account) =>
      ownAccount(candidate, connector, account).finally(() => {
        if (!stopping.signal.aborted) grants?.again();
      }),
  };
  const shared = { connection, namespace };
  const workers = [
    await Worker.create({ ...shared, taskQueue: EXECUTORS_QUEUE, workflowBundle: await bundleToRun(process.env), ...WORKFLOW_CODE, activities: { ...record }, maxConcurrentActivityTaskExecutions: 100, ...cacheSize(process.env) }),
    await Worker.create({ ...shared, taskQueue: WATCH_QUEUE, activities: { ...watch }, maxConcurrentActivityTaskExecutions: WATCH_SLOTS, maxConcurrentActivityTaskPolls: 2 }),
    ...(await Promise.all(
      config.accounts.map((account) =>
        Worker.create({ ...shared, taskQueue: accountQueue(account.connector, account.name), activities: { ...own }, maxConcurrentActivityTaskExecutions: 1 }),
      ),
    )),
  ];
  const runs = Promise.all(workers.map((worker) => worker.run()));
  const stop = (): void => {
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  exitWithParent();
  grants = await keepGranting(client, config.accounts, logger);
  process.stdout.write(`READY ${JSON.stringify({ pid: process.pid, accounts: config.accounts.map((account) => `${account.connector}/${account.name}`), metrics: server?.url ?? null })}\n`);
  await runs;
  grants.stop();
  await server?.close();
  await markets.close();
  await archive.close();
  await connection.close();
  await client.connection.close();
}

/** Workflows kept in memory; without the variable, as many as the SDK finds room for. */
function cacheSize(env: Readonly<Record<string, string | undefined>>): { readonly maxCachedWorkflows?: number } {
  const text = env['MAX_CACHED_WORKFLOWS'] ?? '';
  if (text === '') return {};
  if (!/^\d{1,6}$/.test(text)) throw new RangeError(`MAX_CACHED_WORKFLOWS: ${JSON.stringify(text)} must be a whole number below 1,000,000`);
  return { maxCachedWorkflows: Number(text) };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    logger.fatal({ error: error instanceof Error ? error.message : String(error), stack: error instanceof Error ? error.stack : undefined }, 'worker failed');
    process.exit(1);
  },
);

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReportArchive } from '../../src/archive/open-archive.js';
import { auditLedger, type AuditResult } from '../../src/audit/audit-ledger.js';
import { ExecutorClient } from '../../src/client/executor-client.js';
import { connectTemporal } from '../../src/client/temporal-connection.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { WORKFLOW_BUNDLE_VARIABLE, workflowBundle } from '../../worker/bundle.js';
import { collectAudit } from './collect-audit.js';
import type { CrashMarket } from './crash-market.js';
import type { CrashScene, SecondExchange } from './crash-scene.js';
import { CrashTally } from './crash-tally.js';
import { CrashingWorker } from './crashing-worker.js';
import { DisplacedMarket } from './displaced-market.js';
import { endAll } from './end-all.js';
import { crashAtExchangePoints } from './exchange-points.js';
import { ExecutorFleet } from './executor-fleet.js';
import { tallyPerpetuals, type PerpetualTally } from './perpetual-tally.js';
import { RandomChoice } from './random-choice.js';
import { RandomExecutors, type ExecutorsDrawn } from './random-executors.js';
import { RecordedMarket } from './recorded-market.js';
import type { FaultGroup } from './fault-menu.js';
import { replayHistories } from '../../worker/replay-histories.js';
import { killAtRandom } from './random-kills.js';
import { keepExecutors, startExecutors } from './start-executors.js';
import { storm } from './storm.js';
import { RandomMarket } from './random-market.js';
import { crashAtServerPoints } from './server-points.js';
import { SECOND_SPOT_PAIRS, SPOT_PAIRS } from './traded-pairs.js';
import { tallyTwoMarkets, type TwoMarketTally } from './two-market-tally.js';
import { crashAtWorkerPoints } from './worker-points.js';

export interface CrashRun extends ExecutorsDrawn {
  readonly seed: number;
  readonly executors: number;
  readonly randomKills: number;
  /** Length of the storm that takes the place of random kills, in minutes; null: none. */
  readonly minutes: number | null;
  readonly faults: readonly FaultGroup[];
  /** Folder with recorded market data to trade on; null: random walks. */
  readonly recordings: string | null;
  /** How often every named point is gone through. */
  readonly rounds: number;
  readonly directory: string;
  readonly say: (message: string) => void;
}

export interface CrashResult {
  readonly audit: AuditResult;
  readonly perpetuals: PerpetualTally;
  readonly twoMarkets: TwoMarketTally;
  readonly tally: CrashTally;
  /** Executors that did not end, processes that died by themselves, workflows that failed: in words. */
  readonly faults: readonly string[];
}

/** Of recorded prices: above what fees cost, and a little behind. */
const DISPLACED = { priceOffset: '0.003', feedDelayMs: 300 } as const;

/** The stack under fire on a moving market, then the audit of what the exchange did against what executors say. */
export async function runCrash(run: CrashRun): Promise<CrashResult> {
  const deaths: string[] = [];
  const prices = run.recordings === null ? { perpetual: true, secondPaper: {} } : { feed: { kind: 'recorded', directory: run.recordings } as const, secondPaper: DISPLACED };
  const stack = await startStack({ dataDirectory: run.directory, ...prices, processes: { worker: false, http: false }, onEvent: (message) => void (isDeath(message) && deaths.push(message)) });
  try {
    return await onStack(run, stack, deaths);
  } finally {
    await stack.stop();
  }
}

/** Among the sentences of the stack: the end of a process that nobody ended. */
function isDeath(message: string): boolean {
  return /^\w+ \(pid \d+\) /.test(message);
}

async function onStack(run: CrashRun, stack: Stack, deaths: readonly string[]): Promise<CrashResult> {
  const bundleFile = await writeBundle(stack.dataDirectory);
  const scene = sceneOf(run, stack, bundleFile);
  const archive = await openReportArchive({ kind: 'sqlite', path: stack.archiveFile });
  try {
    await scene.market.start();
    await scene.second.market.start();
    await underFire(scene, run);
    const hung = await endAll(scene);
    const { started } = scene.fleet;
    const input = await collectAudit({ paper: scene.paper, secondPaper: scene.second.paper, client: scene.client, archive, started });
    const unreplayable = await replayHistories(scene.temporal, bundleFile);
    return { audit: auditLedger(input), perpetuals: tallyPerpetuals(input, started), twoMarkets: tallyTwoMarkets(input), tally: scene.tally, faults: [...hung, ...unreplayable, ...scene.worker.unexplained, ...scene.standby.unexplained, ...deaths] };
  } finally {
    await Promise.all([scene.worker.stop(), scene.standby.stop()]);
    await scene.temporal.close();
    await archive.close();
  }
}

/** Workers are started so often here that each making its own bundle would be most of the work. */
async function writeBundle(directory: string): Promise<string> {
  const bundle = await workflowBundle();
  if (!('code' in bundle)) throw new Error('the bundle of the workflows is in a file already');
  const file = join(directory, 'workflow-bundle.cjs');
  writeFileSync(file, bundle.code);
  return file;
}

function sceneOf(run: CrashRun, stack: Stack, bundleFile: string): CrashScene {
  const { paper: exchange, secondPaper: other } = stack;
  const server = stack.temporal.process;
  if (server === undefined || exchange === undefined || other === undefined) throw new Error('TEMPORAL_ADDRESS: must not be set, a crash run kills its own server');
  const random = new RandomChoice(run.seed);
  const temporal = connectTemporal({ connectionOptions: { address: stack.temporal.address }, namespace: stack.temporal.namespace });
  const client = new ExecutorClient(temporal.client);
  const paper = new PaperControlClient(exchange.controlUrl);
  const ofMarket = random.fork();
  const market = run.recordings === null ? new RandomMarket(paper, ofMarket) : new RecordedMarket(paper, SPOT_PAIRS);
  const second = secondExchange(run, other, market, random.fork());
  const environment = { ...stack.workerEnvironment, [WORKFLOW_BUNDLE_VARIABLE]: bundleFile };
  return {
    stack,
    server,
    exchange,
    second,
    worker: new CrashingWorker(environment, join(stack.logDirectory, 'worker.log')),
    standby: new CrashingWorker(environment, join(stack.logDirectory, 'worker-2.log'), 'second worker'),
    temporal,
    client,
    paper,
    market,
    fleet: new ExecutorFleet(client),
    executors: new RandomExecutors(random.fork(), market, second.market, run),
    random,
    tally: new CrashTally(),
    say: run.say,
  };
}

function secondExchange(run: CrashRun, process: NonNullable<Stack['paper']>, first: CrashMarket, random: RandomChoice): SecondExchange {
  const paper = new PaperControlClient(process.controlUrl);
  return { process, paper, market: run.recordings === null ? new DisplacedMarket(paper, first, random) : new RecordedMarket(paper, SECOND_SPOT_PAIRS) };
}

/** Named points one after the other, random executors beside them all the time, and random kills or a storm at the end. */
async function underFire(scene: CrashScene, run: CrashRun): Promise<void> {
  const faults = { over: false };
  const starting = run.minutes === null ? startExecutors(scene, run.executors, faults) : keepExecutors(scene, run.executors, faults);
  // Its failure is thrown where it is awaited.
  starting.catch(() => undefined);
  await crashAtWorkerPoints(scene, run.rounds);
  await crashAtExchangePoints(scene, run.rounds);
  await crashAtServerPoints(scene, run.rounds);
  if (run.minutes === null) await killAtRandom(scene, run.randomKills);
  else {
    await scene.standby.launch();
    await storm(scene, Date.now() + run.minutes * 60_000, new Set(run.faults));
  }
  faults.over = true;
  await starting;
  await scene.fleet.settled();
}

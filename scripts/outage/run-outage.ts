import { setTimeout as sleep } from 'node:timers/promises';
import { openReportArchive } from '../../src/archive/open-archive.js';
import { auditLedger, type AuditResult } from '../../src/audit/audit-ledger.js';
import { ExecutorClient } from '../../src/client/executor-client.js';
import { connectTemporal } from '../../src/client/temporal-connection.js';
import { PaperControlClient, type OrderView } from '../../src/paper/control-client.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { collectAudit } from '../crash/collect-audit.js';
import { ExecutorFleet } from '../crash/executor-fleet.js';
import { OUTAGE_PRICES, OUTAGE_SYMBOL, outagePosition } from './outage-positions.js';

export interface OutageRun {
  /** Positions that are armed before the server is killed. */
  readonly armed: number;
  /** Positions whose entries rest then, and are filled while it is down. */
  readonly resting: number;
  readonly downMs: number;
  readonly directory: string;
  readonly say: (message: string) => void;
}

export interface OutageResult {
  readonly positions: number;
  /** Exits that the exchange had when the server came back, and in the end. */
  readonly exitsWhileDown: number;
  readonly exits: number;
  /** Close types of all reports, with their number. */
  readonly closeTypes: Readonly<Record<string, number>>;
  /** Ms from the price that crossed the stops to the last exit at the exchange. */
  readonly lastExitAfterMs: number;
  /** Ms from the server's start to the last report. */
  readonly lastReportAfterMs: number;
  readonly audit: AuditResult;
}

interface Scene {
  readonly run: OutageRun;
  readonly stack: Stack;
  readonly paper: PaperControlClient;
  readonly client: ExecutorClient;
  readonly fleet: ExecutorFleet;
}

const REACH_MS = 180_000;

/** The Temporal server is gone while prices fill resting entries and cross the stops of all positions; then it is back. */
export async function runOutage(run: OutageRun): Promise<OutageResult> {
  const stack = await startStack({ dataDirectory: run.directory, processes: { http: false } });
  try {
    return await onStack(run, stack);
  } finally {
    await stack.stop();
  }
}

async function onStack(run: OutageRun, stack: Stack): Promise<OutageResult> {
  const temporal = connectTemporal({ connectionOptions: { address: stack.temporal.address }, namespace: stack.temporal.namespace });
  const archive = await openReportArchive({ kind: 'sqlite', path: stack.archiveFile });
  const client = new ExecutorClient(temporal.client);
  const scene: Scene = { run, stack, client, paper: new PaperControlClient(stack.paper?.controlUrl ?? ''), fleet: new ExecutorFleet(client) };
  try {
    await arm(scene);
    const { crossedAtMs, exitsWhileDown } = await whileDown(scene);
    const upAtMs = Date.now();
    const closed = async (): Promise<number> => (await archive.archivedAmong(scene.fleet.started.map(({ id }) => id))).size;
    await until(closed, (count) => count === scene.fleet.started.length, 'every position left a report');
    const lastReportAfterMs = Date.now() - upAtMs;
    run.say(`all reports ${lastReportAfterMs} ms after the server was back`);
    const audit = auditLedger(await collectAudit({ paper: scene.paper, client, archive, started: scene.fleet.started }));
    const exits = await exitsOf(scene);
    const reports = await Promise.all(scene.fleet.started.map(({ id }) => archive.find(id)));
    const closeTypes: Record<string, number> = {};
    for (const report of reports) closeTypes[String(report?.close_type)] = (closeTypes[String(report?.close_type)] ?? 0) + 1;
    const lastExitAfterMs = Math.max(...exits.map((order) => order.createdMs)) - crossedAtMs;
    return { positions: reports.length, exitsWhileDown, exits: exits.length, closeTypes, lastExitAfterMs, lastReportAfterMs, audit };
  } finally {
    await temporal.close();
    await archive.close();
  }
}

async function arm({ run, paper, client, fleet }: Scene): Promise<void> {
  await setPrice(paper, OUTAGE_PRICES.start);
  const armed = Array.from({ length: run.armed }, () => outagePosition(null));
  const resting = Array.from({ length: run.resting }, () => outagePosition(OUTAGE_PRICES.entry));
  await Promise.all([...armed, ...resting].map((config) => fleet.start(config)));
  const rest = async (): Promise<number> => (await paper.orders({ symbol: OUTAGE_SYMBOL, state: 'new' })).length;
  await until(rest, (count) => count === run.resting, 'all resting entries are at the exchange');
  const trading = async (): Promise<number> => (await Promise.all(armed.map(({ id }) => client.report(id)))).filter((report) => report?.is_trading === true).length;
  await until(trading, (count) => count === run.armed, 'all positions are armed');
  run.say(`${run.armed} positions armed, ${run.resting} entries rest`);
}

/** Entries are filled after a third of the outage, all stops crossed after two thirds of it. */
async function whileDown(scene: Scene): Promise<{ readonly crossedAtMs: number; readonly exitsWhileDown: number }> {
  const { run, stack, paper } = scene;
  const server = stack.temporal.process;
  if (server === undefined) throw new Error('TEMPORAL_ADDRESS: must not be set, this run kills its own server');
  await server.kill();
  run.say(`server killed, for ${run.downMs / 1_000} s`);
  await sleep(run.downMs / 3);
  await setPrice(paper, OUTAGE_PRICES.filled);
  const filled = async (): Promise<number> => (await paper.orders({ symbol: OUTAGE_SYMBOL, state: 'new' })).length;
  await until(filled, (count) => count === 0, 'all resting entries are filled');
  run.say('resting entries filled');
  await sleep(run.downMs / 3);
  const crossedAtMs = Date.now();
  await setPrice(paper, OUTAGE_PRICES.crossed);
  await sleep(run.downMs / 3);
  const exitsWhileDown = (await exitsOf(scene)).length;
  run.say(`stops crossed: ${exitsWhileDown} exits left while the server was down`);
  await server.restart();
  return { crossedAtMs, exitsWhileDown };
}

async function exitsOf({ paper }: Scene): Promise<readonly OrderView[]> {
  return (await paper.orders({ symbol: OUTAGE_SYMBOL, limit: 10_000 })).filter((order) => order.side === 'sell');
}

async function setPrice(paper: PaperControlClient, bid: string): Promise<void> {
  await paper.setPrice(OUTAGE_SYMBOL, bid, `${bid}.01`, { bidSize: '1000', askSize: '1000' });
}

async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean, what: string): Promise<void> {
  const deadline = Date.now() + REACH_MS;
  for (;;) {
    const value = await read();
    if (holds(value)) return;
    if (Date.now() > deadline) throw new Error(`${what}: still not so after ${REACH_MS / 1_000} s, last value ${JSON.stringify(value)}`);
    await sleep(50);
  }
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/domain/limits.js';
import type { GuardedChild } from '../../src/processes/guarded-child.js';
import { workflowBundle } from '../../worker/bundle.js';
import { SYMBOL, positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';
import { heldBy, ownerPid, startWorker } from './standby-workers.js';
import { TcpProxy } from './tcp-proxy.js';

const POSITIONS = 20;
const TAKEN_OVER_WITHIN_MS = LIMITS.sessionHeartbeatTimeoutMs + 5_000;

/** An owner looks this often whether somebody waits for its lease. */
const RIVAL_KNOWN_MS = 5_500;

let run: RunningStack;
let bundleFile: string;
/** Between the first worker and the Temporal server. */
let temporal: TcpProxy;
let workers: Map<number, GuardedChild>;

beforeAll(async () => {
  run = await runStack({ processes: { worker: false, http: false } });
  const bundle = await workflowBundle();
  if (!('code' in bundle)) throw new Error('no code');
  bundleFile = join(run.stack.dataDirectory, 'bundle.cjs');
  writeFileSync(bundleFile, bundle.code);
  temporal = await TcpProxy.start(Number(run.stack.temporal.address.split(':')[1]));
  workers = new Map();
}, 120_000);
afterEach(async () => {
  for (const worker of workers.values()) await worker.kill();
  workers.clear();
});
afterAll(async () => {
  await run?.stop();
  await temporal?.close();
});

/** The owner, and a process that waits for its lease. */
async function twoWorkers(ownerPort?: number): Promise<{ readonly owner: GuardedChild; readonly standby: GuardedChild }> {
  const owner = await startWorker(run, 'owner', bundleFile, ownerPort);
  workers.set(owner.pid, owner);
  await run.until(() => ownerPid(run), (pid) => pid === owner.pid, 'the first worker owns the account');
  const standby = await startWorker(run, 'standby', bundleFile);
  workers.set(standby.pid, standby);
  return { owner, standby };
}

async function armPositions(): Promise<readonly string[]> {
  await run.price('60000', '60000.01');
  const ids = await Promise.all(Array.from({ length: POSITIONS }, () => run.start(positionConfig({}, { takeProfitFraction: null }))));
  await run.until(() => Promise.all(ids.map((id) => run.live(id))), (reports) => reports.every((report) => report.is_trading), 'all positions are armed');
  return ids;
}

const exitsOf = (ids: readonly string[]): readonly string[] => ids.map((id) => `${id}/exit/1`);

async function ordersSince(after: number): Promise<readonly { readonly side: string; readonly clientOrderId: string }[]> {
  return (await run.paper.orders({ symbol: SYMBOL, limit: 10_000 })).filter((order) => order.orderId > after);
}

async function lastOrderId(): Promise<number> {
  return Math.max(0, ...(await run.paper.orders({ symbol: SYMBOL, limit: 10_000 })).map((order) => order.orderId));
}

/** Every position closed by its stop, by one order each. */
async function expectOneExitEach(ids: readonly string[], after: number): Promise<void> {
  const reports = await Promise.all(ids.map((id) => run.closed(id)));
  expect(reports.map((report) => report.close_type)).toEqual(ids.map(() => 'STOP_LOSS'));
  expect(reports.map((report) => report.residue_base)).toEqual(ids.map(() => '0'));
  const orders = await ordersSince(after);
  expect(orders.filter((order) => order.side === 'sell')).toHaveLength(ids.length);
  expect(new Set(orders.map((order) => order.clientOrderId)).size).toBe(orders.length);
}

describe('with a process that waits for the lease', () => {
  it('an owner that is killed is followed by it', async () => {
    const { owner, standby } = await twoWorkers();
    const before = await lastOrderId();
    const ids = await armPositions();
    const killedAtMs = Date.now();
    await owner.kill();
    await run.until(() => heldBy(run, standby.pid, exitsOf(ids)), (held) => held === ids.length, 'all exits are armed again');
    console.log('killed', Date.now() - killedAtMs);
    expect(await ownerPid(run)).toBe(standby.pid);
    await run.price('58000', '58000.01');
    await expectOneExitEach(ids, before);
  }, 120_000);

  it('an owner that was frozen sends nothing when it goes on', async () => {
    const { owner, standby } = await twoWorkers();
    const before = await lastOrderId();
    const ids = await armPositions();
    owner.signal('SIGSTOP');
    // The frames that cross the stops wait in the sockets of the frozen process.
    await run.price('58000', '58000.01');
    await run.until(() => ordersSince(before), (orders) => orders.filter((order) => order.side === 'sell').length === ids.length, 'the other process sends all exits');
    owner.signal('SIGCONT');
    await expectOneExitEach(ids, before);
    await sleep(3_000);
    await expectOneExitEach(ids, before);
    expect(await ownerPid(run)).toBe(standby.pid);
    // It is a candidate again: the next one to own the account.
    await standby.kill();
    await run.until(() => ownerPid(run), (pid) => pid === owner.pid, 'the frozen process owns the account again');
  }, 120_000);

  it('an owner that was cut off from Temporal gives its stops up to one process', async () => {
    const { owner, standby } = await twoWorkers(temporal.port);
    const before = await lastOrderId();
    const ids = await armPositions();
    await sleep(RIVAL_KNOWN_MS);
    temporal.cut();
    const cutAtMs = Date.now();
    await run.until(() => heldBy(run, standby.pid, exitsOf(ids)), (held) => held === ids.length, 'all exits are armed in the other process', 60_000);
    console.log('cut', Date.now() - cutAtMs);
    temporal.open();
    await sleep(2_000);
    expect(await heldBy(run, standby.pid, exitsOf(ids))).toBe(ids.length);
    await run.price('58000', '58000.01');
    await expectOneExitEach(ids, before);
    expect(owner.pid).not.toBe(standby.pid);
  }, 120_000);

  it('stops that are crossed while their owner is cut off are sent once', async () => {
    const { standby } = await twoWorkers(temporal.port);
    const before = await lastOrderId();
    const ids = await armPositions();
    await sleep(RIVAL_KNOWN_MS);
    temporal.cut();
    await run.until(() => heldBy(run, standby.pid, exitsOf(ids)), (held) => held === ids.length, 'all exits are armed in the other process', 60_000);
    // Both processes see this price, and only one of them hears from the server.
    await run.price('58000', '58000.01');
    await expectOneExitEach(ids, before);
    temporal.open();
    await sleep(5_000);
    await expectOneExitEach(ids, before);
  }, 120_000);
});

it('names the bound of a take-over', () => {
  expect(TAKEN_OVER_WITHIN_MS).toBe(15_000);
});

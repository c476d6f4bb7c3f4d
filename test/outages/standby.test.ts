import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/domain/limits.js';
import type { GuardedChild } from '../../src/processes/guarded-child.js';
import { SYMBOL, positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';
import { heldBy, ownerPid, startWorker } from './standby-workers.js';
import { TcpProxy } from './tcp-proxy.js';

const POSITIONS = 20;
/** Sessions are given up by the server after their heartbeat timeout, and armed elsewhere soon after. */
const TAKEN_OVER_WITHIN_MS = LIMITS.sessionHeartbeatTimeoutMs + 5_000;
/** An owner looks this often whether somebody waits for its lease. */
const RIVAL_KNOWN_MS = 5_500;

let run: RunningStack;
/** Between the first worker and the Temporal server. */
let temporal: TcpProxy;
let first: GuardedChild;
let second: GuardedChild;

beforeAll(async () => {
  run = await runStack({ processes: { worker: false, http: false } });
  temporal = await TcpProxy.start(Number(run.stack.temporal.address.split(':')[1]));
  first = await startWorker(run, 'first', temporal.port);
  await run.until(() => ownerPid(run), (pid) => pid === first.pid, 'the first worker owns the account');
  second = await startWorker(run, 'second');
}, 120_000);
afterAll(async () => {
  await first?.kill();
  await second?.kill();
  await run?.stop();
  await temporal?.close();
});

/** The process that owns the account now, and the other one. */
async function roles(): Promise<{ readonly owner: GuardedChild; readonly waiting: GuardedChild }> {
  const pid = await run.until(() => ownerPid(run), (owner) => owner === first.pid || owner === second.pid, 'one of them owns the account');
  return pid === first.pid ? { owner: first, waiting: second } : { owner: second, waiting: first };
}

async function armPositions(count: number, stopLossFraction: string): Promise<readonly string[]> {
  const ids = await Promise.all(Array.from({ length: count }, () => run.start(positionConfig({}, { takeProfitFraction: null, stopLossFraction }))));
  await run.until(() => Promise.all(ids.map((id) => run.live(id))), (reports) => reports.every((report) => report.is_trading), 'all positions are armed');
  return ids;
}

/** Until every exit is armed in that process and no other; answers how long it took, in ms. */
async function armedIn(worker: GuardedChild, ids: readonly string[]): Promise<number> {
  const sinceMs = Date.now();
  const exits = ids.map((id) => `${id}/exit/1`);
  await run.until(() => heldBy(run, worker.pid, exits), (held) => held === exits.length, `all exits are armed in process ${worker.pid}`, 60_000);
  expect(await ownerPid(run)).toBe(worker.pid);
  return Date.now() - sinceMs;
}

async function sellsSince(orderId: number): Promise<readonly { readonly clientOrderId: string }[]> {
  return (await run.paper.orders({ symbol: SYMBOL, limit: 10_000 })).filter((order) => order.orderId > orderId && order.side === 'sell');
}

async function lastOrderId(): Promise<number> {
  return Math.max(0, ...(await run.paper.orders({ symbol: SYMBOL, limit: 10_000 })).map((order) => order.orderId));
}

/** Every position closed by its stop, and so many exits as positions at the exchange. */
async function expectOneExitEach(ids: readonly string[], after: number): Promise<void> {
  const reports = await Promise.all(ids.map((id) => run.closed(id)));
  expect(reports.map((report) => [report.close_type, report.residue_base])).toEqual(ids.map(() => ['STOP_LOSS', '0']));
  const sells = await sellsSince(after);
  expect(sells).toHaveLength(ids.length);
  expect(new Set(sells.map((order) => order.clientOrderId)).size).toBe(ids.length);
}

describe('with a second process that waits for the lease', () => {
  it('an owner that is cut off from Temporal only gives its stops up to it, and sends none of them a second time', async () => {
    await run.price('60000', '60000.01');
    const near = await armPositions(POSITIONS / 2, '0.02');
    const far = await armPositions(POSITIONS / 2, '0.05');
    const before = await lastOrderId();
    await sleep(RIVAL_KNOWN_MS);
    temporal.cut();
    expect(await armedIn(second, [...near, ...far])).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    // Both processes see this price, and only one of them hears from the server.
    await run.price('58500', '58500.01');
    await expectOneExitEach(near, before);
    temporal.open();
    await sleep(2_000);
    await armedIn(second, far);
    const between = await lastOrderId();
    await run.price('56000', '56000.01');
    await expectOneExitEach(far, between);
    await sleep(3_000);
    expect(await sellsSince(before)).toHaveLength(POSITIONS);
  }, 120_000);

  it('an owner that was frozen past its lease sends nothing when it goes on', async () => {
    await run.price('60000', '60000.01');
    const ids = await armPositions(POSITIONS, '0.02');
    const before = await lastOrderId();
    const { owner, waiting } = await roles();
    owner.signal('SIGSTOP');
    // The frames that cross the stops wait in the sockets of the frozen process.
    await run.price('58000', '58000.01');
    await run.until(() => sellsSince(before), (sells) => sells.length >= ids.length, 'the other process sends all exits', 60_000);
    owner.signal('SIGCONT');
    await expectOneExitEach(ids, before);
    await sleep(3_000);
    await expectOneExitEach(ids, before);
    expect(await ownerPid(run)).toBe(waiting.pid);
  }, 120_000);

  it('an owner that is killed is followed by the one that waits', async () => {
    await run.price('60000', '60000.01');
    const ids = await armPositions(POSITIONS, '0.02');
    const before = await lastOrderId();
    const { owner, waiting } = await roles();
    await owner.kill();
    expect(await armedIn(waiting, ids)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    await run.price('58000', '58000.01');
    await expectOneExitEach(ids, before);
  }, 120_000);
});

import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FaultInput } from '../../src/paper/control/schemas.js';
import { findFreePorts } from '../../src/processes/free-ports.js';
import { orderConfig, positionConfig, runStack, SYMBOL, type RunningStack } from '../executors/running-stack.js';
import { findLeaks, textOf, type Place } from './leak-search.js';

/** Of the lengths of real ones, and of one that no pattern can recognise. */
const SECRETS = {
  'API key': `k${randomBytes(19).toString('hex')}Z`,
  'API secret': randomBytes(32).toString('hex'),
  'password of the HTTP facade': `pass/${randomBytes(9).toString('hex')}+"x`,
};
const ECHO = `key ${SECRETS['API key']} secret ${SECRETS['API secret']} http://x/y?z=1&signature=${'ab'.repeat(8)}`;

/** Ways in which an exchange, or what stands in front of it, makes a client fail. */
const FAULTS: readonly FaultInput[] = [
  { kind: 'drop-before-commit' },
  { kind: 'drop-after-commit' },
  { kind: 'cut-body-after-commit' },
  { kind: 'hang-after-commit' },
  { kind: 'status-before-commit', status: 400, body: `<html>${ECHO}</html>` },
  { kind: 'status-after-commit', status: 200, body: `<html>${ECHO}</html>` },
  { kind: 'status-after-commit', status: 504, body: ECHO },
  { kind: 'code-before-commit', code: -1022, message: `Signature not valid: ${ECHO}` },
  { kind: 'code-before-commit', code: -2015, message: `Invalid API-key ${ECHO}` },
  { kind: 'code-before-commit', code: -1021, message: ECHO },
  { kind: 'code-after-commit', code: -1007, message: ECHO },
  { kind: 'code-before-commit', code: -9999, message: ECHO },
  { kind: 'maintenance' },
  // Last, because they stop everything for a while.
  { kind: 'status-before-commit', status: 429 },
];
const CALLS: readonly Pick<FaultInput, 'method' | 'route'>[] = [
  { method: 'POST', route: '/api/v3/order' },
  { method: 'DELETE', route: '/api/v3/order' },
  { method: 'GET', route: '/api/v3/order' },
  { method: 'GET', route: '/api/v3/myTrades' },
  { method: 'GET', route: '/api/v3/openOrders' },
  { method: 'GET', route: '/api/v3/account' },
  { method: 'GET', route: '/api/v3/ticker/bookTicker' },
];

const before = { ...process.env };
let run: RunningStack;
let ports: readonly number[];

beforeAll(async () => {
  Object.assign(process.env, { PAPER_API_KEY: SECRETS['API key'], PAPER_API_SECRET: SECRETS['API secret'], USERNAME: 'trader', PASSWORD: SECRETS['password of the HTTP facade'] });
  ports = await findFreePorts(2, '127.0.0.1');
  run = await runStack({ processes: { http: true }, env: { LOG_LEVEL: 'trace', METRICS_PORT: String(ports[0]), SDK_METRICS_PORT: String(ports[1]) } });
});
afterAll(async () => {
  await run?.stop();
  for (const name of ['PAPER_API_KEY', 'PAPER_API_SECRET', 'USERNAME', 'PASSWORD']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

async function ask(method: string, path: string, body?: unknown, password = SECRETS['password of the HTTP facade']): Promise<string> {
  const authorization = `Basic ${Buffer.from(`trader:${password}`).toString('base64')}`;
  const answer = await fetch(`${run.stack.http?.url ?? ''}${path}`, { method, headers: { authorization, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`;
}

/** Executors that trade, rest, are stopped and protect, while everything they ask for fails once in every way. */
async function failInEveryWay(): Promise<void> {
  for (const [index, fault] of FAULTS.entries()) {
    const hit = CALLS.filter((_, call) => (call + index) % 3 !== 0);
    for (const call of hit) await run.paper.armFault({ ...fault, ...call, count: 1 });
    await run.start(positionConfig({}, { stopLossFraction: '0.001' }));
    const resting = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000' }));
    await sleep(250);
    if (index % 4 === 3) await run.price('59000', '59000.01');
    if (index % 4 === 0) await run.price('60000', '60000.01');
    await run.client.workflow.getHandle(resting).signal('early_stop');
  }
  await run.paper.armFault({ kind: 'status-before-commit', status: 401, body: ECHO, route: '/api/v3/exchangeInfo', count: 2 });
  await run.paper.killSockets({ refuseMs: 500 });
  await run.stack.paper?.kill('SIGKILL');
  await sleep(500);
  await run.stack.paper?.restart();
  await run.price('59000', '59000.01');
  // A loaded machine needs a while until what failed was resolved and what was cut off is connected again.
  await run.until(workerMetrics, (text) => MEASURED.every((name) => counted(name).test(text)), `${MEASURED.join(', ')} are counted`);
}

const MEASURED = ['unknown_orders_resolved_total', 'stream_reconnects_total', 'throttled_total'] as const;

function counted(name: string): RegExp {
  return new RegExp(`durable_executors_${name}\\{[^}]*\\} [1-9]`);
}

async function workerMetrics(): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${ports[0]}/metrics`)).text();
}

async function everyPlace(): Promise<readonly Place[]> {
  const { stack, client, archive } = run;
  const logs = readdirSync(stack.logDirectory).map((file) => ({ where: file, text: readFileSync(join(stack.logDirectory, file), 'utf8') }));
  const workflows: Place[] = [];
  for await (const info of client.workflow.list()) {
    const handle = client.workflow.getHandle(info.workflowId, info.runId);
    workflows.push({ where: `history of ${info.workflowId}`, text: textOf(await handle.fetchHistory()) });
    workflows.push({ where: `memo and description of ${info.workflowId}`, text: textOf({ ...(await handle.describe()), client: null }) });
    workflows.push({ where: `report of ${info.workflowId}`, text: textOf(await archive.find(info.workflowId)) });
  }
  const page = async (url: string): Promise<Place> => ({ where: url, text: await (await fetch(url)).text() });
  return [...logs, ...workflows, await page(`http://127.0.0.1:${ports[0]}/metrics`), await page(`http://127.0.0.1:${ports[1]}/metrics`), ...(await answers())];
}

async function answers(): Promise<readonly Place[]> {
  const asked: readonly Parameters<typeof ask>[] = [
    ['GET', '/metrics'],
    ['GET', '/executors/positions/summary'],
    ['POST', '/executors/search', {}],
    ['GET', '/executors/nobody'],
    ['POST', '/executors/', { executor_config: { type: 'order_executor', connector_name: 'nowhere' } }],
    ['POST', '/executors/', { executor_config: { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'NO-PAIR', side: 1, amount: '1' } }],
    ['GET', '/executors/positions/summary', undefined, 'wrong'],
    ['GET', '/openapi.json'],
    ['GET', '/health'],
  ];
  await run.stack.paper?.kill('SIGKILL');
  const unreachable = await ask('POST', '/executors/', { executor_config: { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'ETH-USDT', side: 1, amount: '1' } });
  await run.stack.paper?.restart();
  const heard = await Promise.all(asked.map(async (one) => ({ where: `answer to ${one[0]} ${one[1]}`, text: await ask(...one) })));
  return [...heard, { where: 'answer while the exchange is gone', text: unreachable }];
}

it('keys, signatures and passwords are in no log, history, memo, report, answer or metric', async () => {
  await failInEveryWay();
  const places = await everyPlace();
  // All of it was there to be found: the client failed in many ways, and the failures were written down.
  const worker = places.find(({ where }) => where === 'worker.log')?.text ?? '';
  const codes = new Set([...worker.matchAll(/"failure":\{"code":"([A-Z_]+)"/g)].map((match) => match[1]));
  expect(codes.size, [...codes].join()).toBeGreaterThan(3);
  expect(worker).toContain('[redacted]');
  expect(places.filter(({ where }) => where.startsWith('history')).length).toBeGreaterThan(40);
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBeGreaterThan(10);
  const metrics = places.find(({ where }) => where.includes(`:${ports[0] ?? ''}/`))?.text ?? '';
  for (const name of MEASURED) expect(metrics, name).toMatch(counted(name));
  expect(findLeaks(places, SECRETS)).toEqual([]);
}, 120_000);

it('every line of a session and of an executor names it', () => {
  const lines = readFileSync(join(run.stack.logDirectory, 'worker.log'), 'utf8').split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  const ofExecutors = lines.filter((line) => typeof line['workflowId'] === 'string' && !/^(?:account|controller)\//.test(line['workflowId']));
  expect(ofExecutors.length).toBeGreaterThan(50);
  for (const line of ofExecutors) expect(line, JSON.stringify(line)).toHaveProperty('executorId');
  const ofSessions = lines.filter((line) => 'orderPath' in line && line['sdkComponent'] === undefined);
  expect(ofSessions.length).toBeGreaterThan(5);
  for (const line of ofSessions) expect(Object.keys(line)).toEqual(expect.arrayContaining(['executorId', 'orderPath', 'workflowId', 'controllerId', 'connector', 'account', 'pair']));
});

import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OrderExecutorConfig } from '../../src/contract/executor-config.js';
import { EXECUTORS_QUEUE } from '../../src/contract/queues.js';
import { type HttpFixture, startHttpFixture } from './http-fixture.js';

let http: HttpFixture;
let worker: Worker;
let connection: NativeConnection;
let runs: Promise<void>;

/** A worker that was deployed without the workflows it would need. */
beforeAll(async () => {
  http = await startHttpFixture({ worker: false, client: { callTimeoutMs: 5_000, workerTimeoutMs: 5_000 } });
  connection = await NativeConnection.connect({ address: http.server.address });
  const workflowsPath = fileURLToPath(new URL('./other-workflows.ts', import.meta.url));
  worker = await Worker.create({ connection, namespace: http.server.namespace, taskQueue: EXECUTORS_QUEUE, workflowsPath });
  runs = worker.run();
}, 60_000);
afterAll(async () => {
  worker?.shutdown();
  await runs;
  await connection?.close();
  await http?.stop();
});

const CONFIG: OrderExecutorConfig = {
  type: 'order_executor',
  id: 'stuck',
  createdAtMs: 1_760_000_000_000,
  controllerId: 'main',
  account: 'master_account',
  connector: 'binance_paper_trade',
  pair: 'BTC-USDT',
  levelId: null,
  leverage: 1,
  side: 'BUY',
  amountBase: '0.01',
  executionStrategy: 'LIMIT',
  priceQuote: '59000',
  chaser: null,
  positionAction: 'OPEN',
};

async function codeOfAmendment(): Promise<unknown> {
  return await http.client.amend(CONFIG.id, { price: '58000' }).catch((error: unknown) => (error as { readonly code?: unknown }).code);
}

async function signals(): Promise<number> {
  const { events } = await http.temporal.client.workflow.getHandle(CONFIG.id).fetchHistory();
  return (events ?? []).filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal != null).length;
}

it('an amendment of an executor whose tasks fail says so, and a stop is kept for when they no longer do', async () => {
  expect(await http.client.start(CONFIG)).toBe('started');
  // The server says so from the third failure on; before, nobody has answered.
  await expect.poll(codeOfAmendment, { timeout: 50_000 }).toBe('EXECUTOR_STUCK');
  const answer = await http.request('POST', `/executors/${CONFIG.id}/stop`, { keep_position: true });
  expect([answer.status, answer.json]).toEqual([200, { executor_id: CONFIG.id, status: 'stopping', keep_position: true }]);
  // While a task is tried, the server keeps what comes beside the history.
  await expect.poll(signals, { timeout: 30_000 }).toBe(1);
});

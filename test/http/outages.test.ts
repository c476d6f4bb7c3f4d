import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig } from '../../src/contract/executor-config.js';
import { SIGNALS } from '../../src/contract/messages.js';
import { sampleReport } from '../archive/sample-report.js';
import { type HttpFixture, startHttpFixture } from './http-fixture.js';

let http: HttpFixture;
beforeAll(async () => {
  http = await startHttpFixture({ worker: false, client: { callTimeoutMs: 1_000, workerTimeoutMs: 1_000 } });
}, 60_000);
afterAll(async () => await http.stop());

const CONFIG: OrderExecutorConfig = {
  type: 'order_executor',
  id: 'without-a-worker',
  createdAtMs: 1_760_000_000_000,
  controllerId: 'alone',
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

describe('without a worker', () => {
  it('an executor is listed and answered from its last durable state', async () => {
    expect(await http.client.start(CONFIG)).toBe('started');
    expect(await http.client.start(CONFIG)).toBe('exists');
    expect(await http.client.waitUntilListed(CONFIG.id)).toBe(true);
    expect((await http.request('GET', '/executors?controller_id=alone')).json.data).toHaveLength(1);
    const detail = await http.request('GET', `/executors/${CONFIG.id}`);
    expect(detail.status).toBe(200);
    expect(detail.json).toMatchObject({ executor_id: CONFIG.id, status: 'RUNNING', net_pnl_quote: 0, config: { price: 59000 } });
  });

  it('a stop is answered once it stands in the history of the workflow', async () => {
    const answer = await http.request('POST', `/executors/${CONFIG.id}/stop`, { keep_position: true });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ executor_id: CONFIG.id, status: 'stopping', keep_position: true });
    const { events } = await http.temporal.client.workflow.getHandle(CONFIG.id).fetchHistory();
    const signals = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes).filter((signal) => signal != null);
    expect(signals.map((signal) => signal.signalName)).toEqual([SIGNALS.earlyStop]);
    const payload = signals[0]?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(payload ?? []).toString())).toMatchObject({ keep_position: true });
  });

  it('positions of a controller that cannot answer are a 503, not an empty list', async () => {
    await http.temporal.client.workflow.start('controller', { workflowId: 'controller/mute', taskQueue: 'executors', args: ['mute'] });
    const answer = await http.request('GET', '/executors/positions/summary?controller_id=mute');
    expect(answer.status).toBe(503);
    expect(answer.json.detail).toContain('controller mute');
  });
});

describe('without a Temporal server', () => {
  beforeAll(async () => {
    await http.archive.record(sampleReport('closed-before', 1_760_000_000_000));
    await http.server.stop();
  });

  it('every route that needs it is a 503 that says what to do', async () => {
    const requests: readonly [string, string, unknown][] = [
      ['GET', '/executors', undefined],
      ['POST', '/executors/search', {}],
      ['GET', '/executors/summary', undefined],
      ['GET', '/executors/some-id', undefined],
      ['POST', '/executors/some-id/stop', {}],
      ['DELETE', '/executors/some-id', undefined],
      ['GET', '/executors/positions/summary', undefined],
      ['GET', '/executors/positions/binance_paper_trade/BTC-USDT', undefined],
      ['POST', '/executors/', { executor_config: { ...wireOrder(), id: 'chosen' } }],
      ['POST', '/executors/', { executor_config: wireOrder() }],
    ];
    const answers = await Promise.all(requests.map(async ([method, path, body]) => ({ request: `${method} ${path}`, answer: await http.request(method, path, body) })));
    for (const { request, answer } of answers) {
      expect([request, answer.status]).toEqual([request, 503]);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(answer.json.detail).toMatch(/The Temporal server does not answer\. Check that the server runs|No worker answered/);
      expect(answer.json.detail).not.toContain('127.0.0.1');
    }
  });

  it('closed executors are still answered, and the process is alive but not well', async () => {
    expect((await http.request('GET', '/executors/closed-before')).json.executor_id).toBe('closed-before');
    expect((await http.request('GET', '/')).status).toBe(200);
    const health = await http.request('GET', '/health');
    expect(health.status).toBe(503);
    expect(health.json).toEqual({ status: 'degraded', temporal: false, archive: true });
  });

  it('bad input is still the caller\'s mistake', async () => {
    expect((await http.request('POST', '/executors/', { executor_config: { ...wireOrder(), amount: 0 } })).status).toBe(400);
  });
});

function wireOrder(): Record<string, unknown> {
  return { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', amount: '0.01', execution_strategy: 'LIMIT', price: '59000' };
}

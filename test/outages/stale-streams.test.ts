import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../src/processes/free-ports.js';
import { CONNECTOR, SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';
import { TcpProxy } from './tcp-proxy.js';

const SILENT_PRICES_MS = 1_500;
const SILENT_ACCOUNT_MS = 7_000;

let run: RunningStack;
/** Between the worker and the streams of the exchange; its REST interface is reached directly. */
let streams: TcpProxy;

beforeAll(async () => {
  const [paper = 0] = await findFreePorts(1, '127.0.0.1');
  streams = await TcpProxy.start(paper);
  run = await runStack({
    ports: { paper },
    env: { SILENT_PRICES_MS: String(SILENT_PRICES_MS), SILENT_ACCOUNT_MS: String(SILENT_ACCOUNT_MS) },
    configure: (configuration) => {
      const restUrl = `http://127.0.0.1:${paper}`;
      return { ...configuration, connectors: { ...configuration.connectors, [CONNECTOR]: { restUrl, websocketUrl: `ws://127.0.0.1:${streams.port}` } } };
    },
  });
}, 120_000);
afterAll(async () => {
  await run?.stop();
  await streams?.close();
});

interface Visible {
  readonly needsAttention: boolean;
  readonly attention: string;
  readonly lastError: string;
}

async function visible(id: string): Promise<Visible> {
  const { memo, searchAttributes } = await run.client.workflow.getHandle(id).describe();
  return { needsAttention: searchAttributes['NeedsAttention']?.[0] === true, attention: String(memo?.['attention'] ?? ''), lastError: String(memo?.['last_error'] ?? '') };
}

async function details(id: string): Promise<string> {
  return run.client.workflow.getHandle(id).query<{ currentDetails?: string } | string>('__temporal_workflow_metadata').then((metadata) => JSON.stringify(metadata));
}

/** What the server holds of the last heartbeat of a leg. */
async function heartbeatOf(workflowId: string): Promise<string> {
  const { raw } = await run.client.workflow.getHandle(workflowId).describe();
  const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data;
  return Buffer.from(payload ?? []).toString();
}

async function armed(change: Parameters<typeof positionConfig>[0] = {}, barriers: Parameters<typeof positionConfig>[1] = {}): Promise<string> {
  const id = await run.start(positionConfig(change, { takeProfitFraction: null, ...barriers }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'the position is armed');
  return id;
}

const alarmed = (code: string) => (state: Visible) => state.needsAttention && state.attention.includes(code);
const calm = (state: Visible): boolean => !state.needsAttention && state.attention === '';

describe('streams that stop telling', () => {
  it('stops fire on prices that are read, the alarm says why, and ends by itself', async () => {
    await run.price('60000', '60000.01');
    const [hit, spared] = await Promise.all([armed(), armed({}, { stopLossFraction: '0.2' })]);
    streams.stall();
    // A quiet market is no dead stream: nothing moves, so nobody is called.
    await sleep(2 * SILENT_PRICES_MS);
    expect(await visible(hit)).toEqual({ needsAttention: false, attention: '', lastError: '' });
    await run.price('59500', '59500.01');
    const state = await run.until(() => visible(hit), alarmed('exit/1:STREAM_STALE'), 'the alarm is raised');
    expect(state.lastError).toContain('no frame of BTC-USDT');
    expect(await details(hit)).toContain('STREAM_STALE');
    await run.until(() => heartbeatOf(`${hit}/exit/1`), (text) => text.includes('STREAM_STALE'), 'the heartbeat carries it');
    await run.price('58000', '58000.01');
    expect(await run.closed(hit)).toMatchObject({ close_type: 'STOP_LOSS', needs_attention: false, custom_info: { close_price: '58000' } });
    streams.open();
    await run.price('58001', '58001.01');
    await run.until(async () => {
      await run.price('58002', '58002.01');
      return visible(spared);
    }, calm, 'the alarm is over');
    await run.client.workflow.getHandle(spared).signal('early_stop', {});
    await run.closed(spared);
  }, 120_000);

  it('what the stream of the account keeps to itself is read, and the stream is made anew', async () => {
    await run.price('60000', '60000.01');
    await run.paper.setMatching(SYMBOL, { mode: 'manual' });
    const resting = (): Promise<readonly { readonly clientOrderId: string }[]> => run.paper.orders({ symbol: SYMBOL, state: 'new' });
    const [filled, waiting] = await Promise.all(['59000', '58999'].map((priceQuote) => run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote }))));
    const orders = await run.until(() => run.paper.orders({ symbol: SYMBOL, state: 'new' }), (open) => open.length === 2, 'both orders rest');
    streams.stall();
    // By hand, so that no price moves: nothing but the stream of the account could tell.
    const clientOrderId = orders.find((order) => order.priceQuote === '59000')?.clientOrderId ?? '';
    await run.paper.fillOrder({ clientOrderId, priceQuote: '59000', amountBase: '0.01' });
    expect(await run.closed(filled ?? '')).toMatchObject({ outcome: 'COMPLETED' });
    await run.until(() => visible(waiting ?? ''), (state) => state.needsAttention && state.attention.includes("account's stream"), 'the alarm is raised');
    streams.open();
    await run.until(() => visible(waiting ?? ''), calm, 'the alarm is over');
    await run.paper.fillOrder({ clientOrderId: (await resting())[0]?.clientOrderId ?? '', priceQuote: '58999', amountBase: '0.01' });
    expect(await run.closed(waiting ?? '')).toMatchObject({ outcome: 'COMPLETED', needs_attention: false });
    await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  }, 120_000);
});

describe('a book of one side', () => {
  const asksOnly = (ask: string): Promise<unknown> => run.paper.setBook(SYMBOL, { bids: [], asks: [[ask, '1000']] });

  it('disables neither the stop nor the time limit', async () => {
    await run.price('60000', '60000.01');
    const stopped = await armed();
    const timed = await armed({}, { stopLossFraction: null, timeLimitSeconds: 8 });
    await asksOnly('59900');
    await run.until(() => visible(stopped), alarmed('exit/1:BOOK_EMPTY'), 'the alarm is raised');
    // Nobody bids, and the best ask is below the stop: so would every bid be.
    await asksOnly('58000');
    await run.until(() => run.live(stopped), (report) => report.status === 'SHUTTING_DOWN', 'the stop fires');
    await run.until(() => run.live(timed), (report) => report.status === 'SHUTTING_DOWN', 'the time limit fires');
    await run.price('57900', '57900.01');
    const [byStop, byTime] = await Promise.all([run.closed(stopped), run.closed(timed)]);
    expect(byStop).toMatchObject({ close_type: 'STOP_LOSS', needs_attention: false, residue_base: '0' });
    expect(byTime).toMatchObject({ close_type: 'TIME_LIMIT', needs_attention: false, residue_base: '0' });
  }, 120_000);
});

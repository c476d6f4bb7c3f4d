import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SIGNALS, UPDATES } from '../../src/contract/messages.js';
import type { RecordedHistory } from '../replay/recorded-history.js';
import { replay, replayBundle } from '../replay/replay.js';
import { orderConfig, positionConfig, runStack, type RunningStack } from './running-stack.js';

/** A worker that keeps no workflow in memory: every task begins with the whole history, as after a restart. */
let run: RunningStack;
let bundle: WorkflowBundle;

beforeAll(async () => {
  bundle = await replayBundle();
  run = await runStack({ perpetual: true, env: { MAX_CACHED_WORKFLOWS: '0' } });
  await run.paper.setPrice('BTCUSDT_PERP', '60000', '60000.1', { bidSize: '1000', askSize: '1000' });
});
afterAll(async () => {
  await run?.stop();
});

async function historyOf(id: string): Promise<RecordedHistory> {
  const history = await run.client.workflow.getHandle(id).fetchHistory();
  return { name: id, workflowId: id, history: JSON.parse(historyToJSON(history)) as RecordedHistory['history'] };
}

async function tasksDone(id: string): Promise<number> {
  return (await historyOf(id)).history.events.filter(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED').length;
}

/** One workflow task for each of them, as when they come seconds apart. */
async function signalAlone(id: string, name: string, payload: unknown): Promise<void> {
  const before = await tasksDone(id);
  await run.client.workflow.getHandle(id).signal(name, payload);
  await run.until(() => tasksDone(id), (done) => done > before, `${name} is heard`);
}

/** Ids of the tasks that heard a signal and left no event of their own. */
function silentTasks({ history: { events } }: RecordedHistory): readonly string[] {
  return events.flatMap((event, index) => {
    if (event.eventType !== 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED') return [];
    const started = events.slice(0, index).findLastIndex(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED');
    const heard = events.slice(started + 1, index).some(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED');
    const next = events[index + 1] as { readonly workflowTaskCompletedEventId?: string } | undefined;
    const own = JSON.stringify(next ?? {}).includes(`"workflowTaskCompletedEventId":"${event.eventId}"`);
    return heard && !own ? [event.eventId] : [];
  });
}

const UNCHANGING: readonly (readonly [string, unknown])[] = [
  [SIGNALS.attention, { code: 'NOTHING_OF_THE_KIND', message: null }],
  [SIGNALS.fundingSettled, { atMs: 1 }],
  [SIGNALS.attention, { nonsense: true }],
  [SIGNALS.fundingSettled, { atMs: 2 }],
];

const EXECUTORS = [
  ['an order on a perpetual', () => orderConfig({ connector: 'binance_perpetual_paper_trade', executionStrategy: 'LIMIT', priceQuote: '50000' })],
  ['a position', () => positionConfig({}, { openOrderType: 'LIMIT', stopLossFraction: '0.02' })],
] as const;

it.each(EXECUTORS)('%s hears signals that change nothing, is stopped cold, and its history replays', async (_what, config) => {
  const id = await run.start(config());
  const openOrders = async (): Promise<number> => (await run.paper.orders({})).filter(({ state }) => state === 'new').length;
  await run.until(openOrders, (count) => count > 0, 'the order rests');
  await run.until(() => run.live(id), (report) => JSON.stringify(report.custom_info).includes('"clientOrderId"'), 'its resting order is told');
  for (const [name, payload] of UNCHANGING) await signalAlone(id, name, payload);
  await run.client.workflow.getHandle(id).executeUpdate(UPDATES.stop, { args: [{}] });
  expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
  const recorded = await historyOf(id);
  expect(silentTasks(recorded)).toEqual([]);
  await expect(replay(bundle, recorded)).resolves.toBeInstanceOf(Array);
});

/**
 * `node --import tsx test/replay/record-histories.ts`: runs every behaviour on the real stack and writes the histories of
 * its workflows, which the replay tests replay. To be run when a change of the workflows is meant to change histories.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';
import { HISTORIES_FOLDER } from './recorded-history.js';

type Recording = (run: RunningStack) => Promise<string>;

/** Each answers the id of the executor it ran to its end. */
const POSITIONS: Readonly<Record<string, Recording>> = {
  'take-profit': async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(positionConfig({ controllerId: 'replayed' }, { openOrderType: 'LIMIT', takeProfitOrderType: 'LIMIT' }));
    await run.until(() => resting(run), (count) => count > 0, 'the entry rests');
    await run.price('59990', '59990.01');
    await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is filled');
    await run.until(() => resting(run), (count) => count > 0, 'the take profit rests');
    await run.price('61800', '61800.01');
    return id;
  },
  'stop-loss': async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed', side: 'SELL' }, { trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } }));
    await run.price('61800', '61800.01');
    return id;
  },
  'early-stop': async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed' }, { takeProfitOrderType: 'LIMIT' }));
    await run.client.workflow.getHandle(id).signal('early_stop', { reason: 'recorded' });
    return id;
  },
  hold: async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed' }));
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: true }] });
    return id;
  },
};

const ORDERS: Readonly<Record<string, Recording>> = {
  market: async (run) => run.start(orderConfig({ controllerId: 'replayed' })),
  'limit-cancelled': async (run) => {
    const id = await run.start(orderConfig({ controllerId: 'replayed', executionStrategy: 'LIMIT', priceQuote: '50000' }));
    await run.until(() => resting(run), (count) => count > 0, 'the order rests');
    await run.client.workflow.getHandle(id).signal('early_stop', { reason: 'recorded' });
    return id;
  },
};

async function filled(run: RunningStack, config: ReturnType<typeof positionConfig>): Promise<string> {
  await run.price('60000', '60000.01');
  const id = await run.start(config);
  await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is filled');
  return id;
}

async function resting(run: RunningStack): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new').length;
}

async function write(run: RunningStack, name: string, workflowId: string): Promise<void> {
  const history = JSON.parse(historyToJSON(await run.client.workflow.getHandle(workflowId).fetchHistory())) as unknown;
  // Which machine it ran on is nobody's business.
  const plain = JSON.stringify({ workflowId, history }, (key, value: unknown) => (key === 'identity' || key === 'workerVersion' || key === 'buildId' || key === 'stackTrace' ? undefined : value), 1);
  writeFileSync(join(HISTORIES_FOLDER, `${name}.json`), `${plain}\n`);
}

const run = await runStack();
try {
  rmSync(HISTORIES_FOLDER, { recursive: true, force: true });
  mkdirSync(HISTORIES_FOLDER, { recursive: true });
  for (const [behaviour, record] of Object.entries(POSITIONS)) {
    const id = await record(run);
    await run.closed(id);
    await write(run, `position-${behaviour}`, id);
    for (const leg of ['entry', 'exit']) {
      await run.client.workflow.getHandle(`${id}/${leg}/1`).result();
      await write(run, `${leg}-${behaviour}`, `${id}/${leg}/1`);
    }
  }
  for (const [behaviour, record] of Object.entries(ORDERS)) {
    const id = await record(run);
    await run.closed(id);
    await write(run, `order-${behaviour}`, id);
  }
} finally {
  await run.stop();
}

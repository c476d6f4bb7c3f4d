import { NoOpWorker } from '../bare/no-op-worker.js';
import { AMOUNT_BASE, type BenchStack } from '../stack/bench-stack.js';
import { inParallel } from '../stack/until.js';
import { median } from '../statistics.js';
import type { Row } from './row.js';

const BAR_RATIO = 0.5;
const AT_ONCE = 60;

/** Order executors by MARKET, one fill each, from the first start to the last end, against a workflow with one activity that does nothing. */
export const executorRate: Row = {
  id: 'executor-rate',
  run: async ({ shared, quick, say }) => {
    const bench = await shared.get();
    const count = quick ? 4 : 300;
    const rounds = quick ? 1 : 5;
    const worker = await NoOpWorker.start(bench.stack);
    const ours: number[] = [];
    const bare: number[] = [];
    try {
      // Both sides once before it counts.
      await orders(bench, Math.ceil(count / 10));
      await noOps(bench, 'warm', Math.ceil(count / 10));
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await orders(bench, count));
        bare.push(await noOps(bench, `r${round}`, count));
        say(`executor-rate: ${ours.at(-1)?.toFixed(1)} orders/s, ${bare.at(-1)?.toFixed(1)} no-ops/s`);
      }
    } finally {
      await worker.stop();
    }
    return [
      {
        name: 'executor-rate',
        unit: '/s',
        ours: median(ours),
        bare: median(bare),
        bar: { kind: 'ratioAtLeast', limit: BAR_RATIO },
        samples: rounds,
        note: `${count} a round, ${AT_ONCE} at once`,
      },
    ];
  },
};

async function orders(bench: BenchStack, count: number): Promise<number> {
  return perSecond(count, async () => {
    const id = await bench.start({ type: 'order_executor', side: 'BUY', amount: AMOUNT_BASE, execution_strategy: 'MARKET' });
    const report = await bench.closed(id);
    if (report.outcome !== 'COMPLETED') throw new Error(`order ${id} ended ${String(report.outcome)}: ${report.last_error ?? ''}`);
  });
}

async function noOps(bench: BenchStack, name: string, count: number): Promise<number> {
  return perSecond(count, (index) => bench.temporal.client.workflow.execute('noOp', { taskQueue: NoOpWorker.taskQueue, workflowId: `no-op-${name}-${index}`, args: [] }));
}

async function perSecond(count: number, one: (index: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await inParallel(count, AT_ONCE, one);
  return count / ((performance.now() - startedAt) / 1000);
}

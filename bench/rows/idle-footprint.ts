import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../figure.js';
import { positionWire, startBenchStack, type BenchStack } from '../stack/bench-stack.js';
import { processUsage } from '../stack/process-usage.js';
import type { Row } from './row.js';

const BAR_MB = 1;
const MB = 2 ** 20;
/** Three workflows each while they open, two while they wait. */
const CACHED_WORKFLOWS = 4_000;

/** What positions cost while they only wait: memory of the worker, processor time of worker and server. */
export const idleFootprint: Row = {
  id: 'idle-footprint',
  run: async ({ quick, say }) => {
    const bench = await startBenchStack({ workerEnv: { MAX_CACHED_WORKFLOWS: String(CACHED_WORKFLOWS) } });
    try {
      const [warm, count, settleMs, watchMs] = quick ? [1, 3, 200, 1_000] : [50, 1_000, 30_000, 60_000];
      await bench.armed(Array.from({ length: warm }, () => positionWire('0.5')));
      await sleep(settleMs);
      const before = rss(bench);
      await bench.armed(Array.from({ length: count }, () => positionWire('0.5')), 600_000);
      await sleep(settleMs);
      const after = rss(bench);
      say(`idle-footprint: ${(before / MB).toFixed(0)} MB before, ${(after / MB).toFixed(0)} MB after ${count} positions`);
      const [worker, server] = await processorShare(bench, watchMs);
      const seconds = watchMs / 1_000;
      const scale = 1_000 / (warm + count);
      return [
        { name: 'idle-footprint.memory', unit: 'MB', ours: (after - before) / MB / count, bare: null, bar: { kind: 'atMost', limit: BAR_MB }, samples: count, note: 'resident memory of the worker per armed position, no workflow evicted' },
        share('worker', worker * scale, seconds),
        share('server', server * scale, seconds),
      ];
    } finally {
      await bench.close();
    }
  },
};

function share(name: string, ours: number, seconds: number): Figure {
  return { name: `idle-footprint.cpu-${name}`, unit: '% of a core', ours, bare: null, bar: null, samples: 1, note: `per 1,000 idle armed positions, over ${seconds} s` };
}

function rss(bench: BenchStack): number {
  return processUsage(workerPid(bench)).rssBytes;
}

function workerPid({ stack }: BenchStack): number {
  if (stack.worker === undefined) throw new Error('the stack has no worker');
  return stack.worker.pid;
}

/** Percent of one core that worker and server used, over a while in which nothing happens. */
async function processorShare(bench: BenchStack, ms: number): Promise<readonly [worker: number, server: number]> {
  const serverPid = bench.stack.temporal.process?.pid;
  if (serverPid === undefined) throw new Error('the Temporal server is not one that the bench started');
  const read = (): readonly number[] => [workerPid(bench), serverPid].map((pid) => processUsage(pid).cpuMs);
  const from = read();
  const startedAt = performance.now();
  await sleep(ms);
  const to = read();
  const elapsedMs = performance.now() - startedAt;
  const percent = (index: number): number => (((to[index] ?? 0) - (from[index] ?? 0)) / elapsedMs) * 100;
  return [percent(0), percent(1)];
}

import type { Figure } from '../figure.js';
import { positionWire, startBenchStack, type BenchStack } from '../stack/bench-stack.js';
import { withBuiltBundle } from '../stack/built-bundle.js';
import { until } from '../stack/until.js';
import { median } from '../statistics.js';
import type { Row, RowContext } from './row.js';

const BARS_MS = { killed: 15_000, stopped: 5_000 } as const;
const WITHIN_MS = 120_000;

/** The worker ends, another is started at once: from the signal until every position is armed again. */
export const recovery: Row = {
  id: 'recovery',
  run: (context) => withBuiltBundle((env) => measure(context, env)),
};

async function measure({ quick, say }: RowContext, workerEnv: Readonly<Record<string, string>>): Promise<readonly Figure[]> {
  const count = quick ? 3 : 200;
  const rounds = quick ? 1 : 3;
  const bench = await startBenchStack({ workerEnv });
  try {
    const ids = await bench.armed(Array.from({ length: count }, () => positionWire('0.5')));
    const killed: number[] = [];
    const stopped: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      killed.push(await armedAgain(bench, ids, 'kill', say));
      stopped.push(await armedAgain(bench, ids, 'stop', say));
      say(`recovery of ${count}: ${killed.at(-1)?.toFixed(0)} ms after SIGKILL, ${stopped.at(-1)?.toFixed(0)} ms after a stop`);
    }
    return [figure('sigkill', killed, count, BARS_MS.killed), figure('graceful-stop', stopped, count, BARS_MS.stopped)];
  } finally {
    await bench.close();
  }
}

function figure(name: string, samples: readonly number[], count: number, limitMs: number): Figure {
  return {
    name: `recovery.${name}`,
    unit: 's',
    ours: median(samples) / 1_000,
    bare: null,
    bar: { kind: 'atMost', limit: limitMs / 1_000 },
    samples: samples.length,
    note: `${count} armed positions, another worker is started when the first has ended; its own start is part of it`,
  };
}

async function armedAgain(bench: BenchStack, ids: readonly string[], how: 'kill' | 'stop', say: RowContext['say']): Promise<number> {
  const { worker } = bench.stack;
  if (worker === undefined) throw new Error('the stack has no worker');
  bench.log.forget();
  const startedAt = performance.now();
  await (how === 'kill' ? worker.kill('SIGKILL') : worker.stop());
  const goneAt = performance.now();
  await worker.restart();
  const readyAt = performance.now();
  await until(`${ids.length} positions are armed again`, WITHIN_MS, () => (ids.every((id) => bench.log.exits().has(id)) ? true : undefined));
  const armedAt = performance.now();
  say(`recovery (${how}): gone after ${(goneAt - startedAt).toFixed(0)} ms, the next one ready after another ${(readyAt - goneAt).toFixed(0)}, all armed after another ${(armedAt - readyAt).toFixed(0)}`);
  return armedAt - startedAt;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../figure.js';
import { BARE, ENTRY_QUOTE, OURS, positionWire, resetPrices, startBenchStack, type BenchStack } from '../stack/bench-stack.js';
import { stopsOf } from '../stack/bare-stops.js';
import { exitsSold } from '../stack/exit-times.js';
import { median } from '../statistics.js';
import type { Row, RowContext } from './row.js';

const BAR_RATIO = 1.5;
/** What the starts and the ends before left to do is over. */
const SETTLE_MS = 1_500;
const REQUESTS_PER_SECOND = 5_000;

/** One frame hits every stop: that frame -> the last exit is accepted. */
export const flashCrash: Row = {
  id: 'flash-crash',
  run: async (context) => {
    const count = context.quick ? 4 : 500;
    const bench = await startBenchStack({ requestsPerSecond: REQUESTS_PER_SECOND });
    try {
      return [await paced(bench, context, count), await realLimits(context, count)];
    } finally {
      await bench.close();
    }
  },
};

async function paced(bench: BenchStack, { quick, say }: RowContext, count: number): Promise<Figure> {
  const rounds = quick ? 1 : 4;
  await bench.bare.watch('ETH/USDT');
  await bench.bare.limit(REQUESTS_PER_SECOND);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const mine = await ourCrash(bench, count);
    const theirs = await bareCrash(bench, `crash${round}`, count);
    say(`flash-crash: ${mine.toFixed(0)} ms against ${theirs.toFixed(0)} ms`);
    // The first round warms both sides up.
    if (round === 0 && !quick) continue;
    ours.push(mine);
    bare.push(theirs);
  }
  return {
    name: `flash-crash.${count}`,
    unit: 'ms',
    ours: median(ours),
    bare: median(bare),
    bar: { kind: 'ratioAtMost', limit: BAR_RATIO },
    samples: ours.length,
    note: `both behind the same limiter at ${REQUESTS_PER_SECOND}/s`,
  };
}

async function realLimits({ say }: RowContext, count: number): Promise<Figure> {
  const bench = await startBenchStack({ requestsPerSecond: 'real' });
  try {
    const ms = await ourCrash(bench, count);
    say(`flash-crash with the exchange's limits: ${ms.toFixed(0)} ms`);
    return { name: `flash-crash.${count}-real-limits`, unit: 'ms', ours: ms, bare: null, bar: null, samples: 1, note: "behind the exchange's own limits" };
  } finally {
    await bench.close();
  }
}

async function ourCrash(bench: BenchStack, count: number): Promise<number> {
  await resetPrices(bench);
  const ids = await bench.armed(Array.from({ length: count }, () => positionWire('0.02')));
  await sleep(SETTLE_MS);
  const ms = await crash(bench, OURS, count);
  await Promise.all(ids.map((id) => bench.closed(id)));
  return ms;
}

async function bareCrash(bench: BenchStack, name: string, count: number): Promise<number> {
  await resetPrices(bench);
  await bench.bare.arm(stopsOf(name, Array.from({ length: count }, () => ENTRY_QUOTE * 0.98)));
  await sleep(SETTLE_MS);
  return crash(bench, BARE, count);
}

async function crash(bench: BenchStack, side: typeof OURS | typeof BARE, count: number): Promise<number> {
  await bench.paper.measureTimes(true);
  await bench.price(side.symbol, '58000');
  const times = await exitsSold(bench, side, count);
  return Math.max(...times.map(({ acceptedAtMs }) => acceptedAtMs)) - (times[0]?.frameAtMs ?? Number.NaN);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../figure.js';
import { AMOUNT_BASE, BARE, OURS, positionWire, resetPrices, type BenchStack } from '../stack/bench-stack.js';
import { percentile } from '../statistics.js';
import { inParallel, until } from '../stack/until.js';
import type { Row, RowContext } from './row.js';

const BAR_ABOVE_MS = 50;
const LADDER_STEP_QUOTE = 10;
const HIGHEST_ENTRY_QUOTE = 59_900;
const WITHIN_MS = 120_000;
const STARTS_AT_ONCE = 25;
const SETTLE_MS = 3_000;

interface Both {
  readonly ours: number[];
  readonly bare: number[];
}

/**
 * The exchange's time of an entry's first fill -> the process could send the exit. Ours: the exit's session has the fill
 * and is armed. Bare: the fill is heard on the user stream and the stop is in the list that every price is held against.
 */
export const stopArmed: Row = {
  id: 'stop-armed',
  run: async (context) => {
    const bench = await context.shared.get();
    await bench.bare.watch('ETH/USDT');
    const { quick } = context;
    const [singles, rounds, many] = quick ? [3, 1, 3] : [100, 3, 500];
    const single = await filled(bench, context, singles, rounds, ladder);
    const together = await filled(bench, context, many, quick ? 1 : 2, level);
    return [
      figure('stop-armed.1', single, 'one entry filled at a time'),
      figure(`stop-armed.${many}-at-once`, together, `${many} entries filled by one frame`),
    ];
  },
};

function figure(name: string, { ours, bare }: Both, note: string): Figure {
  return {
    name: `${name}.p99`,
    unit: 'ms',
    ours: percentile(ours, 0.99),
    bare: percentile(bare, 0.99),
    bar: { kind: 'differenceAtMost', limit: BAR_ABOVE_MS },
    samples: ours.length,
    note: `${note}; p50 ${percentile(ours, 0.5).toFixed(0)} against ${percentile(bare, 0.5).toFixed(0)} ms`,
  };
}

/** Entry prices from the highest down, each filled by a frame of its own. */
function ladder(count: number): number[] {
  return Array.from({ length: count }, (_, index) => HIGHEST_ENTRY_QUOTE - index * LADDER_STEP_QUOTE);
}

/** All at one price, filled by one frame. */
function level(count: number): number[] {
  return Array.from({ length: count }, () => HIGHEST_ENTRY_QUOTE);
}

async function filled(bench: BenchStack, { say, quick }: RowContext, count: number, rounds: number, prices: (count: number) => number[]): Promise<Both> {
  const both: Both = { ours: [], bare: [] };
  // The first is for warming up: code that just began to run is slow on both sides.
  for (let round = 0; round <= rounds; round += 1) {
    await resetPrices(bench);
    const entries = prices(count);
    const frames = [...new Set(entries)];
    const ids = await restOurs(bench, entries);
    // Entries that began to rest a moment ago are still being told of.
    await sleep(quick ? 100 : SETTLE_MS);
    await moveDown(bench, OURS, frames, quick);
    const ours = await until('every position is armed', WITHIN_MS, () => {
      const armed = ids.map((id) => bench.log.exits().get(id));
      return armed.every((line) => line !== undefined) ? armed.map((line) => line.armedAtMs - line.fillAtMs) : undefined;
    });
    await bench.price(OURS.symbol, '29000');
    await Promise.all(ids.map((id) => bench.closed(id)));
    const bare = await bareSide(bench, `rest${prices.name}${round}`, entries, frames, quick);
    say(`stop-armed, ${count} entries on ${frames.length} prices: ${round === 0 ? 'warmed up' : `round ${round} of ${rounds}`}`);
    if (round === 0) continue;
    both.ours.push(...ours);
    both.bare.push(...bare);
  }
  return both;
}

async function restOurs(bench: BenchStack, entries: readonly number[]): Promise<string[]> {
  const barriers = { stop_loss: '0.5', open_order_type: 'LIMIT', stop_loss_order_type: 'MARKET' };
  const ids = await inParallel(entries.length, STARTS_AT_ONCE, (index) => bench.start(positionWire('0.5', { entry_price: String(entries[index]), triple_barrier_config: barriers })));
  await until('every entry rests', WITHIN_MS, async () => ((await bench.paper.status()).openOrders >= entries.length ? true : undefined));
  return ids;
}

async function bareSide(bench: BenchStack, name: string, entries: readonly number[], frames: readonly number[], quick: boolean): Promise<number[]> {
  const orders = entries.map((price, index) => ({ clientOrderId: `${name}-${index}`, priceQuote: price.toFixed(2), amountBase: AMOUNT_BASE, stopQuote: '30000' }));
  await bench.bare.rest(orders);
  await sleep(quick ? 100 : SETTLE_MS);
  await moveDown(bench, BARE, frames, quick);
  const armed = await until('every bare stop is armed', WITHIN_MS, () => {
    const answers = orders.map(({ clientOrderId }) => bench.bare.armed.get(clientOrderId));
    return bench.bare.is(answers.every((answer) => answer !== undefined)) && answers.flatMap((answer) => (answer === undefined ? [] : [answer.armedAtMs - answer.fillAtMs]));
  });
  await bench.price(BARE.symbol, '29000');
  await until('every bare stop is sold', WITHIN_MS, () => bench.bare.is(orders.every(({ clientOrderId }) => bench.bare.sold.has(`${clientOrderId}s`))));
  return armed;
}

/** One frame for each price, the ask just at it. */
async function moveDown(bench: BenchStack, side: typeof OURS | typeof BARE, frames: readonly number[], quick: boolean): Promise<void> {
  for (const price of frames) {
    await bench.price(side.symbol, (price - 0.01).toFixed(2));
    if (frames.length > 1) await new Promise((resolve) => setTimeout(resolve, quick ? 10 : 50));
  }
}

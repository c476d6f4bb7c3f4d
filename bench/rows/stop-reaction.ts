import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../figure.js';
import { percentile } from '../statistics.js';
import { AMOUNT_BASE, BARE, ENTRY_QUOTE, OURS, positionWire, resetPrices, type BenchStack } from '../stack/bench-stack.js';
import { stopsOf } from '../stack/bare-stops.js';
import { exitsAfter, exitsSold, type ExitTime } from '../stack/exit-times.js';
import type { Row, RowContext } from './row.js';

/** Stops of one ladder stand this far apart, as fractions of the entry price. */
const LADDER_STEP = 0.001;
/** The exchange's taker fee. */
const FEE_FRACTION = 0.001;
/** A position that waits is measured, not one whose entry is still being written down. */
const IDLE_MS = 200;
const WARM_UP = 5;
const BAR_P50 = 1.5;
const BAR_P99 = 3;

/** Reaction times of both sides, in ms. */
interface Both {
  readonly ours: number[];
  readonly bare: number[];
}

/** Price frame leaves the exchange -> exit order accepted. */
export const stopReaction: Row = {
  id: 'stop-reaction',
  run: async (context) => {
    const bench = await context.shared.get();
    await bench.bare.watch('ETH/USDT');
    const alone = await oneArmed(bench, context);
    const among = await oneOfMany(bench, context);
    const together = await allAtOnce(bench, context);
    const many = context.quick ? 3 : 100;
    return [
      ...figures('stop-reaction.1-armed', alone, 'one position armed, its stop hit'),
      ...figures(`stop-reaction.1-of-${many}`, among, `${many} to ${2 * many} armed, every frame hits the stop of one`),
      ...figures(`stop-reaction.${many}-at-once`, together, `${many} armed, one frame hits every stop; each order is a sample`),
    ];
  },
};

function figures(name: string, { ours, bare }: Both, note: string): Figure[] {
  const figure = (which: string, share: number, limit: number): Figure => ({
    name: `${name}.${which}`,
    unit: 'ms',
    ours: percentile(ours, share),
    bare: percentile(bare, share),
    bar: { kind: 'ratioAtMost', limit },
    samples: ours.length,
    note,
  });
  return [figure('p50', 0.5, BAR_P50), figure('p99', 0.99, BAR_P99)];
}

/** One position at a time: armed, hit, ended, then the same of the bare loop. */
async function oneArmed(bench: BenchStack, { quick, say }: RowContext): Promise<Both> {
  const samples = quick ? 3 : 300;
  const both: Both = { ours: [], bare: [] };
  const warmUp = quick ? 1 : WARM_UP;
  for (let index = 0; index < samples + warmUp; index += 1) {
    await resetPrices(bench);
    const ids = await bench.armed([positionWire('0.02')]);
    await sleep(quick ? 0 : IDLE_MS);
    const ours = await hit(bench, OURS, '58000', 1);
    await Promise.all(ids.map((id) => bench.closed(id)));
    await bench.bare.arm([{ clientOrderId: `one${index}`, stopQuote: '58800', amountBase: AMOUNT_BASE }]);
    await sleep(quick ? 0 : IDLE_MS);
    const bare = await hit(bench, BARE, '58000', 1);
    if (index < warmUp) continue;
    both.ours.push(...ours);
    both.bare.push(...bare);
    if (index % 50 === 0) say(`stop-reaction, one armed: ${index} of ${samples}`);
  }
  return both;
}

/** Stops on a ladder, so that each frame hits one; as many more, far below, stay armed throughout. */
async function oneOfMany(bench: BenchStack, { quick, say }: RowContext): Promise<Both> {
  const count = quick ? 3 : 100;
  const rounds = quick ? 1 : 3;
  await resetPrices(bench);
  const staying = await bench.armed(Array.from({ length: count }, () => positionWire('0.5')));
  await bench.bare.arm(stopsOf('stay', Array.from({ length: count }, () => ENTRY_QUOTE * 0.5)));
  const both: Both = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    await resetPrices(bench);
    const fractions = Array.from({ length: count }, (_, index) => 0.01 + index * LADDER_STEP);
    const ids = await bench.armed(fractions.map((fraction) => positionWire(fraction.toFixed(4))));
    await bench.bare.arm(stopsOf(`ladder${round}`, fractions.map((fraction) => ENTRY_QUOTE * (1 - fraction + FEE_FRACTION))));
    for (const fraction of fractions) {
      // Halfway between this stop and the next one; the fee of the entry counts as loss already.
      const bid = (ENTRY_QUOTE * (1 - fraction + FEE_FRACTION - LADDER_STEP / 2)).toFixed(2);
      both.ours.push(...(await hit(bench, OURS, bid, 1)));
      both.bare.push(...(await hit(bench, BARE, bid, 1)));
    }
    await Promise.all(ids.map((id) => bench.closed(id)));
    say(`stop-reaction, one of many: round ${round + 1} of ${rounds}`);
  }
  await hit(bench, OURS, '29000', count);
  await hit(bench, BARE, '29000', count);
  await Promise.all(staying.map((id) => bench.closed(id)));
  return both;
}

/** Everybody's stop at the same price. */
async function allAtOnce(bench: BenchStack, { quick, say }: RowContext): Promise<Both> {
  const count = quick ? 3 : 100;
  const rounds = quick ? 1 : 4;
  const both: Both = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    await resetPrices(bench);
    const ids = await bench.armed(Array.from({ length: count }, () => positionWire('0.02')));
    await sleep(quick ? 0 : 5 * IDLE_MS);
    const ours = await hit(bench, OURS, '58000', count);
    await Promise.all(ids.map((id) => bench.closed(id)));
    await bench.bare.arm(stopsOf(`all${round}`, Array.from({ length: count }, () => 58_800)));
    await sleep(quick ? 0 : 5 * IDLE_MS);
    const bare = await hit(bench, BARE, '58000', count);
    // The first round warms both sides up for this size.
    if (round === 0 && !quick) continue;
    both.ours.push(...ours);
    both.bare.push(...bare);
    say(`stop-reaction, all at once: round ${round} of ${rounds - 1}`);
  }
  return both;
}

/** Moves the price of one side and answers, for each of its exits, the ms from the frame to the order's acceptance. */
async function hit(bench: BenchStack, side: typeof OURS | typeof BARE, bidQuote: string, exits: number): Promise<number[]> {
  await bench.paper.measureTimes(true);
  await bench.price(side.symbol, bidQuote);
  const times: readonly ExitTime[] = await exitsSold(bench, side, exits);
  return exitsAfter(times);
}

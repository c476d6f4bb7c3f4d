import { setTimeout as sleep } from 'node:timers/promises';
import { ExecutorClient } from '../../src/client/executor-client.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { Figure } from '../figure.js';
import { AMOUNT_BASE, BARE, ENTRY_QUOTE, OURS, resetPrices, type BenchStack } from '../stack/bench-stack.js';
import { exitsSold } from '../stack/exit-times.js';
import { inParallel, until } from '../stack/until.js';
import { median } from '../statistics.js';
import type { Row, RowContext } from './row.js';

const STOP_RATIO = 1.5;
const IDLE_RATIO = 1.5;
const ORDERS_AT_ONCE = 60;
const SETTLE_MS = 1_500;
const LONGEST_MS = 120_000;

/** What a grid costs: its round trips, its idle levels, and its end with many levels out. */
export const grid: Row = {
  id: 'grid',
  run: async (context) => {
    const bench = await context.shared.get();
    return [await roundTrips(bench, context), await idleLevels(bench, context), await stopWithLevelsOut(bench, context)];
  },
};

/** Levels that all trade with each swing of the price, against as many order executors as the round trips have orders. */
async function roundTrips(bench: BenchStack, { quick, say }: RowContext): Promise<Figure> {
  const levels = quick ? 2 : 20;
  const swings = quick ? 1 : 100;
  // The level at the upper edge is bought once: its take profit is beyond the edge, where the grid would end.
  const id = await started(bench, { levels: levels + 1, spacingQuote: 30, takeProfit: '0.0004' }, '59990', levels + 1);
  const startedAt = performance.now();
  let longestHistory = 0;
  for (let swing = 1; swing <= swings; swing += 1) {
    await swingOnce(bench, id, { down: '59300', up: '60008', trips: swing * levels, out: levels + 1 });
    if (swing % 5 === 0 || swing === swings) longestHistory = Math.max(longestHistory, await historyOf(bench, id));
  }
  const ours = (60_000 * levels * swings) / (performance.now() - startedAt);
  await stopped(bench, id);
  const orders = Math.min(2 * levels * swings, quick ? 4 : 600);
  const bareStartedAt = performance.now();
  await inParallel(orders, ORDERS_AT_ONCE, async () => {
    await bench.closed(await bench.start({ type: 'order_executor', side: 'BUY', amount: AMOUNT_BASE, execution_strategy: 'MARKET' }));
  });
  const bare = (60_000 * orders) / 2 / (performance.now() - bareStartedAt);
  say(`grid: ${ours.toFixed(0)} round trips a minute, ${bare.toFixed(0)} pairs of order executors; longest history seen ${longestHistory}`);
  return { name: 'grid-round-trips', unit: '/min', ours, bare, bar: null, samples: levels * swings, note: `${levels} levels; the longest history seen had ${longestHistory} events` };
}

/** A round trip of one level beside few idle levels, and beside many. */
async function idleLevels(bench: BenchStack, { quick, say }: RowContext): Promise<Figure> {
  const trips = quick ? 1 : 40;
  const rounds = quick ? 1 : 3;
  const [less, more] = quick ? [4, 8] : [5, 200];
  const few: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    few.push(await msPerTrip(bench, less, trips));
    many.push(await msPerTrip(bench, more, trips));
    say(`grid: ${few.at(-1)?.toFixed(0)} ms a round trip with ${less} levels, ${many.at(-1)?.toFixed(0)} ms with ${more}`);
  }
  return { name: 'grid-idle-levels', unit: 'ms', ours: median(many), bare: median(few), bar: { kind: 'ratioAtMost', limit: IDLE_RATIO }, samples: trips * rounds, note: `one level trades beside ${more - 2} idle ones, on the other side beside ${less - 2}` };
}

/** Two levels are within the bounds, and one of them is that at the edge. */
async function msPerTrip(bench: BenchStack, levels: number, trips: number): Promise<number> {
  const id = await started(bench, { levels, spacingQuote: 240, takeProfit: '0.001', change: { activation_bounds: '0.003' } }, '59850', 2);
  const startedAt = performance.now();
  for (let trip = 1; trip <= trips; trip += 1) await swingOnce(bench, id, { down: '59740', up: '59850', trips: trip, out: 2 });
  const ms = (performance.now() - startedAt) / trips;
  await stopped(bench, id);
  return ms;
}

/** One level is held and the others rest far below: the frame that stops the grid -> every cancel is confirmed and the net is sold. */
async function stopWithLevelsOut(bench: BenchStack, { quick, say }: RowContext): Promise<Figure> {
  const resting = quick ? 2 : 50;
  const rounds = quick ? 1 : 6;
  await bench.bare.watch('ETH/USDT');
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const mine = await ourStop(bench, resting);
    const theirs = await bareStop(bench, `grid${round}`, resting);
    say(`grid: stopped with ${resting} levels out in ${mine.toFixed(1)} ms against ${theirs.toFixed(1)} ms`);
    // The first round warms both sides up.
    if (round === 0 && !quick) continue;
    ours.push(mine);
    bare.push(theirs);
  }
  return { name: `grid-stop.${resting}-resting`, unit: 'ms', ours: median(ours), bare: median(bare), bar: { kind: 'ratioAtMost', limit: STOP_RATIO }, samples: ours.length, note: 'one level is held, the others rest; both sides cancel each by its id' };
}

async function ourStop(bench: BenchStack, resting: number): Promise<number> {
  await resetPrices(bench);
  const id = await started(bench, { levels: resting + 1, spacingQuote: 480, takeProfit: '0.05', stopLoss: '0.004' }, String(ENTRY_QUOTE), resting + 1);
  await bench.price(OURS.symbol, String(ENTRY_QUOTE - 50));
  await until('the first level is held', LONGEST_MS, async () => (((await live(bench, id))?.volume_quote ?? '0') !== '0' && (await openOrders(bench)) === resting + 1 ? true : undefined));
  await sleep(SETTLE_MS);
  const ms = await stopTime(bench, OURS, ENTRY_QUOTE - 300);
  await bench.closed(id);
  return ms;
}

async function bareStop(bench: BenchStack, name: string, resting: number): Promise<number> {
  await resetPrices(bench);
  const rests = Array.from({ length: resting }, (_, index) => ({ clientOrderId: `${name}-${index}`, priceQuote: (ENTRY_QUOTE * (0.99 - index * 0.008)).toFixed(2), amountBase: AMOUNT_BASE, stopQuote: '1' }));
  await bench.bare.rest(rests);
  await bench.bare.arm([{ clientOrderId: `${name}-net`, stopQuote: String(ENTRY_QUOTE - 200), amountBase: AMOUNT_BASE, cancels: rests.map(({ clientOrderId }) => clientOrderId) }]);
  await sleep(SETTLE_MS);
  return stopTime(bench, BARE, ENTRY_QUOTE - 300);
}

async function stopTime(bench: BenchStack, side: typeof OURS | typeof BARE, bidQuote: number): Promise<number> {
  await bench.paper.measureTimes(true);
  await bench.price(side.symbol, bidQuote.toFixed(2));
  const [time] = await exitsSold(bench, side, 1);
  return time === undefined ? Number.NaN : time.acceptedAtMs - time.frameAtMs;
}

interface GridShape {
  readonly levels: number;
  readonly spacingQuote: number;
  readonly takeProfit: string;
  readonly stopLoss?: string;
  readonly change?: Readonly<Record<string, unknown>>;
}

/** Levels of 30 to 40 each from a little above the price down. */
function gridWire({ levels, spacingQuote, takeProfit, stopLoss, change = {} }: GridShape): Readonly<Record<string, unknown>> {
  const end = ENTRY_QUOTE + 10;
  const start = end - spacingQuote * (levels - 1);
  return {
    type: 'grid_executor',
    side: 'BUY',
    start_price: String(start),
    end_price: String(end),
    total_amount_quote: String(levels * 40),
    min_order_amount_quote: '25',
    // Room for exactly so many levels.
    min_spread_between_orders: ((end - start) / start / (levels + 0.5)).toFixed(12),
    max_open_orders: levels,
    triple_barrier_config: { take_profit: takeProfit, ...(stopLoss === undefined ? {} : { stop_loss: stopLoss }) },
    ...change,
  };
}

async function started(bench: BenchStack, shape: GridShape, bidQuote: string, out: number): Promise<string> {
  await bench.price(OURS.symbol, bidQuote);
  const id = await bench.start(gridWire(shape));
  await restingOrders(bench, out);
  return id;
}

interface Swing {
  readonly down: string;
  readonly up: string;
  /** Round trips that are through after it. */
  readonly trips: number;
  /** Orders out before and after it. */
  readonly out: number;
}

/** Down through the entries, up through their take profits. */
async function swingOnce(bench: BenchStack, id: string, { down, up, trips, out }: Swing): Promise<void> {
  await bench.price(OURS.symbol, down);
  await until('what is out is bought', LONGEST_MS, async () => ((await lockedQuote(bench)) === 0 && (await openOrders(bench)) >= out ? true : undefined));
  await bench.price(OURS.symbol, up);
  await until(`${trips} round trips are through`, LONGEST_MS, async () => (Number((await live(bench, id))?.custom_info['round_trips'] ?? 0) >= trips ? true : undefined));
  await restingOrders(bench, out);
}

/** Null when it does not answer: a query that meets the moment in which the grid goes on in a new run is lost. */
async function live(bench: BenchStack, id: string): Promise<ExecutorReport | null> {
  return new ExecutorClient(bench.temporal.client).report(id);
}

/** Of both sides; only one of them trades at a time. */
async function openOrders(bench: BenchStack): Promise<number> {
  return (await bench.paper.status()).openOrders;
}

async function lockedQuote(bench: BenchStack): Promise<number> {
  return Number((await bench.paper.balances(OURS.account)).find(({ asset }) => asset === 'USDT')?.locked ?? 0);
}

async function restingOrders(bench: BenchStack, count: number): Promise<void> {
  await until(`${count} orders rest`, LONGEST_MS, async () => ((await openOrders(bench)) >= count ? true : undefined));
}

async function historyOf(bench: BenchStack, id: string): Promise<number> {
  return (await bench.temporal.client.workflow.getHandle(id).describe()).historyLength;
}

async function stopped(bench: BenchStack, id: string): Promise<void> {
  await bench.temporal.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: false }] });
  await bench.closed(id);
}

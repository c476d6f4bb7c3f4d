import type { Figure } from '../figure.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { AMOUNT_BASE, OURS, positionWire, resetPrices, type BenchStack } from '../stack/bench-stack.js';
import { inParallel, until } from '../stack/until.js';
import type { Row } from './row.js';

const BARS = { order: 25, position: 50, withChildren: 100 } as const;
const TICKS_AT_ONCE = 20;

/** Events in history: over a whole life, and added by prices while executors wait. */
export const historyEvents: Row = {
  id: 'history-events',
  run: async ({ shared, quick, say }) => {
    const bench = await shared.get();
    const ticks = quick ? 50 : 10_000;
    await resetPrices(bench);
    const trailing = { stop_loss: '0.02', trailing_stop: { activation_price: '0.5', trailing_delta: '0.01' }, open_order_type: 'MARKET', stop_loss_order_type: 'MARKET' };
    const [positionId = ''] = await bench.armed([positionWire('0.02', { triple_barrier_config: trailing })]);
    const orderId = await bench.start({ type: 'order_executor', side: 'BUY', amount: AMOUNT_BASE, execution_strategy: 'LIMIT', price: '59500' });
    await until('the order rests', 30_000, async () => ((await bench.paper.status()).openOrders > 0 ? true : undefined));
    const children = [`${positionId}/entry/1`, `${positionId}/exit/1`];
    const waiting = (): Promise<number[]> => Promise.all([orderId, positionId, ...children].map((id) => eventsOf(bench, id)));
    const before = await settled(waiting);
    await tick(bench, ticks);
    const after = await settled(waiting);
    say(`history-events: ${ticks} ticks, ${before.join('+')} events before, ${after.join('+')} after`);
    await bench.price(OURS.symbol, '59400');
    await bench.closed(orderId);
    await bench.price(OURS.symbol, '58000');
    await bench.closed(positionId);
    const [order = 0, position = 0, ...legs] = await settled(waiting);
    const added = (from: number, to: number): number => sum(after.slice(from, to)) - sum(before.slice(from, to));
    return [
      events('order', order, BARS.order, 'a limit order that waited and was filled'),
      events('order-ticks', added(0, 1), 0, `added by ${ticks} prices`),
      events('position', position, BARS.position, 'a market entry, stopped out'),
      events('position-ticks', added(1, 2), 0, `added by ${ticks} prices`),
      events('position-with-children', position + sum(legs), BARS.withChildren, `its legs: ${legs.join(' and ')}`),
      events('position-with-children-ticks', added(1, 4), 0, `added by ${ticks} prices`),
    ];
  },
};

function events(name: string, ours: number, limit: number, note: string): Figure {
  return { name: `history-events.${name}`, unit: 'events', ours, bare: null, bar: { kind: 'atMost', limit }, samples: 1, note };
}

async function eventsOf(bench: BenchStack, workflowId: string): Promise<number> {
  return (await bench.temporal.client.workflow.getHandle(workflowId).describe()).historyLength;
}

/** Prices inside all barriers, every one another. */
async function tick(bench: BenchStack, count: number): Promise<void> {
  await inParallel(count, TICKS_AT_ONCE, (index) => bench.price(OURS.symbol, (60_000 + (index % 500)).toFixed(2)));
}

/** The value once it stands still for a second. */
async function settled(read: () => Promise<number[]>): Promise<number[]> {
  for (let last = await read(); ; ) {
    await sleep(1_000);
    const next = await read();
    if (next.join() === last.join()) return next;
    last = next;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

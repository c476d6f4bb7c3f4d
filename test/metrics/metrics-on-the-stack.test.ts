import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePorts } from '../../src/processes/free-ports.js';
import { positionConfig, runStack, SYMBOL, type RunningStack } from '../executors/running-stack.js';

/** Stops in another order than the losses they allow, so that first come, first served would show. */
const STOPS = ['0.03', '0.005', '0.04', '0.02', '0.01', '0.035', '0.015', '0.025'];
const amountOf = (index: number): string => `0.01${index}`;

let run: RunningStack;
let metricsUrl = '';

beforeAll(async () => {
  const [port = 0] = await findFreePorts(1, '127.0.0.1');
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const rateLimits = [{ unit: 'orders', limit: 4, intervalMs: 2_000 }] as const;
  run = await runStack({
    env: { METRICS_PORT: String(port) },
    configure: (configuration) => ({
      ...configuration,
      connectors: Object.fromEntries(Object.entries(configuration.connectors).map(([name, connector]) => [name, { ...connector, rateLimits }])),
    }),
  });
});
afterAll(async () => {
  await run?.stop();
});

/** Sum over all series of a metric whose labels contain this text. */
async function metric(name: string, labels = ''): Promise<number> {
  const page = await (await fetch(metricsUrl)).text();
  const rows = page.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
  return rows.reduce((sum, row) => sum + Number(row.split(' ').at(-1)), 0);
}

it('tells of armed exits, and of a crash in which limits let the exit farthest past its stop go first', async () => {
  const ids: string[] = [];
  for (const [index, stopLossFraction] of STOPS.entries()) {
    ids.push(await run.start(positionConfig({ amountBase: amountOf(index) }, { stopLossFraction, takeProfitFraction: null })));
  }
  const armed = (): Promise<number> => metric('durable_executors_sessions', 'role="exit",condition="armed"');
  const filled = async (): Promise<number> => (await run.paper.orders({ symbol: SYMBOL, limit: 100 })).filter((order) => order.state === 'filled').length;
  await run.until(filled, (count) => count === STOPS.length, 'all entries are filled');
  await run.until(armed, (count) => count === STOPS.length, 'all exits are armed');
  expect(await metric('durable_executors_orders_sent_total', 'kind="entry",outcome="accepted"')).toBe(STOPS.length);
  expect(await metric('durable_executors_lease_held')).toBe(1);
  expect(await metric('durable_executors_lease_heartbeats_total', 'answer="accepted"')).toBeGreaterThan(0);
  // The counts of the entries are over.
  await new Promise((resolve) => setTimeout(resolve, 2_500));

  await run.price('55000', '55000.01');
  const reports = await Promise.all(ids.map((id) => run.closed(id)));
  expect(reports.map((report) => report.close_type)).toEqual(STOPS.map(() => 'STOP_LOSS'));

  const exits = (await run.paper.orders({ symbol: SYMBOL, limit: 100 })).filter((order) => order.side === 'sell').sort((a, b) => a.orderId - b.orderId);
  expect(exits).toHaveLength(STOPS.length);
  // An exit sells what the fee left of its entry's thousandths.
  const stopsInOrder = exits.map((order) => STOPS[Math.round(Number(order.amountBase) * 1_000) - 10]);
  expect(stopsInOrder).toEqual([...STOPS].sort((a, b) => Number(a) - Number(b)));

  expect(await metric('durable_executors_orders_sent_total', 'kind="exit",outcome="accepted"')).toBe(STOPS.length);
  expect(await metric('durable_executors_reaction_seconds_count')).toBe(STOPS.length);
  expect(await metric('durable_executors_limiter_refusals_total', 'priority="reduce"')).toBeGreaterThan(0);
  expect(await metric('durable_executors_orders_sent_total', 'kind="exit",outcome="unknown"')).toBe(0);
  await run.until(armed, (count) => count === 0, 'no exit is armed any more');
});

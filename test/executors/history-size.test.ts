import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from './running-stack.js';

const FEW_TICKS = 10;
const MANY_TICKS = 10_000;
const PARTS = 1_000;
const MOST_EXTRA_EVENTS = 20;
/** Requests under way at once: the exchange takes them one after the other, in the order they arrive. */
const SIDE_BY_SIDE = 50;

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function historyLength(workflowId: string): Promise<number> {
  return (await run.client.workflow.getHandle(workflowId).describe()).historyLength;
}

async function inBatches(count: number, one: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += SIDE_BY_SIDE) {
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, count - from) }, (_, index) => one(from + index)));
  }
}

/** Prices inside the barriers, every one another. */
async function tick(count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE });
  await inBatches(count, (index) => {
    const bid = 60_000 + (index % 600);
    return setPrice(agent, bid.toFixed(2), (bid + 0.01).toFixed(2));
  });
  agent.destroy();
}

/** Like `run.price`, without what fetch costs ten thousand times. */
async function setPrice(agent: Agent, bid: string, ask: string): Promise<void> {
  const body = JSON.stringify({ bid, ask });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(`${run.stack.paper?.controlUrl}/pairs/${SYMBOL}/book`, { method: 'PUT', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    sent.once('error', reject).end(body);
  });
  expect(status).toBe(200);
}

it(`keeps the history of a position as it is from ${FEW_TICKS} to ${MANY_TICKS} ticks`, async () => {
  const id = await run.start(positionConfig({}, { trailingStop: { activationFraction: '0.001', deltaFraction: '0.015' } }));
  const workflows = [id, `${id}/entry/1`, `${id}/exit/1`];
  const lengths = (): Promise<number[]> => Promise.all(workflows.map(historyLength));
  await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is filled');
  await run.until(() => run.client.workflow.getHandle(`${id}/entry/1`).describe(), (entry) => entry.status.name === 'COMPLETED', 'the entry leg is over');
  await tick(FEW_TICKS);
  const afterFew = await settled(lengths);
  await tick(MANY_TICKS);
  expect(await settled(lengths)).toEqual(afterFew);
  // The ticks were heard: the trailing stop stands where the highest of them put it, and fires below.
  await run.price('59600', '59600.01');
  expect((await run.closed(id)).close_type).toBe('TRAILING_STOP');
});

/** The value once it stands still for a second. */
async function settled(read: () => Promise<number[]>): Promise<number[]> {
  for (let last = await read(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const next = await read();
    if (next.join() === last.join()) return next;
    last = next;
  }
}

it(`adds at most ${MOST_EXTRA_EVENTS} events to the history of an order when it fills in ${PARTS} parts`, async () => {
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const inOne = await filledInParts(1);
  const inMany = await filledInParts(PARTS);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(inMany - inOne).toBeLessThanOrEqual(MOST_EXTRA_EVENTS);
});

async function filledInParts(parts: number): Promise<number> {
  const lots = 10 * PARTS;
  const id = await run.start(orderConfig({ amountBase: (lots / 100_000).toFixed(5), executionStrategy: 'LIMIT', priceQuote: '50000' }));
  const open = async (): Promise<string | undefined> => (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.state === 'new')?.clientOrderId;
  const clientOrderId = (await run.until(open, (found) => found !== undefined, 'the order rests')) ?? '';
  await inBatches(parts, () => run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: (lots / parts / 100_000).toFixed(5) }));
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
  expect(report.orders[0]?.totals.fillCount).toBe(parts);
  return historyLength(id);
}

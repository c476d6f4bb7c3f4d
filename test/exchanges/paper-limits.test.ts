import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.js';
import { createExchange } from '../../src/exchanges/create-exchange.js';
import { SharedLimiters } from '../../src/exchanges/shared-limiters.js';
import type { QuotaInput } from '../../src/paper/control-client.js';
import { NO_METRICS } from '../../src/ports/metrics.js';
import type { ExchangePort, OrderIntent, SubmitOutcome } from '../../src/ports/exchange.js';
import { PaperVenue, SYMBOL } from './paper-venue.js';
import { intentOf, PAIR, referenceOf } from './port-inputs.js';

const CONNECTOR = 'binance_paper_trade';

/** Small ones, so that a test reaches them within seconds. Market data alone weighs 20. */
const TIGHT: QuotaInput = {
  enforce: true,
  spot: [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'SECOND', intervalNum: 2, limit: 200 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 1, limit: 10 },
  ],
  refusalsBeforeBan: 5,
  banMs: 3_000,
};

let venue: PaperVenue;
const ports: ExchangePort[] = [];
let sent: OrderIntent[] = [];

beforeEach(async () => {
  venue = await PaperVenue.start();
});
afterEach(async () => {
  await Promise.all(ports.splice(0).map(async (port) => await port.close()));
  await venue.stop();
});

/** Two accounts would be two keys; two ports of one account share the address all the same. */
async function open(connector: Readonly<Record<string, unknown>>, limiters = new SharedLimiters(NO_METRICS)): Promise<ExchangePort> {
  const { restUrl, websocketUrl } = venue.launched;
  const config = parseConfig({ accounts: [{ name: 'main', connector: CONNECTOR }], connectors: { [CONNECTOR]: { restUrl, websocketUrl, ...connector } } });
  const port = await createExchange(config, { connector: CONNECTOR, account: 'main' }, { env: { LOG_LEVEL: 'silent' }, limiters });
  ports.push(port);
  return port;
}

function order(change: Partial<OrderIntent> = {}): OrderIntent {
  return intentOf({ amountBase: '0.001', priceQuote: '40000', ...change });
}

/** Far more than the limits allow, for a few of their intervals. */
async function flood(ports: readonly ExchangePort[]): Promise<readonly SubmitOutcome[]> {
  sent = [];
  const submits: Promise<SubmitOutcome>[] = [];
  const rest: Promise<unknown>[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (const port of ports) {
      for (let index = 0; index < 6; index += 1) {
        const intent = order();
        sent.push(intent);
        submits.push(port.submit(intent, { reduces: index === 0, urgency: 0, ended: null }));
      }
      for (let index = 0; index < 20; index += 1) rest.push(port.topOfBook(PAIR).catch(() => undefined));
      rest.push(port.openOrders(null).catch(() => undefined), port.cancel(referenceOf(order())));
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await Promise.all(rest);
  return await Promise.all(submits);
}

it('keeps to the limits that the exchange lists, over all its clients, and wastes little of them', async () => {
  await venue.control.limitRequests(TIGHT);
  const limiters = new SharedLimiters(NO_METRICS);
  const outcomes = await flood([await open({ rateLimited: true }, limiters), await open({ rateLimited: true }, limiters)]);
  const { refused, bans, uses } = await venue.control.requestLimits();
  expect({ refused, bans }).toEqual({ refused: 0, bans: 0 });
  const peak = (type: string): number => uses.find(({ limit }) => limit.rateLimitType === type)?.peak ?? 0;
  expect(peak('REQUEST_WEIGHT')).toBeGreaterThan(100);
  expect(peak('ORDERS')).toBeGreaterThanOrEqual(8);
  // What had to stay is known not to have left.
  const kept = outcomes.filter((outcome) => outcome.kind !== 'accepted' && outcome.failure.code === 'THROTTLED');
  expect(new Set(kept.map(({ kind }) => kind))).toEqual(new Set(['notSent']));
  const there = new Set((await venue.control.orders({ symbol: SYMBOL, limit: 1_000 })).map(({ clientOrderId }) => clientOrderId));
  for (const [index, outcome] of outcomes.entries()) {
    // On a slow machine an answer may miss its deadline; the limiter has no part in that.
    if (outcome.kind !== 'unknown') expect(there.has(sent[index]?.clientOrderId ?? ''), outcome.kind).toBe(outcome.kind === 'accepted');
  }
});

it('without it, the same is refused and then shut out', async () => {
  await venue.control.limitRequests(TIGHT);
  await flood([await open({ rateLimited: false })]);
  const { refused, bans } = await venue.control.requestLimits();
  expect(refused).toBeGreaterThan(0);
  expect(bans).toBeGreaterThan(0);
});

it('a cancel behind a thousand waiting reads leaves before them', async () => {
  const port = await open({ rateLimits: [{ unit: 'weight', limit: 100, intervalMs: 60_000 }] });
  const intent = order();
  expect(await port.submit(intent)).toMatchObject({ kind: 'accepted' });
  let answered = 0;
  // Wait as long as they may: nothing will let them go in time.
  const reads = Array.from({ length: 1_000 }, async () => {
    await port.topOfBook(PAIR).catch(() => undefined);
    answered += 1;
  });
  const urgent = port.cancel(referenceOf(intent));
  expect(await urgent).toMatchObject({ kind: 'cancelled' });
  await Promise.all(reads);
  expect(answered).toBe(1_000);
});

it('what waits for a session that ends never leaves', async () => {
  const port = await open({ rateLimits: [{ unit: 'orders', limit: 2, intervalMs: 1_500 }] });
  const session = new AbortController();
  const turn = { reduces: true, urgency: 0, ended: session.signal };
  const [first, second, third] = await Promise.all([
    port.submit(order(), turn),
    port.submit(order(), turn),
    port.submit(order({ deadlineMs: 2_400 }), turn).finally(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 300)).then(() => session.abort()),
  ]);
  expect([first.kind, second.kind]).toEqual(['accepted', 'accepted']);
  expect(third).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED' } });
  expect(await venue.control.orders({ symbol: SYMBOL })).toHaveLength(2);
});

it.each([
  [429, 'unknown'],
  [400, 'notSent'],
])('too many orders of an account, told with status %d, stop its orders and nothing else', async (status, outcome) => {
  const port = await open({});
  await port.openOrders(null);
  await venue.control.armFault({ kind: 'code-before-commit', code: -1015, status, method: 'POST', route: '/api/v3/order' });
  expect((await port.submit(order())).kind).toBe(outcome);
  expect(await port.openOrders(null)).toEqual([]);
  // The exchange asks for a second; an order waits for it, a cancel does not.
  expect(await port.submit(order({ deadlineMs: 500 }))).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED' } });
  expect(await port.cancel(referenceOf(order()))).toMatchObject({ kind: 'notOpen' });
  expect((await port.submit(order())).kind).toBe('accepted');
});

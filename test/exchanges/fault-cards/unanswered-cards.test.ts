import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.js';
import { createExchange } from '../../../src/exchanges/create-exchange.js';
import { findFreePorts } from '../../../src/processes/free-ports.js';
import type { FaultInput } from '../../../src/paper/control/schemas.js';
import type { ExchangePort, OrderIntent } from '../../../src/ports/exchange.js';
import { intentOf, PAIR, referenceOf } from '../port-inputs.js';
import { CANCEL, CardBench, expectNoSecret, expectTellable, failureOf, LOOK_UP, NEW_ORDER, readFailure } from './card-bench.js';

let bench: CardBench;

beforeAll(async () => {
  bench = await CardBench.start();
});
afterEach(() => bench.heal());
afterAll(async () => {
  expectNoSecret(bench.log);
  await bench.stop();
});

const IMPATIENT = { deadlineMs: 500 } as const;

type Row = readonly [name: string, fault: FaultInput, effect: 'committed' | 'nothing', part?: Partial<OrderIntent>];

interface Case {
  readonly name: string;
  readonly fault: FaultInput;
  readonly effect: 'committed' | 'nothing';
  readonly part: Partial<OrderIntent>;
}

const cases = (...rows: readonly Row[]): readonly Case[] => rows.map(([name, fault, effect, part = {}]) => ({ name, fault, effect, part }));

/** Sent, and no answer that proves anything: unknown, never sent again by itself, and the look-up tells the truth. */
async function provesNothing({ fault, effect, part }: Case): Promise<void> {
  const intent = intentOf(part);
  await bench.arm(fault);
  const outcome = await bench.port.submit(intent);
  expect(outcome).toMatchObject({ kind: 'unknown', failure: { code: 'OUTCOME_UNKNOWN' } });
  expectTellable(failureOf(outcome));
  await bench.control.clearFaults();
  expect(await bench.lookUp(intent)).toMatchObject(effect === 'committed' ? { kind: 'found' } : { kind: 'missing' });
  expect(await bench.committed(intent)).toBe(effect === 'committed' ? 1 : 0);
}

describe('card 01: the connection breaks', () => {
  it.each(cases(
    ['before the exchange did anything', { kind: 'drop-before-commit', ...NEW_ORDER }, 'nothing'],
    ['after it took the order', { kind: 'drop-after-commit', ...NEW_ORDER }, 'committed'],
    ['after it filled the order', { kind: 'drop-after-commit', ...NEW_ORDER }, 'committed', { type: 'MARKET' }],
  ))('card 01: $name: one and the same text, so the outcome is unknown', provesNothing);

  it('card 01: nobody listens: not sent, and the same order may be sent again', async () => {
    const [port = 0] = await findFreePorts(1);
    const url = `127.0.0.1:${port}`;
    const listening = createServer((socket) => socket.destroy());
    const config = parseConfig({
      accounts: [{ name: 'main', connector: 'binance_paper_trade' }],
      connectors: { binance_paper_trade: { restUrl: `http://${url}`, websocketUrl: `ws://${url}` } },
    });
    const lonely = await createExchange(config, { connector: 'binance_paper_trade', account: 'main' }, { env: { LOG_LEVEL: 'silent' } });
    const outcome = await lonely.submit(intentOf());
    expect(outcome).toMatchObject({ kind: 'notSent', failure: { code: 'EXCHANGE_UNREACHABLE' } });
    expectTellable(failureOf(outcome));
    listening.close();
    await lonely.close();
  });

  it('card 01: a read is tried again by whoever asked, a cancel is looked up', async () => {
    const intent = intentOf();
    await bench.port.submit(intent);
    await bench.arm({ kind: 'drop-after-commit', ...CANCEL });
    expect(await bench.port.cancel(referenceOf(intent))).toMatchObject({ kind: 'unknown' });
    await bench.arm({ kind: 'drop-before-commit', ...LOOK_UP });
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'unknown' });
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'found', order: { state: 'cancelled' } });
  });
});

describe('card 02: no answer in time', () => {
  it.each(cases(
    ['it hangs before the exchange did anything', { kind: 'hang-before-commit', ...NEW_ORDER }, 'nothing', IMPATIENT],
    ['it hangs after the order was taken', { kind: 'hang-after-commit', ...NEW_ORDER }, 'committed', IMPATIENT],
    ['the answer is late', { kind: 'delay-after-commit', delayMs: 900, ...NEW_ORDER }, 'committed', IMPATIENT],
    ['the request is late, and the exchange refuses it by its deadline', { kind: 'delay-before-commit', delayMs: 900, ...NEW_ORDER }, 'nothing', IMPATIENT],
    ['status 408', { kind: 'status-after-commit', status: 408, body: '', ...NEW_ORDER }, 'committed'],
    ['status 504 from a gateway', { kind: 'status-after-commit', status: 504, ...NEW_ORDER }, 'committed'],
    ['-1007 before', { kind: 'code-before-commit', code: -1007, ...NEW_ORDER }, 'nothing'],
    ['-1007 after', { kind: 'code-after-commit', code: -1007, ...NEW_ORDER }, 'committed'],
  ))('card 02: $name: unknown', provesNothing);

  it('card 02: a read that hangs ends with our deadline, not with the library of the client', async () => {
    const port = await bench.connect('binance_paper_trade', { requestDeadlineMs: 300 });
    await bench.arm({ kind: 'hang-before-commit', route: '/api/v3/account' });
    expectTellable(await readFailure(port.balances()));
    await port.close();
  });
});

describe('card 03: the exchange is not available', () => {
  it.each(cases(
    ['500 before', { kind: 'status-before-commit', status: 500, ...NEW_ORDER }, 'nothing'],
    ['500 after', { kind: 'status-after-commit', status: 500, ...NEW_ORDER }, 'committed'],
    ['502, a page, after', { kind: 'status-after-commit', status: 502, ...NEW_ORDER }, 'committed'],
    ['503, words, after', { kind: 'status-after-commit', status: 503, body: 'Service Unavailable', ...NEW_ORDER }, 'committed'],
    ['500 with a refusal in its body, after', { kind: 'status-after-commit', status: 500, body: '{"code":-2010,"msg":"Account has insufficient balance for requested action."}', ...NEW_ORDER }, 'committed'],
  ))('card 03: $name: unknown', provesNothing);

  it('card 03: a 4xx without a code comes from something in front of the exchange: no order exists', async () => {
    for (const status of [400, 403, 404]) {
      const intent = intentOf();
      await bench.arm({ kind: 'status-before-commit', status, body: '<html>no</html>', ...NEW_ORDER });
      const outcome = await bench.port.submit(intent);
      // 403 is a wall that stays; what 400 and 404 mean nobody says, and one look-up is cheap.
      expect(outcome.kind).toBe(status === 403 ? 'rejected' : 'unknown');
      expectTellable(failureOf(outcome));
      expect(await bench.lookUp(intent)).toEqual({ kind: 'missing' });
    }
  });
});

describe('card 04: an internal error of the exchange', () => {
  it.each(cases(
    ['-1000 before', { kind: 'code-before-commit', code: -1000, ...NEW_ORDER }, 'nothing'],
    ['-1000 after', { kind: 'code-after-commit', code: -1000, status: 400, ...NEW_ORDER }, 'committed'],
    ['-1001 after', { kind: 'code-after-commit', code: -1001, status: 400, ...NEW_ORDER }, 'committed'],
    ['-1006 after', { kind: 'code-after-commit', code: -1006, status: 400, ...NEW_ORDER }, 'committed'],
    ['-1006 after it was filled', { kind: 'code-after-commit', code: -1006, ...NEW_ORDER }, 'committed', { type: 'MARKET' }],
  ))('card 04: $name: unknown', provesNothing);
});

describe('card 05: an answer that is none', () => {
  it.each(cases(
    ['a page with status 200', { kind: 'status-after-commit', status: 200, body: '<html>Welcome</html>', ...NEW_ORDER }, 'committed'],
    ['an empty body with status 200', { kind: 'status-after-commit', status: 200, body: '', ...NEW_ORDER }, 'committed'],
    ['JSON that is no order', { kind: 'status-after-commit', status: 200, body: '{}', ...NEW_ORDER }, 'committed'],
    ['null', { kind: 'status-after-commit', status: 200, body: 'null', ...NEW_ORDER }, 'committed'],
    ['JSON that breaks off', { kind: 'status-after-commit', status: 200, body: '{"symbol":"BTCUSDT","orderId":', ...NEW_ORDER }, 'committed'],
    ['a body that is cut', { kind: 'cut-body-after-commit', ...NEW_ORDER }, 'committed'],
    ['a body that stalls', { kind: 'stall-body-after-commit', ...NEW_ORDER }, 'committed', IMPATIENT],
    ['524, which the client maps to nothing', { kind: 'status-after-commit', status: 524, ...NEW_ORDER }, 'committed'],
    ['520', { kind: 'status-after-commit', status: 520, body: '', ...NEW_ORDER }, 'committed'],
  ))('card 05: $name: unknown', provesNothing);

  const lists: readonly (readonly [route: string, read: (port: ExchangePort) => Promise<unknown>])[] = [
    ['/api/v3/openOrders', (port) => port.openOrders(PAIR)],
    ['/api/v3/allOrders', (port) => port.ordersSince(PAIR, 0)],
    ['/api/v3/myTrades', (port) => port.tradesOf(PAIR, '1')],
    ['/api/v3/account', (port) => port.balances()],
    ['/api/v3/exchangeInfo', (port) => port.rules(PAIR)],
    ['/api/v3/ticker/bookTicker', (port) => port.topOfBook(PAIR)],
    ['/api/v3/klines', (port) => port.candles(PAIR, 60_000, 0, 1)],
  ];
  it.each(lists)('card 05: %s answered with anything else than what it is: a failure, never an empty list', async (route, read) => {
    const port = await bench.connect('binance_paper_trade', { requestDeadlineMs: 300 });
    const answers: readonly FaultInput[] = [
      ...['<html></html>', '', 'null', '{}', '"ok"'].map((body) => ({ kind: 'status-before-commit', status: 200, body }) as const),
      { kind: 'status-before-commit', status: 524 },
      { kind: 'cut-body-after-commit' },
      { kind: 'stall-body-after-commit' },
    ];
    for (const fault of answers) {
      if (route === '/api/v3/exchangeInfo' && fault.kind === 'stall-body-after-commit') continue;
      await bench.arm({ ...fault, route });
      expectTellable(await readFailure(read(port)));
    }
    await read(port);
    await port.close();
  });

  it('card 05: an order of somebody else that cannot be read hides none of ours; one of ours makes the list a failure', async () => {
    const ours = intentOf();
    const row = { symbol: 'BTCUSDT', orderId: 1, clientOrderId: ours.clientOrderId, price: '49000', origQty: '0.01', executedQty: '0', status: 'NEW', type: 'LIMIT', side: 'BUY', time: 1 };
    const list = (...rows: readonly object[]): FaultInput => ({ kind: 'status-before-commit', status: 200, body: JSON.stringify(rows), route: '/api/v3/openOrders' });
    await bench.arm(list({ ...row, clientOrderId: 'web_somebody', type: 'TRAILING_SOMETHING' }, row));
    expect((await bench.port.openOrders(PAIR)).map((order) => order.clientOrderId)).toEqual([ours.clientOrderId]);
    await bench.arm(list({ ...row, type: 'TRAILING_SOMETHING' }));
    expectTellable(await readFailure(bench.port.openOrders(PAIR)));
  });

  it('card 05: a page instead of the answer to a cancel confirms nothing', async () => {
    const intent = intentOf();
    await bench.port.submit(intent);
    await bench.arm({ kind: 'status-before-commit', status: 200, body: '<html></html>', ...CANCEL });
    expect(await bench.port.cancel(referenceOf(intent))).toMatchObject({ kind: 'unknown' });
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'found', order: { state: 'open' } });
  });
});

import * as ccxt from 'ccxt';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.js';
import { type CallFacts, type Classified, classifyError } from '../../../src/exchanges/classify-error.js';
import type { FaultInput } from '../../../src/paper/control/schemas.js';
import type { AccountNews, SubmitOutcome } from '../../../src/ports/exchange.js';
import { intentOf, PAIR, Recorder, referenceOf } from '../port-inputs.js';
import { CANCEL, CardBench, expectNoSecret, expectTellable, failureOf, LOOK_UP, NEW_ORDER, readFailure, SYMBOL } from './card-bench.js';

let bench: CardBench;

beforeAll(async () => {
  bench = await CardBench.start();
});
afterEach(() => bench.heal());
afterAll(async () => {
  expectNoSecret(bench.log);
  await bench.stop();
});

const code = (value: number, message?: string): FaultInput => ({ kind: 'code-before-commit', code: value, ...(message === undefined ? {} : { message }), ...NEW_ORDER });

/** A refusal: no order exists, the look-up agrees, and nothing waits because of it. */
async function refuses(fault: FaultInput | null, expected: ErrorCode, kind: SubmitOutcome['kind'] = 'rejected', intent = intentOf()): Promise<void> {
  if (fault !== null) await bench.arm(fault);
  const outcome = await bench.port.submit(intent);
  expect(outcome).toMatchObject({ kind, failure: { code: expected } });
  expectTellable(failureOf(outcome));
  expect(await bench.lookUp(intent)).toEqual({ kind: 'missing' });
  expect(await bench.committed(intent)).toBe(0);
}

const SENT: CallFacts = { operation: 'create', sent: true, connectFailed: false, httpStatus: 200, errorBody: null, retryAfterMs: null };

/** What we make of an error that only other exchanges throw, as ccxt throws it. */
function judged(ccxtId: string, name: string, facts: Partial<CallFacts> = {}): Classified {
  const CcxtError = (ccxt as unknown as Readonly<Record<string, new (message: string) => Error>>)[name];
  if (CcxtError === undefined) throw new Error(`ccxt has no ${name}`);
  const found = classifyError(ccxtId, new CcxtError(`${ccxtId} POST https://example.com/orders?signature=${'a1'.repeat(32)} refused`), { ...SENT, ...facts }, []);
  expectTellable(found.failure);
  return found;
}

describe('card 06: too fast', () => {
  it('card 06: 429 with a time to wait: unknown, everything waits that long, then the same order goes', async () => {
    const intent = intentOf();
    await bench.arm({ kind: 'status-after-commit', status: 429, retryAfterSeconds: 1, ...NEW_ORDER });
    const outcome = await bench.port.submit(intent);
    expect(outcome).toMatchObject({ kind: 'unknown', failure: { code: 'THROTTLED', retryAfterMs: 1_000 } });
    expectTellable(failureOf(outcome));
    const seen = await bench.control.armFault({ kind: 'delay-before-commit', delayMs: 0, count: null });
    expect(await bench.port.submit(intentOf({ deadlineMs: 300 }))).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED' } });
    expect((await bench.control.faults()).find(({ id }) => id === seen.id)?.hits).toBe(0);
    // It was taken after all: never send again before the look-up.
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'found' });
  });

  it('card 06: 418: nothing at all leaves until the ban is over', async () => {
    await bench.arm({ kind: 'ban', banMs: 1_500, ...NEW_ORDER });
    const everything = await bench.control.armFault({ kind: 'delay-before-commit', delayMs: 0, count: null });
    const outcome = await bench.port.submit(intentOf());
    expect(outcome).toMatchObject({ kind: 'unknown', failure: { code: 'THROTTLED' } });
    expectTellable(failureOf(outcome));
    expect(failureOf(outcome).retryAfterMs).toBeGreaterThanOrEqual(1_000);
    const patient = intentOf({ deadlineMs: 4_000 });
    expect(await bench.port.submit(patient)).toMatchObject({ kind: 'accepted' });
    // The banned request, and the one that waited: none in between, which would have lengthened a real ban.
    expect((await bench.control.faults()).find(({ id }) => id === everything.id)?.hits).toBe(2);
  });

  it.each([
    ['-1003', { kind: 'code-before-commit', code: -1003, status: 400, ...NEW_ORDER }],
    ['-1015', { kind: 'code-before-commit', code: -1015, ...NEW_ORDER }],
  ] as const)('card 06: %s under a plain status: not looked at, so nothing to look up', async (_, fault) => {
    await refuses(fault, 'THROTTLED', 'notSent');
  });
});

describe('card 07: maintenance', () => {
  it('card 07: the exchange is being worked on: the request counts for nothing, reads say so, and it works afterwards', async () => {
    await bench.arm({ kind: 'maintenance', count: null });
    const intent = intentOf();
    expect(await bench.port.submit(intent)).toMatchObject({ kind: 'unknown', failure: { code: 'MAINTENANCE' } });
    const failure = await readFailure(bench.port.balances());
    expect(failure.code).toBe('MAINTENANCE');
    expectTellable(failure);
    await bench.control.clearFaults();
    expect(await bench.lookUp(intent)).toEqual({ kind: 'missing' });
    expect(await bench.port.submit(intent)).toMatchObject({ kind: 'accepted' });
  });

  it('card 07: -1016, a refusal in so many words: not looked at', async () => {
    await refuses(code(-1016), 'MAINTENANCE', 'notSent');
  });
});

describe('card 08: the clocks differ', () => {
  it.each([45_000, -45_000])('card 08: by %i ms: refused before it was looked at, the clock is read, and the same order passes', async (skewMs) => {
    const live = await bench.connect('binance');
    await bench.arm({ kind: 'clock-skew', skewMs, count: null });
    const intent = intentOf();
    const outcome = await live.submit(intent);
    expect(outcome).toMatchObject({ kind: 'notSent', failure: { code: 'CLOCK_SKEW' } });
    expectTellable(failureOf(outcome));
    const again = async (): Promise<SubmitOutcome> => await live.submit({ ...intent, deadlineMs: 1_000 });
    let last = await again();
    while (last.kind === 'notSent') last = await again();
    expect(last).toMatchObject({ kind: 'accepted' });
    expect(await live.cancel(referenceOf(intent))).toMatchObject({ kind: 'cancelled' });
    await live.close();
  });

  it('card 08: a checksum that fails is a book out of step: no book is followed, so it can prove nothing about an order', () => {
    expect(judged('kraken', 'ChecksumError')).toMatchObject({ kind: 'unknown' });
  });
});

describe('card 09: not who we say we are', () => {
  it.each([
    ['an unknown key', -2015, 'CREDENTIALS_REFUSED'],
    ['a malformed key', -2014, 'CREDENTIALS_REFUSED'],
    ['a wrong signature', -1022, 'CREDENTIALS_REFUSED'],
  ] as const)('card 09: %s: refused, and every read says it', async (_, value, expected) => {
    await refuses(code(value), expected);
    await bench.arm({ kind: 'code-before-commit', code: value, route: '/api/v3/account' });
    const failure = await readFailure(bench.port.balances());
    expect(failure.code).toBe(expected);
    expectTellable(failure);
  });

  it('card 09: an account that is suspended, or not enabled: refused', async () => {
    await refuses(code(-2010, 'This action is disabled on this account.'), 'PERMISSION_DENIED');
    expect(judged('kucoin', 'AccountNotEnabled')).toMatchObject({ kind: 'refused', failure: { code: 'PERMISSION_DENIED' } });
    expect(judged('bybit', 'AccountSuspended')).toMatchObject({ kind: 'refused', failure: { code: 'PERMISSION_DENIED' } });
  });
});

describe('card 10: not allowed', () => {
  it.each([
    ['451 from where we are', { kind: 'status-before-commit', status: 451, body: '<html>restricted location</html>', ...NEW_ORDER }],
    ['403 from a wall in front', { kind: 'status-before-commit', status: 403, body: '<html>Forbidden</html>', ...NEW_ORDER }],
    ['an order type that is disabled', code(-2010, 'This order type is not permitted for this symbol.')],
  ] as const)('card 10: %s: refused', async (_, fault) => {
    await refuses(fault, 'PERMISSION_DENIED');
  });

  it('card 10: as other exchanges throw it', () => {
    expect(judged('okx', 'RestrictedLocation')).toMatchObject({ kind: 'refused', failure: { code: 'PERMISSION_DENIED' } });
  });
});

describe('card 11: a key revoked after it worked', () => {
  it('card 11: the client calls -2015 a rate limit by then; the code is believed, and nothing pauses', async () => {
    expect(await bench.port.submit(intentOf())).toMatchObject({ kind: 'accepted' });
    await bench.arm({ kind: 'code-before-commit', code: -2015, account: 'main', count: null });
    const outcome = await bench.port.submit(intentOf());
    expect(outcome).toMatchObject({ kind: 'rejected', failure: { code: 'CREDENTIALS_REFUSED', exchangeCode: '-2015', retryAfterMs: null } });
    expectTellable(failureOf(outcome));
    // What was placed before stays an open question: a refused look-up is no "missing".
    expect(await bench.lookUp(intentOf())).toMatchObject({ kind: 'unknown', failure: { code: 'CREDENTIALS_REFUSED' } });
    expect(await bench.port.cancel(referenceOf(intentOf()))).toMatchObject({ kind: 'unknown', failure: { code: 'CREDENTIALS_REFUSED' } });
    await bench.control.clearFaults();
    expect(await bench.port.submit(intentOf({ deadlineMs: 500 }))).toMatchObject({ kind: 'accepted' });
  });
});

describe('card 12: not enough money', () => {
  it('card 12: refused; no order exists', async () => {
    await refuses(null, 'INSUFFICIENT_FUNDS', 'rejected', intentOf({ side: 'SELL', amountBase: '101', priceQuote: '51000' }));
    await refuses(code(-2019), 'INSUFFICIENT_FUNDS');
  });
});

describe('card 13: against the rules', () => {
  it('card 13: a rule that changed after it was read, a field that is wrong or missing: refused', async () => {
    await bench.control.setRules(SYMBOL, { minNotionalQuote: '1000' });
    await refuses(null, 'INVALID_ORDER', 'rejected', intentOf({ amountBase: '0.01' }));
    await bench.control.setRules(SYMBOL, { minNotionalQuote: '5' });
    for (const value of [-1013, -1100, -1102, -1111]) await refuses(code(value), 'INVALID_ORDER');
  });
});

describe('card 14: that order exists', () => {
  it('card 14: sent twice while open: the second answer proves the first, and there is one order', async () => {
    const intent = intentOf();
    expect(await bench.port.submit(intent)).toMatchObject({ kind: 'accepted' });
    const outcome = await bench.port.submit(intent);
    expect(outcome).toMatchObject({ kind: 'unknown', failure: { code: 'DUPLICATE_ORDER' } });
    expectTellable(failureOf(outcome));
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'found', order: { state: 'open' } });
    expect(await bench.committed(intent)).toBe(1);
  });

  it.each([-2010, -4116])('card 14: %i although it was the first: taken for what it says, and looked up', async (value) => {
    const intent = intentOf({ type: 'MARKET' });
    await bench.arm({ kind: 'code-after-commit', code: value, ...NEW_ORDER });
    expect(await bench.port.submit(intent)).toMatchObject({ kind: 'unknown', failure: { code: 'DUPLICATE_ORDER' } });
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'found', order: { state: 'filled' } });
  });
});

describe('card 15: a post-only order that would take', () => {
  it('card 15: refused, to be priced anew', async () => {
    await refuses(null, 'WOULD_TAKE', 'rejected', intentOf({ type: 'LIMIT_MAKER', priceQuote: '50001' }));
    await refuses(code(-5022), 'WOULD_TAKE');
    await refuses(code(-2010, 'Stop price would trigger immediately.'), 'WOULD_TAKE');
  });
});

describe('card 16: nothing to trade with', () => {
  it('card 16: refused, or taken and ended without a fill', async () => {
    await refuses(code(-5021), 'NOT_FILLABLE');
    await bench.control.setBook(SYMBOL, { bids: [['50000', '1']], asks: [] });
    const intent = intentOf({ type: 'MARKET' });
    expect(await bench.port.submit(intent)).toMatchObject({ kind: 'accepted', order: { state: 'expired', executedBase: '0' }, trades: [] });
  });
});

describe('card 17: no such order', () => {
  it('card 17: a look-up says missing, a cancel says not open; neither is final by itself', async () => {
    expect(await bench.lookUp(intentOf())).toEqual({ kind: 'missing' });
    const outcome = await bench.port.cancel(referenceOf(intentOf()));
    expect(outcome).toMatchObject({ kind: 'notOpen', failure: { code: 'ORDER_NOT_FOUND' } });
    expectTellable(failureOf(outcome));
    const late = intentOf();
    await bench.port.submit(late);
    await bench.arm({ kind: 'read-lag', lagMs: 60_000, ...LOOK_UP });
    expect(await bench.lookUp(late)).toEqual({ kind: 'missing' });
    expect(await bench.lookUp(late)).toMatchObject({ kind: 'found' });
  });

  it.each(['unknown', 'archived'] as const)('card 17: forgotten after its time (%s): missing, while its trades stay', async (answer) => {
    const [unfilled, filled] = [intentOf(), intentOf({ type: 'MARKET' })];
    await bench.port.submit(unfilled);
    await bench.port.cancel(referenceOf(unfilled));
    const taken = await bench.port.submit(filled);
    await bench.control.setRetention({ forget: 'unfilled', afterMs: 0, answer });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await bench.lookUp(unfilled)).toEqual({ kind: 'missing' });
    expect(await bench.lookUp(filled)).toMatchObject({ kind: 'found' });
    const listed = await bench.port.ordersSince(PAIR, 0);
    expect([unfilled, filled].map(({ clientOrderId }) => listed.some((order) => order.clientOrderId === clientOrderId))).toEqual([false, true]);
    await bench.control.setRetention({ forget: 'ended', afterMs: 0, answer });
    expect(await bench.lookUp(filled)).toEqual({ kind: 'missing' });
    if (taken.kind === 'accepted') expect(await bench.port.tradesOf(PAIR, taken.order.exchangeOrderId)).toHaveLength(1);
    await bench.control.setRetention({ forget: 'nothing' });
  });
});

describe('card 18: an order the client does not have in its cache', () => {
  it('card 18: no exchange of this ccxt throws it, and it would mean missing', () => {
    const folder = join(dirname(createRequire(import.meta.url).resolve('ccxt')), '..', 'js', 'src');
    for (const file of ['binance.js', 'binanceusdm.js', 'pro/binance.js', 'base/Exchange.js']) {
      expect(readFileSync(join(folder, file), 'utf8')).not.toContain('OrderNotCached');
    }
    expect(judged('binance', 'OrderNotCached', { operation: 'lookUp' })).toMatchObject({ kind: 'missing' });
  });
});

describe('card 19: a cancel that is under way', () => {
  it('card 19: as other exchanges throw it: not confirmed, so it is looked up', () => {
    for (const id of ['okx', 'kraken', 'phemex']) {
      expect(judged(id, 'CancelPending', { operation: 'cancel' })).toMatchObject({ kind: 'unknown', failure: { code: 'OUTCOME_UNKNOWN' } });
    }
  });

  it('card 19: a confirmed cancel that the exchange still calls open is none yet', async () => {
    const intent = intentOf();
    await bench.port.submit(intent);
    const body = JSON.stringify({ symbol: SYMBOL, orderId: 1, origClientOrderId: intent.clientOrderId, clientOrderId: 'c', price: '49000', origQty: '0.01', executedQty: '0', status: 'PENDING_CANCEL', type: 'LIMIT', side: 'BUY' });
    await bench.arm({ kind: 'status-before-commit', status: 200, body, ...CANCEL });
    expect(await bench.port.cancel(referenceOf(intent))).toMatchObject({ kind: 'cancelled', order: { state: 'open' } });
  });
});

describe('card 20: no such market', () => {
  it('card 20: an unknown pair, a closed one: refused', async () => {
    expect(await bench.port.submit(intentOf({ pair: 'NOPE-USDT' }))).toMatchObject({ kind: 'rejected', failure: { code: 'UNKNOWN_PAIR' } });
    await refuses(code(-1121, 'Invalid symbol.'), 'UNKNOWN_PAIR');
    await refuses(code(-2010, 'Market is closed.'), 'MARKET_CLOSED');
    expect(judged('okx', 'ContractUnavailable')).toMatchObject({ kind: 'refused', failure: { code: 'MARKET_CLOSED' } });
  });
});

describe('card 22: refused for good', () => {
  it('card 22: an operation the exchange rejects: refused', async () => {
    await refuses(code(-3004, 'Trade not allowed.'), 'EXCHANGE_ERROR');
    expect(judged('coinbase', 'ManualInteractionNeeded')).toMatchObject({ kind: 'refused', failure: { code: 'PERMISSION_DENIED' } });
  });
});

describe('card 23: what the connector cannot do', () => {
  it('card 23: said at once, and nothing is sent', async () => {
    const everything = await bench.control.armFault({ kind: 'delay-before-commit', delayMs: 0, count: null });
    const failure = await readFailure(bench.port.candles(PAIR, 7, 0, 1));
    expect(failure.code).toBe('NOT_SUPPORTED');
    expect((await bench.control.faults()).find(({ id }) => id === everything.id)?.hits).toBe(0);
    for (const name of ['NotSupported', 'InvalidProxySettings']) {
      expect(judged('binance', name, { sent: false })).toMatchObject({ kind: 'refused', failure: { code: 'NOT_SUPPORTED' } });
    }
  });
});

describe('card 24: closed by ourselves', () => {
  it('card 24: a client that is closed tells nothing more, and its waits end without an error that nobody took', async () => {
    const closing = await bench.connect('binance_paper_trade');
    const news = new Recorder<AccountNews>();
    closing.subscribeAccount(news.listen);
    await news.first((entry) => entry.kind === 'connected');
    await closing.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(news.all.map(({ kind }) => kind)).toEqual(['connected']);
    for (const name of ['ExchangeClosedByUser', 'UnsubscribeError']) expect(judged('binance', name)).toMatchObject({ kind: 'unknown' });
  });
});

describe('card 25: an error of the exchange nobody knows', () => {
  it.each([
    ['an unheard code', -9_999, 'EXCHANGE_ERROR'],
    ['-1008 under a plain status, which the client calls an error like any', -1_008, 'OUTCOME_UNKNOWN'],
  ] as const)('card 25: %s: unknown until the look-up', async (_, value, expected) => {
    const intent = intentOf();
    await bench.arm({ kind: 'code-after-commit', code: value, status: 400, ...NEW_ORDER });
    const outcome = await bench.port.submit(intent);
    expect(outcome).toMatchObject({ kind: 'unknown', failure: { code: expected, exchangeCode: String(value) } });
    expectTellable(failureOf(outcome));
    expect(await bench.lookUp(intent)).toMatchObject({ kind: 'found' });
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.js';
import type { AccountNews, ExchangePort, SubmitOutcome } from '../../../src/ports/exchange.js';
import { intentOf, PAIR, Recorder, referenceOf } from '../port-inputs.js';
import { CardBench, expectNoSecret, expectTellable, failureOf } from './card-bench.js';

const CONTRACT = 'BTCUSDT_PERP';
const NEW_ORDER = { method: 'POST', route: '/fapi/v1/order' } as const;

let bench: CardBench;
let port: ExchangePort;

beforeAll(async () => {
  bench = await CardBench.start();
  await bench.control.setPrice(CONTRACT, '50000', '50000.1');
  port = await bench.connect('binance_perpetual_paper_trade');
});
afterEach(() => bench.control.clearFaults());
afterAll(async () => {
  await port.close();
  expectNoSecret(bench.log);
  await bench.stop();
});

describe('card 21: nothing to change', () => {
  it('card 21: what is set already is a success', async () => {
    await port.derivatives?.setLeverage(PAIR, 5);
    await port.derivatives?.setLeverage(PAIR, 5);
    for (const value of [-4046, -4059]) {
      await bench.arm({ kind: 'code-before-commit', code: value, message: 'No need to change.', route: '/fapi/v1/leverage' });
      await port.derivatives?.setLeverage(PAIR, 5);
    }
  });
});

describe('card 34: codes of perpetuals, behind an address the client does not know', () => {
  it.each<readonly [number, string, SubmitOutcome['kind'], ErrorCode]>([
    [-2019, 'Margin is insufficient.', 'rejected', 'INSUFFICIENT_FUNDS'],
    [-5022, 'Due to the order could not be executed as maker, the Post Only order will be rejected.', 'rejected', 'WOULD_TAKE'],
    [-4116, 'ClientOrderId is duplicated.', 'unknown', 'DUPLICATE_ORDER'],
    [-1008, 'Request throttled by system-level protection.', 'unknown', 'OUTCOME_UNKNOWN'],
    [-1007, 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.', 'unknown', 'OUTCOME_UNKNOWN'],
    [-1021, 'Timestamp for this request is outside of the recvWindow.', 'notSent', 'CLOCK_SKEW'],
  ])('card 34: %i', async (value, message, kind, expected) => {
    await bench.arm({ kind: 'code-before-commit', code: value, message, ...NEW_ORDER });
    const intent = intentOf();
    const outcome = await port.submit(intent);
    expect(outcome).toMatchObject({ kind, failure: { code: expected } });
    expectTellable(failureOf(outcome));
    expect(await port.lookUp(referenceOf(intent))).toEqual({ kind: 'missing' });
  });
});

describe('card 35: the listen key of a perpetual account expires', () => {
  it('card 35: its socket stays open and silent: it is noticed, a new key is asked for, and the stream tells again', async () => {
    const news = new Recorder<AccountNews>();
    const unsubscribe = port.subscribeAccount(news.listen);
    await news.first((entry) => entry.kind === 'connected');
    const from = news.all.length;
    const gap = intentOf({ type: 'MARKET', amountBase: '0.01' });
    expect(await bench.control.terminateUserData('main')).toBe(1);
    const outcome = await port.submit(gap);
    expect(outcome).toMatchObject({ kind: 'accepted' });
    await news.first((entry) => entry.kind === 'disconnected', from);
    await news.first((entry) => entry.kind === 'connected', from);
    expect(await port.lookUp(referenceOf(gap))).toMatchObject({ kind: 'found', order: { state: 'filled' } });
    const after = intentOf({ type: 'MARKET', amountBase: '0.01', side: 'SELL' });
    await port.submit(after);
    await news.first((entry) => entry.kind === 'trade' && entry.clientOrderId === after.clientOrderId, from);
    unsubscribe();
  });
});

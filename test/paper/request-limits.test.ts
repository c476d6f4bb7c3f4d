import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RequestQuota, type QuotaRules } from '../../src/paper/quota/request-quota.js';
import { weightOf } from '../../src/paper/quota/request-weights.js';
import { LaunchedExchange } from './launched-exchange.js';

const RULES: QuotaRules = {
  spot: [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'SECOND', intervalNum: 10, limit: 50 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 3 },
  ],
  perpetual: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 10 }],
  refusalsBeforeBan: 2,
  banMs: 5_000,
};
const ORDER = { market: 'spot', method: 'POST', route: '/api/v3/order', symbol: 'BTCUSDT', limit: undefined } as const;
const READ = { ...ORDER, method: 'GET', route: '/api/v3/account', account: 'a' } as const;

let nowMs = 0;
let quota: RequestQuota;

beforeEach(() => {
  nowMs = 1_000_003_000;
  quota = new RequestQuota(() => nowMs);
  quota.set(RULES);
});

test('weights add up, are told in every answer, and end with the interval of the clock', () => {
  expect(quota.admit(READ)).toEqual({ kind: 'admitted', headers: { 'x-mbx-used-weight-10s': '20' } });
  expect(quota.admit(READ)).toMatchObject({ kind: 'admitted', headers: { 'x-mbx-used-weight-10s': '40' } });
  expect(quota.admit(READ)).toMatchObject({ kind: 'refused', code: -1003, retryAfterSeconds: 7 });
  nowMs = 1_000_010_000;
  expect(quota.admit(READ)).toMatchObject({ kind: 'admitted', headers: { 'x-mbx-used-weight-10s': '20' } });
  expect(quota.view()).toMatchObject({ refused: 1, bans: 0, uses: [{ limit: { limit: 50 }, peak: 60 }] });
});

test('orders are counted per account, weights of all together', () => {
  for (let index = 0; index < 3; index += 1) expect(quota.admit({ ...ORDER, account: 'a' })).toMatchObject({ headers: { 'x-mbx-order-count-10s': String(index + 1) } });
  expect(quota.admit({ ...ORDER, account: 'a' })).toMatchObject({ kind: 'refused', code: -1015 });
  expect(quota.admit({ ...ORDER, account: 'b' })).toMatchObject({ kind: 'admitted', headers: { 'x-mbx-order-count-10s': '1', 'x-mbx-used-weight-10s': '5' } });
});

test('who goes on after refusals is banned', () => {
  for (let index = 0; index < 2; index += 1) quota.admit(READ);
  expect([quota.admit(READ), quota.admit(READ), quota.admit(READ)].map(({ kind }) => kind)).toEqual(['refused', 'refused', 'banned']);
  expect(quota.view()).toMatchObject({ refused: 3, bans: 1 });
});

test('weights depend on what is asked for', () => {
  const request = { method: 'GET', route: '/api/v3/openOrders', symbol: undefined, limit: undefined };
  expect(weightOf(request)).toBe(80);
  expect(weightOf({ ...request, symbol: 'BTCUSDT' })).toBe(6);
  expect([100, 500, 1_000, 5_000].map((limit) => weightOf({ ...request, route: '/api/v3/depth', limit }))).toEqual([5, 25, 50, 250]);
  expect(weightOf({ ...request, method: 'DELETE', route: '/api/v3/order' })).toBe(1);
  expect(weightOf({ ...request, method: 'POST', route: '/fapi/v1/order' })).toBe(0);
});

let exchange: LaunchedExchange;
beforeAll(async () => {
  exchange = await LaunchedExchange.start();
});
afterAll(() => exchange.end());

test('on the wire: listed, told, refused with a time to wait, and then shut out', async () => {
  const url = (path: string): string => `${exchange.process.restUrl}${path}`;
  await exchange.control.limitRequests({ enforce: true, spot: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'DAY', intervalNum: 1, limit: 40 }], refusalsBeforeBan: 1, banMs: 60_000 });
  const info = await fetch(url('/api/v3/exchangeInfo'));
  expect(((await info.json()) as { rateLimits: unknown }).rateLimits).toEqual([{ rateLimitType: 'REQUEST_WEIGHT', interval: 'DAY', intervalNum: 1, limit: 40 }]);
  expect(info.headers.get('x-mbx-used-weight-1d')).toBe('20');
  await fetch(url('/api/v3/exchangeInfo'));
  const refused = await fetch(url('/api/v3/ping'));
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: -1003 }]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const banned = await fetch(url('/api/v3/ping'));
  expect([banned.status, banned.headers.get('retry-after')]).toEqual([418, '60']);
  await exchange.control.limitRequests({ enforce: false });
  expect((await fetch(url('/api/v3/ping'))).status).toBe(418);
});

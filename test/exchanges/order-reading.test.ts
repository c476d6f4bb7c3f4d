import { describe, expect, it } from 'vitest';
import type { CcxtClient, CcxtOrder, CcxtTrade } from '../../src/exchanges/ccxt-client.js';
import { quantiserDisagreement, sameTerms } from '../../src/exchanges/order-terms.js';
import { readOrder, readTrade } from '../../src/exchanges/read-order.js';
import { readPages } from '../../src/exchanges/read-pages.js';
import { UnusableAnswerError } from '../../src/exchanges/request-error.js';
import { SharedRefresh } from '../../src/exchanges/shared-refresh.js';
import { type ExchangeOrder, ExchangeReadError, type OrderIntent } from '../../src/ports/exchange.js';

const ORDER: CcxtOrder = {
  id: '7',
  clientOrderId: 'd1',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  postOnly: false,
  amount: '0.50000000',
  price: '49000.10000000',
  filled: '0.10000000',
  status: 'open',
  timestamp: 1_700_000_000_000,
  lastTradeTimestamp: undefined,
  trades: undefined,
  info: {},
};
const TRADE: CcxtTrade = {
  id: '3',
  order: '7',
  symbol: 'BTC/USDT',
  price: '49000.10000000',
  amount: '0.10000000',
  timestamp: 1_700_000_000_001,
  fee: { currency: 'BTC', cost: '0.00010000' },
  fees: undefined,
  info: {},
};
const pairOf = (symbol: string): string => symbol.replace('/', '-');

describe('reading an order', () => {
  it('keeps every digit, without trailing zeros', () => {
    expect(readOrder(ORDER, pairOf)).toEqual({
      clientOrderId: 'd1',
      exchangeOrderId: '7',
      pair: 'BTC-USDT',
      side: 'BUY',
      type: 'LIMIT',
      amountBase: '0.5',
      priceQuote: '49000.1',
      stop: null,
      state: 'open',
      executedBase: '0.1',
      createdAtMs: 1_700_000_000_000,
    });
    expect(readOrder({ ...ORDER, amount: '123456789012345678.123456789' }, pairOf).amountBase).toBe('123456789012345678.123456789');
  });

  it.each([
    ['open', 'open'],
    ['canceling', 'open'],
    ['closed', 'filled'],
    ['canceled', 'cancelled'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
  ])('takes %s for %s', (status, state) => {
    expect(readOrder({ ...ORDER, status }, pairOf).state).toBe(state);
  });

  it.each([
    [{ type: 'market', price: '50000' }, 'MARKET', null],
    [{ type: 'limit', postOnly: true }, 'LIMIT_MAKER', '49000.1'],
    [{ type: 'limit_maker' }, 'LIMIT_MAKER', '49000.1'],
  ] as const)('tells its kind and price: %j', (part, type, priceQuote) => {
    expect(readOrder({ ...ORDER, ...part }, pairOf)).toMatchObject({ type, priceQuote });
  });

  it.each(['id', 'clientOrderId', 'symbol', 'side', 'type', 'amount', 'price', 'filled', 'status'] as const)('assumes nothing when %s is missing or strange', (field) => {
    expect(() => readOrder({ ...ORDER, [field]: undefined }, pairOf)).toThrow(UnusableAnswerError);
    if (field === 'side' || field === 'type' || field === 'status') expect(() => readOrder({ ...ORDER, [field]: 'sideways' }, pairOf)).toThrow(UnusableAnswerError);
  });
});

describe('reading a trade', () => {
  it('keeps the fee in its asset, rebates included, and drops what says nothing', () => {
    expect(readTrade(TRADE, null).fees).toEqual([{ asset: 'BTC', amount: '0.0001' }]);
    expect(readTrade({ ...TRADE, fee: { currency: 'BNB', cost: '-0.00000001' } }, null).fees).toEqual([{ asset: 'BNB', amount: '-0.00000001' }]);
    expect(readTrade({ ...TRADE, fee: { currency: 'BNB', cost: '0.00000000' } }, null).fees).toEqual([]);
    expect(readTrade({ ...TRADE, fee: { currency: undefined, cost: undefined } }, null).fees).toEqual([]);
    expect(readTrade({ ...TRADE, fee: undefined }, null).fees).toEqual([]);
    const fees = [{ currency: 'BNB', cost: '1' }, { currency: 'USDT', cost: '2' }];
    expect(readTrade({ ...TRADE, fees }, null).fees).toEqual([{ asset: 'BNB', amount: '1' }, { asset: 'USDT', amount: '2' }]);
  });

  it('never lets a fee without an asset pass', () => {
    expect(() => readTrade({ ...TRADE, fee: { currency: undefined, cost: '1' } }, null)).toThrow(UnusableAnswerError);
  });

  it('fills from its order what an answer to a new order leaves out, and nothing else', () => {
    const bare = { ...TRADE, order: undefined, timestamp: undefined };
    expect(readTrade(bare, { exchangeOrderId: '7', atMs: 5 })).toMatchObject({ exchangeOrderId: '7', atMs: 5 });
    expect(readTrade(TRADE, { exchangeOrderId: '8', atMs: 5 })).toMatchObject({ exchangeOrderId: '7', atMs: TRADE.timestamp });
    expect(() => readTrade(bare, null)).toThrow(UnusableAnswerError);
    expect(() => readTrade({ ...TRADE, id: undefined }, { exchangeOrderId: '7', atMs: 5 })).toThrow(UnusableAnswerError);
  });
});

describe('terms', () => {
  const intent: OrderIntent = { pair: 'BTC-USDT', clientOrderId: 'd1', side: 'BUY', type: 'LIMIT', amountBase: '0.50', priceQuote: '49000.10', stop: null, reduceOnly: false, positionAction: 'OPEN', deadlineMs: 1 };
  const found: ExchangeOrder = readOrder(ORDER, pairOf);

  it('are the same whatever the spelling of a number', () => {
    expect(sameTerms(intent, found)).toBe(true);
    expect(sameTerms({ ...intent, type: 'LIMIT_MAKER' }, found)).toBe(true);
    const market = { ...intent, type: 'MARKET', priceQuote: null } as const;
    expect(sameTerms(market, { ...found, type: 'MARKET', priceQuote: null })).toBe(true);
  });

  it.each([
    [{ pair: 'ETH-USDT' }],
    [{ side: 'SELL' }],
    [{ type: 'MARKET' }],
    [{ amountBase: '0.51' }],
    [{ priceQuote: '49000.11' }],
    [{ priceQuote: null }],
  ] as const)('are others when %j differs', (part) => {
    expect(sameTerms({ ...intent, ...part }, found)).toBe(false);
  });

  it('name what ccxt would make of an amount or a price', () => {
    const client = { amountToPrecision: () => '0.5', priceToPrecision: () => '49000.1' } as unknown as CcxtClient;
    expect(quantiserDisagreement(client, 'BTC/USDT', intent)).toBeNull();
    expect(quantiserDisagreement(client, 'BTC/USDT', { ...intent, amountBase: '0.51' })).toMatch(/amount 0.51 would be sent as 0.5/);
    expect(quantiserDisagreement(client, 'BTC/USDT', { ...intent, priceQuote: '49000.15' })).toMatch(/price 49000.15 would be sent as 49000.1/);
  });
});

describe('pages', () => {
  function source(total: number, rows: number) {
    const all = Array.from({ length: total }, (_, index) => String(index + 1));
    const asked: string[] = [];
    return {
      asked,
      rows,
      first: async () => await Promise.resolve(all.slice(0, rows)),
      after: async (last: string) => {
        asked.push(last);
        return await Promise.resolve(all.slice(Number(last), Number(last) + rows));
      },
      keyOf: (row: string) => row,
    };
  }

  it.each([0, 1, 3, 4, 8, 9])('are read to the end: %i rows, 4 a page', async (total) => {
    const pages = source(total, 4);
    expect(await readPages(pages)).toHaveLength(total);
  });

  it('count a row that two pages show once', async () => {
    const pages = { ...source(8, 4), after: async (last: string) => await Promise.resolve(last === '4' ? ['4', '5', '6', '7'] : ['7', '8']) };
    expect(await readPages(pages)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });

  it('end in an error, not in a part, when there is no end', async () => {
    const endless = { ...source(8, 4), after: async (last: string) => await Promise.resolve([`${last}a`, `${last}b`, `${last}c`, `${last}d`]) };
    await expect(readPages(endless)).rejects.toBeInstanceOf(ExchangeReadError);
  });
});

describe('a shared refresh', () => {
  it('gives everyone one that began after the question, and no more than two at a time of asking', async () => {
    let begun = 0;
    const finish: (() => void)[] = [];
    const refresh = new SharedRefresh(async () => {
      begun += 1;
      await new Promise<void>((resolve) => finish.push(resolve));
    });
    const first = refresh.fresh();
    const others = [refresh.fresh(), refresh.fresh(), refresh.fresh()];
    expect(begun).toBe(1);
    finish.shift()?.();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(2);
    finish.shift()?.();
    await Promise.all(others);
    expect(begun).toBe(2);
  });

  it('tells a failure to those it belongs to, and starts anew for the others', async () => {
    let fail = true;
    const refresh = new SharedRefresh(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (fail) throw new Error('down');
    });
    const first = refresh.fresh();
    const second = refresh.fresh();
    await expect(first).rejects.toThrow('down');
    fail = false;
    await expect(second).resolves.toBeUndefined();
    await expect(refresh.fresh()).resolves.toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { OrderRecord, SessionResult } from '../../src/contract/session-result.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { DecisionLog } from '../../workflows/runtime/decisions.js';
import { FundingBook } from '../../workflows/runtime/funding-book.js';
import { TwapBook } from '../../workflows/runtime/twap-book.js';
import { twapConfig } from '../executors/running-stack.js';

const NOTHING = totalsRecord(NO_FILLS);

function order(number: number, filledBase: string): OrderRecord {
  const filled = filledBase === '0' ? NOTHING : { ...NOTHING, filledBase, filledQuote: `${Number(filledBase) * 100}`, feesQuote: '0.1', feesByAsset: { USDT: '0.1' }, fillCount: 1, firstFillAtMs: number, lastFillAtMs: number };
  return { clientOrderId: `order ${number}`, exchangeOrderId: String(number), purpose: 'work', side: 'BUY', type: 'LIMIT', amountBase: '1', priceQuote: '100', state: 'canceled', totals: filled };
}

function result(orders: readonly OrderRecord[], unvaluedFees: Record<string, string> = {}): SessionResult {
  const totals = totalsRecord(orders.reduce((sum, { totals: filled }) => addTotals(sum, totalsFromRecord(filled)), NO_FILLS));
  return { end: { kind: 'completed' }, totals, orders, ordersSent: orders.length, retries: 1, trigger: null, protectedTotals: null, predecessorTotals: null, residueBase: '0', lastError: null, unvaluedFees, endedAtMs: 1 };
}

function newBook(carried: ConstructorParameters<typeof TwapBook>[2] = null): TwapBook {
  const config = twapConfig();
  return new TwapBook(config, new FundingBook(config, new DecisionLog(), () => undefined), carried, 1);
}

function filledBase(orders: readonly OrderRecord[]): string {
  return totalsRecord(orders.reduce((sum, { totals }) => addTotals(sum, totalsFromRecord(totals)), NO_FILLS)).filledBase;
}

describe('the orders of a long TWAP', () => {
  it('stay within a report, and what is handed over is all that was filled', () => {
    const book = newBook();
    for (let number = 0; number < 450; number += 1) {
      book.add({ kind: 'slice', number, side: 'BUY' }, result([order(number, number % 3 === 0 ? '0' : '0.25')]));
      expect(book.allOrders().length).toBeLessThanOrEqual(LIMITS.maxOrdersInReport);
      expect(filledBase(book.hold().orders)).toBe(filledBase(book.allOrders()));
    }
    expect(filledBase(book.hold().orders)).toBe('75');
    expect(book.retries).toBe(450);
    const [oldest] = book.allOrders();
    expect(oldest).toMatchObject({ state: 'sum of earlier orders', exchangeOrderId: null, priceQuote: null });
    expect(oldest?.amountBase).toBe(oldest?.totals.filledBase);
  });

  it('lose those without a fill first', () => {
    const book = newBook();
    for (let number = 0; number < LIMITS.maxOrdersInReport + 50; number += 1) book.add({ kind: 'slice', number, side: 'BUY' }, result([order(number, number < 100 ? '1' : '0')]));
    expect(book.filledOrders()).toHaveLength(100);
    expect(book.allOrders().some(({ state }) => state === 'sum of earlier orders')).toBe(false);
  });

  it('tell funding whose fills moved the position', () => {
    const book = newBook();
    book.add({ kind: 'slice', number: 0, side: 'BUY' }, result([order(0, '1')]));
    book.add({ kind: 'slice', number: 1, side: 'BUY' }, result([order(1, '0')]));
    book.add({ kind: 'exit', number: 1, side: 'SELL' }, result([order(2, '1')]));
    expect(book.funded().legs.map(({ path, side }) => [path.path, side])).toEqual([['slice/0', 'BUY'], ['exit/1', 'SELL']]);
    expect(book.exits.filledBase.toFixed()).toBe('1');
  });

  it('sum fees without a value by asset', () => {
    const book = newBook();
    book.add({ kind: 'slice', number: 0, side: 'BUY' }, result([order(0, '1')], { BNB: '0.1' }));
    book.add({ kind: 'slice', number: 1, side: 'BUY' }, result([order(1, '1')], { BNB: '0.02', XYZ: '3' }));
    expect(book.unvaluedFees()).toEqual({ BNB: '0.12', XYZ: '3' });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccountOrders } from '../../activities/session/account-orders.js';
import type { OrderSession } from '../../activities/session/order-session.js';
import type { SessionEvent } from '../../src/domain/session/session-events.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { AccountNews, ExchangeOrder, ExchangePort } from '../../src/ports/exchange.js';

/** A session with one order, as far as the batch reconcile knows sessions. */
class OneOrder {
  open = true;
  readonly heard: SessionEvent['kind'][] = [];

  isOpen(): boolean {
    return this.open;
  }

  isOver(): boolean {
    return !this.open;
  }

  dispatch(event: SessionEvent): void {
    this.heard.push(event.kind);
  }

  orderSeen(): void {
    this.heard.push('sighted');
  }

  tradeSeen(): void {
    this.heard.push('fillSeen');
  }
}

let listed: readonly Partial<ExchangeOrder>[];
let doubts: string[];
let news: (news: AccountNews) => void;
let orders: AccountOrders;
let session: OneOrder;

beforeEach(() => {
  vi.useFakeTimers();
  listed = [];
  doubts = [];
  const exchange = {
    subscribeAccount: (listener: typeof news) => {
      news = listener;
      return () => undefined;
    },
    openOrders: () => Promise.resolve(listed),
    doubtAccountStream: (reason: string) => doubts.push(reason),
  };
  orders = new AccountOrders(exchange as unknown as ExchangePort, { info: () => undefined, warn: () => undefined, error: () => undefined });
  session = new OneOrder();
  orders.watch('order-1', session as unknown as OrderSession, 1);
});
afterEach(() => {
  orders.close();
  vi.useRealTimers();
});

describe('the batch reconcile', () => {
  it('doubts a stream that says nothing of an order that ended', async () => {
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    expect(session.heard).toEqual(['notListed']);
    session.open = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(doubts).toEqual([expect.stringContaining('said nothing of 1 orders')]);
  });

  it('does not doubt a stream that tells of it a moment later', async () => {
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    session.open = false;
    news({ kind: 'order', order: { clientOrderId: 'order-1' } as ExchangeOrder });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(doubts).toEqual([]);
  });

  it('does not doubt a stream because a list was behind', async () => {
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    expect(session.heard).toEqual(['notListed']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(doubts).toEqual([]);
  });

  it('reads more often while no stream tells of orders', async () => {
    listed = [{ clientOrderId: 'order-1' }];
    await vi.advanceTimersByTimeAsync(2 * LIMITS.reconcileMs);
    expect(session.heard).toHaveLength(2);
    news({ kind: 'disconnected', failure: { code: 'EXCHANGE_UNREACHABLE', exchangeCode: null, message: 'lost', retryAfterMs: null } });
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    expect(session.heard).toHaveLength(5);
    news({ kind: 'connected' });
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    expect(session.heard).toHaveLength(7);
    orders.streamStale(true);
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    expect(session.heard).toHaveLength(10);
  });

  it('does not ask about orders that are listed', async () => {
    listed = [{ clientOrderId: 'order-1' }];
    await vi.advanceTimersByTimeAsync(LIMITS.reconcileMs);
    expect(session.heard).toEqual(['sighted']);
  });
});

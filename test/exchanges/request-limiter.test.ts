import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotSentError } from '../../src/exchanges/request-error.js';
import { RequestLimiter, type RequestPriority } from '../../src/exchanges/request-limiter.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function track(limiter: RequestLimiter, log: string[], name: string, priority: RequestPriority, cost = 1, signal: AbortSignal | null = null): Promise<void> {
  return limiter.acquire(cost, priority, signal).then(
    () => {
      log.push(name);
    },
    (error: unknown) => {
      log.push(`${name} ${error instanceof NotSentError ? error.code : String(error)}`);
    },
  );
}

describe('request limiter', () => {
  it('lets a burst through and paces the rest', async () => {
    const limiter = new RequestLimiter({ msPerUnit: 100, burstUnits: 3 });
    const log: string[] = [];
    for (let index = 0; index < 8; index += 1) void track(limiter, log, String(index), 'read');
    await vi.advanceTimersByTimeAsync(0);
    const atOnce = log.length;
    expect(atOnce).toBeGreaterThanOrEqual(3);
    expect(atOnce).toBeLessThanOrEqual(4);
    await vi.advanceTimersByTimeAsync(100);
    expect(log.length).toBe(atOnce + 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('takes long for what costs much', async () => {
    const limiter = new RequestLimiter({ msPerUnit: 10, burstUnits: 0 });
    const log: string[] = [];
    void track(limiter, log, 'heavy', 'read', 40);
    void track(limiter, log, 'next', 'cancel');
    await vi.advanceTimersByTimeAsync(390);
    expect(log).toEqual(['heavy']);
    await vi.advanceTimersByTimeAsync(20);
    expect(log).toEqual(['heavy', 'next']);
  });

  it('lets cancels go before reductions, those before new orders, and reads last', async () => {
    const limiter = new RequestLimiter({ msPerUnit: 10, burstUnits: 0 });
    const log: string[] = [];
    void track(limiter, log, 'first', 'read');
    for (const priority of ['read', 'create', 'reduce', 'cancel', 'read', 'cancel'] as const) void track(limiter, log, priority, priority);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(log).toEqual(['first', 'cancel', 'cancel', 'reduce', 'create', 'read', 'read']);
  });

  it('gives a waiting request up as not sent when its deadline passes', async () => {
    const limiter = new RequestLimiter({ msPerUnit: 1_000, burstUnits: 0 });
    const log: string[] = [];
    const abort = new AbortController();
    void track(limiter, log, 'first', 'create');
    void track(limiter, log, 'late', 'create', 1, abort.signal);
    void track(limiter, log, 'patient', 'create');
    await vi.advanceTimersByTimeAsync(10);
    abort.abort();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(log).toEqual(['first', 'late THROTTLED', 'patient']);
  });

  it('sends nothing during a pause, cancels neither, and keeps the longer of two', async () => {
    const limiter = new RequestLimiter({ msPerUnit: null, burstUnits: 0 });
    const log: string[] = [];
    limiter.pause(3_000);
    limiter.pause(1_000);
    void track(limiter, log, 'cancel', 'cancel');
    void track(limiter, log, 'read', 'read');
    await vi.advanceTimersByTimeAsync(2_900);
    expect(log).toEqual([]);
    expect(limiter.pausedForMs).toBe(100);
    await vi.advanceTimersByTimeAsync(200);
    expect(log).toEqual(['cancel', 'read']);
    expect(limiter.pausedForMs).toBe(0);
  });

  it('does not let a request that comes later overtake one of its kind', async () => {
    const limiter = new RequestLimiter({ msPerUnit: 10, burstUnits: 0 });
    const log: string[] = [];
    for (let index = 0; index < 5; index += 1) void track(limiter, log, String(index), 'create');
    await vi.advanceTimersByTimeAsync(15);
    void track(limiter, log, 'late', 'create');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(log).toEqual(['0', '1', '2', '3', '4', 'late']);
  });

  it('does not grow without bound', async () => {
    const limiter = new RequestLimiter({ msPerUnit: 1_000, burstUnits: 0 });
    const waiting = Array.from({ length: 10_001 }, () => limiter.acquire(1, 'read', null));
    await expect(limiter.acquire(1, 'cancel', null)).rejects.toBeInstanceOf(NotSentError);
    expect(waiting).toHaveLength(10_001);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RateLimit } from '../../src/exchanges/rate-limits.js';
import { NotSentError } from '../../src/exchanges/request-error.js';
import { type PacedRequest, RequestLimiter, type RequestPriority } from '../../src/exchanges/request-limiter.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

interface Asked extends Partial<Omit<PacedRequest, 'cost'>> {
  readonly account?: string;
  readonly weight?: number;
  readonly orders?: number;
}

/** Ten units in a second, of which reads may take seven, creates eight and reductions nine. */
const TEN: readonly RateLimit[] = [{ unit: 'weight', limit: 10, intervalMs: 1_000 }];
const AFTER_MS = 1_000;

class Scene {
  readonly log: string[] = [];
  readonly refusals: NotSentError[] = [];
  readonly limiter: RequestLimiter;

  constructor(
    limits: readonly RateLimit[],
    private readonly answerMs = 0,
  ) {
    this.limiter = new RequestLimiter({ limits, connector: 'test' });
  }

  ask(name: string, priority: RequestPriority, asked: Asked = {}): void {
    const { account = 'main', weight = 1, orders = 0, ...rest } = asked;
    const request: PacedRequest = { cost: { weight, orders }, priority, urgency: 0, maxWaitMs: null, signal: null, ended: null, ...rest };
    this.limiter.acquire(account, request).then(
      (turn) => {
        this.log.push(name);
        if (this.answerMs === 0) turn.settled(true);
        else setTimeout(() => turn.settled(true), this.answerMs);
      },
      (error: unknown) => {
        if (!(error instanceof NotSentError)) throw error;
        this.refusals.push(error);
        this.log.push(`${name} refused`);
      },
    );
  }

  times(count: number, name: string, priority: RequestPriority, asked: Asked = {}): void {
    for (let index = 0; index < count; index += 1) this.ask(name, priority, asked);
  }

  async after(ms: number): Promise<readonly string[]> {
    await vi.advanceTimersByTimeAsync(ms);
    return this.log.splice(0);
  }
}

describe('order among requests that wait', () => {
  it('lets cancels go before reductions, those before new orders, and reads last', async () => {
    const scene = new Scene(TEN);
    scene.times(10, 'first', 'cancel');
    for (const priority of ['read', 'create', 'reduce', 'cancel', 'read', 'cancel'] as const) scene.ask(priority, priority);
    expect(await scene.after(0)).toEqual(Array(10).fill('first'));
    expect(await scene.after(AFTER_MS)).toEqual(['cancel', 'cancel', 'reduce', 'create', 'read', 'read']);
  });

  it('lets the exit go first whose price is farthest past its stop', async () => {
    const scene = new Scene(TEN);
    scene.times(10, 'first', 'cancel');
    scene.ask('take profit', 'reduce', { urgency: -0.02 });
    scene.ask('just past', 'reduce', { urgency: 0.001 });
    scene.ask('far past', 'reduce', { urgency: 0.04 });
    scene.ask('far past, later', 'reduce', { urgency: 0.04 });
    await scene.after(0);
    expect(await scene.after(AFTER_MS)).toEqual(['far past', 'far past, later', 'just past', 'take profit']);
  });

  it('chooses among all exits that one frame fires, not among those that ask after the counts are used up', async () => {
    const scene = new Scene([{ unit: 'orders', limit: 3, intervalMs: 10_000 }]);
    for (const urgency of [0.01, 0.04, 0.02, 0.05, 0.03]) scene.ask(`exit ${urgency}`, 'reduce', { orders: 1, urgency });
    expect(await scene.after(0)).toEqual(['exit 0.05', 'exit 0.04', 'exit 0.03']);
    expect(await scene.after(10_000)).toEqual(['exit 0.02', 'exit 0.01']);
  });

  it('a cancel behind 1,000 waiting reads leaves with the first room there is', async () => {
    const scene = new Scene(TEN);
    scene.times(10, 'other', 'cancel');
    scene.times(1_000, 'read', 'read');
    scene.ask('cancel', 'cancel');
    await scene.after(0);
    expect((await scene.after(AFTER_MS))[0]).toBe('cancel');
    await scene.after(1_000_000);
  });

  it('a cancel waits for nothing when only reads used the limit up', async () => {
    const scene = new Scene(TEN);
    scene.times(1_000, 'read', 'read');
    expect(await scene.after(0)).toHaveLength(7);
    scene.times(3, 'cancel', 'cancel');
    scene.ask('one too many', 'cancel');
    expect(await scene.after(0)).toEqual(['cancel', 'cancel', 'cancel']);
    expect((await scene.after(AFTER_MS))[0]).toBe('one too many');
    await scene.after(1_000_000);
  });

  it('nobody of a lower priority slips past one that waits for room', async () => {
    const scene = new Scene(TEN);
    scene.times(6, 'first', 'cancel');
    scene.ask('heavy cancel', 'cancel', { weight: 5 });
    scene.ask('light read', 'read');
    expect(await scene.after(AFTER_MS - 1)).toEqual(Array(6).fill('first'));
    expect(await scene.after(1)).toEqual(['heavy cancel', 'light read']);
  });

  it('a read that waits behind a stream of new orders gets every seventeenth turn', async () => {
    const scene = new Scene(TEN);
    scene.times(200, 'create', 'create');
    scene.times(3, 'read', 'read');
    const log = await scene.after(1_000_000);
    const reads = log.flatMap((name, turn) => (name === 'read' ? [turn] : []));
    // Eight went before any read was there.
    expect(reads).toEqual([8 + 16, 8 + 16 + 17, 8 + 16 + 34]);
  });
});

describe('what is kept back', () => {
  it('reads leave room for the rest, creates for exits, exits for cancels', async () => {
    const scene = new Scene([{ unit: 'weight', limit: 100, intervalMs: 1_000 }]);
    scene.times(100, 'read', 'read');
    scene.times(100, 'create', 'create');
    scene.times(100, 'reduce', 'reduce');
    scene.times(100, 'cancel', 'cancel');
    const log = await scene.after(0);
    expect(['read', 'create', 'reduce', 'cancel'].map((name) => log.filter((entry) => entry === name).length)).toEqual([70, 15, 10, 5]);
    await scene.after(100_000);
  });

  it('entries leave order counts for exits, and an account without any holds up nobody else', async () => {
    const scene = new Scene([{ unit: 'orders', limit: 10, intervalMs: 10_000 }]);
    scene.times(20, 'entry', 'create', { orders: 1 });
    scene.times(3, 'exit', 'reduce', { orders: 1 });
    scene.ask('look-up', 'reduce');
    scene.ask('other account', 'create', { orders: 1, account: 'other' });
    expect(await scene.after(0)).toEqual([...Array<string>(8).fill('entry'), 'exit', 'exit', 'look-up', 'other account']);
    expect((await scene.after(10_000)).slice(0, 2)).toEqual(['exit', 'entry']);
    await scene.after(100_000);
  });

  it('counts a request until an interval after its answer: nobody knows when in between the exchange did', async () => {
    const scene = new Scene(TEN, 400);
    scene.times(11, 'cancel', 'cancel');
    expect(await scene.after(1_399)).toHaveLength(10);
    expect(await scene.after(1)).toHaveLength(1);
    await scene.after(AFTER_MS);
  });

  it('gives back what a request would have used that never left', async () => {
    const scene = new Scene(TEN);
    const request: PacedRequest = { cost: { weight: 10, orders: 0 }, priority: 'cancel', urgency: 0, maxWaitMs: null, signal: null, ended: null };
    const turn = await scene.limiter.acquire('main', request);
    scene.ask('next', 'cancel');
    expect(await scene.after(500)).toEqual([]);
    turn.settled(false);
    expect(await scene.after(1)).toEqual(['next']);
  });

  it('shares weights between accounts', async () => {
    const scene = new Scene(TEN);
    scene.times(6, 'one', 'cancel', { account: 'one' });
    scene.times(6, 'two', 'cancel', { account: 'two' });
    expect(await scene.after(0)).toEqual([...Array<string>(6).fill('one'), ...Array<string>(4).fill('two')]);
    await scene.after(AFTER_MS);
  });
});

describe('an end to every wait', () => {
  it('gives a waiting request up as not sent when its deadline passes, and says when to ask again', async () => {
    const scene = new Scene(TEN);
    const abort = new AbortController();
    scene.times(10, 'first', 'cancel');
    scene.ask('late', 'create', { signal: abort.signal, maxWaitMs: 2_000 });
    scene.ask('patient', 'create');
    await scene.after(500);
    abort.abort();
    expect(await scene.after(10)).toEqual(['late refused']);
    expect(scene.refusals[0]).toMatchObject({ code: 'THROTTLED', retryAfterMs: 1_000 - 500 - 250 });
    expect(await scene.after(5_000)).toEqual(['patient']);
  });

  it('refuses at once what cannot leave before its deadline', async () => {
    const scene = new Scene(TEN);
    scene.times(10, 'first', 'cancel');
    scene.ask('hopeless', 'reduce', { maxWaitMs: 1_000 });
    scene.ask('possible', 'reduce', { maxWaitMs: 2_000 });
    expect(await scene.after(0)).toEqual([...Array<string>(10).fill('first'), 'hopeless refused']);
    expect(await scene.after(AFTER_MS)).toEqual(['possible']);
  });

  it('ends the wait of a session that ended, and keeps nobody else waiting', async () => {
    const scene = new Scene(TEN);
    const ended = new AbortController();
    scene.times(6, 'first', 'cancel');
    scene.ask('of the session', 'cancel', { weight: 5, ended: ended.signal });
    scene.ask('other', 'read');
    await scene.after(0);
    ended.abort();
    expect(await scene.after(1)).toEqual(['of the session refused', 'other']);
    scene.ask('after the end', 'cancel', { ended: ended.signal });
    expect(await scene.after(0)).toEqual(['after the end refused']);
  });

  it('leaves no timer behind the last that gave up', async () => {
    const scene = new Scene(TEN);
    const ended = new AbortController();
    scene.times(10, 'first', 'cancel');
    scene.ask('only one', 'cancel', { ended: ended.signal });
    await scene.after(0);
    expect(vi.getTimerCount()).toBe(1);
    ended.abort();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not grow without bound: the last read gives way, then everybody is refused', async () => {
    const scene = new Scene([{ unit: 'weight', limit: 1, intervalMs: 1_000_000 }]);
    scene.ask('first', 'cancel');
    scene.times(5_000, 'create', 'create');
    scene.times(4_999, 'read', 'read');
    scene.ask('last read', 'read');
    expect(await scene.after(0)).toEqual(['first']);
    scene.ask('cancel', 'cancel');
    expect(await scene.after(0)).toEqual(['last read refused']);
    scene.ask('read too many', 'read');
    expect(await scene.after(0)).toEqual(['read too many refused']);
    expect(scene.limiter.waiting()).toEqual({ cancel: 1, reduce: 0, create: 5_000, read: 4_999 });
    vi.clearAllTimers();
  });
});

describe('what the exchange asks for', () => {
  it('sends nothing during a pause, cancels neither, and keeps the longer of two', async () => {
    const scene = new Scene([]);
    scene.limiter.pause(3_000);
    scene.limiter.pause(1_000);
    scene.ask('cancel', 'cancel');
    scene.ask('read', 'read', { account: 'other' });
    scene.ask('impatient', 'cancel', { maxWaitMs: 2_000 });
    expect(await scene.after(2_900)).toEqual(['impatient refused']);
    expect(scene.refusals[0]?.retryAfterMs).toBe(3_000);
    expect(scene.limiter.pausedForMs).toBe(100);
    expect(await scene.after(200)).toEqual(['cancel', 'read']);
    expect(scene.limiter.pausedForMs).toBe(0);
  });

  it('too many orders of one account stop its orders alone', async () => {
    const scene = new Scene([]);
    scene.limiter.pauseOrders('main', 2_000);
    scene.ask('order', 'reduce', { orders: 1 });
    scene.ask('cancel', 'cancel');
    scene.ask('order of another', 'create', { orders: 1, account: 'other' });
    expect(await scene.after(1_900)).toEqual(['cancel', 'order of another']);
    expect(await scene.after(200)).toEqual(['order']);
  });

  it('counts what others used behind the same address, once', async () => {
    const scene = new Scene([...TEN, { unit: 'orders', limit: 5, intervalMs: 10_000 }]);
    scene.ask('ours', 'read');
    scene.limiter.reported('main', [{ unit: 'weight', intervalMs: 1_000, used: 8 }, { unit: 'orders', intervalMs: 10_000, used: 4 }]);
    scene.limiter.reported('main', [{ unit: 'weight', intervalMs: 1_000, used: 8 }, { unit: 'weight', intervalMs: 5_000, used: 9_000 }]);
    scene.times(3, 'cancel', 'cancel');
    scene.times(2, 'exit', 'reduce', { orders: 1, weight: 0 });
    expect(await scene.after(0)).toEqual(['ours', 'cancel', 'cancel']);
    expect(await scene.after(AFTER_MS)).toEqual(['cancel', 'exit']);
    expect(await scene.after(20_000)).toEqual(['exit']);
  });

  it('learns other limits and keeps what is used', async () => {
    const scene = new Scene([...TEN, { unit: 'orders', limit: 5, intervalMs: 10_000 }]);
    scene.times(8, 'cancel', 'cancel');
    scene.times(4, 'exit', 'reduce', { orders: 1, weight: 0 });
    await scene.after(0);
    scene.limiter.learn([{ unit: 'weight', limit: 9, intervalMs: 1_000 }, { unit: 'orders', limit: 4, intervalMs: 10_000 }]);
    scene.times(2, 'cancel', 'cancel');
    scene.ask('exit', 'reduce', { orders: 1, weight: 0 });
    expect(await scene.after(0)).toEqual(['cancel']);
    expect(await scene.after(AFTER_MS)).toEqual(['cancel']);
    expect(await scene.after(10_000)).toEqual(['exit']);
  });
});

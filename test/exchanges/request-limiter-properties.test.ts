import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RateLimit } from '../../src/exchanges/rate-limits.js';
import { NotSentError } from '../../src/exchanges/request-error.js';
import { RequestLimiter, type RequestPriority } from '../../src/exchanges/request-limiter.js';

const PRIORITIES: readonly RequestPriority[] = ['cancel', 'reduce', 'create', 'read'];
/** As `request-limiter.ts` promises: a read that waits is passed by so many at most. */
const TURNS_BEFORE_A_READ = 16;

interface Asked {
  readonly atMs: number;
  readonly account: string;
  readonly priority: RequestPriority;
  readonly weight: number;
  readonly orders: number;
  readonly urgency: number;
  /** Ms after which nobody waits for it any more; null = whenever. */
  readonly maxWaitMs: number | null;
  readonly sessionEndsAfterMs: number | null;
  /** Ms from the departure to the moment at which the exchange counts it, and from there to its answer. */
  readonly wayMs: number;
  readonly backMs: number;
}

type End = { readonly kind: 'left' | 'refused'; readonly atMs: number; readonly turn: number };


interface Run {
  readonly asked: readonly Asked[];
  readonly ends: readonly (End | undefined)[];
  readonly waitingAtEnd: number;
  readonly timersAtEnd: number;
}

const LIMITS: readonly RateLimit[] = [
  { unit: 'weight', limit: 20, intervalMs: 1_000 },
  { unit: 'requests', limit: 40, intervalMs: 4_000 },
  { unit: 'orders', limit: 5, intervalMs: 1_000 },
  { unit: 'orders', limit: 12, intervalMs: 5_000 },
];

const request: fc.Arbitrary<Asked> = fc
  .record({
    atMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 6_000 })),
    account: fc.constantFrom('one', 'two'),
    priority: fc.constantFrom(...PRIORITIES),
    weight: fc.constantFrom(1, 1, 1, 2, 5, 12),
    urgency: fc.constantFrom(0, 0, 0.01, 0.02),
    maxWaitMs: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: null }),
    sessionEndsAfterMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: null, freq: 4 }),
    wayMs: fc.constantFrom(0, 5, 40, 300, 900),
    backMs: fc.constantFrom(0, 5, 300),
  })
  .map((drawn) => ({ ...drawn, orders: drawn.priority === 'create' || (drawn.priority === 'reduce' && drawn.weight === 1) ? 1 : 0 }));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

async function play(asked: readonly Asked[]): Promise<Run> {
  const limiter = new RequestLimiter({ limits: LIMITS, connector: 'test' });
  const originMs = performance.now();
  const ends: (End | undefined)[] = asked.map(() => undefined);
  let turn = 0;
  const end = (index: number, kind: End['kind']): void => {
    turn += 1;
    ends[index] = { kind, atMs: performance.now() - originMs, turn };
  };
  asked.forEach(({ atMs, account, weight, orders, maxWaitMs, sessionEndsAfterMs, ...rest }, index) => {
    setTimeout(() => {
      const signal = maxWaitMs === null ? null : abortAfter(maxWaitMs);
      const ended = sessionEndsAfterMs === null ? null : abortAfter(sessionEndsAfterMs);
      limiter.acquire(account, { ...rest, cost: { weight, orders }, maxWaitMs, signal, ended }).then(
        (turn) => {
          end(index, 'left');
          setTimeout(() => turn.settled(true), rest.wayMs + rest.backMs);
        },
        (error: unknown) => {
          expect(error).toBeInstanceOf(NotSentError);
          end(index, 'refused');
        },
      );
    }, atMs);
  });
  await vi.advanceTimersByTimeAsync(600_000);
  const waiting = Object.values(limiter.waiting()).reduce((sum, count) => sum + count, 0);
  return { asked, ends, waitingAtEnd: waiting, timersAtEnd: vi.getTimerCount() };
}

function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

function left({ asked, ends }: Run): { readonly asked: Asked; readonly atMs: number; readonly turn: number }[] {
  return asked
    .flatMap((one, index) => {
      const end = ends[index];
      return end?.kind === 'left' ? [{ asked: one, atMs: end.atMs, turn: end.turn }] : [];
    })
    .sort((a, b) => a.turn - b.turn);
}

function mostInAnyInterval(uses: readonly { readonly atMs: number; readonly amount: number }[], intervalMs: number): number {
  return Math.max(0, ...uses.map(({ atMs }) => uses.filter((use) => use.atMs >= atMs && use.atMs < atMs + intervalMs).reduce((sum, { amount }) => sum + amount, 0)));
}

function checkLimits(run: Run): void {
  for (const { unit, limit, intervalMs } of LIMITS) {
    for (const account of unit === 'orders' ? ['one', 'two'] : [null]) {
      const uses = left(run)
        .filter(({ asked }) => account === null || asked.account === account)
        .map(({ asked, atMs }) => ({ atMs: atMs + asked.wayMs, amount: unit === 'weight' ? asked.weight : unit === 'orders' ? asked.orders : 1 }));
      expect(mostInAnyInterval(uses, intervalMs), `${unit} in ${intervalMs} ms`).toBeLessThanOrEqual(limit);
    }
  }
}

/** Of two that wait at the same time and need the same, the one that comes first by rank leaves first; a read may pass in its turn. */
function checkOrder(run: Run): void {
  const turns = left(run);
  for (const [index, later] of turns.entries()) {
    for (const earlier of turns.slice(0, index)) {
      if (later.asked.atMs >= earlier.atMs) continue;
      const passes = PRIORITIES.indexOf(earlier.asked.priority) - PRIORITIES.indexOf(later.asked.priority);
      if (later.asked.orders > 0 || passes < 0) continue;
      if (passes === 0) expect(earlier.asked.orders > 0 || earlier.asked.urgency >= later.asked.urgency, 'urgency').toBe(true);
      else expect(earlier.asked.priority, 'passed by a lower priority').toBe('read');
    }
  }
}

function checkNobodyStarves(run: Run): void {
  const turns = left(run);
  for (const [index, end] of run.ends.entries()) {
    expect(end, `request ${index} never ended`).toBeDefined();
    const { atMs, maxWaitMs, sessionEndsAfterMs } = run.asked[index] ?? { atMs: 0, maxWaitMs: null, sessionEndsAfterMs: null };
    const bounds = [maxWaitMs, sessionEndsAfterMs].filter((bound) => bound !== null);
    for (const bound of bounds) expect(end?.atMs, 'after its deadline').toBeLessThanOrEqual(atMs + bound + 1);
    if (bounds.length === 0) expect(end?.kind).toBe('left');
  }
  // Others than reads between two reads, while a read waited all the time.
  const reads = turns.filter(({ asked }) => asked.priority === 'read');
  for (const read of reads) {
    const before = turns.filter(({ turn, atMs, asked }) => turn < read.turn && atMs > read.asked.atMs && asked.priority === 'read').at(-1);
    const passed = turns.filter(({ turn, atMs, asked }) => turn < read.turn && turn > (before?.turn ?? 0) && atMs > read.asked.atMs && asked.priority !== 'read');
    // Those that use what is kept back for them pass without its turn being due.
    const entitled = passed.filter(({ asked }) => asked.priority === 'cancel' || asked.priority === 'reduce').length;
    expect(passed.length - entitled, 'a read is passed too often').toBeLessThanOrEqual(TURNS_BEFORE_A_READ);
  }
}

it('keeps every limit in every interval, the order, an end for everybody, and nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 150, size: 'max' }), async (asked) => {
      const run = await play(asked);
      checkLimits(run);
      checkOrder(run);
      checkNobodyStarves(run);
      expect(run.waitingAtEnd).toBe(0);
      expect(run.timersAtEnd).toBe(0);
    }),
    { numRuns: 50 },
  );
}, 60_000);

it('the checks see a limit that is broken and an order that is wrong', () => {
  const asked = (priority: RequestPriority, weight: number): Asked => ({ atMs: 0, account: 'one', priority, weight, orders: 0, urgency: 0, maxWaitMs: null, sessionEndsAfterMs: null, wayMs: 0, backMs: 0 });
  const run = (...rows: readonly (readonly [Asked, number])[]): Run => ({
    asked: rows.map(([one]) => one),
    ends: rows.map(([, atMs], index) => ({ kind: 'left', atMs, turn: index + 1 })),
    waitingAtEnd: 0,
    timersAtEnd: 0,
  });
  expect(() => checkLimits(run([asked('read', 12), 10], [asked('read', 9), 1_009]))).toThrow('weight in 1000 ms');
  expect(() => checkLimits(run([asked('read', 12), 10], [asked('read', 9), 1_010]))).not.toThrow();
  expect(() => checkOrder(run([asked('create', 1), 10], [asked('cancel', 1), 20]))).toThrow('passed by a lower priority');
  expect(() => checkNobodyStarves({ ...run([asked('read', 1), 10]), ends: [undefined] })).toThrow('never ended');
});

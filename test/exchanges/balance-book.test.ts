import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BalanceBook } from '../../src/exchanges/balance-book.js';

const SESSIONS = ['a', 'b'] as const;

type Step =
  | { readonly kind: 'reserve'; readonly session: number; readonly amount: number }
  /** The session's whole reservation becomes an order at the exchange; the answer is still under way. */
  | { readonly kind: 'land'; readonly session: number; readonly part: number }
  | { readonly kind: 'acknowledge'; readonly session: number }
  | { readonly kind: 'release'; readonly session: number }
  /** An order of the session ends at the exchange and gives its lock back. */
  | { readonly kind: 'free'; readonly session: number }
  | { readonly kind: 'startRead' }
  | { readonly kind: 'lookInside' }
  | { readonly kind: 'endRead' };

const session = fc.nat({ max: SESSIONS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('reserve' as const), session, amount: fc.integer({ min: 20, max: 70 }) }),
  fc.record({ kind: fc.constant('land' as const), session, part: fc.integer({ min: 20, max: 70 }) }),
  fc.record({ kind: fc.constant('acknowledge' as const), session }),
  fc.record({ kind: fc.constant('release' as const), session }),
  fc.record({ kind: fc.constant('free' as const), session }),
  fc.constant({ kind: 'startRead' as const }),
  fc.constant({ kind: 'lookInside' as const }),
  fc.constant({ kind: 'endRead' as const }),
);

/** An exchange with 100 of the asset that refuses nothing: what it would have had to refuse shows as a negative balance. */
class Model {
  free = 100;
  readonly book = new BalanceBook();
  readonly reserved = new Map<number, number>();
  readonly landed = new Map<number, number>();
  readonly locked = new Map<number, number>();
  reading: { startedTick: number; seen: number | null } | null = null;
  tick = 0;

  apply(given: Step): void {
    this.tick += 1;
    switch (given.kind) {
      case 'reserve': {
        if (this.reserved.has(given.session) || this.landed.has(given.session)) return;
        const verdict = this.book.reserve(name(given.session), 'USDT', String(given.amount), this.tick);
        if (verdict.kind === 'reserved') this.reserved.set(given.session, given.amount);
        return;
      }
      case 'land': {
        const reserved = this.reserved.get(given.session);
        if (reserved === undefined || this.landed.has(given.session)) return;
        const part = Math.min(given.part, reserved);
        this.free -= part;
        this.landed.set(given.session, part);
        return;
      }
      case 'acknowledge': {
        const landed = this.landed.get(given.session);
        if (landed === undefined) return;
        this.book.acknowledge(name(given.session), 'USDT', String(landed), this.tick);
        this.landed.delete(given.session);
        this.locked.set(given.session, (this.locked.get(given.session) ?? 0) + landed);
        const rest = (this.reserved.get(given.session) ?? 0) - landed;
        if (rest > 0) this.reserved.set(given.session, rest);
        else this.reserved.delete(given.session);
        return;
      }
      case 'release':
        // A session releases only what cannot be at the exchange.
        if (this.landed.has(given.session)) return;
        this.book.release(name(given.session));
        this.reserved.delete(given.session);
        return;
      case 'free':
        this.free += this.locked.get(given.session) ?? 0;
        this.locked.delete(given.session);
        return;
      case 'startRead':
        this.reading = { startedTick: this.tick, seen: null };
        return;
      case 'lookInside':
        if (this.reading !== null) this.reading.seen = this.free;
        return;
      case 'endRead':
        if (this.reading === null || this.reading.seen === null) return;
        this.book.refresh({ startedTick: this.reading.startedTick, endedTick: this.tick, free: { USDT: String(this.reading.seen) } });
        this.reading = null;
        return;
    }
  }

  /** What the exchange would still have free if every reservation were spent now. */
  get uncovered(): number {
    let promised = 0;
    for (const [index, amount] of this.reserved) promised += amount - (this.landed.get(index) ?? 0);
    return this.free - promised;
  }
}

function name(index: number): string {
  return SESSIONS[index] ?? 'none';
}

const FULL_READ: readonly Step[] = [{ kind: 'startRead' }, { kind: 'lookInside' }, { kind: 'endRead' }];

describe('balance book', () => {
  it('never promises more than the exchange has, in any interleaving of orders, answers and readings', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model();
        for (const given of [...FULL_READ, ...steps]) {
          model.apply(given);
          expect(model.uncovered).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('promises everything there is once all answers and a reading are in', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model();
        for (const given of [...FULL_READ, ...steps]) model.apply(given);
        for (const index of SESSIONS.keys()) model.apply({ kind: 'acknowledge', session: index });
        for (const given of FULL_READ) model.apply(given);
        expect(model.book.available('USDT')).toBe(String(model.uncovered));
      }),
      { numRuns: 2_000 },
    );
  });

  it('says insufficient only when no outcome of orders under way could make it enough', () => {
    const book = new BalanceBook();
    book.refresh({ startedTick: 1, endedTick: 2, free: { USDT: '100' } });
    expect(book.reserve('a', 'USDT', '60', 3)).toEqual({ kind: 'reserved' });
    expect(book.reserve('b', 'USDT', '60', 4)).toEqual({ kind: 'insufficient', available: '40', needed: '60' });
    book.refresh({ startedTick: 5, endedTick: 6, free: { USDT: '90' } });
    // 90 free: the order of `a` may be in that number or not.
    expect(book.reserve('b', 'USDT', '60', 7)).toEqual({ kind: 'undecided', available: '30', needed: '60' });
    expect(book.reserve('b', 'USDT', '91', 8)).toEqual({ kind: 'insufficient', available: '30', needed: '91' });
  });

  it('keeps what was acknowledged while a reading was under way until a later one has begun', () => {
    const book = new BalanceBook();
    book.refresh({ startedTick: 1, endedTick: 2, free: { USDT: '100' } });
    book.reserve('a', 'USDT', '60', 3);
    book.acknowledge('a', 'USDT', '60', 5);
    // Asked before the acknowledgement, answered after: it may show the order or not.
    book.refresh({ startedTick: 4, endedTick: 6, free: { USDT: '100' } });
    expect(book.available('USDT')).toBe('40');
    book.refresh({ startedTick: 7, endedTick: 8, free: { USDT: '40' } });
    expect(book.available('USDT')).toBe('40');
  });

  it('does not call an amount insufficient for a reservation that the reading may show already', () => {
    const book = new BalanceBook();
    book.refresh({ startedTick: 1, endedTick: 2, free: { USDT: '100' } });
    // Made while the next reading is under way, so its order may be in there.
    book.reserve('a', 'USDT', '60', 4);
    book.refresh({ startedTick: 3, endedTick: 5, free: { USDT: '40' } });
    expect(book.reserve('b', 'USDT', '30', 6).kind).toBe('undecided');
  });

  it('decides nothing before the first reading', () => {
    expect(new BalanceBook().reserve('a', 'USDT', '1', 1).kind).toBe('undecided');
  });

  it('ignores a reading that began before the one it has', () => {
    const book = new BalanceBook();
    book.refresh({ startedTick: 5, endedTick: 6, free: { USDT: '10' } });
    book.refresh({ startedTick: 4, endedTick: 9, free: { USDT: '1000' } });
    expect(book.available('USDT')).toBe('10');
  });

  it('keeps decimals exact and assets apart', () => {
    const book = new BalanceBook();
    book.refresh({ startedTick: 1, endedTick: 2, free: { USDT: '0.3', BTC: '1' } });
    expect(book.reserve('a', 'USDT', '0.1', 3).kind).toBe('reserved');
    expect(book.reserve('b', 'USDT', '0.2', 4).kind).toBe('reserved');
    expect(book.available('USDT')).toBe('0');
    expect(book.available('BTC')).toBe('1');
    book.release('a');
    expect(book.reserved('USDT')).toBe('0.2');
  });

  it('refuses an amount of nothing', () => {
    expect(() => new BalanceBook().reserve('a', 'USDT', '0', 1)).toThrow(/amount/);
  });
});

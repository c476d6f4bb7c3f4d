import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barriersFromRecord } from '../../src/domain/barriers.js';
import type { Fill } from '../../src/domain/fills.js';
import { decimal, Decimal } from '../../src/domain/money.js';
import { hedgeOwedBase } from '../../src/domain/session/advance-hedge.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import { SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import { initialSession, sessionTotals, type SessionState } from '../../src/domain/session/session-state.js';
import { fillOf, rulesOf, totalsOf } from './market-fixtures.js';

/** Sells on its market what the other leg buys on its own; the least it may send is 0.001. */
const HEDGE: SessionPlan = {
  role: 'hedge',
  rules: rulesOf({ amountStepBase: '0.001', minAmountBase: '0.001', minNotionalQuote: '10' }),
  side: 'SELL',
  amountBase: decimal('1'),
  strategy: 'MARKET',
  priceQuote: null,
  chaser: null,
  activationBounds: [],
  maxRetries: 10,
  guarded: false,
  arm: {
    barriers: barriersFromRecord({ stopLossFraction: null, takeProfitFraction: null, takeProfitOrderType: 'MARKET', targets: [], breakevenAfterTarget: null, trailingStop: null, timeLimitAtMs: null }),
    exchangeStop: null,
    closing: null,
    entrySide: 'BUY',
    activationBounds: [],
    hasPredecessors: false,
  },
  timing: SESSION_TIMING,
};

type Told = SessionEvent extends infer Event ? (Event extends { readonly nowMs: number } ? Omit<Event, 'nowMs'> : never) : never;
type Sent = Extract<SessionCommand, { kind: 'submit' }>;

class Hedge {
  state: SessionState = initialSession(1_000_000, false);
  nowMs = 1_000_000;
  readonly sent: Sent[] = [];
  readonly makerFills: Fill[] = [];

  constructor(readonly plan: SessionPlan = HEDGE) {}

  static armed(): Hedge {
    const hedge = new Hedge();
    hedge.hear({ kind: 'recovered', orders: [], final: true });
    hedge.hear({ kind: 'funds', sufficient: true, message: '' });
    hedge.hear({ kind: 'price', bidQuote: new Decimal(60_000), askQuote: new Decimal(60_001) });
    return hedge;
  }

  hear(told: Told): readonly SessionCommand[] {
    this.nowMs += 1;
    const step = reduceSession(this.plan, this.state, { ...told, nowMs: this.nowMs } as SessionEvent);
    this.state = step.state;
    for (const command of step.commands) if (command.kind === 'submit') this.sent.push(command);
    return step.commands;
  }

  makerFilled(amount: string | null, finished = false): void {
    if (amount !== null) this.makerFills.push(fillOf('59000', amount));
    this.hear({ kind: 'protected', fills: { totals: totalsOf(this.makerFills), finished } });
  }

  /** The last order executed that much, and is over. */
  executed(amount: string, order: Sent | undefined = this.sent.at(-1)): void {
    const { sequence = 0, amountBase = new Decimal(0) } = order ?? {};
    const full = amountBase.equals(amount);
    const fills = amount === '0' ? [] : [fillOf('60000', amount)];
    this.hear({ kind: 'submitAccepted', sequence, sighting: { exchangeOrderId: String(sequence), state: full ? 'filled' : 'expired', executedBase: new Decimal(amount) }, fills });
  }

  later(ms: number): void {
    this.nowMs += ms;
    this.hear({ kind: 'tick' });
  }

  get amounts(): readonly string[] {
    return this.sent.map(({ amountBase }) => amountBase.toFixed());
  }
}

describe('a hedge', () => {
  it('asks for what it may need before anything can be filled, and is not there without it', () => {
    const hedge = new Hedge();
    expect(hedge.hear({ kind: 'recovered', orders: [], final: true })).toEqual([{ kind: 'reserve' }]);
    hedge.hear({ kind: 'funds', sufficient: false, message: 'needs 1 BTC, the account has 0 free' });
    expect(hedge.state.end).toEqual({ kind: 'insufficientBalance', message: 'needs 1 BTC, the account has 0 free' });
  });

  it('that finds fills to hedge tries whatever the balance says', () => {
    const hedge = new Hedge();
    hedge.makerFilled('0.5');
    hedge.hear({ kind: 'recovered', orders: [], final: true });
    hedge.hear({ kind: 'price', bidQuote: new Decimal(60_000), askQuote: new Decimal(60_001) });
    hedge.hear({ kind: 'funds', sufficient: false, message: 'needs 1 BTC' });
    expect(hedge.amounts).toEqual(['0.5']);
  });

  it('sends each fill at once at market, without waiting for the order before', () => {
    const hedge = Hedge.armed();
    hedge.makerFilled('0.1');
    hedge.makerFilled('0.05');
    expect(hedge.amounts).toEqual(['0.1', '0.05']);
    expect(hedge.sent.map(({ side, type, priceQuote }) => [side, type, priceQuote])).toEqual([['SELL', 'MARKET', null], ['SELL', 'MARKET', null]]);
  });

  it('keeps a part below the smallest order until there is enough of it', () => {
    const hedge = Hedge.armed();
    hedge.makerFilled('0.0004');
    hedge.makerFilled('0.0004');
    expect(hedge.amounts).toEqual([]);
    hedge.makerFilled('0.0005');
    expect(hedge.amounts).toEqual(['0.001']);
    hedge.executed('0.001');
    expect(hedgeOwedBase(hedge.state).toFixed()).toBe('0.0003');
    hedge.makerFilled(null, true);
    expect(hedge.state.end).toEqual({ kind: 'completed' });
  });

  it('sends the rest again when the book did not hold it, and never gives up', () => {
    const hedge = Hedge.armed();
    hedge.makerFilled('0.3', true);
    hedge.executed('0.1');
    hedge.later(SESSION_TIMING.firstBackoffMs);
    expect(hedge.amounts).toEqual(['0.3', '0.2']);
    for (let round = 0; round < 50; round += 1) {
      hedge.hear({ kind: 'submitRejected', sequence: hedge.sent.at(-1)?.sequence ?? 0, failure: { code: 'INSUFFICIENT_FUNDS', message: 'no', retryAfterMs: null } });
      hedge.later(SESSION_TIMING.maxExitPauseMs);
    }
    expect(hedge.sent.length).toBeGreaterThan(45);
    expect(hedge.state.end).toBeNull();
    expect(hedge.state.attention).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    hedge.executed('0.2');
    expect(hedge.state.end).toEqual({ kind: 'completed' });
  });

  it('that is stopped sends nothing more and says what it has done', () => {
    const hedge = Hedge.armed();
    hedge.makerFilled('0.3');
    hedge.hear({ kind: 'cancel', reason: 'keep' });
    expect(hedge.state.end).toBeNull();
    hedge.makerFilled('0.2');
    hedge.executed('0.3');
    expect(hedge.amounts).toEqual(['0.3']);
    expect(hedge.state.end).toEqual({ kind: 'stopped', reason: 'keep' });
  });

  it('waits for what an earlier hedge of the same order has taken', () => {
    const hedge = new Hedge({ ...HEDGE, arm: { ...(HEDGE.arm as NonNullable<SessionPlan['arm']>), hasPredecessors: true } });
    hedge.state = initialSession(1_000_000, true);
    hedge.hear({ kind: 'price', bidQuote: new Decimal(60_000), askQuote: new Decimal(60_001) });
    hedge.makerFilled('0.3');
    const commands = hedge.hear({ kind: 'recovered', orders: [], final: true });
    expect(commands).toEqual([{ kind: 'stopPredecessors', reason: 'a later hedge takes over' }]);
    hedge.hear({ kind: 'predecessors', fills: { totals: totalsOf([fillOf('60000', '0.25')]), finished: true } });
    hedge.hear({ kind: 'funds', sufficient: true, message: '' });
    expect(hedge.amounts).toEqual(['0.05']);
  });
});

it('whatever is filled and however its orders end, takes all of it and never more', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('maker' as const), units: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ kind: fc.constant('answer' as const), share: fc.integer({ min: 0, max: 4 }), pick: fc.nat({ max: 5 }) }),
    fc.record({ kind: fc.constant('reject' as const), pick: fc.nat({ max: 5 }) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const hedge = Hedge.armed();
      const open = (): Sent[] => hedge.sent.filter(({ sequence }) => hedge.state.orders.some((order) => order.sequence === sequence && order.stage.kind === 'submitting'));
      const bounded = (): void => {
        const owed = totalsOf(hedge.makerFills).filledBase;
        const out = hedge.state.orders.reduce((sum, order) => sum.plus(order.stage.kind === 'ended' ? order.ledger.totals.filledBase : order.amountBase), hedge.state.folded?.totals.filledBase ?? new Decimal(0));
        expect(out.lessThanOrEqualTo(owed)).toBe(true);
      };
      for (const drawn of steps) {
        if (drawn.kind === 'maker') hedge.makerFilled(new Decimal(drawn.units).times('0.0001').toFixed());
        else if (drawn.kind === 'wait') hedge.later(drawn.ms);
        else {
          const order = open()[drawn.pick % Math.max(open().length, 1)];
          if (order === undefined) continue;
          if (drawn.kind === 'reject') hedge.hear({ kind: 'submitRejected', sequence: order.sequence, failure: { code: 'EXCHANGE_ERROR', message: 'no', retryAfterMs: null } });
          else hedge.executed(order.amountBase.times(drawn.share).dividedBy(4).toNearest('0.001', Decimal.ROUND_FLOOR).toFixed(), order);
        }
        bounded();
      }
      hedge.makerFilled(null, true);
      for (let round = 0; round < 200 && hedge.state.end === null; round += 1) {
        for (const order of open()) hedge.executed(order.amountBase.toFixed(), order);
        hedge.later(SESSION_TIMING.maxExitPauseMs);
        bounded();
      }
      expect(hedge.state.end).toEqual({ kind: 'completed' });
      const left = totalsOf(hedge.makerFills).filledBase.minus(sessionTotals(hedge.state).filledBase);
      expect(left.isNegative()).toBe(false);
      expect(left.lessThan('0.001')).toBe(true);
    }),
    { numRuns: 150 },
  );
});

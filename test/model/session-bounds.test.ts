import { describe, expect, it } from 'vitest';
import { NO_FILLS } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { initialSession, type SessionState } from '../../src/domain/session/session-state.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import { sessionWakeAtMs } from '../../src/domain/session/wake-session.js';
import { DecisionTape } from './decision-tape.js';
import { baseOfLots, quoteOfTicks } from './model-units.js';
import { drawScenario, exitPlan, START_MS } from './schedule-scenario.js';

/** Longer lives than a schedule of the model has: what must stay small in them. */
describe('a session in an outage without end', () => {
  it('an order that is never sent ends after its share of orders, and keeps no memory of them', () => {
    const life = new Life({ ...drawScenario(DecisionTape.written([])).workPlan, strategy: 'LIMIT' });
    life.hear({ kind: 'recovered', orders: [], final: true });
    life.hear({ kind: 'funds', sufficient: true, message: '' });
    const sent = life.answerSubmissions((sequence) => ({ kind: 'submitNotSent', sequence, failure: { code: 'THROTTLED', message: 'slow down', retryAfterMs: null } }), 10_000);
    expect(sent).toBe(LIMITS.maxFruitlessSubmissions);
    expect(life.state.end).toMatchObject({ kind: 'failed', failure: { code: 'RETRIES_EXHAUSTED' } });
    expect(life.mostOrders).toBeLessThan(5);
  });

  it('an exit in an empty book never gives up, asks for a person, and keeps no more orders than a report shows', () => {
    const life = new Life(exitPlan(drawScenario(DecisionTape.written([1])), 1));
    life.hear({ kind: 'recovered', orders: [], final: true });
    const totals = { ...NO_FILLS, filledBase: baseOfLots(10), filledQuote: quoteOfTicks(1), fillCount: 1 };
    life.hear({ kind: 'protected', fills: { totals, finished: true } });
    life.hear({ kind: 'fire', reason: 'stop' });
    const expired = (sequence: number): Told => ({
      kind: 'submitAccepted',
      sequence,
      sighting: { exchangeOrderId: `x${sequence}`, state: 'expired', executedBase: baseOfLots(0) },
      fills: [],
    });
    const sent = life.answerSubmissions(expired, 5_000);
    expect(sent).toBe(5_000);
    expect(life.state.end).toBeNull();
    expect(life.state.attention).not.toBeNull();
    expect(life.mostOrders).toBeLessThanOrEqual(LIMITS.maxOrdersInReport + 2);
    // Five seconds apart at most: what it protects is open meanwhile.
    expect(life.state.nowMs - START_MS).toBeLessThanOrEqual(5_000 * LIMITS.maxExitPauseMs);
  });
});

type Told = SessionEvent extends infer Event ? (Event extends { readonly nowMs: number } ? Omit<Event, 'nowMs'> : never) : never;

/** One session that is answered by hand and woken when it asks to be. */
class Life {
  state: SessionState;
  mostOrders = 0;
  private readonly pending: SessionCommand[] = [];

  constructor(private readonly plan: SessionPlan) {
    this.state = initialSession(START_MS, false);
  }

  hear(told: Told, nowMs = this.state.nowMs): void {
    const step = reduceSession(this.plan, this.state, { ...told, nowMs } as SessionEvent);
    this.state = step.state;
    this.pending.push(...step.commands);
    this.mostOrders = Math.max(this.mostOrders, step.state.orders.length);
  }

  /** Answers each submission at once and sleeps in between; how many there were, at most `limit`. */
  answerSubmissions(answer: (sequence: number) => Told, limit: number): number {
    let sent = 0;
    while (sent < limit && this.state.end === null) {
      const command = this.pending.shift();
      if (command?.kind === 'submit') {
        sent += 1;
        this.hear(answer(command.sequence));
      } else if (command === undefined) {
        const wakeAtMs = sessionWakeAtMs(this.plan, this.state);
        if (wakeAtMs === null) throw new Error('the session sleeps for ever');
        this.hear({ kind: 'tick' }, wakeAtMs);
      }
    }
    return sent;
  }
}

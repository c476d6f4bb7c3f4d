import { describe, expect, it } from 'vitest';
import type { Fill } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { Decimal } from '../../src/domain/money.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import { resumeSession, sessionDetails, type SessionDetails } from '../../src/domain/session/resume-session.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import { SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import { executedBase, initialSession, sessionTotals, type SessionState } from '../../src/domain/session/session-state.js';
import { sessionWakeAtMs } from '../../src/domain/session/wake-session.js';

const PLAN: SessionPlan = {
  role: 'order',
  rules: marketRules({
    pair: 'BTC-USDT', base: 'BTC', quote: 'USDT', contract: 'spot', supportsStop: true, amountStepBase: '0.001', priceTickQuote: '0.01', minAmountBase: '0.001',
    maxAmountBase: null, minNotionalQuote: '0', makerFeeFraction: '0', takerFeeFraction: '0',
  }),
  side: 'BUY',
  amountBase: new Decimal(1000),
  strategy: 'LIMIT_CHASER',
  priceQuote: null,
  chaser: { distanceFraction: new Decimal('0.01'), refreshThresholdFraction: new Decimal('0.02') },
  activationBounds: [],
  maxRetries: 10,
  guarded: false,
  arm: null,
  timing: SESSION_TIMING,
};
/** Follows every tick. */
const EAGER: SessionPlan = { ...PLAN, chaser: { distanceFraction: new Decimal('0.01'), refreshThresholdFraction: new Decimal(0) } };
const FREE: SessionPlan = { ...PLAN, activationBounds: [new Decimal('0.01')], strategy: 'LIMIT', chaser: null, priceQuote: new Decimal(100) };

type Told = SessionEvent extends infer Event ? (Event extends { readonly nowMs: number } ? Omit<Event, 'nowMs'> : never) : never;

class Chaser {
  state: SessionState;
  nowMs = 1_000_000;
  readonly sent: Extract<SessionCommand, { kind: 'submit' }>[] = [];
  commands: readonly SessionCommand[] = [];

  constructor(readonly plan: SessionPlan = PLAN) {
    this.state = initialSession(this.nowMs, false);
    this.hear({ kind: 'recovered', orders: [], final: true });
    this.hear({ kind: 'funds', sufficient: true, message: '' });
  }

  hear(told: Told): void {
    const step = reduceSession(this.plan, this.state, { ...told, nowMs: this.nowMs } as SessionEvent);
    this.state = step.state;
    this.commands = step.commands;
    for (const command of step.commands) if (command.kind === 'submit') this.sent.push(command);
  }

  bid(price: string): void {
    this.hear({ kind: 'price', bidQuote: new Decimal(price), askQuote: new Decimal(price).plus('0.5') });
  }

  accepted(): void {
    const { sequence } = this.last;
    this.hear({ kind: 'submitAccepted', sequence, sighting: { exchangeOrderId: `x${sequence}`, state: 'open', executedBase: new Decimal(0) }, fills: [] });
  }

  cancelled(executed = '0'): void {
    const { sequence } = this.last;
    this.hear({ kind: 'cancelConfirmed', sequence, sighting: { exchangeOrderId: `x${sequence}`, state: 'cancelled', executedBase: new Decimal(executed) } });
  }

  fill(amount: string): void {
    const fill: Fill = { tradeId: `t${this.sent.length}-${amount}`, priceQuote: this.last.priceQuote ?? new Decimal(0), amountBase: new Decimal(amount), fees: [], atMs: this.nowMs };
    this.hear({ kind: 'fillSeen', sequence: this.last.sequence, fill });
  }

  refused(): void {
    this.hear({ kind: 'submitRejected', sequence: this.last.sequence, failure: { code: 'WOULD_TAKE', message: 'would take', retryAfterMs: null } });
  }

  get last(): Extract<SessionCommand, { kind: 'submit' }> {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  get cancels(): boolean {
    return this.commands.some((command) => command.kind === 'cancel');
  }

  sleep(): void {
    const wakeAtMs = sessionWakeAtMs(this.plan, this.state);
    if (wakeAtMs === null) throw new Error('the session sleeps for ever');
    this.nowMs = wakeAtMs;
    this.hear({ kind: 'tick' });
  }
}

describe('a chasing session', () => {
  it('rests behind the best price, follows what runs away past the threshold, and sends the remainder only', () => {
    const chaser = new Chaser();
    chaser.bid('100');
    expect(chaser.last).toMatchObject({ type: 'LIMIT_MAKER' });
    expect(chaser.last.priceQuote?.toString()).toBe('99');
    chaser.accepted();
    chaser.bid('101');
    expect(chaser.cancels).toBe(false);
    chaser.bid('101.5');
    expect(chaser.cancels).toBe(true);
    chaser.fill('300');
    chaser.cancelled('300');
    expect(chaser.sent).toHaveLength(2);
    expect(chaser.last.amountBase.toString()).toBe('700');
    expect(chaser.last.priceQuote?.toString()).toBe('100.48');
  });

  it('sends nothing before the cancel is confirmed and every fill of the old order is backed by a trade', () => {
    const chaser = new Chaser();
    chaser.bid('100');
    chaser.accepted();
    chaser.bid('110');
    chaser.bid('120');
    expect(chaser.sent).toHaveLength(1);
    chaser.cancelled('300');
    expect(chaser.sent).toHaveLength(1);
    chaser.fill('300');
    expect(chaser.last.amountBase.toString()).toBe('700');
  });

  it('does not take its own order for the best price: alone at the top it neither follows itself nor slips away', () => {
    const chaser = new Chaser();
    chaser.bid('100');
    chaser.accepted();
    // Everybody else left: the best bid is our own.
    chaser.bid('99');
    expect(chaser.cancels).toBe(false);
    // Somebody ended it at the exchange. The book may still show it: it is no price to follow.
    chaser.hear({ kind: 'sighted', sequence: 1, sighting: { exchangeOrderId: 'x1', state: 'cancelled', executedBase: new Decimal(0) } });
    chaser.nowMs += 300;
    chaser.bid('99');
    expect(chaser.sent).toHaveLength(1);
    chaser.bid('95');
    expect(chaser.last.priceQuote?.toString()).toBe('94.05');
  });

  it('believes a book that goes on showing that price after a while: it is somebody else', () => {
    const chaser = new Chaser();
    chaser.bid('100');
    chaser.accepted();
    chaser.bid('99');
    chaser.hear({ kind: 'sighted', sequence: 1, sighting: { exchangeOrderId: 'x1', state: 'cancelled', executedBase: new Decimal(0) } });
    while (chaser.sent.length < 2) chaser.sleep();
    expect(chaser.nowMs).toBe(1_000_000 + SESSION_TIMING.freshBookMs);
  });

  it('renews at the pace that the limits of exchanges leave, however the price runs', () => {
    const chaser = new Chaser(EAGER);
    const startMs = chaser.nowMs;
    let price = 100;
    chaser.bid(String(price));
    while (chaser.nowMs < startMs + 600_000) {
      if (chaser.state.orders.some((order) => order.request === 'submit')) chaser.accepted();
      if (chaser.cancels) chaser.cancelled();
      chaser.nowMs += 100;
      price += 10;
      chaser.bid(String(price));
    }
    const most = 600_000 / LIMITS.renewalIntervalMs + LIMITS.renewalBurst + 2;
    expect(chaser.sent.length).toBeLessThanOrEqual(most);
    expect(chaser.sent.length).toBeGreaterThan(most * 0.9);
  });

  it('lives through any number of renewals with a memory and a heartbeat that do not grow', () => {
    const chaser = new Chaser(EAGER);
    chaser.bid('100');
    let price = 100;
    let longest = 0;
    for (let renewal = 0; renewal < 3_000; renewal += 1) {
      chaser.accepted();
      chaser.nowMs += LIMITS.renewalIntervalMs;
      price += 10;
      chaser.bid(String(price));
      if (renewal % 2 === 0) chaser.fill('0.1');
      chaser.cancelled(renewal % 2 === 0 ? '0.1' : '0');
      expect(chaser.sent).toHaveLength(renewal + 2);
      expect(chaser.state.orders.length).toBeLessThanOrEqual(LIMITS.maxOrdersInReport + 2);
      longest = Math.max(longest, JSON.stringify(sessionDetails(chaser.state)).length);
    }
    expect(chaser.state.end).toBeNull();
    expect(executedBase(chaser.state).toString()).toBe('150');
    expect(chaser.last.amountBase.toString()).toBe('850');
    expect(longest).toBeLessThan(1_200);
    // A later life counts what the sum counts, once.
    const details = JSON.parse(JSON.stringify(sessionDetails(chaser.state))) as SessionDetails;
    const resumed = resumeSession(PLAN, details, chaser.nowMs);
    const rest = chaser.state.orders.map((order) => ({
      ...order,
      sighting: { exchangeOrderId: `x${order.sequence}`, state: order.stage.kind === 'submitting' ? ('open' as const) : ('cancelled' as const), executedBase: order.ledger.totals.filledBase },
      fills: order.ledger.totals.fillCount === 0 ? [] : [{ tradeId: `again ${order.sequence}`, priceQuote: order.priceQuote ?? new Decimal(0), amountBase: order.ledger.totals.filledBase, fees: [], atMs: 0 }],
    }));
    const folded = { ...rest[0], sequence: chaser.state.folded?.throughSequence ?? 0 } as (typeof rest)[number];
    const known = reduceSession(PLAN, resumed, { kind: 'recovered', orders: [folded, ...rest], final: true, nowMs: chaser.nowMs });
    expect(sessionTotals(known.state).filledQuote.toString()).toBe(sessionTotals(chaser.state).filledQuote.toString());
  });

  it('answers post-only refusals with new prices, paced, without counting them as refusals for ever', () => {
    const chaser = new Chaser();
    chaser.bid('100');
    const startMs = chaser.nowMs;
    for (let refusal = 1; refusal <= 50; refusal += 1) {
      chaser.refused();
      expect(chaser.sent).toHaveLength(refusal);
      while (chaser.sent.length === refusal) chaser.sleep();
    }
    expect(chaser.state.retries).toBe(0);
    expect(chaser.nowMs - startMs).toBeGreaterThan(40_000);
    chaser.accepted();
    for (let refusal = 0; chaser.state.end === null; ) {
      expect(refusal).toBeLessThan(LIMITS.maxPostOnlyRefusals + 20);
      if (chaser.state.orders.some((order) => order.stage.kind === 'open')) chaser.hear({ kind: 'sighted', sequence: chaser.last.sequence, sighting: { exchangeOrderId: 'x', state: 'expired', executedBase: new Decimal(0) } });
      else if (chaser.state.orders.some((order) => order.request === 'submit')) {
        refusal += 1;
        chaser.refused();
      }
      else chaser.sleep();
    }
    expect(chaser.state.end).toMatchObject({ kind: 'failed', failure: { code: 'RETRIES_EXHAUSTED' } });
  });
});

describe('an order within activation bounds', () => {
  it('comes back at the pace of renewals when the price toggles around its bound', () => {
    const order = new Chaser(FREE);
    const startMs = order.nowMs;
    for (let toggle = 0; order.nowMs < startMs + 300_000; toggle += 1) {
      order.nowMs += 50;
      order.bid(toggle % 2 === 0 ? '100' : '110');
      if (order.cancels) order.cancelled();
      if (order.state.orders.some((each) => each.request === 'submit')) order.accepted();
    }
    expect(order.sent.length).toBeLessThanOrEqual(300_000 / LIMITS.renewalIntervalMs + LIMITS.renewalBurst + 2);
    expect(order.sent.length).toBeGreaterThan(10);
  });
});

describe('an amended chaser', () => {
  it('goes on following after an amendment replaced its order', () => {
    const chaser = new Chaser();
    chaser.bid('100');
    chaser.accepted();
    chaser.nowMs += 1_000;
    chaser.hear({ kind: 'amend', sequence: 1, changes: { amountBase: '500' } });
    expect(chaser.cancels).toBe(true);
    chaser.cancelled();
    chaser.nowMs += 5_000;
    chaser.bid('100.01');
    expect(chaser.last.amountBase.toString()).toBe('500');
    chaser.accepted();
    chaser.nowMs += 60_000;
    chaser.bid('110');
    expect(chaser.cancels).toBe(true);
  });
});

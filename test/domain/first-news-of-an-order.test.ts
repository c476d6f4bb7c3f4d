import { expect, it } from 'vitest';
import { decimal } from '../../src/domain/money.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { SessionEvent } from '../../src/domain/session/session-events.js';
import { SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import { initialSession, type SessionState } from '../../src/domain/session/session-state.js';
import { fillOf, rulesOf } from './market-fixtures.js';

const PLAN: SessionPlan = {
  role: 'order',
  rules: rulesOf(),
  side: 'BUY',
  amountBase: decimal('0.01'),
  strategy: 'MARKET',
  priceQuote: null,
  chaser: null,
  activationBounds: [],
  maxRetries: 10,
  guarded: false,
  arm: null,
  timing: SESSION_TIMING,
};

function after(events: readonly SessionEvent[]): SessionState {
  return events.reduce((state, event) => reduceSession(PLAN, state, event).state, initialSession(0, false));
}

const SENT: readonly SessionEvent[] = [
  { kind: 'price', bidQuote: decimal('59999'), askQuote: decimal('60000'), nowMs: 1 },
  { kind: 'recovered', orders: [], final: true, nowMs: 2 },
  { kind: 'funds', sufficient: true, message: '', nowMs: 3 },
];

it('a fill that overtakes the answer to its order ends it with the id the exchange gave it', () => {
  const fill = fillOf('60000', '0.01', [['USDT', '0.6']]);
  expect(after(SENT).orders).toMatchObject([{ sequence: 1, exchangeOrderId: null, stage: { kind: 'submitting' } }]);
  const ended = after([...SENT, { kind: 'fillSeen', sequence: 1, fill, exchangeOrderId: '33', nowMs: 4 }]);
  expect(ended.end).toEqual({ kind: 'completed' });
  expect(ended.orders).toMatchObject([{ exchangeOrderId: '33', stage: { kind: 'ended', how: 'filled' } }]);
});

it('a trade tells the id of the order that a stop became, whether news of the stop come before it or after it', () => {
  const fill = fillOf('60000', '0.01', [['USDT', '0.6']]);
  const waiting = { kind: 'sighted', sequence: 1, sighting: { exchangeOrderId: 'stop-7', state: 'open', executedBase: decimal('0') } } as const;
  const traded = { kind: 'fillSeen', sequence: 1, fill, exchangeOrderId: '33' } as const;
  const before = after([...SENT, { ...waiting, nowMs: 4 }, { ...traded, nowMs: 5 }]);
  const behind = after([...SENT, { ...traded, nowMs: 4 }, { ...waiting, nowMs: 5 }]);
  for (const { orders } of [before, behind]) expect(orders).toMatchObject([{ exchangeOrderId: '33', stage: { kind: 'ended', how: 'filled' } }]);
});

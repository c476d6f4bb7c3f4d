import { expect, it } from 'vitest';
import { barriersFromRecord } from '../../src/domain/barriers.js';
import { Decimal } from '../../src/domain/money.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import { SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import { initialSession, type SessionState } from '../../src/domain/session/session-state.js';
import { fillOf, rulesOf, totalsOf } from './market-fixtures.js';

const EXIT: SessionPlan = {
  role: 'exit',
  rules: rulesOf({ contract: 'perpetual' }),
  side: 'SELL',
  amountBase: null,
  strategy: 'MARKET',
  priceQuote: null,
  chaser: null,
  activationBounds: [],
  maxRetries: 10,
  guarded: false,
  arm: {
    barriers: barriersFromRecord({ stopLossFraction: '0.1', takeProfitFraction: null, takeProfitOrderType: 'MARKET', targets: [], breakevenAfterTarget: null, trailingStop: null, timeLimitAtMs: null }),
    exchangeStop: null,
    closing: null,
    entrySide: 'BUY',
    activationBounds: [],
    hasPredecessors: false,
  },
  timing: SESSION_TIMING,
};

type Sent = Extract<SessionCommand, { kind: 'submit' }>;
type Told = SessionEvent extends infer Event ? (Event extends { readonly nowMs: number } ? Omit<Event, 'nowMs'> : never) : never;

it('closes no more than the exchange says is left, and what it closed since is not left any more', () => {
  let state: SessionState = initialSession(0, false);
  let nowMs = 0;
  const sent: Sent[] = [];
  const hear = (told: Told): void => {
    nowMs += 1_000;
    const step = reduceSession(EXIT, state, { ...told, nowMs } as SessionEvent);
    state = step.state;
    for (const command of step.commands) if (command.kind === 'submit') sent.push(command);
  };
  const refused = (): void => {
    const failure = { code: 'NOTHING_TO_REDUCE', message: 'ReduceOnly Order is rejected.', retryAfterMs: null } as const;
    hear({ kind: 'submitRejected', sequence: sent.at(-1)?.sequence ?? 0, failure });
  };
  hear({ kind: 'recovered', orders: [], final: true });
  hear({ kind: 'protected', fills: { totals: totalsOf([fillOf('60000', '0.010')]), finished: true } });
  hear({ kind: 'price', bidQuote: new Decimal(60_000), askQuote: new Decimal(60_001) });
  hear({ kind: 'fire', reason: 'test' });
  expect(sent.map((order) => order.amountBase.toFixed())).toEqual(['0.01']);
  refused();
  hear({ kind: 'reducible', leftBase: new Decimal('0.006') });
  for (let ticks = 0; ticks < 20 && sent.length < 2; ticks += 1) hear({ kind: 'tick' });
  expect(sent.at(-1)?.amountBase.toFixed()).toBe('0.006');
  // Half of it is closed, the rest of that order expires: 0.003 is left to reduce, not 0.006.
  const { sequence } = sent.at(-1) as Sent;
  const fills = [fillOf('60000', '0.003')];
  hear({ kind: 'submitAccepted', sequence, sighting: { exchangeOrderId: '2', state: 'expired', executedBase: new Decimal('0.003') }, fills });
  for (let ticks = 0; ticks < 20 && sent.length < 3; ticks += 1) hear({ kind: 'tick' });
  expect(sent.at(-1)?.amountBase.toFixed()).toBe('0.003');
});

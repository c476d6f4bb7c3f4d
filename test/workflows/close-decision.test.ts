import { describe, expect, it } from 'vitest';
import type { MarketReading } from '../../src/contract/activities.js';
import type { Leg, LegState } from '../../workflows/runtime/position-legs.js';
import type { FillTotalsRecord, TriggerEvidence } from '../../src/contract/session-result.js';
import { NO_FILLS, totalsRecord } from '../../src/domain/fills.js';
import { decideClose } from '../../workflows/runtime/close-decision.js';
import { DecisionLog } from '../../workflows/runtime/decisions.js';
import { FundingBook } from '../../workflows/runtime/funding-book.js';
import { PositionBook } from '../../workflows/runtime/position-book.js';
import { barrierRecord, entryPlan, exitPlan } from '../../workflows/runtime/position-plans.js';
import { fillOf, totalsOf } from '../domain/market-fixtures.js';
import { positionConfig } from '../executors/running-stack.js';

const READING: MarketReading = {
  rules: { pair: 'BTC-USDT', base: 'BTC', quote: 'USDT', contract: 'spot', supportsStop: true, amountStepBase: '0.00001', priceTickQuote: '0.01', minAmountBase: '0.00001', maxAmountBase: null, minNotionalQuote: '5', makerFeeFraction: '0', takerFeeFraction: '0' },
  bidQuote: '60000',
  askQuote: '60000.01',
  atMs: 1,
};
const BOUGHT = totalsOf([fillOf('60000', '0.01')]);
const SOLD = totalsOf([fillOf('58700', '0.01')]);

/** The exit fired at 58700, 2.17 % below the entry; `heard` is the last amendment it knew then. */
function fired(heard: number): TriggerEvidence {
  return { trigger: 'STOP_LOSS', command: null, atMs: 5_000, exitPriceQuote: '58700', protectedTotals: totalsRecord(BOUGHT), trailingTriggerFraction: null, closedBase: '0', breakeven: false, amendment: heard, exchangeStop: false };
}

function ended(state: Partial<Extract<LegState, { kind: 'ended' }>['result']>): LegState {
  return {
    kind: 'ended',
    result: { end: { kind: 'completed' }, totals: totalsRecord(SOLD), orders: [], ordersSent: 1, retries: 0, trigger: null, protectedTotals: totalsRecord(BOUGHT), predecessorTotals: null, residueBase: '0', lastError: null, unvaluedFees: {}, endedAtMs: 6_000, ...state },
  };
}

function decision(before: string, amended: string, heard: number): ReturnType<typeof decideClose> {
  const config = positionConfig({}, { stopLossFraction: before, takeProfitFraction: null });
  const later = { ...config, tripleBarrier: { ...config.tripleBarrier, stopLossFraction: amended } };
  const book = new PositionBook(config, new FundingBook(config, new DecisionLog(), () => undefined));
  book.opened(READING, '60000');
  const sized = { amountBase: BOUGHT.filledBase, priceQuote: null };
  const entry = { plan: entryPlan(config, READING, sized, '60000', null), state: ended({ totals: totalsRecord(BOUGHT) }), heardSequence: 0 };
  const exit = { plan: exitPlan(config, READING, 1, null), state: ended({ trigger: fired(heard) }), heardSequence: 0 };
  book.amended(later);
  book.told(1, barrierRecord(later));
  return decideClose(book.closeEvidence(READING, null, [entry], [exit]));
}

it('judges a trigger by the barriers the exit had heard of, not by those amended after it fired', () => {
  const closed = { closeType: 'STOP_LOSS', outcome: 'COMPLETED', error: null, contradiction: null };
  expect(decision('0.02', '0.10', 0)).toEqual(closed);
  expect(decision('0.10', '0.02', 1)).toEqual(closed);
});

it('tells of a trigger that the barriers it had heard of do not explain', () => {
  expect(decision('0.10', '0.02', 0)).toMatchObject({ contradiction: 'the session fired STOP_LOSS, the evidence says nothing' });
  expect(decision('0.02', '0.10', 1)).toMatchObject({ contradiction: 'the session fired STOP_LOSS, the evidence says nothing' });
});

describe('a lost exit', () => {
  const config = positionConfig({}, { stopLossFraction: null, takeProfitFraction: null, exchangeStop: { distanceFraction: '0.02', triggeredBy: 'last' } });
  const book = new PositionBook(config, new FundingBook(config, new DecisionLog(), () => undefined));
  book.opened(READING, '60000');
  const entry = { plan: entryPlan(config, READING, { amountBase: BOUGHT.filledBase, priceQuote: null }, '60000', null), state: ended({ totals: totalsRecord(BOUGHT) }), heardSequence: 0 };
  const lost = { plan: exitPlan(config, READING, 1, null), state: { kind: 'lost', message: 'terminated', progress: null, trigger: null } as LegState, heardSequence: 0 };
  const followed = (predecessorTotals: FillTotalsRecord, totals = NO_FILLS): Leg => ({ plan: exitPlan(config, READING, 2, null), state: ended({ totals: totalsRecord(totals), predecessorTotals }), heardSequence: 0 });

  it('is counted by what the exit after it read, and ends as what its price tells', () => {
    const exits = [lost, followed(totalsRecord(SOLD))];
    const evidence = book.closeEvidence(READING, null, [entry], exits);
    expect([evidence.openBase.toFixed(), evidence.averageExitQuote?.toFixed()]).toEqual(['0', '58700']);
    expect(decideClose(evidence)).toEqual({ closeType: 'STOP_LOSS', outcome: 'COMPLETED', error: null, contradiction: null });
    expect(book.hold([entry], exits).orders.map((order) => [order.clientOrderId, order.totals.filledBase])).toEqual([[`before ${exits[1]?.plan.path.path ?? ''}`, '0.01']]);
    expect(book.funded([entry], exits).legs.map(({ path, totals }) => [path.path, totals.filledBase, totals.lastFillAtMs])).toEqual([['entry/1', '0.01', BOUGHT.lastFillAtMs], ['exit/1', '0.01', null], ['exit/2', '0', null]]);
  });

  it('that had closed a part leaves the rest to the exit after it', () => {
    const [part, rest] = [totalsOf([fillOf('58700', '0.004')]), totalsOf([fillOf('58600', '0.006')])];
    const evidence = book.closeEvidence(READING, null, [entry], [lost, followed(totalsRecord(part), rest)]);
    expect(evidence.openBase.toFixed()).toBe('0');
    expect(evidence.averageExitQuote?.toFixed()).toBe('58640');
  });

  it('that closed nothing leaves what is held', () => {
    const evidence = book.closeEvidence(READING, null, [entry], [lost, followed(totalsRecord(NO_FILLS))]);
    expect(evidence.openBase.toFixed()).toBe('0.01');
  });
});

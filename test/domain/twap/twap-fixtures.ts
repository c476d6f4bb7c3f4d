import fc from 'fast-check';
import type { MarketRules } from '../../../src/domain/market-rules.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { planTwap, type TwapPlan } from '../../../src/domain/twap/plan-twap.js';
import { CATCH_UP_POLICIES, twapTerms, type TwapTerms, type TwapTermsRecord } from '../../../src/domain/twap/twap-terms.js';
import { anyRules, rulesOf } from '../market-fixtures.js';

export function termsRecord(changes: Partial<TwapTermsRecord> = {}): TwapTermsRecord {
  return {
    side: 'BUY',
    totalAmountQuote: '100',
    totalDurationMs: 30_000,
    orderIntervalMs: 10_000,
    mode: 'TAKER',
    limitOrderBufferFraction: null,
    orderResubmissionMs: null,
    catchUp: 'stretch',
    leverage: 1,
    ...changes,
  };
}

export function termsOf(changes: Partial<TwapTermsRecord> = {}): TwapTerms {
  return twapTerms(termsRecord(changes));
}

export function plannedTwap(changes: Partial<TwapTermsRecord> = {}, rules: MarketRules = rulesOf(), mid = '100'): TwapPlan {
  const planning = planTwap(termsOf(changes), rules, decimal(mid));
  if (planning.kind === 'refused') throw new Error(JSON.stringify(planning.refusal));
  return planning.plan;
}

export interface TwapCase {
  readonly rules: MarketRules;
  readonly record: TwapTermsRecord;
  readonly mid: Decimal;
}

/** Random rules, minimums and maximums; budgets from hopeless to plenty. */
export const anyTwapCase: fc.Arbitrary<TwapCase> = fc
  .record({
    rules: anyRules,
    minSteps: fc.integer({ min: 0, max: 50 }),
    maxSteps: fc.option(fc.integer({ min: 20, max: 100_000 }), { freq: 3 }),
    halfTicks: fc.integer({ min: 400, max: 2_000_000 }),
    minNotionalSteps: fc.integer({ min: 0, max: 100 }),
    budgetSteps: fc.integer({ min: 1, max: 2_000_000 }),
    odd: fc.constantFrom('0', '0.0000001', '0.333333333333333333', '1e-18'),
    side: fc.constantFrom<('BUY' | 'SELL')[]>('BUY', 'SELL'),
    mode: fc.constantFrom<('TAKER' | 'MAKER')[]>('TAKER', 'MAKER'),
    buffer: fc.constantFrom('0', '0.001', '0.05'),
    resubmission: fc.constantFrom(null, 5_000, 25_000),
    slots: fc.integer({ min: 1, max: 12 }),
    catchUp: fc.constantFrom(...CATCH_UP_POLICIES),
  })
  .map((drawn) => {
    const { amountStepBase, priceTickQuote } = drawn.rules;
    const mid = priceTickQuote.times(drawn.halfTicks).times('0.5');
    const stepQuote = amountStepBase.times(mid);
    return {
      rules: {
        ...drawn.rules,
        minAmountBase: amountStepBase.times(drawn.minSteps),
        maxAmountBase: drawn.maxSteps === null ? null : amountStepBase.times(drawn.maxSteps),
        minNotionalQuote: stepQuote.times(drawn.minNotionalSteps).times('0.97').toDecimalPlaces(20),
      },
      mid,
      record: termsRecord({
        side: drawn.side,
        mode: drawn.mode,
        limitOrderBufferFraction: drawn.mode === 'MAKER' ? drawn.buffer : null,
        orderResubmissionMs: drawn.resubmission,
        totalAmountQuote: stepQuote.times(drawn.budgetSteps).times('0.01').plus(drawn.odd).toDecimalPlaces(25, Decimal.ROUND_CEIL).toFixed(),
        totalDurationMs: (drawn.slots - 1) * 10_000 + 9_999,
        catchUp: drawn.catchUp,
      }),
    };
  });

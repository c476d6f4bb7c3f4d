import fc from 'fast-check';
import { planGrid } from '../../../src/domain/grid/plan-grid.js';
import type { GridPlan } from '../../../src/domain/grid/grid-plan.js';
import { gridTerms, type GridTerms, type GridTermsRecord } from '../../../src/domain/grid/grid-terms.js';
import type { MarketRules } from '../../../src/domain/market-rules.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { anyRules, multipleOf, rulesOf } from '../market-fixtures.js';

export function termsRecord(changes: Partial<GridTermsRecord> = {}): GridTermsRecord {
  return {
    side: 'BUY',
    startPriceQuote: '95',
    endPriceQuote: '105',
    limitPriceQuote: null,
    totalAmountQuote: '1000',
    minSpreadFraction: '0.01',
    minOrderAmountQuote: '5',
    maxOpenOrders: 5,
    maxOrdersPerBatch: null,
    orderFrequencyMs: 0,
    activationBoundsFraction: null,
    safeExtraSpreadFraction: '0.0001',
    takeProfitFraction: '0.002',
    coerceTakeProfitToStep: false,
    stopLossFraction: null,
    trailingStop: null,
    timeLimitAtMs: null,
    openOrderType: 'LIMIT',
    takeProfitOrderType: 'LIMIT',
    deductBaseFees: false,
    keepPosition: false,
    leverage: 1,
    ...changes,
  };
}

export function termsOf(changes: Partial<GridTermsRecord> = {}): GridTerms {
  return gridTerms(termsRecord(changes));
}

export function plannedGrid(changes: Partial<GridTermsRecord> = {}, rules: MarketRules = rulesOf(), midQuote = '100'): GridPlan {
  const planning = planGrid(termsOf(changes), rules, decimal(midQuote));
  if (planning.kind === 'refused') throw new Error(`refused: ${JSON.stringify(planning.refusal)}`);
  return planning.plan;
}

export interface GridCase {
  readonly terms: GridTerms;
  readonly rules: MarketRules;
  readonly midQuote: Decimal;
}

const anyLimits = fc.record({
  minSteps: fc.constantFrom(0, 1, 7, 1000),
  maxSteps: fc.constantFrom(null, null, null, 5_000, 1_000_000),
  minNotional: fc.constantFrom('0', '5', '0.0001', '1000'),
  feeFraction: fc.constantFrom('0', '0.001', '-0.0001', '0.02'),
  contract: fc.constantFrom('spot' as const, 'spot' as const, 'perpetual' as const),
});

/** Any market, and a grid about its price: budgets from hopeless to ample, ranges from below a tick to the price itself. */
export const anyGridCase: fc.Arbitrary<GridCase> = fc
  .record({ rules: anyRules, limits: anyLimits })
  .map(({ rules, limits }): MarketRules => ({
    ...rules,
    contract: limits.contract,
    minAmountBase: rules.amountStepBase.times(limits.minSteps),
    maxAmountBase: limits.maxSteps === null ? null : rules.amountStepBase.times(limits.maxSteps),
    minNotionalQuote: decimal(limits.minNotional),
    makerFeeFraction: decimal(limits.feeFraction),
    takerFeeFraction: decimal(limits.feeFraction),
  }))
  .chain((rules) =>
    fc
      .record({
        side: fc.constantFrom('BUY' as const, 'SELL' as const),
        startPriceQuote: fc.oneof(multipleOf(rules.priceTickQuote, 10n ** 6n), fc.integer({ min: 1, max: 10 ** 7 }).map((units) => new Decimal(units).times('0.0017'))),
        rangeFraction: fc.constantFrom('0.0000001', '0.01', '0.1', '0.1', '0.37', '0.37', '1'),
        midPercent: fc.integer({ min: 50, max: 200 }),
        budget: fc.record({ digits: fc.integer({ min: 1, max: 99_999 }), exponent: fc.integer({ min: -4, max: 6 }) }),
        minSpreadFraction: fc.constantFrom('0', '0.004', '0.01', '0.03'),
        minOrderAmountQuote: fc.constantFrom('0', '5', '50'),
        takeProfitFraction: fc.constantFrom('0.0001', '0.002', '0.1'),
        coerceTakeProfitToStep: fc.boolean(),
      })
      .map(({ rangeFraction, midPercent, budget, startPriceQuote, ...draw }) => {
        const midQuote = startPriceQuote.times(midPercent).dividedBy(100);
        const terms = termsOf({
          ...draw,
          startPriceQuote: startPriceQuote.toFixed(),
          endPriceQuote: startPriceQuote.times(decimal(rangeFraction).plus(1)).toFixed(),
          totalAmountQuote: new Decimal(budget.digits).times(new Decimal(10).pow(budget.exponent)).toFixed(),
        });
        return { terms, rules, midQuote };
      }),
  );

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dcaTerms } from '../../../src/domain/dca/dca-terms.js';
import { planDca } from '../../../src/domain/dca/plan-dca.js';
import { previewDca } from '../../../src/domain/dca/preview-dca.js';
import { LIMITS } from '../../../src/domain/limits.js';
import { checkOrder } from '../../../src/domain/market-rules.js';
import { decimal, Decimal, DecimalRuleError } from '../../../src/domain/money.js';
import { anyRules, rulesOf } from '../market-fixtures.js';
import { compare, rational, times } from '../rational.js';
import { plannedDca, termsOf, termsRecord } from './dca-fixtures.js';

describe('levels', () => {
  it('are amount / price in whole steps, in the order given', () => {
    // 200 / 90 = 2.2222, 300 / 80 = 3.75.
    expect(plannedDca().levels.map(({ priceQuote, amountBase }) => [priceQuote.toFixed(), amountBase.toFixed()])).toEqual([['100', '1'], ['90', '2.22222'], ['80', '3.75']]);
  });

  it('that are refused name the rule, the number and amounts that work', () => {
    const planning = planDca(termsOf({ amountsQuote: ['100', '4', '9000'], pricesQuote: ['100', '80', '90'] }), rulesOf({ maxAmountBase: '10' }));
    // 5 / 80 = 0.0625 whole steps, 0.06257 of which are left after 0.1 %; 10 * 90 = 900.
    expect(planning).toEqual({
      kind: 'refused',
      refusal: { field: 'amounts_quote.1', value: '4', rule: 'must be at least 5.0056 USDT at 80: notionalQuote 4 must be at least 5 USDT', workableAmountsQuote: ['100', '5.0056', '900'] },
    });
    expect(planDca(termsOf({ pricesQuote: ['100', '0.001', '1'] }), rulesOf())).toMatchObject({ kind: 'refused', refusal: { field: 'prices.1', value: '0.001', rule: 'must be at least 0.01 USDT' } });
  });

  it.each([
    [{ pricesQuote: ['1'] }, 'prices'],
    [{ amountsQuote: [], pricesQuote: [] }, 'amounts_quote'],
    [{ amountsQuote: Array<string>(LIMITS.maxDcaLevels + 1).fill('1'), pricesQuote: Array<string>(LIMITS.maxDcaLevels + 1).fill('1') }, 'amounts_quote'],
    [{ amountsQuote: ['1', '0', '1'] }, 'amounts_quote.1'],
    [{ pricesQuote: ['1', '1', '-1'] }, 'prices.2'],
    [{ activationBounds: ['0.1', '0.1', '0.1'] }, 'activation_bounds'],
    [{ activationBounds: ['1'] }, 'activation_bounds.0'],
    [{ stopLossFraction: '-0.1' }, 'stop_loss'],
    [{ leverage: 0.5 }, 'leverage'],
  ])('%#: names the field', (changes, field) => {
    let error: unknown = null;
    try {
      dcaTerms(termsRecord(changes));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DecimalRuleError);
    expect((error as DecimalRuleError).field).toBe(field);
  });

  it('under random rules are legal and within their amounts, or refused with amounts that work', () => {
    const counts = { planned: 0, refused: 0 };
    const anyLevel = fc.record({ ticks: fc.integer({ min: 1, max: 4_000 }), steps: fc.integer({ min: 1, max: 100_000 }) });
    const anyLimits = fc.record({ minSteps: fc.integer({ min: 0, max: 40 }), maxSteps: fc.option(fc.integer({ min: 20, max: 1_000 })), side: fc.constantFrom<('BUY' | 'SELL')[]>('BUY', 'SELL') });
    fc.assert(
      fc.property(anyRules, anyLimits, fc.array(anyLevel, { minLength: 1, maxLength: 6 }), (drawn, { minSteps, maxSteps, side }, levels) => {
        const { amountStepBase: step, priceTickQuote: tick } = drawn;
        const rules = { ...drawn, minAmountBase: step.times(minSteps), maxAmountBase: maxSteps === null ? null : step.times(maxSteps), minNotionalQuote: step.times(tick).times(500) };
        const prices = levels.map(({ ticks }) => tick.times(ticks).times('0.37'));
        const record = termsRecord({ side, pricesQuote: prices.map((price) => price.toFixed()), amountsQuote: levels.map(({ steps }, index) => step.times(prices[index] ?? tick).times(steps).times('0.011').toFixed()) });
        const planning = planDca(dcaTerms(record), rules);
        counts[planning.kind] += 1;
        if (planning.kind === 'refused') {
          expect(planning.refusal.rule).toMatch(/must be at (least|most) \d/);
          const { workableAmountsQuote } = planning.refusal;
          if (workableAmountsQuote !== null) expect(planDca(dcaTerms({ ...record, amountsQuote: workableAmountsQuote }), rules).kind).toBe('planned');
          return;
        }
        for (const { amountBase, priceQuote, amountQuote, index } of planning.plan.levels) {
          expect(checkOrder(rules, { amountBase, priceQuote })).toBeNull();
          expect(compare(times(rational(amountBase), rational(priceQuote)), rational(amountQuote))).toBeLessThanOrEqual(0);
          const smallest = planning.plan.smallestAmountsQuote[index] ?? new Decimal(0);
          const less = record.amountsQuote.map((amount, at) => (at === index ? smallest.times('0.999999999').toFixed() : amount));
          if (smallest.precision() < 30) expect(planDca(dcaTerms({ ...record, amountsQuote: less }), rules).kind).toBe('refused');
        }
      }),
      { numRuns: 300 },
    );
    expect(counts.planned).toBeGreaterThan(30);
    expect(counts.refused).toBeGreaterThan(30);
  });
});

describe('a preview', () => {
  it('tells exposure, break-even, fees, worst loss and the smallest budget', () => {
    const preview = previewDca(plannedDca(), decimal('101'), 0);
    // 1 * 100 + 2.22222 * 90 + 3.75 * 80 = 599.9998; loss 5 % of it and 0.1 % to close.
    expect(preview).toMatchObject({ exposureBase: '6.97222', exposureQuote: '599.9998', entryFeesQuote: '0.5999998', closeFeesQuote: '0.5999998', worstLossQuote: '30.5999898', warnings: [] });
    // One step more than 0.05, 0.05556 and 0.0625 leave after the fee: 0.05006 * 100 + 0.05562 * 90 + 0.06257 * 80.
    expect(preview.smallestTotalAmountQuote).toBe('15.0174');
    expect(preview.levels.every(({ sentAtOnce }) => sentAtOnce)).toBe(true);
  });

  it('warns', () => {
    const codes = (changes: Parameters<typeof plannedDca>[0], mid: string): readonly string[] => previewDca(plannedDca(changes), decimal(mid), 5).warnings.map(({ code }) => code);
    expect(codes({ stopLossFraction: null, takeProfitFraction: null }, '95')).toEqual(['NO_STOP_LOSS', 'NEVER_ENDS', 'LEVELS_CROSS']);
    expect(codes({ stopLossReference: 'last_level', timeLimitAtMs: 5 }, '101')).toEqual(['STOP_LOSS_WAITS', 'EXPIRED']);
    expect(codes({ mode: 'TAKER' }, '100.1')).toEqual(['LEVELS_HELD_BACK']);
  });
});

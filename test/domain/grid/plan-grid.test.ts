import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GridRefusal, WorkableChange } from '../../../src/domain/grid/grid-plan.js';
import { gridTerms, type GridTerms } from '../../../src/domain/grid/grid-terms.js';
import { planGrid } from '../../../src/domain/grid/plan-grid.js';
import { LIMITS } from '../../../src/domain/limits.js';
import { checkOrder } from '../../../src/domain/market-rules.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { rulesOf } from '../market-fixtures.js';
import { compare, floorTo, over, plus, rational, times, type Rational } from '../rational.js';
import { anyGridCase, plannedGrid, termsOf, termsRecord, type GridCase } from './grid-fixtures.js';

const texts = (values: readonly Decimal[]): readonly string[] => values.map((value) => value.toFixed());

function refusal(changes: Parameters<typeof termsOf>[0], rules = rulesOf(), mid = '100'): GridRefusal {
  const planning = planGrid(termsOf(changes), rules, decimal(mid));
  if (planning.kind === 'planned') throw new Error(`planned ${planning.plan.levels.length} levels`);
  return planning.refusal;
}

function withChanges(terms: GridTerms, changes: readonly WorkableChange[]): GridTerms {
  const changed = { ...terms } as Record<string, unknown>;
  const name = { total_amount_quote: 'totalAmountQuote', min_order_amount_quote: 'minOrderAmountQuote', min_spread_between_orders: 'minSpreadFraction', end_price: 'endPriceQuote' };
  for (const { field, value } of changes) changed[name[field]] = decimal(value);
  return changed as unknown as GridTerms;
}

describe('levels worked out by hand', () => {
  it('as many as the spread allows, when the budget pays for more', () => {
    // minBase = 1.05 * 5 / 100 = 0.0525, 5.25 quote: 190 levels; (10 / 95) / 0.01 = 10.5: 10. Base 1000 / (100 * 10) = 1.
    const plan = plannedGrid();
    expect(texts(plan.levels.map((level) => level.priceQuote))).toEqual(['95', '96.11', '97.22', '98.33', '99.44', '100.55', '101.66', '102.77', '103.88', '105']);
    expect(plan.amountPerLevelQuote.toFixed()).toBe('100');
    expect(plan.allocatedQuote.toFixed()).toBe('1000');
    // 100 / 95 = 1.0526315, 100 / 105 = 0.9523809: at the level's own price, not at mid.
    expect([plan.levels[0]?.amountBase.toFixed(), plan.levels[9]?.amountBase.toFixed()]).toEqual(['1.05263', '0.95238']);
    // 10 / (95 * 9)
    expect(plan.stepFraction.toFixed(12)).toBe('0.011695906433');
    // 95 * 1.002 = 95.19; 96.11 * 1.002 = 96.30222, away from the level.
    expect(texts(plan.levels.slice(0, 2).map((level) => level.takeProfitPriceQuote))).toEqual(['95.19', '96.31']);
  });

  it('of a short: prices up, take profits below', () => {
    const plan = plannedGrid({ side: 'SELL' });
    expect(texts(plan.levels.map((level) => level.priceQuote))).toEqual(['95', '96.12', '97.23', '98.34', '99.45', '100.56', '101.67', '102.78', '103.89', '105']);
    // 96.12 * 0.998 = 95.92776; 105 * 0.998 = 104.79.
    expect([plan.levels[1]?.takeProfitPriceQuote.toFixed(), plan.levels[9]?.takeProfitPriceQuote.toFixed()]).toEqual(['95.92', '104.79']);
  });

  it('as many as the budget pays, when the spread allows more', () => {
    // 20 / 5.25 = 3.8: 3. Base floor(20 / 300) = 0.06666, quote 6.666.
    const plan = plannedGrid({ totalAmountQuote: '20' });
    expect(texts(plan.levels.map((level) => level.priceQuote))).toEqual(['95', '100', '105']);
    expect(texts(plan.levels.map((level) => level.amountBase))).toEqual(['0.07016', '0.06666', '0.06348']);
    expect(plan.allocatedQuote.toFixed()).toBe('19.998');
  });

  it('a single one in the middle, with the range as its step', () => {
    const plan = plannedGrid({ totalAmountQuote: '6', coerceTakeProfitToStep: true, endPriceQuote: '104.5' });
    expect(texts(plan.levels.map((level) => level.priceQuote))).toEqual(['99.75']);
    expect(plan.stepFraction.toFixed()).toBe('0.1');
    // 99.75 * 1.1 = 109.725.
    expect(plan.levels[0]?.takeProfitPriceQuote.toFixed()).toBe('109.73');
  });

  it('with the step as take profit only when it is asked for and greater', () => {
    const coerced = plannedGrid({ coerceTakeProfitToStep: true });
    expect(coerced.takeProfitFraction.equals(coerced.stepFraction)).toBe(true);
    expect(plannedGrid({ coerceTakeProfitToStep: true, takeProfitFraction: '0.02' }).takeProfitFraction.toFixed()).toBe('0.02');
    expect(plannedGrid({ takeProfitFraction: '0.002' }).takeProfitFraction.toFixed()).toBe('0.002');
    expect(plannedGrid({ coerceTakeProfitToStep: true, takeProfitFraction: null }).takeProfitFraction.equals(coerced.stepFraction)).toBe(true);
  });

  it('by whole steps of a coarse market, and by the tick where that is wider than the spread', () => {
    // (40 / 80) / max(0.01, 5 / 80) = 8 levels. A step costs 0.8 at mid: floor(100 / 6.4) = 15 steps, 12 quote each.
    const plan = plannedGrid({ startPriceQuote: '80', endPriceQuote: '120', totalAmountQuote: '100' }, rulesOf({ amountStepBase: '0.01', priceTickQuote: '5', minAmountBase: '0.01' }), '80');
    expect(texts(plan.levels.map((level) => level.priceQuote))).toEqual(['80', '85', '90', '95', '100', '105', '110', '120']);
    expect(plan.amountPerLevelQuote.toFixed()).toBe('12');
    expect(texts(plan.levels.map((level) => level.amountBase))).toEqual(['0.15', '0.14', '0.13', '0.12', '0.12', '0.11', '0.1', '0.1']);
  });
});

describe('refusals', () => {
  it('a budget below one level says what one level needs', () => {
    // The reference would send one level of 5.25, more than it was given.
    expect(refusal({ totalAmountQuote: '5.24' })).toMatchObject({ field: 'total_amount_quote', value: '5.24', workable: [{ field: 'total_amount_quote', value: '5.25' }] });
    expect(plannedGrid({ totalAmountQuote: '5.25' }).levels).toHaveLength(1);
  });

  it('a range below the spread, where the reference divides by zero', () => {
    expect(refusal({ startPriceQuote: '100', endPriceQuote: '100.5' })).toMatchObject({ field: 'min_spread_between_orders', value: '0.01', workable: [{ field: 'min_spread_between_orders', value: '0.005' }] });
    // Below a tick no spread helps: 100 + 0.05 is the next price.
    const coarse = refusal({ startPriceQuote: '100', endPriceQuote: '100.01' }, rulesOf({ priceTickQuote: '0.05' }));
    expect(coarse.workable.find(({ field }) => field === 'end_price')?.value).toBe('100.05');
  });

  it('a level that the exchange would refuse, with the minimum that leaves fewer and larger ones', () => {
    // Steps of 1 quote at mid: ceil(1.05 * 5.7) = 6, three levels of 6. At 80 that buys 0.07, 5.6 quote.
    const rules = rulesOf({ amountStepBase: '0.01', minAmountBase: '0.01', minNotionalQuote: '5.7' });
    const refused = refusal({ startPriceQuote: '80', endPriceQuote: '120', totalAmountQuote: '20' }, rules);
    expect(refused).toMatchObject({ field: 'min_order_amount_quote', value: '5', workable: [{ field: 'min_order_amount_quote', value: '6.6666666666666666666' }] });
    expect(refused.rule).toBe('is less than the exchange takes for level 0 of 3 at 80: notionalQuote 5.6 must be at least 5.7 USDT');
    expect(plannedGrid({ startPriceQuote: '80', endPriceQuote: '120', totalAmountQuote: '20', minOrderAmountQuote: '6.6666666666666666666' }, rules).levels).toHaveLength(2);
  });

  it('a level above the exchange maximum, with a budget below it', () => {
    const refused = refusal({}, rulesOf({ maxAmountBase: '1' }));
    expect(refused).toMatchObject({ field: 'total_amount_quote', value: '1000', workable: [{ field: 'total_amount_quote', value: '950' }] });
  });

  it('more levels than a grid may have', () => {
    const refused = refusal({ minSpreadFraction: '0.00001', totalAmountQuote: '100000' }, rulesOf({ priceTickQuote: '0.0001' }));
    expect(refused).toMatchObject({ field: 'min_spread_between_orders', value: '0.00001' });
    expect(refused.rule).toBe(`gives 10526 levels, at most ${LIMITS.maxGridLevels}`);
    expect(plannedGrid({ minSpreadFraction: refused.workable[0]?.value ?? '', totalAmountQuote: '100000' }, rulesOf({ priceTickQuote: '0.0001' })).levels.length).toBeGreaterThan(900);
  });

  it('two levels at one price, when the market is far above the grid', () => {
    const refused = refusal({ startPriceQuote: '10', endPriceQuote: '10.1', minSpreadFraction: '0' }, rulesOf({ minNotionalQuote: '0', priceTickQuote: '0.05' }));
    expect(refused).toMatchObject({ field: 'min_spread_between_orders', workable: [{ field: 'min_spread_between_orders', value: '0.005' }] });
  });

  it.each([
    [{ endPriceQuote: '95' }, 'end_price', 'must be above start_price 95'],
    [{ limitPriceQuote: '105' }, 'limit_price', 'of a BUY grid must be below end_price 105'],
    [{ side: 'SELL', limitPriceQuote: '95' }, 'limit_price', 'of a SELL grid must be above start_price 95'],
    [{ totalAmountQuote: '0' }, 'total_amount_quote', 'must be above 0'],
    [{ startPriceQuote: '-1' }, 'start_price', 'must be above 0'],
    [{ takeProfitFraction: '0' }, 'take_profit', 'must be above 0, or coerce_tp_to_step must be true: a level is opened again only after its take profit'],
    [{ side: 'SELL', takeProfitFraction: '1' }, 'take_profit', 'of a SELL grid must be below 1'],
    [{ openOrderType: 'MARKET' }, 'open_order_type', 'must be LIMIT or LIMIT_MAKER in a grid'],
    [{ maxOpenOrders: 0 }, 'max_open_orders', `must be a whole number from 1 to ${LIMITS.maxGridLevels}`],
    [{ maxOrdersPerBatch: 1.5 }, 'max_orders_per_batch', `must be a whole number from 1 to ${LIMITS.maxGridLevels}`],
    [{ safeExtraSpreadFraction: '1' }, 'safe_extra_spread', 'must be below 1'],
    [{ stopLossFraction: '-0.1' }, 'stop_loss', 'must not be negative'],
    [{ activationBoundsFraction: 'x' }, 'activation_bounds', 'must be a decimal number'],
  ] as const)('%o', (changes, field, rule) => {
    const record = termsRecord(changes);
    expect(() => gridTerms(record)).toThrow(expect.objectContaining({ field, rule }));
  });
});

describe('under any market rules', () => {
  it('levels are legal, ascending, inside the range, and never cost more than the budget; or the refusal has a field and a rule', () => {
    let planned = 0;
    fc.assert(
      fc.property(anyGridCase, ({ terms, rules, midQuote }) => {
        const planning = planGrid(terms, rules, midQuote);
        if (planning.kind === 'refused') {
          expect(planning.refusal.field).not.toBe('');
          expect(planning.refusal.rule).toMatch(/\d/);
          return;
        }
        planned += 1;
        const { levels, amountPerLevelQuote } = planning.plan;
        const budget = rational(terms.totalAmountQuote);
        let costs: Rational = rational('0');
        let shares: Rational = rational('0');
        for (const [index, level] of levels.entries()) {
          expect(checkOrder(rules, level), `level ${index}`).toBeNull();
          expect(level.priceQuote.greaterThanOrEqualTo(terms.startPriceQuote) && level.priceQuote.lessThanOrEqualTo(terms.endPriceQuote)).toBe(true);
          expect(levels[index - 1]?.priceQuote.lessThan(level.priceQuote) ?? true).toBe(true);
          const gain = level.takeProfitPriceQuote.comparedTo(level.priceQuote);
          expect(gain).toBe(terms.side === 'BUY' ? 1 : -1);
          expect(checkOrder({ ...rules, minAmountBase: rules.amountStepBase, minNotionalQuote: decimal('0') }, { amountBase: level.amountBase, priceQuote: level.takeProfitPriceQuote })).toBeNull();
          costs = plus(costs, times(rational(level.amountBase), rational(level.priceQuote)));
          shares = plus(shares, rational(amountPerLevelQuote));
        }
        expect(compare(costs, shares)).toBeLessThanOrEqual(0);
        expect(compare(shares, budget)).toBeLessThanOrEqual(0);
        expect(planning.plan.allocatedQuote.toFixed()).toBe(amountPerLevelQuote.times(levels.length).toFixed());
      }),
      { numRuns: 150 },
    );
    // The cases are no use when nearly all of them are refused.
    expect(planned).toBeGreaterThan(10);
  });

  it('number and size are those of the reference', () => {
    fc.assert(
      fc.property(anyGridCase, (drawn) => {
        const planning = planGrid(drawn.terms, drawn.rules, drawn.midQuote);
        if (planning.kind === 'refused') return;
        const expected = referenceSizes(drawn);
        expect(planning.plan.levels).toHaveLength(Number(expected.count));
        expect(compare(rational(planning.plan.amountPerLevelQuote), expected.amountQuote)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('what is proposed works, and no smaller budget does', () => {
    let proposals = 0;
    fc.assert(
      fc.property(anyGridCase, ({ terms, rules, midQuote }) => {
        const planning = planGrid(terms, rules, midQuote);
        if (planning.kind === 'planned') return;
        const { workable } = planning.refusal;
        if (workable.length === 0) return;
        proposals += 1;
        const changed = withChanges(terms, workable);
        expect(planGrid(changed, rules, midQuote).kind).toBe('planned');
        const [only, ...others] = workable;
        if (only?.field !== 'total_amount_quote' || others.length > 0 || !decimal(only.value).greaterThan(terms.totalAmountQuote)) return;
        const less = { ...changed, totalAmountQuote: decimal(only.value).times('0.999999999') };
        expect(planGrid(less, rules, midQuote).kind).toBe('refused');
      }),
      { numRuns: 150 },
    );
    expect(proposals).toBeGreaterThan(20);
  });
});

/** Steps 1 to 4 of the reference in whole-number fractions, with the exchange's least amount beside its least notional. */
function referenceSizes({ terms, rules, midQuote }: GridCase): { readonly count: bigint; readonly amountQuote: Rational } {
  const one = rational('1');
  const mid = rational(midQuote);
  const step = rational(rules.amountStepBase);
  const minNotional = rational(Decimal.max(terms.minOrderAmountQuote, rules.minNotionalQuote));
  const up = (value: Rational): Rational => {
    const floored = floorTo(value, step);
    return compare(floored, value) === 0 ? floored : plus(floored, step);
  };
  const largest = (...values: readonly Rational[]): Rational => values.reduce((most, value) => (compare(value, most) > 0 ? value : most));
  const minBase = largest(up(over(times(minNotional, rational('1.05')), mid)), up(over(minNotional, mid)), up(rational(rules.minAmountBase)), step);
  const minQuote = times(minBase, mid);
  const range = over(rational(terms.endPriceQuote.minus(terms.startPriceQuote)), rational(terms.startPriceQuote));
  const minStep = largest(rational(terms.minSpreadFraction), over(rational(rules.priceTickQuote), mid));
  const whole = (value: Rational): bigint => floorTo(value, one).numerator / floorTo(value, one).denominator;
  const byAmount = whole(over(rational(terms.totalAmountQuote), minQuote));
  const bySpread = whole(over(range, minStep));
  const count = byAmount < bySpread ? byAmount : bySpread;
  const base = largest(minBase, floorTo(over(rational(terms.totalAmountQuote), times(mid, rational(String(count)))), step));
  const amountQuote = times(base, mid);
  const affordable = whole(over(rational(terms.totalAmountQuote), amountQuote));
  return { count: affordable < count ? affordable : count, amountQuote };
}

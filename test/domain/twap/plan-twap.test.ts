import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/domain/limits.js';
import { checkOrder, makerPrice } from '../../../src/domain/market-rules.js';
import { decimal, DecimalRuleError } from '../../../src/domain/money.js';
import { planTwap, type TwapRefusal } from '../../../src/domain/twap/plan-twap.js';
import { previewTwap } from '../../../src/domain/twap/preview-twap.js';
import { twapTerms } from '../../../src/domain/twap/twap-terms.js';
import { rulesOf } from '../market-fixtures.js';
import { compare, plus, rational, times } from '../rational.js';
import { anyTwapCase, plannedTwap, termsOf, termsRecord } from './twap-fixtures.js';

function refusal(changes: Parameters<typeof termsOf>[0], rules = rulesOf(), mid = '100'): TwapRefusal {
  const planning = planTwap(termsOf(changes), rules, decimal(mid));
  if (planning.kind === 'planned') throw new Error('planned');
  return planning.refusal;
}

describe('slices worked out by hand', () => {
  it('one more than whole intervals, the first at once, at market sized by mid', () => {
    // floor(30 / 10) + 1 = 4 slices of 25; 25 / 100 = 0.25.
    const plan = plannedTwap();
    expect(plan.slices.map(({ afterMs, plannedQuote, amountBase, priceQuote }) => [afterMs, plannedQuote.toFixed(), amountBase.toFixed(), priceQuote])).toEqual([
      [0, '25', '0.25', null],
      [10_000, '25', '0.25', null],
      [20_000, '25', '0.25', null],
      [30_000, '25', '0.25', null],
    ]);
    expect(plannedTwap({ totalDurationMs: 39_999 }).slices).toHaveLength(4);
    expect(plannedTwap({ totalDurationMs: 40_000 }).slices).toHaveLength(5);
  });

  it('a share without a last digit: what is cut is in the last slice', () => {
    const shares = plannedTwap({ totalDurationMs: 20_000 }).slices.map(({ plannedQuote }) => plannedQuote.toFixed());
    expect(shares).toEqual([`33.${'3'.repeat(30)}`, `33.${'3'.repeat(30)}`, `33.${'3'.repeat(29)}4`]);
  });

  it('MAKER away from mid; a sell is sized by its own, higher price', () => {
    const buy = plannedTwap({ mode: 'MAKER', limitOrderBufferFraction: '0.01' }).slices[0];
    expect([buy?.priceQuote?.toFixed(), buy?.amountBase.toFixed()]).toEqual(['99', '0.25']);
    const sell = plannedTwap({ mode: 'MAKER', limitOrderBufferFraction: '0.01', side: 'SELL' }).slices[0];
    // 25 / 101 = 0.247524...
    expect([sell?.priceQuote?.toFixed(), sell?.amountBase.toFixed()]).toEqual(['101', '0.24752']);
    const offTick = plannedTwap({ mode: 'MAKER', limitOrderBufferFraction: '0.00003', side: 'SELL' }).slices[0];
    expect(offTick?.priceQuote?.toFixed()).toBe('100.01');
  });
});

describe('refusals', () => {
  it('name the smallest budget that works and the rule that the slices break', () => {
    // 5 quote a slice at 100 is 0.05; four of them 20. 16 / 4 = 4 quote.
    const refused = refusal({ totalAmountQuote: '16' });
    expect(refused).toEqual({
      field: 'total_amount_quote',
      value: '16',
      rule: 'must be at least 20 USDT for 4 slices; now a slice has notionalQuote 4, which must be at least 5 USDT',
      workableTotalQuote: '20',
    });
  });

  it('the largest budget of a market with a maximum', () => {
    expect(refusal({ totalAmountQuote: '1000' }, rulesOf({ maxAmountBase: '2' }))).toMatchObject({ workableTotalQuote: '800', rule: 'must be at most 800 USDT for 4 slices of at most 2 BTC' });
  });

  it('a minimum above the maximum, and a price that does not exist', () => {
    expect(refusal({}, rulesOf({ maxAmountBase: '0.01' }))).toMatchObject({ field: 'total_amount_quote', workableTotalQuote: null });
    expect(refusal({ mode: 'MAKER', limitOrderBufferFraction: '0.6' }, rulesOf({ priceTickQuote: '60' }))).toMatchObject({ field: 'limit_order_buffer', value: '0.6', workableTotalQuote: null });
    expect(refusal({}, rulesOf(), '0').field).toBe('mid_price');
  });

  it.each([
    [{ totalAmountQuote: '0' }, 'total_amount_quote'],
    [{ orderIntervalMs: 0 }, 'order_interval'],
    [{ totalDurationMs: -1 }, 'total_duration'],
    [{ totalDurationMs: LIMITS.maxTwapSlices * 10_000 }, 'order_interval'],
    [{ mode: 'MAKER' }, 'limit_order_buffer'],
    [{ mode: 'MAKER', limitOrderBufferFraction: '1' }, 'limit_order_buffer'],
    [{ mode: 'MAKER', limitOrderBufferFraction: '0', orderResubmissionMs: 0 }, 'order_resubmission_time'],
    [{ leverage: 0 }, 'leverage'],
  ] as const)('%o names %s', (changes, field) => {
    let error: unknown = null;
    try {
      twapTerms(termsRecord(changes));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DecimalRuleError);
    expect((error as DecimalRuleError).field).toBe(field);
  });

  it('a buffer of null does not disturb a TAKER', () => {
    expect(termsOf({ limitOrderBufferFraction: null, orderResubmissionMs: null }).execution).toEqual({ mode: 'TAKER' });
  });
});

describe('under random rules', () => {
  it('shares sum to the budget and every slice is legal, or the nearest budget that works is told and does', () => {
    let planned = 0;
    let refused = 0;
    fc.assert(
      fc.property(anyTwapCase, ({ rules, record, mid }) => {
        const planning = planTwap(twapTerms(record), rules, mid);
        if (planning.kind === 'refused') {
          refused += 1;
          const { refusal: told } = planning;
          expect(told.rule).toMatch(/\d/);
          if (told.workableTotalQuote === null) return;
          const workable = decimal(told.workableTotalQuote);
          expect(planTwap(twapTerms({ ...record, totalAmountQuote: told.workableTotalQuote }), rules, mid).kind).toBe('planned');
          const nearer = workable.plus(workable.lessThan(record.totalAmountQuote) ? '1e-12' : '-1e-12');
          if (nearer.greaterThan(0) && nearer.precision() <= 40) expect(planTwap(twapTerms({ ...record, totalAmountQuote: nearer.toFixed() }), rules, mid).kind).toBe('refused');
          return;
        }
        planned += 1;
        const { slices } = planning.plan;
        const sum = slices.reduce((total, { plannedQuote }) => plus(total, rational(plannedQuote)), rational(0));
        expect(compare(sum, rational(record.totalAmountQuote))).toBe(0);
        for (const { amountBase, priceQuote, plannedQuote } of slices) {
          expect(checkOrder(rules, { amountBase, priceQuote: priceQuote ?? makerPrice(rules, 'BUY', mid) })).toBeNull();
          expect(compare(times(rational(amountBase), rational(priceQuote ?? mid)), rational(plannedQuote))).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 250 },
    );
    expect(planned).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});

describe('a preview', () => {
  it('tells fees, exposure, need and the smallest budget', () => {
    const preview = previewTwap(plannedTwap());
    expect(preview).toMatchObject({
      totalBase: '1',
      totalQuote: '100',
      feesQuote: '0.1',
      endsAfterMs: 30_000,
      worstCase: { exposureBase: '1', exposureQuote: '100', neededAmount: '100.1', neededAsset: 'USDT', lossQuote: '100.1' },
      smallestTotalAmountQuote: '20',
    });
    expect(preview.warnings.map(({ code }) => code)).toEqual(['NOTHING_ENDS_A_LOSS', 'NO_PRICE_BOUND']);
  });

  it('of a short on spot needs base and knows no bound; of a perpetual the margin', () => {
    expect(previewTwap(plannedTwap({ side: 'SELL' })).worstCase).toMatchObject({ neededAmount: '1', neededAsset: 'BTC', lossQuote: null });
    expect(previewTwap(plannedTwap({ leverage: 4 }, rulesOf({ contract: 'perpetual' }))).worstCase).toMatchObject({ neededAmount: '25.1', neededAsset: 'USDT' });
  });

  it('warns of makers that never end, of bursts, and of a budget that steps leave unused', () => {
    const codes = (changes: Parameters<typeof plannedTwap>[0], rules = rulesOf()): readonly string[] => previewTwap(plannedTwap(changes, rules)).warnings.map(({ code }) => code);
    expect(codes({ mode: 'MAKER', limitOrderBufferFraction: '0', catchUp: 'burst' })).toEqual(['NOTHING_ENDS_A_LOSS', 'MAY_NOT_FILL', 'MAY_NOT_END', 'CATCH_UP_AT_ONCE']);
    // 196 / 4 = 49: nothing of a step of 0.3 (30 quote) but one; 4 * 19 = 76 unused, more than a share.
    expect(codes({ totalAmountQuote: '196' }, rulesOf({ amountStepBase: '0.3' }))).toContain('BUDGET_PARTLY_USED');
  });
});

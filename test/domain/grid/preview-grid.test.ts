import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrid } from '../../../src/domain/grid/plan-grid.js';
import { previewGrid } from '../../../src/domain/grid/preview-grid.js';
import { decimal, Decimal, ZERO } from '../../../src/domain/money.js';
import { rulesOf } from '../market-fixtures.js';
import { anyGridCase, plannedGrid } from './grid-fixtures.js';

const codes = (...terms: Parameters<typeof plannedGrid>): readonly string[] => previewGrid(plannedGrid(...terms), 0).warnings.map(({ code }) => code);

describe('a preview worked out by hand', () => {
  it('levels, worst case, fees and smallest budget', () => {
    const preview = previewGrid(plannedGrid({ totalAmountQuote: '20', limitPriceQuote: '90' }), 0);
    expect(preview.levels[0]).toEqual({ index: 0, priceQuote: '95', takeProfitPriceQuote: '95.19', amountBase: '0.07016', notionalQuote: '6.6652', roundTripPnlQuote: '-0.0000133304' });
    // 6.6652 + 6.666 + 6.6654 for 0.2003; closed at 90 with a tenth of a percent on both sides.
    expect(preview.worstCase).toMatchObject({ exposureBase: '0.2003', exposureQuote: '19.9966', neededAmount: '19.9966', neededAsset: 'USDT', endedBy: 'limit_price', endPriceQuote: '90', lossQuote: '2.0076236' });
    expect(preview).toMatchObject({ amountPerLevelQuote: '6.666', allocatedQuote: '19.998', unallocatedQuote: '0.002', entryFeesQuote: '0.0199966', closeFeesQuote: '0.0199966', smallestTotalAmountQuote: '5.25' });
    expect(preview.warnings).toEqual([
      { code: 'LEVELS_AT_TOUCH', text: '2 of 3 levels are on the far side of mid 100 and enter at the best price instead of their own' },
      { code: 'TAKE_PROFIT_BELOW_FEES', text: '3 of 3 levels earn nothing after fees; take_profit must be above 0.002002002003' },
    ]);
  });

  it('the nearer of stop loss and limit price ends it', () => {
    const worst = (changes: Parameters<typeof plannedGrid>[0]): unknown => previewGrid(plannedGrid({ totalAmountQuote: '20', ...changes }), 0).worstCase;
    // (19.9966 * 0.95 + 0.0199966) / 0.2003
    expect(worst({ stopLossFraction: '0.05', limitPriceQuote: '90' })).toMatchObject({ endedBy: 'stop_loss', endPriceQuote: expect.stringMatching(/^94\.94142086/) as string });
    expect(worst({ stopLossFraction: '0.2', limitPriceQuote: '90' })).toMatchObject({ endedBy: 'limit_price' });
    expect(worst({})).toMatchObject({ endedBy: 'price_of_zero', endPriceQuote: '0', lossQuote: '20.0165966' });
    expect(worst({ side: 'SELL' })).toMatchObject({ endedBy: null, lossQuote: null, neededAsset: 'BTC' });
    expect(worst({ side: 'SELL', stopLossFraction: '0.05', limitPriceQuote: '120' })).toMatchObject({ endedBy: 'stop_loss' });
    expect(worst({ side: 'SELL', stopLossFraction: '0.5', limitPriceQuote: '120' })).toMatchObject({ endedBy: 'limit_price', endPriceQuote: '120' });
  });

  it('the margin of a perpetual is divided by the leverage', () => {
    const worst = previewGrid(plannedGrid({ totalAmountQuote: '20', leverage: 4 }, rulesOf({ contract: 'perpetual' })), 0).worstCase;
    expect(worst).toMatchObject({ neededAsset: 'USDT', neededAmount: '4.99915' });
  });

  it.each([
    ['ENDS_AT_ONCE', [{}, rulesOf(), '106'], [{}, rulesOf(), '105']],
    ['LEVELS_AT_TOUCH', [{}], [{ endPriceQuote: '99.5' }]],
    ['LIMIT_INSIDE_RANGE', [{ limitPriceQuote: '95' }], [{ limitPriceQuote: '94.99' }]],
    ['NO_LOSS_BOUND', [{}], [{ stopLossFraction: '0.1' }]],
    ['TAKE_PROFIT_BELOW_FEES', [{ takeProfitFraction: '0.0015' }], [{ takeProfitFraction: '0.003' }]],
    ['BUDGET_PARTLY_USED', [{ totalAmountQuote: '79', endPriceQuote: '99' }, rulesOf({ amountStepBase: '0.1', minNotionalQuote: '0', makerFeeFraction: '0', takerFeeFraction: '0' })], [{}]],
  ] as const)('%s', (code, with_, without) => {
    expect(codes(...(with_ as unknown as Parameters<typeof plannedGrid>)), 'with').toContain(code);
    expect(codes(...(without as unknown as Parameters<typeof plannedGrid>)), 'without').not.toContain(code);
  });
});

it('under any rules: exposure is the sum of the levels and within the allocation, and the smallest budget is not above it', () => {
  fc.assert(
    fc.property(anyGridCase, ({ terms, rules, midQuote }) => {
      const planning = planGrid(terms, rules, midQuote);
      if (planning.kind === 'refused') return;
      const preview = previewGrid(planning.plan, 0);
      const exposure = planning.plan.levels.reduce((sum, level) => sum.plus(level.amountBase.times(level.priceQuote)), new Decimal(ZERO));
      expect(preview.worstCase.exposureQuote).toBe(exposure.toFixed());
      expect(exposure.lessThanOrEqualTo(preview.allocatedQuote)).toBe(true);
      expect(decimal(preview.allocatedQuote).plus(preview.unallocatedQuote).equals(terms.totalAmountQuote)).toBe(true);
      expect(decimal(preview.unallocatedQuote).isNegative()).toBe(false);
      expect(decimal(preview.smallestTotalAmountQuote).lessThanOrEqualTo(terms.totalAmountQuote)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

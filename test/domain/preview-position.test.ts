import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateBarriers, type Barriers } from '../../src/domain/barriers.js';
import { checkOrder, marketRules } from '../../src/domain/market-rules.js';
import { decimal } from '../../src/domain/money.js';
import { filledEntry, plannedEntry } from '../../src/domain/preview-entry.js';
import { previewOrder } from '../../src/domain/preview-order.js';
import { previewPosition, type PositionTerms } from '../../src/domain/preview-position.js';

const RULES = marketRules({
  pair: 'BTC-USDT', base: 'BTC', quote: 'USDT', contract: 'spot', supportsStop: true, amountStepBase: '0.00001', priceTickQuote: '0.01', minAmountBase: '0.00001', maxAmountBase: '9000', minNotionalQuote: '5',
  makerFeeFraction: '0.0005', takerFeeFraction: '0.001',
});
const TOP = { bid: decimal('60000'), ask: decimal('60000.01') };
const BARRIERS: Barriers = { stopLossFraction: decimal('0.02'), takeProfitFraction: decimal('0.03'), takeProfitOrderType: 'LIMIT', targets: [], breakevenAfterTarget: null, trailingStop: null, timeLimitAtMs: null };
const TERMS: PositionTerms = { side: 'BUY', openOrderType: 'MARKET', amountBase: decimal('0.01'), entryPriceQuote: null, barriers: BARRIERS, exchangeStop: null, leverage: 1 };

describe('preview of a position', () => {
  it('is worked out by hand', () => {
    const preview = previewPosition(TERMS, RULES, TOP, 0);
    expect(preview).toMatchObject({
      entry: { type: 'MARKET', amountBase: '0.01', priceQuote: null, exposureQuote: '600.0001', feesQuote: '0.6000001', neededAmount: '600.6001001', neededAsset: 'USDT' },
      averagePriceQuote: '60000.01',
      targets: [{ type: 'LIMIT', priceQuote: '61800.02', amountBase: '0.00999' }],
      closeFeesQuote: '0.6000001',
      // 2 % of 600.0001 and the fee of the close.
      worstLossQuote: '12.6000021',
      warnings: [],
    });
  });

  it('names the very price at which the stop loss fires', () => {
    const amounts = fc.integer({ min: 100, max: 1_000_000 }).map((steps) => RULES.amountStepBase.times(steps));
    fc.assert(
      fc.property(fc.constantFrom('BUY' as const, 'SELL' as const), amounts, fc.integer({ min: 1, max: 9_000 }), (side, amountBase, basisPoints) => {
        const barriers = { ...BARRIERS, takeProfitFraction: null, stopLossFraction: decimal('0.0001').times(basisPoints) };
        const preview = previewPosition({ ...TERMS, side, amountBase, barriers }, RULES, TOP, 0);
        const entry = plannedEntry(side, 'MARKET', amountBase, null, TOP);
        if (preview?.stopLossPriceQuote == null || entry === null) throw new Error('no stop');
        const position = { entrySide: side, totals: filledEntry(entry, RULES), rules: RULES };
        const at = (price: ReturnType<typeof decimal>) => evaluateBarriers(barriers, position, price, 0, null).trigger;
        const stop = decimal(preview.stopLossPriceQuote);
        const tick = decimal('0.0000001').times(side === 'BUY' ? 1 : -1);
        expect(at(stop)).toBe('STOP_LOSS');
        expect(at(stop.plus(tick))).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('names a budget that works, below which none does', () => {
    for (const side of ['BUY', 'SELL'] as const) {
      const preview = previewPosition({ ...TERMS, side }, RULES, TOP, 0);
      const smallest = decimal(preview?.smallestTotalAmountQuote ?? '0').dividedBy(preview?.averagePriceQuote ?? '1');
      const codes = (amountBase: typeof smallest): readonly string[] => previewPosition({ ...TERMS, side, amountBase }, RULES, TOP, 0)?.warnings.map(({ code }) => code) ?? [];
      expect(codes(smallest)).not.toContain('CANNOT_BE_CLOSED');
      const less = smallest.minus(RULES.amountStepBase);
      expect(codes(less).includes('CANNOT_BE_CLOSED') || checkOrder(RULES, { amountBase: less, priceQuote: decimal('60000.01') }) !== null).toBe(true);
    }
  });

  it('warns of what it lacks and of what cannot work', () => {
    const codes = (change: Partial<PositionTerms>): readonly string[] => previewPosition({ ...TERMS, ...change }, RULES, TOP, 1_000)?.warnings.map(({ code }) => code) ?? [];
    const without = { ...BARRIERS, stopLossFraction: null, takeProfitFraction: null };
    expect(codes({ barriers: without })).toEqual(['NO_STOP_LOSS', 'NEVER_ENDS']);
    expect(codes({ barriers: { ...without, timeLimitAtMs: 1_000 } })).toEqual(['NO_STOP_LOSS', 'EXPIRED']);
    expect(codes({ openOrderType: 'LIMIT', entryPriceQuote: decimal('61000') })).toEqual(['CROSSES']);
    expect(codes({ openOrderType: 'LIMIT', entryPriceQuote: decimal('59000') })).toEqual(['MAY_NOT_FILL']);
    expect(codes({ barriers: { ...BARRIERS, takeProfitFraction: decimal('0.001') } })).toEqual(['TAKE_PROFIT_BELOW_FEES']);
    expect(codes({ amountBase: decimal('0.010001') })).toEqual(['AMOUNT_PARTLY_USED']);
  });

  it('is bounded by the stop at the exchange, and without one only for a long', () => {
    const barriers = { ...BARRIERS, stopLossFraction: null };
    const loss = (change: Partial<PositionTerms>): string | null | undefined => previewPosition({ ...TERMS, barriers, ...change }, RULES, TOP, 0)?.worstLossQuote;
    // 10 % below 60000.01 on the tick is 54000.
    expect(loss({ exchangeStop: { distanceFraction: decimal('0.1'), triggeredBy: 'last' } })).toBe('61.2001002');
    expect(loss({})).toBe('600.6001001');
    expect(loss({ side: 'SELL' })).toBeNull();
  });

  it('has nothing to say while the book has no price for it', () => {
    expect(previewPosition(TERMS, RULES, { bid: null, ask: null }, 0)).toBeNull();
    expect(previewPosition({ ...TERMS, openOrderType: 'LIMIT' }, RULES, { bid: null, ask: TOP.ask }, 0)).toBeNull();
  });
});

describe('preview of an order', () => {
  const ORDER = { side: 'BUY', strategy: 'LIMIT', amountBase: decimal('0.01'), priceQuote: decimal('59000.009'), chaser: null, positionAction: 'OPEN', leverage: 5 } as const;

  it('rests at its price, on the tick, with the fee of a maker', () => {
    expect(previewOrder(ORDER, RULES, TOP)).toEqual({
      order: { type: 'LIMIT', side: 'BUY', amountBase: '0.01', priceQuote: '59000', exposureQuote: '590', feesQuote: '0.295', neededAmount: '590.295', neededAsset: 'USDT', smallestAmountBase: '0.00009', smallestTotalAmountQuote: '5.31' },
      worstLossQuote: '590.295',
      warnings: [
        { code: 'NOTHING_ENDS_A_LOSS', text: 'an order has no stop loss: what it has traded is kept whatever the price does' },
        { code: 'MAY_NOT_FILL', text: 'it fills only when the price comes to it' },
      ],
    });
  });

  it('chases behind the best of its own side, and needs margin on a perpetual', () => {
    const chaser = { distanceFraction: decimal('0.001'), refreshThresholdFraction: decimal('0.002') };
    const preview = previewOrder({ ...ORDER, strategy: 'LIMIT_CHASER', priceQuote: null, chaser }, { ...RULES, contract: 'perpetual' }, TOP);
    expect(preview?.order).toMatchObject({ priceQuote: '59940', neededAmount: '120.1797' });
  });

  it('of a sale on spot needs base and can lose nothing, of a short everything', () => {
    expect(previewOrder({ ...ORDER, side: 'SELL', strategy: 'MARKET', priceQuote: null }, RULES, TOP)).toMatchObject({ worstLossQuote: '0', order: { neededAmount: '0.01', neededAsset: 'BTC', exposureQuote: '600' } });
    expect(previewOrder({ ...ORDER, side: 'SELL', strategy: 'MARKET', priceQuote: null }, { ...RULES, contract: 'perpetual' }, TOP)?.worstLossQuote).toBeNull();
    expect(previewOrder({ ...ORDER, side: 'SELL', strategy: 'MARKET', priceQuote: null }, RULES, { bid: null, ask: TOP.ask })).toBeNull();
  });
});

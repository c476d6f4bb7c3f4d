import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../src/domain/enumerations.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { judgeQuote, makerQuotePrice, netProfitability, quoteBandFromText } from '../../../src/domain/xemm/maker-quote.js';
import { anyRules, rulesOf } from '../market-fixtures.js';

const RULES = rulesOf();
const BAND = quoteBandFromText({ minFraction: '0.003', targetFraction: '0.005', maxFraction: '0.01', costFraction: '0.002' });

describe('by hand', () => {
  it('a buy stands below what its hedge sells for, a sale above what its hedge costs, both on the tick', () => {
    // 100 / 1.007 = 99.3048..., 100 / 0.993 = 100.7049...
    expect(makerQuotePrice(RULES, 'BUY', BAND, decimal('100'))?.toFixed()).toBe('99.3');
    expect(makerQuotePrice(RULES, 'SELL', BAND, decimal('100'))?.toFixed()).toBe('100.71');
  });

  it('what it earns is a fraction of its own price, less the costs of both legs', () => {
    // (100 - 98) / 98 - 0.002 and (102 - 100) / 102 - 0.002
    expect(netProfitability('BUY', BAND, decimal('98'), decimal('100')).toFixed(6)).toBe('0.018408');
    expect(netProfitability('SELL', BAND, decimal('102'), decimal('100')).toFixed(6)).toBe('0.017608');
    expect(netProfitability('BUY', BAND, decimal('101'), decimal('100')).isNegative()).toBe(true);
  });

  it.each<[Side, string, string]>([
    ['BUY', '99.51', 'belowMinimum'],
    ['BUY', '99.5', 'keep'],
    ['BUY', '98.82', 'keep'],
    ['BUY', '98.81', 'aboveMaximum'],
    ['SELL', '100.5', 'belowMinimum'],
    ['SELL', '100.51', 'keep'],
    ['SELL', '101.21', 'keep'],
    ['SELL', '101.22', 'aboveMaximum'],
  ])('a %s at %s with the hedge at 100: %s', (side, price, verdict) => {
    expect(judgeQuote(RULES, side, BAND, decimal(price), decimal('100'))).toBe(verdict);
  });

  it('a cost and target that leave no price quote nothing', () => {
    const hopeless = { ...BAND, targetFraction: decimal('0.999') };
    expect(makerQuotePrice(RULES, 'SELL', hopeless, decimal('100'))).toBeNull();
    expect(makerQuotePrice(RULES, 'BUY', hopeless, decimal('0.001'))).toBeNull();
  });
});

it('a quote of now earns its target or more, and stands', () => {
  fc.assert(
    fc.property(anyRules, fc.constantFrom<Side[]>('BUY', 'SELL'), fc.integer({ min: 50, max: 10_000_000 }), fc.integer({ min: 1, max: 50 }), fc.integer({ min: -5, max: 40 }), (rules, side, ticks, targetBips, costBips) => {
      const target = new Decimal(targetBips).dividedBy(10_000);
      const band = { minFraction: target.dividedBy(2), targetFraction: target, maxFraction: target.times('1.01'), costFraction: new Decimal(costBips).dividedBy(10_000) };
      const hedge = rules.priceTickQuote.times(ticks).times('1.37');
      const price = makerQuotePrice(rules, side, band, hedge);
      if (price === null) return;
      expect(price.dividedBy(rules.priceTickQuote).isInteger()).toBe(true);
      expect(netProfitability(side, band, price, hedge).toDecimalPlaces(30).greaterThanOrEqualTo(target.minus('1e-25'))).toBe(true);
      expect(judgeQuote(rules, side, band, price, hedge)).toBe('keep');
    }),
  );
});

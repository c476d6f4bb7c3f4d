import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chaserPrice, ranAway, type ChaserTerms } from '../../src/domain/chaser-price.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { Decimal } from '../../src/domain/money.js';

const rules = marketRules({
  pair: 'BTC-USDT', base: 'BTC', quote: 'USDT', contract: 'spot', supportsStop: true, amountStepBase: '0.001', priceTickQuote: '0.05', minAmountBase: '0.001',
  maxAmountBase: null, minNotionalQuote: '5', makerFeeFraction: '0', takerFeeFraction: '0',
});
const terms = (distance: string, threshold: string): ChaserTerms => ({ distanceFraction: new Decimal(distance), refreshThresholdFraction: new Decimal(threshold) });
const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const best = fc.integer({ min: 200, max: 2_000_000 }).map((ticks) => new Decimal(ticks).times('0.05'));
const fraction = fc.integer({ min: 0, max: 5_000 }).map((parts) => new Decimal(parts).dividedBy(100_000));

describe('the price of a chaser', () => {
  it('worked by hand', () => {
    expect(chaserPrice(rules, 'BUY', terms('0.001', '0'), new Decimal('100'))?.toString()).toBe('99.9');
    expect(chaserPrice(rules, 'SELL', terms('0.001', '0'), new Decimal('100'))?.toString()).toBe('100.1');
    // 100 * 0.9988 = 99.88, down to the tick of 0.05; 100.12 up.
    expect(chaserPrice(rules, 'BUY', terms('0.0012', '0'), new Decimal('100'))?.toString()).toBe('99.85');
    expect(chaserPrice(rules, 'SELL', terms('0.0012', '0'), new Decimal('100'))?.toString()).toBe('100.15');
    expect(chaserPrice(rules, 'BUY', terms('0.999', '0'), new Decimal('10'))).toBeNull();
  });

  it('is on the tick, never nearer to the other side than the distance says, and less than one tick farther', () => {
    fc.assert(
      fc.property(side, best, fraction, (way, bestQuote, distanceFraction) => {
        const price = chaserPrice(rules, way, { distanceFraction, refreshThresholdFraction: new Decimal(0) }, bestQuote);
        const exact = bestQuote.times(way === 'BUY' ? new Decimal(1).minus(distanceFraction) : distanceFraction.plus(1));
        if (price === null) return exact.lessThan('0.05');
        const away = way === 'BUY' ? exact.minus(price) : price.minus(exact);
        return price.modulo('0.05').isZero() && away.greaterThanOrEqualTo(0) && away.lessThan('0.05');
      }),
    );
  });

  it('is renewed past the threshold only, by prices that run away only', () => {
    const order = new Decimal('100');
    expect(ranAway(rules, 'BUY', terms('0', '0.01'), new Decimal('101'), order)).toBe(false);
    expect(ranAway(rules, 'BUY', terms('0', '0.01'), new Decimal('101.05'), order)).toBe(true);
    expect(ranAway(rules, 'BUY', terms('0', '0.01'), new Decimal('90'), order)).toBe(false);
    expect(ranAway(rules, 'SELL', terms('0', '0.01'), new Decimal('99.05'), order)).toBe(false);
    expect(ranAway(rules, 'SELL', terms('0', '0.01'), new Decimal('99'), order)).toBe(true);
    expect(ranAway(rules, 'SELL', terms('0', '0.01'), new Decimal('110'), order)).toBe(false);
  });

  it('of an order alone at the top of the book stays, and a renewal always brings it nearer', () => {
    fc.assert(
      fc.property(side, best, best, fraction, fraction, (way, bestQuote, orderPrice, distanceFraction, refreshThresholdFraction) => {
        const chaser = { distanceFraction, refreshThresholdFraction };
        expect(ranAway(rules, way, chaser, orderPrice, orderPrice)).toBe(false);
        const own = chaserPrice(rules, way, chaser, bestQuote);
        // Placed by this very book: nothing to renew, however small the threshold is beside the distance.
        if (own !== null) expect(ranAway(rules, way, chaser, bestQuote, own)).toBe(false);
        if (!ranAway(rules, way, chaser, bestQuote, orderPrice)) return;
        expect(way === 'BUY' ? own?.greaterThan(orderPrice) : own?.lessThan(orderPrice)).toBe(true);
      }),
    );
  });
});

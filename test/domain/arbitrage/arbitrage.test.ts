import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitragePnl } from '../../../src/domain/arbitrage/arbitrage-pnl.js';
import { spreadProfit } from '../../../src/domain/arbitrage/spread-profit.js';
import type { FillTotals } from '../../../src/domain/fills.js';
import { decimal, Decimal, ONE } from '../../../src/domain/money.js';
import { hedgedPnl } from '../../../src/domain/xemm/hedged-pnl.js';
import { fillOf, totalsOf } from '../market-fixtures.js';

const filled = (price: string, amount: string, fee: string): FillTotals => totalsOf(amount === '0' ? [] : [fillOf(price, amount, [['USDT', fee]])]);
const none = totalsOf([]);

describe('the profit of a spread', () => {
  it.each([
    ['100', '101', '1', '0.002', '0.008'],
    ['100', '100', '1', '0.002', '-0.002'],
    // 50 of another quote, worth 2.04 each: 102 for 100.
    ['100', '50', '2.04', '0', '0.02'],
  ])('buying at %s and selling at %s at a rate of %s with costs of %s earns %s', (buy, sell, rate, cost, profit) => {
    expect(spreadProfit({ buyPriceQuote: decimal(buy), sellPriceQuote: decimal(sell), rate: decimal(rate) }, decimal(cost)).toFixed()).toBe(profit);
  });
});

describe('the money of both legs', () => {
  it('balanced: sold minus bought minus fees', () => {
    const pnl = arbitragePnl({ bought: filled('100', '2', '0.2'), sold: none }, { bought: none, sold: filled('103', '2', '0.3') }, ONE);
    expect([pnl.netPnlQuote, pnl.netPnlFraction, pnl.feesQuote, pnl.volumeQuote, pnl.excessBase].map(String)).toEqual(['5.5', '0.0275', '0.5', '406', '0']);
    expect(pnl.aheadOn).toBeNull();
  });

  it('one leg ahead: that part stands at its own average price, and earns nothing', () => {
    const bought = arbitragePnl({ bought: filled('100', '2', '0'), sold: none }, { bought: none, sold: filled('103', '0.5', '0') }, ONE);
    expect([bought.netPnlQuote, bought.excessBase, bought.excessQuote, bought.aheadOn].map(String)).toEqual(['1.5', '1.5', '150', 'BUY']);
    const sold = arbitragePnl({ bought: filled('100', '0.5', '0'), sold: none }, { bought: none, sold: filled('103', '2', '0') }, ONE);
    expect([sold.netPnlQuote, sold.excessBase, sold.excessQuote, sold.aheadOn].map(String)).toEqual(['1.5', '-1.5', '154.5', 'SELL']);
  });

  it('taken back: the loss of the way there and back', () => {
    const pnl = arbitragePnl({ bought: filled('100', '2', '0.2'), sold: filled('99', '2', '0.2') }, { bought: none, sold: none }, ONE);
    expect([pnl.netPnlQuote, pnl.excessBase].map(String)).toEqual(['-2.4', '0']);
  });

  it('of a hedge is that of an arbitrage with the same fills, whichever leg made the market', () => {
    const amounts = fc.integer({ min: 1, max: 1_000 }).map((units) => new Decimal(units).times('0.001').toFixed());
    fc.assert(
      fc.property(amounts, amounts, fc.integer({ min: 900, max: 1_100 }), fc.integer({ min: 900, max: 1_100 }), (first, second, buy, sell) => {
        const [more, less] = new Decimal(first).gte(second) ? [first, second] : [second, first];
        const maker = filled(String(buy), more, '0.7');
        const taken = filled(String(sell), less, '0.9');
        const hedged = hedgedPnl('BUY', maker, taken, ONE);
        const spread = arbitragePnl({ bought: maker, sold: none }, { bought: none, sold: taken }, ONE);
        expect(hedged.netPnlQuote.toFixed(20)).toBe(spread.netPnlQuote.toFixed(20));
        expect(hedged.unhedgedBase.toFixed()).toBe(spread.excessBase.toFixed());
        const asSeller = hedgedPnl('SELL', filled(String(sell), more, '0.9'), filled(String(buy), less, '0.7'), ONE);
        const mirrored = arbitragePnl({ bought: filled(String(buy), less, '0.7'), sold: none }, { bought: none, sold: filled(String(sell), more, '0.9') }, ONE);
        expect(asSeller.netPnlQuote.toFixed(20)).toBe(mirrored.netPnlQuote.toFixed(20));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { netPnlFraction } from '../../src/domain/barriers.js';
import { NO_FILLS, totalsFromRecord, totalsRecord, type Fill, type FillTotals } from '../../src/domain/fills.js';
import { decimal, Decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { positionPnl, type AccountedPosition } from '../../src/domain/position-accounting.js';
import { anyRules, feeOf, fillOf, multipleOf, rulesOf, totalsOf } from './market-fixtures.js';
import { anySide, positionOf } from './position-fixtures.js';
import { minus, over, plus, rational, times, within } from './rational.js';

const RULES = rulesOf({ amountStepBase: '0.001', minAmountBase: '0.001', minNotionalQuote: '5' });

function digits(position: AccountedPosition): Record<string, string | null> {
  return Object.fromEntries(Object.entries(positionPnl(position)).map(([name, value]: [string, Decimal | null]) => [name, value === null ? null : toDecimalString(value)]));
}

/** Entry and exits under any rules: exits never above what can be closed. */
const anyTrade: fc.Arbitrary<AccountedPosition> = fc.record({ rules: anyRules, side: anySide }).chain(({ rules, side }) =>
  fc
    .record({
      entryPrices: fc.array(fc.tuple(multipleOf(rules.priceTickQuote, 10n ** 8n), multipleOf(rules.amountStepBase, 10n ** 8n)), { minLength: 1, maxLength: 5 }),
      entryFees: fc.array(feeOf(['BTC', 'USDT']), { maxLength: 3 }),
      exitShares: fc.array(fc.tuple(multipleOf(rules.priceTickQuote, 10n ** 8n), fc.integer({ min: 1, max: 10 })), { maxLength: 4 }),
      exitFees: fc.array(feeOf(['USDT']), { maxLength: 3 }),
      mark: fc.option(multipleOf(rules.priceTickQuote, 10n ** 8n)),
    })
    .map(({ entryPrices, entryFees, exitShares, exitFees, mark }) => {
      const fills = entryPrices.map(([price, amount], index) => ({ ...fillOf(price.toFixed(), amount.toFixed()), fees: entryFees.filter((_, fee) => fee % entryPrices.length === index) }));
      const entry = totalsOf(fills);
      let left = entry.filledBase.minus(Decimal.max(entry.feesBase, ZERO)).toNearest(rules.amountStepBase, Decimal.ROUND_FLOOR);
      const exits: Fill[] = [];
      for (const [price, tenths] of exitShares) {
        const amount = left.times(tenths).dividedBy(10).toNearest(rules.amountStepBase, Decimal.ROUND_FLOOR);
        if (!amount.greaterThan(0)) continue;
        left = left.minus(amount);
        exits.push({ ...fillOf(price.toFixed(), amount.toFixed()), fees: exits.length === 0 ? exitFees : [] });
      }
      return { side, entry, exits: totalsOf(exits), rules, markPriceQuote: mark };
    }),
);

describe('P&L of a position', () => {
  it('is the formula, to the last of its digits', () => {
    fc.assert(
      fc.property(anyTrade, (position) => {
        const pnl = positionPnl(position);
        const { entry, exits } = position;
        const average = over(rational(entry.filledQuote), rational(entry.filledBase));
        const closed = minus(rational(exits.filledQuote), times(average, rational(exits.filledBase)));
        const open = position.markPriceQuote === null ? rational(0) : times(minus(rational(position.markPriceQuote), average), rational(pnl.openBase));
        const sum = plus(closed, open);
        const trade = position.side === 'BUY' ? sum : minus(rational(0), sum);
        const allowed = rational(pnl.tradePnlQuote.abs().times('1e-39'));
        expect(within(rational(pnl.tradePnlQuote), trade, allowed)).toBe(true);
        expect(toDecimalString(pnl.feesQuote)).toBe(toDecimalString(entry.feesQuote.plus(exits.feesQuote)));
        expect(within(rational(pnl.netPnlQuote), minus(rational(pnl.tradePnlQuote), rational(pnl.feesQuote)), rational(0))).toBe(true);
        expect(toDecimalString(pnl.volumeQuote)).toBe(toDecimalString(entry.filledQuote.plus(exits.filledQuote)));
      }),
      { numRuns: 500 },
    );
  });

  it('says of every unit of base where it is', () => {
    fc.assert(
      fc.property(anyTrade, (position) => {
        const { closedBase, openBase, residueBase } = positionPnl(position);
        const brought = position.side === 'BUY' ? position.entry.filledBase.minus(position.entry.feesBase) : position.entry.filledBase;
        expect(toDecimalString(closedBase.plus(openBase).plus(residueBase))).toBe(toDecimalString(brought));
        expect(openBase.isZero() || openBase.greaterThanOrEqualTo(position.rules.minAmountBase) || openBase.isNegative()).toBe(true);
      }),
    );
  });

  it('of a long whose base fees are a share of each fill, closed without dust, is its cash', () => {
    const scenario = fc.record({
      buys: fc.array(fc.tuple(multipleOf(decimal('0.01'), 10n ** 8n), multipleOf(decimal('0.01'), 10n ** 6n)), { minLength: 1, maxLength: 5 }),
      feeFraction: fc.constantFrom('0', '0.001', '0.00075', '0.0002'),
      sellPrices: fc.array(multipleOf(decimal('0.01'), 10n ** 8n), { minLength: 1, maxLength: 4 }),
      sellFee: multipleOf(decimal('0.00000001')),
    });
    fc.assert(
      fc.property(scenario, ({ buys, feeFraction, sellPrices, sellFee }) => {
        const rules = rulesOf({ amountStepBase: '0.0000001' });
        const entry = totalsOf(buys.map(([price, amount]) => fillOf(price.toFixed(), amount.toFixed(), [['BTC', amount.times(feeFraction).toFixed()]])));
        const held = entry.filledBase.minus(entry.feesBase);
        const part = held.dividedBy(sellPrices.length).toNearest('0.0000001', Decimal.ROUND_FLOOR);
        const sells = sellPrices.map((price, index) => fillOf(price.toFixed(), (index === 0 ? held.minus(part.times(sellPrices.length - 1)) : part).toFixed(), index === 0 ? [['USDT', sellFee.toFixed()]] : []));
        const exits = totalsOf(sells);
        const pnl = positionPnl({ side: 'BUY', entry, exits, rules, markPriceQuote: null });
        expect(toDecimalString(pnl.netPnlQuote)).toBe(toDecimalString(exits.filledQuote.minus(entry.filledQuote).minus(sellFee)));
        expect([pnl.openBase.isZero(), pnl.residueBase.isZero()]).toEqual([true, true]);
      }),
    );
  });

  it('of a closed short is its cash, whatever the fees in quote', () => {
    fc.assert(
      fc.property(anyTrade, multipleOf(decimal('0.01'), 10n ** 8n), ({ entry, rules }, price) => {
        const sold = totalsFromRecord({ ...totalsRecord(entry), feesBase: '0' });
        const exits = totalsOf([fillOf(price.toFixed(), sold.filledBase.toFixed(), [['USDT', '1.25']])]);
        const pnl = positionPnl({ side: 'SELL', entry: sold, exits, rules, markPriceQuote: decimal('1') });
        expect(toDecimalString(pnl.netPnlQuote)).toBe(toDecimalString(sold.filledQuote.minus(exits.filledQuote).minus(sold.feesQuote).minus('1.25')));
      }),
    );
  });

  it('of a long at its prices is that of a short at mirrored prices', () => {
    const prices = fc.array(fc.tuple(fc.integer({ min: 1, max: 99_999 }), multipleOf(decimal('0.001'), 10n ** 6n)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 10 }), (entries, exitCents, markCents, tenths) => {
        const at = (cents: number): string => new Decimal(cents).dividedBy(100).toFixed();
        const tradeAt = (side: 'BUY' | 'SELL', price: (cents: number) => string): AccountedPosition => {
          const entry = totalsOf(entries.map(([cents, amount]) => fillOf(price(cents), amount.toFixed(), [['USDT', '0.37']])));
          const closed = entry.filledBase.times(tenths).dividedBy(10).toNearest('0.001', Decimal.ROUND_FLOOR);
          const exits: FillTotals = closed.isZero() ? NO_FILLS : totalsOf([fillOf(price(exitCents), closed.toFixed(), [['USDT', '0.11']])]);
          return { side, entry, exits, rules: rulesOf({ amountStepBase: '0.001', minNotionalQuote: '0' }), markPriceQuote: decimal(price(markCents)) };
        };
        const long = positionPnl(tradeAt('BUY', at));
        const short = positionPnl(tradeAt('SELL', (cents) => at(100_000 - cents)));
        for (const field of ['tradePnlQuote', 'netPnlQuote', 'feesQuote', 'openBase', 'closedBase'] as const) {
          expect(toDecimalString(short[field])).toBe(toDecimalString(long[field]));
        }
      }),
    );
  });

  it('while nothing is closed is the P&L the barriers see', () => {
    fc.assert(
      fc.property(anyTrade, ({ side, entry, rules: market, markPriceQuote }) => {
        const rules = { ...market, minAmountBase: ZERO, minNotionalQuote: ZERO };
        fc.pre(markPriceQuote !== null);
        if (markPriceQuote === null) return;
        const seen = netPnlFraction(positionOf(side, entry, rules), markPriceQuote);
        const pnl = positionPnl({ side, entry, exits: NO_FILLS, rules, markPriceQuote });
        const distance = pnl.netPnlFraction.minus(seen ?? ZERO).abs();
        expect(distance.lessThanOrEqualTo(pnl.netPnlFraction.abs().plus(1).times('1e-30'))).toBe(true);
      }),
    );
  });

  it('is that worked out by hand: half closed, fee in base, step dust', () => {
    // Bought 1 at 100 and 1 at 102, fees 0.0015 BTC (at 100 = 0.15); average 101. Closable 1.998, dust 0.0005.
    // Sold 1 at 105, fee 0.105. Open 0.998 at 104: trade 4 + 2.994 = 6.994, net 6.739 over 201.798.
    const entry = totalsOf([fillOf('100', '1', [['BTC', '0.0015']]), fillOf('102', '1')]);
    const exits = totalsOf([fillOf('105', '1', [['USDT', '0.105']])]);
    const found = digits({ side: 'BUY', entry, exits, rules: RULES, markPriceQuote: decimal('104') });
    expect(found).toEqual({
      closedBase: '1',
      openBase: '0.998',
      residueBase: '0.0005',
      averageEntryQuote: '101',
      averageExitQuote: '105',
      tradePnlQuote: '6.994',
      feesQuote: '0.255',
      netPnlQuote: '6.739',
      netPnlFraction: toDecimalString(decimal('6.739').dividedBy('201.798')),
      volumeQuote: '307',
    });
  });

  it('carries what is too small to trade at cost, as residue', () => {
    // 0.03 left at 104 is 3.12, below the 5 the exchange asks for.
    const entry = totalsOf([fillOf('100', '1')]);
    const exits = totalsOf([fillOf('110', '0.97')]);
    expect(digits({ side: 'BUY', entry, exits, rules: RULES, markPriceQuote: decimal('104') })).toMatchObject({ openBase: '0', residueBase: '0.03', tradePnlQuote: '9.7' });
    expect(digits({ side: 'BUY', entry, exits, rules: RULES, markPriceQuote: decimal('200') })).toMatchObject({ openBase: '0.03', residueBase: '0', tradePnlQuote: '12.7' });
    expect(digits({ side: 'BUY', entry, exits, rules: RULES, markPriceQuote: null })).toMatchObject({ openBase: '0', residueBase: '0.03', tradePnlQuote: '9.7' });
  });

  it('values what is open at cost while no price is known', () => {
    const entry = totalsOf([fillOf('100', '1', [['USDT', '0.1']])]);
    expect(digits({ side: 'SELL', entry, exits: NO_FILLS, rules: RULES, markPriceQuote: null })).toMatchObject({ openBase: '1', tradePnlQuote: '0', netPnlQuote: '-0.1', netPnlFraction: '-0.001' });
    expect(positionPnl({ side: 'SELL', entry, exits: NO_FILLS, rules: RULES, markPriceQuote: null }).tradePnlQuote.isNegative()).toBe(false);
  });

  it('is nothing where nothing was filled', () => {
    expect(digits({ side: 'SELL', entry: NO_FILLS, exits: NO_FILLS, rules: RULES, markPriceQuote: decimal('100') })).toEqual({
      closedBase: '0',
      openBase: '0',
      residueBase: '0',
      averageEntryQuote: null,
      averageExitQuote: null,
      tradePnlQuote: '0',
      feesQuote: '0',
      netPnlQuote: '0',
      netPnlFraction: '0',
      volumeQuote: '0',
    });
  });

  it('shows an over-close instead of hiding it', () => {
    const entry = totalsOf([fillOf('100', '1')]);
    const exits = totalsOf([fillOf('110', '1.5')]);
    expect(digits({ side: 'BUY', entry, exits, rules: RULES, markPriceQuote: decimal('120') })).toMatchObject({ openBase: '-0.5', residueBase: '0', tradePnlQuote: '5' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakevenPrice, closableBase, evaluateBarriers } from '../../src/domain/barriers.js';
import { decimal, Decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { positionPnl } from '../../src/domain/position-accounting.js';
import { allotTargets, closedOfTargets, targetFilled, tradesAt, type Target } from '../../src/domain/targets.js';
import { fillOf, rulesOf, totalsOf } from './market-fixtures.js';
import { anyBarriers, anyPosition, anyTargets, barriersOf, positionOf, simplePosition } from './position-fixtures.js';

const NOW = 1;

function targetsOf(...parts: readonly (readonly [distance: string, share: string, orderType?: Target['orderType']])[]): readonly Target[] {
  return parts.map(([distance, share, orderType = 'LIMIT']) => ({ distanceFraction: decimal(distance), shareFraction: decimal(share), orderType }));
}

const texts = (amounts: readonly Decimal[]): readonly string[] => amounts.map(toDecimalString);

describe('shares of targets', () => {
  const rules = rulesOf({ amountStepBase: '0.1', minAmountBase: '0.3', minNotionalQuote: '0' });
  const long = (base: string): ReturnType<typeof positionOf> => positionOf('BUY', totalsOf([fillOf('100', base)]), rules);

  it.each([
    // Thirds of 1.0 in steps of 0.1: 0.3, 0.6 - 0.3, and the remainder.
    ['1', [['0.01', '0.333'], ['0.02', '0.333'], ['0.03', '0.334']], ['0.3', '0.3', '0.4'], [null, null, null]],
    // 0.1 of 1.0 is less than the exchange trades: closed with the next.
    ['1', [['0.01', '0.1'], ['0.02', '0.9']], ['0', '1'], [2, null]],
    // At the end of the list there is no next one.
    ['1', [['0.01', '0.9'], ['0.02', '0.1']], ['1', '0'], [null, 1]],
    // Nothing trades alone, all together do.
    ['0.4', [['0.01', '0.5'], ['0.02', '0.5']], ['0', '0.4'], [2, null]],
    ['0.2', [['0.01', '0.5'], ['0.02', '0.5']], ['0', '0.2'], [2, null]],
    // What the shares leave is nobody's.
    ['1', [['0.01', '0.3'], ['0.02', '0.3']], ['0.3', '0.3'], [null, null]],
    ['0', [['0.01', '1']], ['0'], [null]],
  ] as const)('of %s base: %s', (base, parts, amounts, mergedInto) => {
    const allotments = allotTargets(targetsOf(...parts), long(base));
    expect(texts(allotments.map(({ amountBase }) => amountBase))).toEqual(amounts);
    expect(allotments.map((allotment) => allotment.mergedInto)).toEqual(mergedInto);
  });

  it('never add up to more than can be closed; all of it when they are full, and each trades or is merged', () => {
    const anyShares = fc.constantFrom([500, 500], [333, 333, 334], [1, 999], [100, 200], [700], [250, 250, 250, 250]);
    fc.assert(
      fc.property(anyPosition, anyShares.chain((shares) => fc.record({ shares: fc.constant(shares), targets: anyTargets(shares) })), (position, { shares, targets }) => {
        const allotments = allotTargets(targets, position);
        const closable = closableBase(position.totals, position.entrySide, position.rules);
        const sum = allotments.reduce((total, { amountBase }) => total.plus(amountBase), ZERO);
        expect(sum.lessThanOrEqualTo(closable)).toBe(true);
        if (shares.reduce((total, share) => total + share, 0) === 1000) expect(sum.equals(closable)).toBe(true);
        const small = allotments.filter(({ amountBase, mergedInto }, index) => mergedInto === null && !tradesAt(position, amountBase, targets[index] as Target));
        // Only when all together is too little does one remain that does not trade.
        if (small.length > 0) expect(allotments.filter(({ amountBase }) => amountBase.greaterThan(0)).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('are closed by their own orders, and by what others closed in the order of the list', () => {
    const allotments = allotTargets(targetsOf(['0.01', '0.5'], ['0.02', '0.5']), long('2'));
    expect(texts(closedOfTargets(allotments, [ZERO, decimal('0.4')], decimal('0.7')))).toEqual(['0.7', '0.4']);
    expect(texts(closedOfTargets(allotments, [ZERO, decimal('1.2')], ZERO))).toEqual(['0.2', '1']);
    expect(texts(closedOfTargets(allotments, [], decimal('5')))).toEqual(['1', '1']);
  });

  it('are filled up to a rest that the exchange does not trade, a merged one with its neighbour', () => {
    const position = long('2');
    const targets = targetsOf(['0.01', '0.05'], ['0.02', '0.95']);
    const allotments = allotTargets(targets, position);
    const filled = (closed: string, index: number): boolean => targetFilled(targets, allotments, [ZERO, decimal(closed)], position, index);
    expect([filled('0', 0), filled('1.6', 0), filled('1.8', 0), filled('1.8', 1), filled('2', 1)]).toEqual([false, false, true, true, true]);
  });
});

describe('the stop at breakeven', () => {
  it.each([
    // 1 at 100, entry fee 0.1, exit fee 0.1 %: sold at p brings p - 0.001 p - 100.1 = 0 at 100.1 / 0.999.
    ['BUY', '100.2002002002002002002002002002002002002'],
    // Bought back at p costs p + 0.001 p, 99.9 came in: p = 99.9 / 1.001.
    ['SELL', '99.80019980019980019980019980019980019981'],
  ] as const)('%s: where both fees are earned back', (side, price) => {
    const position = simplePosition(side, '100', '1', '0.1');
    expect(position.rules.takerFeeFraction.toFixed()).toBe('0.001');
    expect(breakevenPrice(position)?.toFixed()).toBe(price);
  });

  it('closes at a net P&L of zero, to the last digit that a price can have', () => {
    fc.assert(
      fc.property(anyPosition, (position) => {
        const price = breakevenPrice(position);
        const { rules, totals, entrySide } = position;
        fc.pre(price !== null && price.greaterThan(0));
        if (price === null) return;
        const closable = closableBase(totals, entrySide, rules);
        const fee = price.times(closable).times(rules.takerFeeFraction);
        const exit = totalsOf([fillOf(price.toFixed(), closable.toFixed(), [['USDT', fee.toFixed()]])]);
        const { netPnlQuote } = positionPnl({ side: entrySide, entry: totals, exits: exit, rules, markPriceQuote: null });
        expect(netPnlQuote.abs().lessThanOrEqualTo(totals.filledQuote.plus(totals.feesQuote.abs()).plus(price).times('1e-30'))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('fires at or beyond it once the target is filled, and not before', () => {
    const barriers = { ...barriersOf({ stop: '0.05' }), targets: targetsOf(['0.01', '0.5']), breakevenAfterTarget: 1 };
    const position = simplePosition('BUY', '100', '1', '0.1');
    const at = (price: string, breakeven: boolean): string | null => evaluateBarriers(barriers, position, decimal(price), NOW, null, { closedBase: decimal('0.5'), breakeven }).trigger;
    expect([at('100.21', true), at('100.2', true), at('100.2', false), at('95', false)]).toEqual([null, 'STOP_LOSS', null, 'STOP_LOSS']);
  });
});

describe('targets by MARKET', () => {
  const barriers = { ...barriersOf(), targets: targetsOf(['0.01', '0.3', 'MARKET'], ['0.02', '0.3', 'LIMIT'], ['0.03', '0.4', 'MARKET']) };
  const position = simplePosition('BUY', '100', '1', '0.1');

  it.each([
    // Net of the entry's fee of 0.1.
    ['101.09', null, 0],
    ['101.1', null, 1],
    ['102.5', null, 1],
    // The last one closes all that is left.
    ['103.1', 'TAKE_PROFIT', 0],
  ] as const)('at %s: %s, reached %i', (price, trigger, targetReached) => {
    expect(evaluateBarriers(barriers, position, decimal(price), NOW, null)).toEqual({ trigger, trailingTrigger: null, targetReached });
  });

  it('close a part only, as long as their shares leave something', () => {
    const parts = { ...barriersOf(), targets: targetsOf(['0.01', '0.3', 'MARKET'], ['0.02', '0.3', 'MARKET']) };
    expect(evaluateBarriers(parts, position, decimal('150'), NOW, null)).toEqual({ trigger: null, trailingTrigger: null, targetReached: 2 });
  });

  it('yield to every barrier that closes all', () => {
    fc.assert(
      fc.property(anyPosition, anyBarriers, fc.integer({ min: 1, max: 200_000 }), (at, any, cents) => {
        const verdict = evaluateBarriers(any, at, new Decimal(cents).dividedBy(100), 500, null);
        if (verdict.trigger !== null) expect(verdict.targetReached).toBe(0);
      }),
    );
  });
});

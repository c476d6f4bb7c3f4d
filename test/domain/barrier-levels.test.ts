import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakevenPrice, closableBase, compileLevels, evaluateBarriers, judge, trailingPrice, type Barriers, type ProtectedPosition } from '../../src/domain/barriers.js';
import { NO_FILLS } from '../../src/domain/fills.js';
import { roundPrice } from '../../src/domain/market-rules.js';
import { decimal, Decimal, toDecimalString } from '../../src/domain/money.js';
import { anyBarriers, anyPosition, barriersOf, exactlyAtLevel, positionOf, simplePosition } from './position-fixtures.js';

/** Every level itself, the prices on the tick at and around it, and some far off. */
function tellingPrices(barriers: Barriers, position: ProtectedPosition, trailingTrigger: Decimal | null): readonly Decimal[] {
  const levels = compileLevels(barriers, position);
  const { rules } = position;
  const near = [breakevenPrice(position), ...levels.targetPricesQuote, levels.stopPriceQuote, levels.takeProfitPriceQuote, levels.trailingArmPriceQuote, trailingTrigger === null ? null : trailingPrice(levels, trailingTrigger)];
  const prices = near.flatMap((level) => {
    if (level === null) return [];
    const below = roundPrice(rules, level, 'down');
    return [level, ...[-2, -1, 0, 1, 2].map((ticks) => below.plus(rules.priceTickQuote.times(ticks)))];
  });
  return [...prices, rules.priceTickQuote, new Decimal('1e15')];
}

function agrees(barriers: Barriers, position: ProtectedPosition, price: Decimal | null, trailing: Decimal | null, nowMs: number, breakeven = false): Decimal | null {
  const progress = { closedBase: new Decimal(0), breakeven };
  const direct = evaluateBarriers(barriers, position, price, nowMs, trailing, progress);
  const judged = judge(compileLevels(barriers, position, progress), price, trailing, nowMs);
  expect({ price: price?.toFixed(), ...judged }).toEqual({ price: price?.toFixed(), ...direct });
  return direct.trailingTrigger;
}

const anyTrailing = fc.option(fc.bigInt({ min: -500_000n, max: 500_000n }).map((units) => new Decimal(units.toString()).times('0.000001')));

describe('compiled levels', () => {
  it('judge every price on the tick as the barriers themselves do', () => {
    fc.assert(
      fc.property(anyPosition, anyBarriers, anyTrailing, fc.integer({ min: 1, max: 1000 }), fc.boolean(), (position, barriers, trailing, nowMs, breakeven) => {
        for (const price of [...tellingPrices(barriers, position, trailing), null]) agrees(barriers, position, price, trailing, nowMs, breakeven);
      }),
      { numRuns: 1000 },
    );
  });

  it('judge a price that is exactly the level alike, along a path', () => {
    fc.assert(
      fc.property(exactlyAtLevel.chain(({ position, barriers, prices }) => fc.record({ position: fc.constant(position), barriers: fc.constant(barriers), path: fc.shuffledSubarray([...prices, ...prices], { minLength: prices.length }) })), ({ position, barriers, path }) => {
        let trailing: Decimal | null = null;
        for (const price of path) trailing = agrees(barriers, position, price, trailing, 1);
      }),
      { numRuns: 500 },
    );
  });

  it('fire at the level itself where the inequality includes it', () => {
    // The barriers were set to the net P&L of prices on the tick, so each level has to be that price.
    fc.assert(
      fc.property(exactlyAtLevel, ({ position, barriers, prices }) => {
        const levels = compileLevels(barriers, position);
        const [, stop, , , take, , , arm] = prices as readonly [Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal];
        expect([levels.stopPriceQuote, levels.takeProfitPriceQuote, levels.trailingArmPriceQuote].map((level) => level?.toFixed())).toEqual([stop, take, arm].map((price) => price.toFixed()));
        expect(judge(levels, stop, null, 1).trigger).toBe('STOP_LOSS');
        expect(judge({ ...levels, trailing: null }, take, null, 1).trigger).toBe('TAKE_PROFIT');
        expect(judge({ ...levels, takeProfitPriceQuote: null }, arm, null, 1).trailingTrigger).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('name the price an armed trailing stop fires beyond, itself not included', () => {
    fc.assert(
      fc.property(anyPosition, fc.bigInt({ min: -500_000n, max: 500_000n }), (position, units) => {
        const trigger = new Decimal(units.toString()).times('0.000001');
        const levels = compileLevels(barriersOf({ activation: '0.01', delta: '0.005' }), position);
        const price = trailingPrice(levels, trigger);
        if (price === null) return;
        const beyond = price.minus(position.rules.priceTickQuote.times(position.entrySide === 'BUY' ? 1 : -1));
        expect(judge(levels, price, trigger, 1).trigger).toBeNull();
        expect(judge(levels, beyond, trigger, 1).trigger).toBe('TRAILING_STOP');
      }),
    );
  });

  it('state the quantity to close', () => {
    fc.assert(
      fc.property(anyPosition, anyBarriers, (position, barriers) => {
        expect(toDecimalString(compileLevels(barriers, position).quantityBase)).toBe(toDecimalString(closableBase(position.totals, position.entrySide, position.rules)));
      }),
    );
  });

  it.each([
    ['BUY', '98.1', '103.1', '102.1', '101.6'],
    ['SELL', '101.9', '96.9', '97.9', '98.4'],
  ] as const)('%s: those worked out by hand', (side, stop, take, arm, trailing) => {
    // 1 at 100 with a fee of 0.1: stop at -2 %, profit at 3 %, arming at 2 %, trigger at 1.5 %.
    const levels = compileLevels(barriersOf({ stop: '0.02', take: '0.03', activation: '0.02', delta: '0.005' }), simplePosition(side, '100', '1', '0.1'));
    expect(levels.stopPriceQuote?.toFixed()).toBe(stop);
    expect(levels.takeProfitPriceQuote?.toFixed()).toBe(take);
    expect(levels.trailingArmPriceQuote?.toFixed()).toBe(arm);
    expect(trailingPrice(levels, decimal('0.015'))?.toFixed()).toBe(trailing);
    expect(levels.quantityBase.toFixed()).toBe('1');
  });

  it('know only the time limit while nothing is filled', () => {
    const levels = compileLevels(barriersOf({ stop: '0.02', take: '0.03', activation: '0.02', delta: '0.005', timeLimitAtMs: 9 }), positionOf('BUY', NO_FILLS));
    expect(levels).toMatchObject({ stopPriceQuote: null, takeProfitPriceQuote: null, trailingArmPriceQuote: null, trailing: null, timeLimitAtMs: 9 });
    expect(levels.quantityBase.isZero()).toBe(true);
    expect(trailingPrice(levels, decimal('0.01'))).toBeNull();
    expect(judge(levels, decimal('1'), null, 8).trigger).toBeNull();
    expect(judge(levels, null, null, 9).trigger).toBe('TIME_LIMIT');
  });

  it('leave a take profit by limit order to its fills', () => {
    expect(compileLevels(barriersOf({ take: '0.03', takeType: 'LIMIT' }), simplePosition('BUY', '100', '1')).takeProfitPriceQuote).toBeNull();
  });
});

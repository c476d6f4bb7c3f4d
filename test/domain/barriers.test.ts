import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barriersFromRecord, closableBase, evaluateBarriers, netPnlFraction, takeProfitPrice, withinActivationBounds, type Barriers, type BestPrices, type ProtectedPosition } from '../../src/domain/barriers.js';
import { NO_FILLS } from '../../src/domain/fills.js';
import { decimal, Decimal, DecimalRuleError, toDecimalString } from '../../src/domain/money.js';
import { targetsOf } from '../../src/domain/targets.js';
import { fillOf, multipleOf, rulesOf, totalsOf } from './market-fixtures.js';
import { anyBarriers, anyPosition, anySide, barriersOf, exactlyAtLevel, netFraction, positionOf, simplePosition } from './position-fixtures.js';
import { compare, minus, rational, within } from './rational.js';

const NOW = 1000;

function triggerAt(barriers: ReturnType<typeof barriersOf>, position: ReturnType<typeof simplePosition>, price: string | null, trailing: string | null = null, nowMs = NOW): string | null {
  return evaluateBarriers(barriers, position, price === null ? null : decimal(price), nowMs, trailing === null ? null : decimal(trailing)).trigger;
}

describe('what an entry leaves to close', () => {
  const rules = rulesOf({ amountStepBase: '0.001' });

  it.each([
    ['BUY', '1', '0', '1'],
    ['BUY', '1', '0.001', '0.999'],
    ['BUY', '1', '0.0015', '0.998'],
    ['BUY', '0.001', '0.000001', '0'],
    ['BUY', '0.001', '0.002', '0'],
    ['BUY', '1', '-0.0005', '1'],
    ['SELL', '1', '0.001', '1'],
    ['SELL', '1', '0', '1'],
  ] as const)('%s %s with a base fee of %s: %s', (side, filled, fee, closable) => {
    const totals = totalsOf([fillOf('100', filled, [['BTC', fee]])]);
    expect(toDecimalString(closableBase(totals, side, rules))).toBe(closable);
  });

  it('ignores fees in other assets', () => {
    const totals = totalsOf([fillOf('100', '1', [['USDT', '0.1'], ['BNB', '0.01']])]);
    expect(toDecimalString(closableBase(totals, 'BUY', rules))).toBe('1');
  });
});

describe('live net P&L', () => {
  it.each([
    // 1 at 100, fee 0.1: at 103 the gain of 3 less 0.1.
    ['BUY', '100', '1', '0.1', '103', '0.029'],
    ['BUY', '100', '1', '0.1', '97', '-0.031'],
    ['SELL', '100', '1', '0.1', '97', '0.029'],
    ['SELL', '100', '1', '0.1', '103', '-0.031'],
    ['BUY', '200', '0.5', '0', '200', '0'],
  ] as const)('%s at %s of %s with fee %s, exit at %s: %s', (side, entry, amount, fee, exit, net) => {
    const fraction = netPnlFraction(simplePosition(side, entry, amount, fee), decimal(exit));
    expect(fraction === null ? null : toDecimalString(fraction)).toBe(net);
  });

  it('takes a long with a base fee on what it can sell, over the cost of that', () => {
    // 1 at 100, fee 0.001 BTC = 0.1. Closable 0.999. At 110: 9.99 - 0.1 = 9.89 over 99.9 = 0.0989989...
    const position = positionOf('BUY', totalsOf([fillOf('100', '1', [['BTC', '0.001']])]));
    expect(netPnlFraction(position, decimal('110'))?.toFixed(12)).toBe('0.098998998999');
  });

  it('is the definition, to 39 digits', () => {
    fc.assert(
      fc.property(anyPosition, multipleOf(decimal('0.0005')), (position, price) => {
        const [net, expected] = [netPnlFraction(position, price), netFraction(position, price)];
        expect(net === null).toBe(expected === null);
        if (net === null || expected === null) return;
        expect(within(rational(net), expected, rational(net.abs().times('1e-39')))).toBe(true);
      }),
    );
  });
});

describe('each barrier', () => {
  it.each([
    // Stop loss: at or below. 1 % with a fee of 0.1 % is met at 99.1.
    [barriersOf({ stop: '0.01' }), 'BUY', '0.1', '99.11', null],
    [barriersOf({ stop: '0.01' }), 'BUY', '0.1', '99.1', 'STOP_LOSS'],
    [barriersOf({ stop: '0.01' }), 'BUY', '0.1', '99', 'STOP_LOSS'],
    [barriersOf({ stop: '0.01' }), 'SELL', '0.1', '100.89', null],
    [barriersOf({ stop: '0.01' }), 'SELL', '0.1', '100.9', 'STOP_LOSS'],
    // Take profit by market: at or above. 1 % with the fee is met at 101.1.
    [barriersOf({ take: '0.01' }), 'BUY', '0.1', '101.09', null],
    [barriersOf({ take: '0.01' }), 'BUY', '0.1', '101.1', 'TAKE_PROFIT'],
    [barriersOf({ take: '0.01' }), 'SELL', '0.1', '98.91', null],
    [barriersOf({ take: '0.01' }), 'SELL', '0.1', '98.9', 'TAKE_PROFIT'],
    // By limit order it ends through its fills, not through a price.
    [barriersOf({ take: '0.01', takeType: 'LIMIT' }), 'BUY', '0.1', '150', null],
    [barriersOf({ take: '0.01', takeType: 'LIMIT_MAKER' }), 'SELL', '0.1', '50', null],
  ] as const)('%# holds its inequality', (barriers, side, fee, price, trigger) => {
    expect(triggerAt(barriers, simplePosition(side, '100', '1', fee), price)).toBe(trigger);
  });

  it('trails: arms above the activation, fires below the trigger, and only follows upward', () => {
    const barriers = barriersOf({ activation: '0.02', delta: '0.005' });
    const position = simplePosition('BUY', '100', '1');
    const path: readonly (readonly [price: string, trigger: string | null, fires: boolean])[] = [
      ['102', null, false],
      ['102.01', '0.0151', false],
      ['103', '0.025', false],
      ['102.6', '0.025', false],
      ['102.5', '0.025', false],
      ['102.49', '0.025', true],
    ];
    let trailing: Decimal | null = null;
    for (const [price, trigger, fires] of path) {
      const verdict = evaluateBarriers(barriers, position, decimal(price), NOW, trailing);
      expect([price, verdict.trailingTrigger === null ? null : toDecimalString(verdict.trailingTrigger), verdict.trigger]).toEqual([price, trigger, fires ? 'TRAILING_STOP' : null]);
      trailing = verdict.trailingTrigger;
    }
  });

  it('takes a trailing trigger of exactly 0 for armed', () => {
    const barriers = barriersOf({ activation: '0.02', delta: '0.03' });
    const position = simplePosition('BUY', '100', '1');
    const armed = evaluateBarriers(barriers, position, decimal('103'), NOW, null);
    expect(armed.trailingTrigger?.isZero()).toBe(true);
    expect(triggerAt(barriers, position, '99.99', '0')).toBe('TRAILING_STOP');
    expect(triggerAt(barriers, position, '100', '0')).toBeNull();
  });

  it('does not fire on the frame that arms it, however far it follows behind', () => {
    expect(triggerAt(barriersOf({ activation: '0.02', delta: '0' }), simplePosition('SELL', '100', '1'), '90')).toBeNull();
  });

  it('limits time whatever the price and the fills say', () => {
    const barriers = barriersOf({ stop: '0.01', timeLimitAtMs: 5000 });
    const nothing = positionOf('BUY', NO_FILLS);
    const filled = simplePosition('BUY', '100', '1');
    for (const position of [nothing, filled]) {
      for (const price of [null, '100']) {
        expect(triggerAt(barriers, position, price, null, 4999)).toBeNull();
        expect(triggerAt(barriers, position, price, null, 5000)).toBe('TIME_LIMIT');
      }
    }
    expect(evaluateBarriers(barriers, filled, null, 5000, decimal('0.01')).trailingTrigger?.toFixed()).toBe('0.01');
  });

  it('yields to the one before it: stop loss, trailing stop, take profit, time limit', () => {
    const all = barriersOf({ stop: '0.05', take: '0.01', activation: '0.02', delta: '0.001', timeLimitAtMs: 1 });
    const position = simplePosition('BUY', '100', '1');
    expect(triggerAt(all, position, '90', '0.5')).toBe('STOP_LOSS');
    expect(triggerAt(all, position, '102', '0.5')).toBe('TRAILING_STOP');
    expect(triggerAt(all, position, '102', '0.001')).toBe('TAKE_PROFIT');
    expect(triggerAt(all, position, '100.5', '0.001')).toBe('TIME_LIMIT');
  });

  it('holds from the first fill, however small', () => {
    const position = simplePosition('BUY', '100', '0.00001');
    expect(triggerAt(barriersOf({ stop: '0.01' }), position, '99')).toBe('STOP_LOSS');
  });

  it('does nothing without a fill, or without a barrier', () => {
    fc.assert(
      fc.property(anyBarriers, anySide, multipleOf(decimal('0.01')), (barriers, side, price) => {
        const verdict = evaluateBarriers({ ...barriers, timeLimitAtMs: null }, positionOf(side, NO_FILLS), price, NOW, null);
        expect(verdict).toEqual({ trigger: null, trailingTrigger: null, targetReached: 0 });
      }),
    );
    fc.assert(
      fc.property(anyPosition, multipleOf(decimal('0.01')), (position, price) => {
        expect(evaluateBarriers(barriersOf(), position, price, NOW, null)).toEqual({ trigger: null, trailingTrigger: null, targetReached: 0 });
      }),
    );
  });

  it('follows the definition at any price', () => {
    fc.assert(
      fc.property(anyPosition, anyBarriers, multipleOf(decimal('0.0005')), fc.option(fc.bigInt({ min: -1_000_000n, max: 1_000_000n })), fc.integer({ min: 1, max: 1000 }), (position, barriers, price, trailingUnits, nowMs) => {
        const trailing = trailingUnits === null ? null : new Decimal(trailingUnits.toString()).times('0.000001');
        const net = netFraction(position, price);
        const { stopLossFraction: stop, targets } = barriers;
        const shares = targets.reduce((sum, target) => sum.plus(target.shareFraction), new Decimal(0));
        const last = shares.equals(1) && targets.at(-1)?.orderType === 'MARKET' ? (targets.at(-1)?.distanceFraction ?? null) : null;
        const take = targets.length > 0 ? last : barriers.takeProfitOrderType === 'MARKET' ? barriers.takeProfitFraction : null;
        const meets = (limit: Decimal | null, holds: (sign: number) => boolean): boolean => net !== null && limit !== null && holds(compare(net, rational(limit)));
        const expected = meets(stop === null ? null : stop.negated(), (sign) => sign <= 0)
          ? 'STOP_LOSS'
          : barriers.trailingStop !== null && meets(trailing, (sign) => sign < 0)
            ? 'TRAILING_STOP'
            : meets(take, (sign) => sign >= 0)
              ? 'TAKE_PROFIT'
              : barriers.timeLimitAtMs !== null && nowMs >= barriers.timeLimitAtMs
                ? 'TIME_LIMIT'
                : null;
        expect(evaluateBarriers(barriers, position, price, nowMs, trailing).trigger).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a trailing stop on any path', () => {
  it('never moves against the trade, and stays at most its distance behind the best seen', () => {
    const path = fc.record({ position: anyPosition, barriers: anyBarriers, steps: fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 40 }) });
    fc.assert(
      fc.property(fc.oneof(path, exactlyAtLevel.chain((exact) => fc.record({ position: fc.constant(exact.position), barriers: fc.constant(exact.barriers), steps: path.map(({ steps }) => steps) }))), ({ position, barriers, steps }) => {
        const stop = barriers.trailingStop;
        fc.pre(stop !== null && position.totals.filledBase.greaterThan(0));
        if (stop === null) return;
        const step = position.totals.filledQuote.dividedBy(position.totals.filledBase).times('0.003');
        let price = position.totals.filledQuote.dividedBy(position.totals.filledBase);
        let trailing: Decimal | null = null;
        for (const move of steps) {
          price = Decimal.max(price.plus(step.times(move)), step);
          const before: Decimal | null = trailing;
          const verdict = evaluateBarriers({ ...barriers, stopLossFraction: null, takeProfitFraction: null, timeLimitAtMs: null }, position, price, NOW, before);
          const net = netFraction(position, price);
          if (net === null) {
            expect(verdict).toEqual({ trigger: null, trailingTrigger: before, targetReached: 0 });
            continue;
          }
          trailing = verdict.trailingTrigger;
          if (before !== null) expect(trailing?.greaterThanOrEqualTo(before)).toBe(true);
          expect(verdict.trigger === 'TRAILING_STOP').toBe(before !== null && compare(net, rational(before)) < 0);
          if (before === null) expect(trailing !== null).toBe(compare(net, rational(stop.activationFraction)) > 0);
          // Behind the best by the distance, at most a unit of its last digit more.
          if (trailing !== null && trailing !== before) {
            expect(within(minus(net, rational(trailing)), rational(stop.deltaFraction), rational('0.000000000000000000000000000001'))).toBe(true);
            expect(compare(minus(net, rational(trailing)), rational(stop.deltaFraction))).toBeGreaterThanOrEqual(0);
          }
          if (trailing !== null && verdict.trigger === null) expect(compare(minus(net, rational(stop.deltaFraction)), rational(trailing.plus('1e-29')))).toBeLessThanOrEqual(0);
          if (verdict.trigger !== null) break;
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('long and short', () => {
  it('judge mirrored prices alike', () => {
    const scenario = fc.record({
      entry: multipleOf(decimal('0.01'), 10n ** 6n),
      amount: multipleOf(decimal('0.00001'), 10n ** 8n),
      fee: multipleOf(decimal('0.0001'), 10n ** 4n),
      barriers: anyBarriers,
      offsets: fc.array(fc.integer({ min: -9_999, max: 9_999 }), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(scenario, ({ entry, amount, fee, barriers, offsets }) => {
        const long = simplePosition('BUY', entry.toFixed(), amount.toFixed(), fee.toFixed());
        const short = simplePosition('SELL', entry.toFixed(), amount.toFixed(), fee.toFixed());
        let trailing: Decimal | null = null;
        for (const offset of offsets) {
          const move = entry.times(offset).times('0.0001');
          const up = evaluateBarriers(barriers, long, entry.plus(move), NOW, trailing);
          const down = evaluateBarriers(barriers, short, entry.minus(move), NOW, trailing);
          expect(down).toEqual(up);
          trailing = up.trailingTrigger;
        }
      }),
    );
  });
});

describe('a take profit that rests', () => {
  const top = { bid: decimal('101.5'), ask: decimal('101.51') };

  it.each([
    ['BUY', 'LIMIT', '0.01', '101'],
    ['BUY', 'LIMIT_MAKER', '0.01', '101.51'],
    ['BUY', 'LIMIT_MAKER', '0.05', '105'],
    ['BUY', 'LIMIT', '0.01001', '101.01'],
    ['SELL', 'LIMIT', '0.01', '99'],
    ['SELL', 'LIMIT_MAKER', '0.01', '99'],
    ['SELL', 'LIMIT_MAKER', '-0.05', '101.5'],
    ['SELL', 'LIMIT', '0.01001', '98.99'],
    ['SELL', 'LIMIT', '1', null],
    ['BUY', 'MARKET', '0.01', null],
  ] as const)('%s by %s at %s: %s', (side, takeType, take, price) => {
    const position = simplePosition(side, '100', '1', '0.1');
    const found = priceOf(barriersOf({ take, takeType }), position, top);
    expect(found === null ? null : toDecimalString(found)).toBe(price);
  });

  it('needs a fill and a take profit, but no book', () => {
    const empty = { bid: null, ask: null };
    const barriers = barriersOf({ take: '0.01', takeType: 'LIMIT_MAKER' });
    expect(priceOf(barriers, positionOf('BUY', NO_FILLS), top)).toBeNull();
    expect(priceOf(barriersOf({ takeType: 'LIMIT' }), simplePosition('BUY', '100', '1'), top)).toBeNull();
    expect(priceOf(barriers, simplePosition('BUY', '100', '1'), empty)?.toFixed()).toBe('101');
    expect(priceOf(barriers, simplePosition('SELL', '100', '1'), empty)?.toFixed()).toBe('99');
  });

  it('is on the tick and never gives less than the fraction asked for', () => {
    fc.assert(
      fc.property(anyPosition, anyBarriers, (position, barriers) => {
        const price = priceOf(barriers, position, { bid: null, ask: null });
        if (price === null) return;
        expect(price.modulo(position.rules.priceTickQuote).isZero()).toBe(true);
        const { filledBase, filledQuote } = position.totals;
        const gain = price.times(filledBase).minus(filledQuote).times(position.entrySide === 'BUY' ? 1 : -1);
        const asked = filledQuote.times(targetsOf(barriers)[0]?.distanceFraction ?? 0);
        const tick = position.rules.priceTickQuote.times(filledBase);
        expect(gain.greaterThanOrEqualTo(asked)).toBe(true);
        expect(gain.minus(asked).lessThan(tick)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('activation bounds', () => {
  it.each([
    // Limit: not further than the first fraction on the good side; ends included.
    [['0.01'], 'LIMIT', 'BUY', '99', '100', true],
    [['0.01'], 'LIMIT', 'BUY', '98.99', '100', false],
    [['0.01'], 'LIMIT', 'BUY', '150', '100', true],
    [['0.01', '0.5'], 'LIMIT_MAKER', 'SELL', '101', '100', true],
    [['0.01', '0.5'], 'LIMIT_MAKER', 'SELL', '101.01', '100', false],
    [['0.01', '0.5'], 'LIMIT_MAKER', 'SELL', '50', '100', true],
    // Market: mid between both fractions of the price.
    [['0.01', '0.02'], 'MARKET', 'BUY', '100', '99', true],
    [['0.01', '0.02'], 'MARKET', 'BUY', '100', '98.99', false],
    [['0.01', '0.02'], 'MARKET', 'BUY', '100', '102', true],
    [['0.01', '0.02'], 'MARKET', 'BUY', '100', '102.01', false],
    [['0.01', '0.02'], 'MARKET', 'SELL', '100', '98', true],
    [['0.01', '0.02'], 'MARKET', 'SELL', '100', '97.99', false],
    [['0.01', '0.02'], 'MARKET', 'SELL', '100', '101', true],
    [['0.01', '0.02'], 'MARKET', 'SELL', '100', '101.01', false],
    // One fraction counts for both sides.
    [['0.01'], 'MARKET', 'BUY', '100', '101', true],
    [['0.01'], 'MARKET', 'BUY', '100', '101.01', false],
    [[], 'LIMIT', 'BUY', '1', '100', true],
    [[], 'MARKET', 'SELL', '1', '100', true],
  ] as const)('%j %s %s at %s with mid %s: %s', (bounds, type, side, price, mid, within) => {
    expect(withinActivationBounds(bounds.map((bound) => decimal(bound)), type, side, decimal(price), decimal(mid))).toBe(within);
  });
});

describe('barriers of a plan', () => {
  const record = { stopLossFraction: '0.02', takeProfitFraction: '0.03', takeProfitOrderType: 'LIMIT', targets: [], breakevenAfterTarget: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0' }, timeLimitAtMs: 7 } as const;

  it('are read', () => {
    const barriers = barriersFromRecord(record);
    expect(barriers.stopLossFraction?.toFixed()).toBe('0.02');
    expect(barriers.takeProfitFraction?.toFixed()).toBe('0.03');
    expect(barriers.trailingStop?.activationFraction.toFixed()).toBe('0.01');
    expect(barriers.trailingStop?.deltaFraction.toFixed()).toBe('0');
    expect([barriers.takeProfitOrderType, barriers.timeLimitAtMs]).toEqual(['LIMIT', 7]);
  });

  it('are off when null, and stop loss and take profit also at 0', () => {
    const off = { ...record, trailingStop: null, timeLimitAtMs: null };
    for (const text of [null, '0', '0.000']) {
      expect(barriersFromRecord({ ...off, stopLossFraction: text, takeProfitFraction: text })).toMatchObject({ stopLossFraction: null, takeProfitFraction: null, trailingStop: null, timeLimitAtMs: null });
    }
  });

  it.each([
    [{ stopLossFraction: '-0.01' }, /^stopLossFraction: "-0.01" must not be negative$/],
    [{ takeProfitFraction: 'much' }, /^takeProfitFraction: "much" must be a decimal number$/],
    [{ trailingStop: { activationFraction: '0.01', deltaFraction: '-1' } }, /^trailingStop.deltaFraction: "-1" must not be negative$/],
  ])('refuse %o', (changes, message) => {
    expect(() => barriersFromRecord({ ...record, ...changes })).toThrow(DecimalRuleError);
    expect(() => barriersFromRecord({ ...record, ...changes })).toThrow(message);
  });
});

/** Of the one target that a take profit is. */
function priceOf(barriers: Barriers, position: ProtectedPosition, top: BestPrices): Decimal | null {
  const [target] = targetsOf(barriers);
  return target === undefined ? null : takeProfitPrice(target, position, top);
}

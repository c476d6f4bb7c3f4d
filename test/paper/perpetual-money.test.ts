import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { fundingPayment, nextSettlement } from '../../src/paper/perpetual/funding.js';
import { isolatedAfterFill } from '../../src/paper/perpetual/isolated-margin.js';
import { bracketOf, buildBrackets, maintenanceMargin, maxNotional } from '../../src/paper/perpetual/leverage-brackets.js';
import { type ContractExposure, isCrossLiquidatable, orderInitialMargin, summarize } from '../../src/paper/perpetual/margin.js';
import { type Position, applyFill, emptyPosition, entryPrice, unrealizedQuote } from '../../src/paper/perpetual/position.js';

const decimal = (text: string): Decimal => new Decimal(text);
const BRACKETS = buildBrackets([[125, '50000', '0.004'], [50, '250000', '0.01'], [10, '1000000', '0.05']]);

function positionAfter(...fills: readonly (readonly [string, string])[]): Position {
  return fills.reduce<Position>(
    (position, [amount, price]) => applyFill(position, decimal(amount), decimal(price), 0).position,
    emptyPosition('alice', 'BTCUSDT_PERP', 'both'),
  );
}

describe('positions', () => {
  test('average entry, partial close, close and turn', () => {
    const long = positionAfter(['1', '100'], ['1', '200']);
    expect([long.amountBase.toFixed(), entryPrice(long).toFixed()]).toEqual(['2', '150']);
    const half = applyFill(long, decimal('-1'), decimal('180'), 0);
    expect([half.realizedQuote.toFixed(), entryPrice(half.position).toFixed()]).toEqual(['30', '150']);
    const turned = applyFill(half.position, decimal('-3'), decimal('140'), 0);
    expect([turned.realizedQuote.toFixed(), turned.position.amountBase.toFixed(), entryPrice(turned.position).toFixed()]).toEqual(['-10', '-2', '140']);
    expect([turned.closedBase.toFixed(), turned.openedBase.toFixed()]).toEqual(['1', '2']);
    const short = applyFill(turned.position, decimal('2'), decimal('130'), 0);
    expect([short.realizedQuote.toFixed(), short.position.entryCostQuote.toFixed()]).toEqual(['20', '0']);
  });

  test('whatever is filled at whatever price: realised plus unrealised is what was paid and received, to the last digit', () => {
    const fill = fc.tuple(fc.integer({ min: -5_000, max: 5_000 }).filter((lots) => lots !== 0), fc.integer({ min: 1, max: 900_000 }));
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 900_000 }), (fills, markTicks) => {
        let position = emptyPosition('alice', 'BTCUSDT_PERP', 'both');
        let cash = decimal('0');
        let realized = decimal('0');
        for (const [lots, ticks] of fills) {
          const [amount, price] = [decimal('0.001').times(lots), decimal('0.1').times(ticks)];
          const change = applyFill(position, amount, price, 0);
          position = change.position;
          realized = realized.plus(change.realizedQuote);
          cash = cash.minus(amount.times(price));
          expect(change.closedBase.plus(change.openedBase).eq(amount.abs())).toBe(true);
        }
        const mark = decimal('0.1').times(markTicks);
        expect(realized.plus(unrealizedQuote(position, mark)).eq(cash.plus(position.amountBase.times(mark)))).toBe(true);
        expect(position.realizedQuote.eq(realized)).toBe(true);
        if (position.amountBase.isZero()) expect(position.entryCostQuote.isZero()).toBe(true);
      }),
    );
  });
});

describe('isolated margin', () => {
  test('an opening sets margin apart, a close gives back its share of what the position is worth', () => {
    const empty = emptyPosition('alice', 'BTCUSDT_PERP', 'both');
    const opened = applyFill(empty, decimal('2'), decimal('100'), 0);
    const isolatedQuote = isolatedAfterFill(empty, opened, decimal('100'), 10);
    expect(isolatedQuote.toFixed()).toBe('20');
    const position = { ...opened.position, isolatedQuote };
    const closed = applyFill(position, decimal('-0.5'), decimal('95'), 0);
    // Worth 20 - 10 at 95; a quarter of it goes back, and a quarter of the loss is paid: 20 - 2.5 - 2.5.
    expect(isolatedAfterFill(position, closed, decimal('95'), 10).toFixed()).toBe('15');
    const gone = applyFill(position, decimal('-2'), decimal('50'), 0);
    expect(isolatedAfterFill(position, gone, decimal('50'), 10).toFixed()).toBe('0');
    const turned = applyFill(position, decimal('-3'), decimal('100'), 0);
    expect(isolatedAfterFill(position, turned, decimal('100'), 10).toFixed()).toBe('10');
  });
});

describe('brackets', () => {
  test('maintenance margin has no jump and no fall, and rates rise as leverage falls', () => {
    expect(maintenanceMargin(BRACKETS, decimal('50000')).toFixed()).toBe('200');
    expect(maintenanceMargin(BRACKETS, decimal('250000')).toFixed()).toBe('2200');
    expect(bracketOf(BRACKETS, decimal('9999999')).maxLeverage).toBe(10);
    expect([125, 60, 50, 11, 10, 1].map((leverage) => maxNotional(BRACKETS, leverage).toFixed())).toEqual(
      ['50000', '50000', '250000', '250000', '1000000', '1000000'],
    );
    const notional = fc.integer({ min: 0, max: 2_000_000 });
    fc.assert(
      fc.property(notional, notional, (first, second) => {
        const [low, high] = [Math.min(first, second), Math.max(first, second)].map((value) => maintenanceMargin(BRACKETS, decimal(String(value))));
        expect(low!.lte(high!)).toBe(true);
        expect(high!.minus(low!).lte(decimal('0.05').times(Math.abs(first - second)))).toBe(true);
      }),
    );
  });

  test('steps that do not rise are refused', () => {
    expect(() => buildBrackets([[125, '50000', '0.01'], [50, '40000', '0.02']])).toThrow('must rise');
    expect(() => buildBrackets([[125, '50000', '0.01'], [125, '60000', '0.02']])).toThrow('must fall');
  });
});

describe('margin', () => {
  const exposure = (more: Partial<ContractExposure> = {}): ContractExposure => ({
    symbol: 'BTCUSDT_PERP',
    leverage: 10,
    marginMode: 'cross',
    markQuote: decimal('100'),
    brackets: BRACKETS,
    positions: [],
    orders: [],
    ...more,
  });
  const ordered = (side: 'buy' | 'sell', price: string, amount: string): ContractExposure['orders'][number] => ({
    side,
    positionSide: 'both',
    priceQuote: decimal(price),
    remainingBase: decimal(amount),
  });

  test('open orders need the margin of the worse direction beyond the position', () => {
    const positions = [positionAfter(['2', '100'])];
    const margin = (orders: ContractExposure['orders'], held = positions): string => orderInitialMargin(exposure({ positions: held, orders })).toFixed();
    expect(margin([ordered('buy', '90', '1')])).toBe('9');
    expect(margin([ordered('sell', '110', '1')])).toBe('0');
    // Selling five of a long two leaves a short three: less than five, more than two.
    expect(margin([ordered('sell', '100', '5')])).toBe('10');
    expect(margin([ordered('buy', '90', '1'), ordered('sell', '100', '5')])).toBe('10');
    expect(margin([ordered('buy', '90', '1'), ordered('sell', '110', '1')], [])).toBe('11');
  });

  test('an account is the sum of its parts', () => {
    const positions = [positionAfter(['2', '90'])];
    const summary = summarize(decimal('1000'), [exposure({ positions, orders: [ordered('buy', '90', '1')] })]);
    expect([summary.unrealizedQuote, summary.positionInitialQuote, summary.orderInitialQuote, summary.maintenanceQuote, summary.availableQuote].map((value) => value.toFixed())).toEqual(
      ['20', '20', '9', '0.8', '991'],
    );
    const isolated = { ...positions[0]!, isolatedQuote: decimal('18') };
    const apart = summarize(decimal('1000'), [exposure({ marginMode: 'isolated', positions: [isolated] })]);
    expect([apart.crossWalletQuote, apart.crossUnrealizedQuote, apart.crossMaintenanceQuote, apart.availableQuote].map((value) => value.toFixed())).toEqual(
      ['982', '0', '0', '982'],
    );
  });

  test('an account is taken over when less than the maintenance margin is left', () => {
    const positions = [positionAfter(['100', '100'])];
    // Notional 9,000 at 90: maintenance 36, loss 1,000.
    const at = (wallet: string): boolean => isCrossLiquidatable(summarize(decimal(wallet), [exposure({ positions, markQuote: decimal('90') })]));
    expect([at('1036'), at('1035.99')]).toEqual([false, true]);
    expect(isCrossLiquidatable(summarize(decimal('0'), []))).toBe(false);
  });
});

describe('funding', () => {
  test('longs pay a positive rate, shorts receive it, and the other way round', () => {
    const [long, short] = [positionAfter(['2', '90']), positionAfter(['-2', '90'])];
    const mark = decimal('100');
    expect([long, short].map((position) => fundingPayment(position, mark, decimal('0.0001')).toFixed())).toEqual(['-0.02', '0.02']);
    expect([long, short].map((position) => fundingPayment(position, mark, decimal('-0.0001')).toFixed())).toEqual(['0.02', '-0.02']);
  });

  test('settlements lie on whole intervals', () => {
    const hours = (count: number): number => count * 3_600_000;
    expect(nextSettlement(hours(9), hours(8))).toBe(hours(16));
    expect(nextSettlement(hours(8), hours(8))).toBe(hours(16));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeTypeOf, decideLp, type LpEvidence, type LpTrigger } from '../../../src/domain/lp/decide-lp.js';
import { bookGas, NO_GAS } from '../../../src/domain/lp/lp-gas.js';
import type { LpTermsRecord } from '../../../src/domain/lp/lp-terms.js';
import { stateInRange, stopLp } from '../../../src/domain/lp/lp-state.js';
import { outOfRangeSeconds, trackRange, withinBounds } from '../../../src/domain/lp/out-of-range.js';
import { decimal, DecimalRuleError } from '../../../src/domain/money.js';
import { evidenceOf, holdingOf, termsOf } from './lp-fixtures.js';

const fired = (terms: Partial<LpTermsRecord>, evidence: Partial<LpEvidence> = {}) => {
  const decision = decideLp(termsOf(terms), evidenceOf(evidence));
  return decision.kind === 'close' ? [decision.trigger, decision.closeType] : null;
};

describe('bounds and timers', () => {
  it('both bounds are inside', () => {
    const bounds = { lowerPriceQuote: decimal('95'), upperPriceQuote: decimal('105') };
    expect(['95', '105', '90', '110'].map((price) => withinBounds(bounds, decimal(price)))).toEqual([true, true, false, false]);
  });

  it('time out of range is told in whole seconds, kept while out, and begins anew on the other side', () => {
    const below = trackRange(null, 'below', 1_000_000);
    expect(outOfRangeSeconds(below, 1_060_500)).toBe(60);
    expect(outOfRangeSeconds(null, 1_060_500)).toBeNull();
    expect(trackRange(below, 'below', 1_030_000)).toBe(below);
    expect(trackRange(below, 'in', 1_030_000)).toBeNull();
    const above = trackRange(below, 'above', 1_030_000);
    expect(above).toEqual({ side: 'above', sinceMs: 1_000_000, sideSinceMs: 1_030_000 });
    expect(outOfRangeSeconds(above, 1_060_500)).toBe(60);
  });
});

describe('what closes a position', () => {
  it('limit prices, in range and out of it, the barrier included', () => {
    expect(fired({ lowerLimitPriceQuote: '98', keepPosition: true }, { priceQuote: decimal('96') })).toEqual(['LOWER_LIMIT', 'POSITION_HOLD']);
    expect(fired({ upperLimitPriceQuote: '102' }, { priceQuote: decimal('103') })).toEqual(['UPPER_LIMIT', 'EARLY_STOP']);
    expect(fired({ upperLimitPriceQuote: '102' }, { priceQuote: decimal('102'), side: 'above' })).toEqual(['UPPER_LIMIT', 'EARLY_STOP']);
    expect(fired({ lowerLimitPriceQuote: '98' }, { priceQuote: decimal('98'), side: 'below' })).toEqual(['LOWER_LIMIT', 'EARLY_STOP']);
    expect(fired({ upperLimitPriceQuote: '102', lowerLimitPriceQuote: '98' }, { priceQuote: decimal('101.99') })).toBeNull();
  });

  it('profit and loss after gas, the barrier included', () => {
    const holding = holdingOf('1', '120');
    expect(fired({ takeProfit: '0.1' }, { holding })).toEqual(['TAKE_PROFIT', 'TAKE_PROFIT']);
    expect(fired({ takeProfit: '0.1' }, { holding, gas: bookGas(NO_GAS, decimal('0.001'), decimal('10')) })).toBeNull();
    expect(fired({ stopLoss: '0.1' }, { holding: holdingOf('1', '80') })).toEqual(['STOP_LOSS', 'STOP_LOSS']);
    expect(fired({ stopLoss: '0.1' }, { holding: holdingOf('1', '80.01') })).toBeNull();
    expect(fired({ stopLoss: '0.1' }, { holding: holdingOf('1', '80.01'), gas: bookGas(NO_GAS, decimal('0.001'), decimal('10')) })).toEqual(['STOP_LOSS', 'STOP_LOSS']);
  });

  it('time, and time out of range on its side', () => {
    expect(fired({ timeLimitMs: 60_500 })).toEqual(['TIME_LIMIT', 'TIME_LIMIT']);
    expect(fired({ timeLimitMs: 60_501 })).toBeNull();
    const outOfRange = { side: 'above' as const, sinceMs: 1_000_000, sideSinceMs: 1_030_000 };
    expect(fired({ aboveRangeMs: 30_500 }, { side: 'above', outOfRange })).toEqual(['ABOVE_RANGE', 'EARLY_STOP']);
    expect(fired({ aboveRangeMs: 30_501 }, { side: 'above', outOfRange })).toBeNull();
    expect(fired({ belowRangeMs: 1 }, { side: 'above', outOfRange })).toBeNull();
    expect(fired({ belowRangeMs: 0, keepPosition: true }, { side: 'below' })).toEqual(['BELOW_RANGE', 'POSITION_HOLD']);
    expect(fired({ aboveRangeMs: 0, belowRangeMs: 0 }, { side: 'in', outOfRange })).toBeNull();
  });

  it('the stop loss first, then the upper limit, and only the stop loss never waits for cheap gas', () => {
    const all: Partial<LpTermsRecord> = { stopLoss: '0.01', upperLimitPriceQuote: '102', lowerLimitPriceQuote: '98', takeProfit: '0.01', timeLimitMs: 1, aboveRangeMs: 0 };
    const lossAt = (priceQuote: string) => ({ priceQuote: decimal(priceQuote), holding: holdingOf('0', '1'), side: 'above' as const });
    expect(fired(all, lossAt('103'))?.[0]).toBe('STOP_LOSS');
    expect(fired({ ...all, stopLoss: null }, lossAt('103'))?.[0]).toBe('UPPER_LIMIT');
    const decisions = [decideLp(termsOf(all), evidenceOf(lossAt('103'))), decideLp(termsOf({ ...all, stopLoss: null }), evidenceOf(lossAt('103')))];
    expect(decisions.map((decision) => decision.kind === 'close' && decision.discretionary)).toEqual([false, true]);
  });

  it('and nothing else: without terms it stays for ever; with them it says when time may close it', () => {
    expect(decideLp(termsOf(), evidenceOf({ side: 'below', priceQuote: decimal('1') }))).toMatchObject({ kind: 'stay', wakeAtMs: null });
    expect(decideLp(termsOf({ timeLimitMs: 90_000 }), evidenceOf())).toMatchObject({ kind: 'stay', wakeAtMs: 1_090_000 });
    expect(decideLp(termsOf({ timeLimitMs: 90_000, belowRangeMs: 10_000 }), evidenceOf({ side: 'below' }))).toMatchObject({ kind: 'stay', wakeAtMs: 1_070_500 });
  });

  it('names barrier and numbers', () => {
    const decision = decideLp(termsOf({ upperLimitPriceQuote: '102' }), evidenceOf({ priceQuote: decimal('103') }));
    expect(decision).toMatchObject({ kind: 'close', why: { trigger: 'UPPER_LIMIT', barrier: 'upper_limit_price 102', price_quote: '103', net_pnl_quote: '3', gas_excluded: 'false' } });
  });

  it('is decided at the wake time it told, when nothing else changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), fc.constantFrom('in' as const, 'above' as const, 'below' as const), (timeLimitMs, rangeMs, side) => {
        const terms = termsOf({ timeLimitMs, aboveRangeMs: rangeMs, belowRangeMs: rangeMs });
        const first = decideLp(terms, evidenceOf({ side }));
        if (first.kind === 'close' || first.wakeAtMs === null) return;
        const again = (nowMs: number) => decideLp(terms, evidenceOf({ side, outOfRange: first.outOfRange, nowMs })).kind;
        expect([again(first.wakeAtMs - 1), again(first.wakeAtMs)]).toEqual(['stay', 'close']);
      }),
    );
  });

  it('terms that contradict themselves are refused', () => {
    for (const wrong of [{ stopLoss: '0' }, { takeProfit: '-1' }, { upperLimitPriceQuote: '1', lowerLimitPriceQuote: '1' }, { timeLimitMs: -1 }, { aboveRangeMs: 0.5 }]) {
      expect(() => termsOf(wrong)).toThrow(DecimalRuleError);
    }
  });

  it('every trigger has a close type', () => {
    const triggers: readonly LpTrigger[] = ['STOP_LOSS', 'UPPER_LIMIT', 'LOWER_LIMIT', 'TAKE_PROFIT', 'TIME_LIMIT', 'ABOVE_RANGE', 'BELOW_RANGE'];
    expect(triggers.map(closeTypeOf)).toEqual(['STOP_LOSS', 'EARLY_STOP', 'EARLY_STOP', 'TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP', 'EARLY_STOP']);
  });
});

describe('states', () => {
  it('go in and out of range only while a position is open and not being closed', () => {
    expect(stateInRange('OPENING', false, 'in')).toBe('OPENING');
    expect(stateInRange('OPENING', true, 'in')).toBe('IN_RANGE');
    expect(stateInRange('IN_RANGE', true, 'above')).toBe('OUT_OF_RANGE');
    expect(stateInRange('OUT_OF_RANGE', true, 'in')).toBe('IN_RANGE');
    for (const state of ['NOT_ACTIVE', 'CLOSING', 'SWAPPING', 'COMPLETE', 'FAILED'] as const) expect(stateInRange(state, true, 'above')).toBe(state);
  });

  it('a stop removes liquidity; while opening it first learns what became of the deposit', () => {
    expect(stopLp('OPENING', 'none', false)).toEqual({ kind: 'end', state: 'FAILED', closeType: 'EARLY_STOP' });
    expect(stopLp('OPENING', 'unresolved', true)).toEqual({ kind: 'resolveOpen', closeType: 'POSITION_HOLD' });
    expect(stopLp('OPENING', 'opened', false)).toEqual({ kind: 'close', closeType: 'EARLY_STOP' });
    expect(stopLp('NOT_ACTIVE', 'none', true)).toEqual({ kind: 'end', state: 'COMPLETE', closeType: 'EARLY_STOP' });
    for (const state of ['IN_RANGE', 'OUT_OF_RANGE'] as const) expect(stopLp(state, 'opened', true)).toEqual({ kind: 'close', closeType: 'POSITION_HOLD' });
    for (const state of ['CLOSING', 'SWAPPING'] as const) expect(stopLp(state, 'opened', true)).toEqual({ kind: 'continue', closeType: 'POSITION_HOLD' });
    for (const state of ['COMPLETE', 'FAILED'] as const) expect(stopLp(state, 'opened', true)).toEqual({ kind: 'over' });
  });
});

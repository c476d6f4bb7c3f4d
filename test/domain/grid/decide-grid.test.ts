import { describe, expect, it } from 'vitest';
import { decideGrid, type GridDecision } from '../../../src/domain/grid/decide-grid.js';
import { applyGridEvent, type GridEvent, type LevelReport } from '../../../src/domain/grid/grid-events.js';
import type { GridPlan } from '../../../src/domain/grid/grid-plan.js';
import { gridStateFromRecord, gridStateRecord, newGridState, type GridState } from '../../../src/domain/grid/grid-state.js';
import { NO_FILLS } from '../../../src/domain/fills.js';
import { LIMITS } from '../../../src/domain/limits.js';
import { decimal } from '../../../src/domain/money.js';
import { fillOf, rulesOf, totalsOf } from '../market-fixtures.js';
import { plannedGrid } from './grid-fixtures.js';

const top = (bid: string | null, ask: string | null): { readonly bid: ReturnType<typeof decimal> | null; readonly ask: ReturnType<typeof decimal> | null } => ({
  bid: bid === null ? null : decimal(bid),
  ask: ask === null ? null : decimal(ask),
});
const BOOK = top('99.99', '100.01');

const apply = (plan: GridPlan, state: GridState, ...events: readonly GridEvent[]): GridState => events.reduce((current, event) => applyGridEvent(plan, current, event), state);
const opening = (decision: GridDecision, nowMs = 0): GridEvent => ({ kind: 'opened', nowMs, entries: decision.open });
const report = (levelIndex: number, cycle: number, sequence: number, stage: LevelReport['stage'], entry = NO_FILLS, exits = NO_FILLS, nowMs = 0): GridEvent => ({
  kind: 'reported',
  nowMs,
  report: { levelIndex, cycle, sequence, stage, entry, exits },
});
const indexes = (entries: readonly { readonly levelIndex: number }[]): readonly number[] => entries.map(({ levelIndex }) => levelIndex);
const bought = totalsOf([fillOf('98.33', '1')]);

describe('entries', () => {
  // Levels of a long at 95, 96.11, 97.22, 98.33, 99.44, 100.55, 101.66, 102.77, 103.88, 105.
  it('nearest to mid first, never more than may be out', () => {
    const plan = plannedGrid({ maxOpenOrders: 3 });
    const first = decideGrid(plan, newGridState(plan), BOOK, 0);
    // Distances from 100: 0.55, 0.56, 1.66, 1.67.
    expect(indexes(first.open)).toEqual([5, 4, 6]);
    const state = apply(plan, newGridState(plan), opening(first));
    expect(decideGrid(plan, state, BOOK, 0).open).toEqual([]);
    // One ends unfilled: one place is free, for the level that had it.
    const freed = apply(plan, state, report(4, 1, 1, { kind: 'ended', refused: false }));
    expect(decideGrid(plan, freed, BOOK, 0).open).toEqual([expect.objectContaining({ levelIndex: 4, cycle: 2 })]);
  });

  it('as many as a batch may have, after the pause since the last batch', () => {
    const plan = plannedGrid({ maxOrdersPerBatch: 2, orderFrequencyMs: 1_000 });
    const first = decideGrid(plan, newGridState(plan), BOOK, 5_000);
    expect(first.open).toHaveLength(2);
    const state = apply(plan, newGridState(plan), opening(first, 5_000));
    expect(decideGrid(plan, state, BOOK, 5_999)).toMatchObject({ open: [], wakeAtMs: 6_000 });
    expect(indexes(decideGrid(plan, state, BOOK, 6_000).open)).toEqual([6, 3]);
    // An entry that came to nothing frees the next batch at once.
    const freed = apply(plan, state, report(4, 1, 1, { kind: 'ended', refused: false }));
    expect(decideGrid(plan, freed, BOOK, 5_001).open).toHaveLength(2);
  });

  it('where they would cross, behind the best price of their own side, sized by that price', () => {
    const plan = plannedGrid({ maxOpenOrders: 1 });
    // 99.99 * 0.9999 = 99.980001, down to the tick; 100 / 99.98 = 1.00020004.
    expect(decideGrid(plan, newGridState(plan), BOOK, 0).open).toMatchObject([{ levelIndex: 5, priceQuote: decimal('99.98'), amountBase: decimal('1.0002') }]);
    const short = plannedGrid({ side: 'SELL', maxOpenOrders: 2 });
    // 100.01 * 1.0001 = 100.020001, up to the tick. 100 / 100.56 = 0.99443.
    expect(decideGrid(short, newGridState(short), BOOK, 0).open).toMatchObject([
      { levelIndex: 4, priceQuote: decimal('100.03') },
      { levelIndex: 5, priceQuote: decimal('100.56'), amountBase: decimal('0.99443') },
    ]);
  });

  it('within the activation bounds, both ends included', () => {
    const plan = plannedGrid({ activationBoundsFraction: '0.0167', maxOpenOrders: 10 });
    // 100 * (1 - 0.0167) = 98.33, which is a level; those above all stand at the bid.
    expect(indexes(decideGrid(plan, newGridState(plan), BOOK, 0).open).toSorted()).toEqual([3, 4, 5, 6, 7, 8, 9]);
    const tighter = plannedGrid({ activationBoundsFraction: '0.01669', maxOpenOrders: 10 });
    expect(indexes(decideGrid(tighter, newGridState(tighter), BOOK, 0).open).toSorted()).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('not while a side of the book is empty, and not where the exchange would refuse them now', () => {
    const plan = plannedGrid();
    expect(decideGrid(plan, newGridState(plan), top(null, '100.01'), 0)).toMatchObject({ open: [], withdraw: [], wakeAtMs: null });
    // One level of 10 quote, 0.1 at 100. With the bid at 30 it would buy 0.3 at 29.99.
    const coarse = plannedGrid({ totalAmountQuote: '12' }, rulesOf({ amountStepBase: '0.05', minNotionalQuote: '4.7', maxAmountBase: '0.1' }));
    const falling = decideGrid(coarse, newGridState(coarse), top('30', '30.01'), 0);
    expect(falling.open).toEqual([]);
    expect(falling.notOpened[0]).toMatchObject({ breach: { field: 'amountBase', rule: 'must be at most 0.1 BTC' } });
  });

  it('that the exchange refuses wait ever longer, then are left alone; a grid of nothing else is exhausted', () => {
    const plan = plannedGrid({ totalAmountQuote: '6' });
    let state = newGridState(plan);
    for (let refusals = 1; refusals <= LIMITS.maxRetries + 1; refusals += 1) {
      const decision = decideGrid(plan, state, BOOK, 1_000_000 * refusals);
      expect(decision.exhausted).toBe(false);
      expect(decision.open).toHaveLength(1);
      state = apply(plan, state, opening(decision, 1_000_000 * refusals), report(0, refusals, 1, { kind: 'ended', refused: true }, NO_FILLS, NO_FILLS, 1_000_000 * refusals));
      const waits = Math.min(LIMITS.firstBackoffMs * 2 ** (refusals - 1), LIMITS.maxBackoffMs);
      if (refusals <= LIMITS.maxRetries) expect(decideGrid(plan, state, BOOK, 1_000_000 * refusals)).toMatchObject({ open: [], wakeAtMs: 1_000_000 * refusals + waits });
    }
    expect(decideGrid(plan, state, BOOK, 1_000_000_000)).toMatchObject({ open: [], exhausted: true, wakeAtMs: null });
  });
});

describe('a level', () => {
  const plan = plannedGrid({ activationBoundsFraction: '0.02', maxOpenOrders: 10 });
  const out = apply(plan, newGridState(plan), opening(decideGrid(plan, newGridState(plan), BOOK, 0)));

  it('is withdrawn beyond the bounds only, and once', () => {
    // The entry at 98.33 against mid 100.34 is 0.02003 away.
    expect(indexes(decideGrid(plan, out, top('100.32', '100.34'), 0).withdraw)).toEqual([]);
    const far = decideGrid(plan, out, top('100.33', '100.35'), 0);
    expect(indexes(far.withdraw)).toEqual([3]);
    const told = apply(plan, out, { kind: 'withdrawn', levelIndexes: [3] });
    expect(decideGrid(plan, told, top('100.33', '100.35'), 0).withdraw).toEqual([]);
  });

  it('that filled in part keeps what it has, and goes through its take profit to the next round trip', () => {
    const filled = apply(plan, out, report(3, 1, 1, { kind: 'filled' }, totalsOf([fillOf('98.33', '0.4')])));
    // 98.33 * 1.002 = 98.52666, up to the tick; at mid 98.40 that is near enough.
    const place = decideGrid(plan, filled, top('98.39', '98.41'), 0).placeTakeProfit;
    expect(place).toEqual([{ levelIndex: 3, cycle: 1, priceQuote: decimal('98.53') }]);
    // Above its price it would cross: ask 98.61 * 1.0001 = 98.619861.
    expect(decideGrid(plan, filled, top('98.59', '98.61'), 0).placeTakeProfit[0]?.priceQuote.toFixed()).toBe('98.62');
    // The bound itself is outside: 98.53 is 0.02 away from 96.598...
    expect(decideGrid(plan, filled, top('96.58', '96.60'), 0).placeTakeProfit).toEqual([]);
    const resting = apply(plan, filled, report(3, 1, 2, { kind: 'takeProfitOut', priceQuote: decimal('98.53') }, totalsOf([fillOf('98.33', '0.4')])));
    expect(decideGrid(plan, resting, top('98.39', '98.41'), 0).placeTakeProfit).toEqual([]);
    expect(indexes(decideGrid(plan, resting, top('96.50', '96.52'), 0).withdraw)).toContain(3);
    const done = apply(plan, resting, report(3, 1, 3, { kind: 'ended', refused: false }, totalsOf([fillOf('98.33', '0.4')]), totalsOf([fillOf('98.53', '0.4')])));
    expect(done.levels[3]).toEqual({ kind: 'complete', cycle: 1, leftOpen: false });
    const next = decideGrid(plan, done, top('98.39', '98.41'), 0);
    expect(next.reopen).toEqual([3]);
    expect(next.open).toContainEqual(expect.objectContaining({ levelIndex: 3, cycle: 2 }));
    const again = apply(plan, done, { kind: 'reopened', levelIndexes: next.reopen }, opening(next));
    expect(again.levels[3]).toMatchObject({ kind: 'entryOut', cycle: 2 });
  });

  it('does not hear stale reports, nor those of another round trip', () => {
    const filled = apply(plan, out, report(3, 1, 5, { kind: 'filled' }, bought));
    for (const stale of [report(3, 1, 5, { kind: 'ended', refused: false }), report(3, 1, 4, { kind: 'entryOut' }), report(3, 2, 9, { kind: 'ended', refused: false })]) {
      expect(apply(plan, filled, stale)).toBe(filled);
    }
    // A later report of the entry does not bring it back.
    expect(apply(plan, filled, report(3, 1, 6, { kind: 'entryOut' }, bought)).levels[3]).toMatchObject({ kind: 'filled', sequence: 6 });
    expect(() => apply(plan, filled, report(10, 1, 1, { kind: 'filled' }))).toThrow(RangeError);
  });

  it('whose child left something open is not opened again: its share is spent', () => {
    const left = apply(plan, out, report(3, 1, 1, { kind: 'ended', refused: false }, bought));
    expect(left.levels[3]).toEqual({ kind: 'complete', cycle: 1, leftOpen: true });
    const next = decideGrid(plan, left, BOOK, 0);
    expect(next.reopen).toEqual([]);
    expect(indexes(next.open)).not.toContain(3);
    expect(apply(plan, left, { kind: 'reopened', levelIndexes: [3] }).levels[3]?.kind).toBe('complete');
  });

  it('exactly at the bound: no take profit is placed there, and none that rests is withdrawn', () => {
    // One level at 100 with its take profit at 102, 0.02 of mid away.
    for (const [bound, placed] of [['0.02', 0], ['0.021', 1]] as const) {
      const single = plannedGrid({ totalAmountQuote: '6', takeProfitFraction: '0.02', activationBoundsFraction: bound });
      const entered = apply(single, newGridState(single), opening(decideGrid(single, newGridState(single), BOOK, 0)), report(0, 1, 1, { kind: 'filled' }, bought));
      expect(decideGrid(single, entered, BOOK, 0).placeTakeProfit).toHaveLength(placed);
      const resting = apply(single, entered, report(0, 1, 2, { kind: 'takeProfitOut', priceQuote: decimal('102') }, bought));
      expect(decideGrid(single, resting, BOOK, 0).withdraw).toEqual([]);
      expect(decideGrid(single, resting, top('99.97', '99.99'), 0).withdraw).toHaveLength(1 - placed);
    }
  });

  it('watched at market places no take profit of its own', () => {
    const market = plannedGrid({ takeProfitOrderType: 'MARKET' });
    const state = apply(market, newGridState(market), opening(decideGrid(market, newGridState(market), BOOK, 0)), report(4, 1, 1, { kind: 'filled' }, bought));
    expect(decideGrid(market, state, BOOK, 0).placeTakeProfit).toEqual([]);
  });
});

describe('stopping', () => {
  const plan = plannedGrid({ maxOpenOrders: 2 });
  const out = apply(plan, newGridState(plan), opening(decideGrid(plan, newGridState(plan), BOOK, 0)));
  const filled = apply(plan, out, report(4, 1, 1, { kind: 'filled' }, bought));
  const stop = (keepPosition: boolean): GridEvent => ({ kind: 'stopped', closeType: keepPosition ? 'POSITION_HOLD' : 'EARLY_STOP', keepPosition, byCaller: true });

  it('ends every child first, and closes the net when all have confirmed', () => {
    const stopping = apply(plan, filled, stop(false));
    expect(decideGrid(plan, stopping, BOOK, 0)).toMatchObject({ open: [], settle: null, end: [{ levelIndex: 4, cycle: 1 }, { levelIndex: 5, cycle: 1 }] });
    // The other entry fills while it is cancelled: that is in the net.
    const late = apply(plan, stopping, report(5, 1, 1, { kind: 'ended', refused: false }, totalsOf([fillOf('99.98', '0.5')])));
    expect(decideGrid(plan, late, BOOK, 0).settle).toBeNull();
    const all = apply(plan, late, report(4, 1, 2, { kind: 'ended', refused: false }, bought));
    expect(decideGrid(plan, all, BOOK, 0).settle).toEqual({ kind: 'closeNet', side: 'SELL', amountBase: decimal('1.5') });
    const closing = apply(plan, all, { kind: 'netCloseSent' });
    expect(decideGrid(plan, closing, BOOK, 0).settle).toBeNull();
    // It ends with a part only: the rest is closed by another order.
    const part = apply(plan, closing, { kind: 'netCloseReported', sequence: 1, totals: totalsOf([fillOf('99', '0.9')]), ended: true });
    expect(decideGrid(plan, part, BOOK, 0).settle).toEqual({ kind: 'closeNet', side: 'SELL', amountBase: decimal('0.6') });
    const flat = apply(plan, part, { kind: 'netCloseSent' }, { kind: 'netCloseReported', sequence: 1, totals: bought, ended: true }, { kind: 'netCloseReported', sequence: 2, totals: totalsOf([fillOf('99', '0.6')]), ended: true });
    expect(decideGrid(plan, flat, BOOK, 0).settle).toMatchObject({ kind: 'nothingOpen', residueBase: decimal('0') });
    expect(apply(plan, flat, { kind: 'settled', handedOver: false }).phase).toEqual({ kind: 'ended', closeType: 'EARLY_STOP', byCaller: true, handedOver: false });
  });

  it('with keep_position hands over all that is filled, dust included; nothing filled is an early stop', () => {
    const dusty = totalsOf([fillOf('98.33', '1', [['BTC', '0.001234567']])]);
    const kept = apply(plan, out, stop(true), report(4, 1, 1, { kind: 'ended', refused: false }, dusty), report(5, 1, 1, { kind: 'ended', refused: false }));
    expect(decideGrid(plan, kept, BOOK, 0).settle).toMatchObject({ kind: 'handOver', base: decimal('0.998765433') });
    expect(apply(plan, kept, { kind: 'settled', handedOver: true }).phase).toEqual({ kind: 'ended', closeType: 'POSITION_HOLD', byCaller: true, handedOver: true });
    // The exit had fired before it was told: what it left is still kept.
    const fired = apply(plan, kept, { kind: 'netCloseSent' }, { kind: 'netCloseReported', sequence: 1, totals: totalsOf([fillOf('99', '0.4')]), ended: true });
    expect(decideGrid(plan, fired, BOOK, 0).settle).toMatchObject({ kind: 'handOver', base: decimal('0.598765433') });
    const empty = apply(plan, out, stop(true), report(4, 1, 1, { kind: 'ended', refused: false }), report(5, 1, 1, { kind: 'ended', refused: false }));
    expect(decideGrid(plan, empty, BOOK, 0).settle).toMatchObject({ kind: 'nothingOpen', residueBase: decimal('0') });
    expect(apply(plan, empty, { kind: 'settled', handedOver: true }).phase).toEqual({ kind: 'ended', closeType: 'EARLY_STOP', byCaller: true, handedOver: false });
  });

  it('is decided once: the first reason counts, and nothing opens any more', () => {
    const stopping = apply(plan, filled, stop(false), { kind: 'stopped', closeType: 'STOP_LOSS', keepPosition: true, byCaller: false });
    expect(stopping.phase).toEqual({ kind: 'stopping', closeType: 'EARLY_STOP', keepPosition: false, byCaller: true });
    expect(apply(plan, stopping, { kind: 'opened', nowMs: 0, entries: [{ levelIndex: 0, priceQuote: decimal('95'), amountBase: decimal('1') }] })).toBe(stopping);
  });

  it('goes through a record without loss', () => {
    const state = apply(plan, filled, { kind: 'trailed', trailingTrigger: decimal('0.01') }, stop(false), report(5, 1, 1, { kind: 'takeProfitOut', priceQuote: decimal('101') }, bought));
    const text = JSON.stringify(gridStateRecord(state));
    expect(gridStateFromRecord(JSON.parse(text) as ReturnType<typeof gridStateRecord>)).toEqual(state);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dcaCustomInfo } from '../../../src/domain/dca/dca-custom-info.js';
import { applyDcaEvent, dcaShutdown, type DcaEvent } from '../../../src/domain/dca/dca-events.js';
import { dcaBarrierText, dcaCloseBase, dcaExit, dcaOpenBase, dcaVerdict } from '../../../src/domain/dca/dca-exit.js';
import { dcaStateFromRecord, dcaStateRecord, newDcaState, type DcaState } from '../../../src/domain/dca/dca-state.js';
import { nextLevels } from '../../../src/domain/dca/next-levels.js';
import type { DcaPlan } from '../../../src/domain/dca/plan-dca.js';
import { NO_FILLS, type FillTotals } from '../../../src/domain/fills.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { fillOf, totalsOf } from '../market-fixtures.js';
import { plannedDca } from './dca-fixtures.js';

const after = (plan: DcaPlan, ...events: readonly DcaEvent[]): DcaState => events.reduce((state, event) => dcaStateFromRecord(dcaStateRecord(applyDcaEvent(plan, state, event))), newDcaState(plan));
const sent = (...levelIndexes: readonly number[]): DcaEvent => ({ kind: 'sent', levelIndexes });
const told = (levelIndex: number, totals: FillTotals, ended = true, sequence = 1, refusal: string | null = null): DcaEvent => ({ kind: 'reported', levelIndex, sequence, totals, ended: ended ? { refusal } : null });
const filled = (price: string, amount: string): FillTotals => totalsOf([fillOf(price, amount)]);
const next = (plan: DcaPlan, state: DcaState, mid: string | null, nowMs = 0): readonly number[] => nextLevels(plan, state, mid === null ? null : decimal(mid), nowMs).map(({ index }) => index);
const trigger = (plan: DcaPlan, state: DcaState, price: string, nowMs = 0): string | null => dcaVerdict(plan, state, decimal(price), nowMs).trigger;

describe('which level is next', () => {
  it('MAKER without bounds: all, each once, whatever became of the earlier ones', () => {
    const plan = plannedDca();
    expect(next(plan, newDcaState(plan), null)).toEqual([0, 1, 2]);
    const state = after(plan, sent(0, 1), told(0, NO_FILLS, true, 1, 'refused'));
    expect(next(plan, state, '100')).toEqual([2]);
  });

  it.each([
    // 100 > m * 0.99: ends not included.
    ['BUY', 'MAKER', ['0.01'], '101', [0]],
    ['BUY', 'MAKER', ['0.01'], '101.1', []],
    ['BUY', 'MAKER', ['0.2'], '100', [0, 1]],
    ['SELL', 'MAKER', ['0.01'], '99.02', [0, 1, 2]],
    ['SELL', 'MAKER', ['0.25'], '80', []],
    // TAKER at 100: 99.99 < m < 100.5.
    ['BUY', 'TAKER', null, '99.99', []],
    ['BUY', 'TAKER', null, '99.991', [0]],
    ['BUY', 'TAKER', null, '100.5', []],
    ['SELL', 'TAKER', null, '99.6', [0]],
    ['SELL', 'TAKER', null, '100.01', []],
  ] as const)('%s %s within %j of mid %s: %j', (side, mode, activationBounds, mid, expected) => {
    const plan = plannedDca({ side, mode, activationBounds });
    const state = newDcaState(plan);
    expect(next(plan, state, mid)).toEqual(expected);
  });

  it('a level out of bounds holds back those behind it, an unknown mid all of them, the time limit and a stop for good', () => {
    const plan = plannedDca({ activationBounds: ['0.05'], pricesQuote: ['80', '100', '90'], timeLimitAtMs: 10 });
    expect(next(plan, newDcaState(plan), '100')).toEqual([]);
    expect(next(plan, newDcaState(plan), null)).toEqual([]);
    expect(next(plan, newDcaState(plan), '80', 9)).toEqual([0, 1, 2]);
    expect(next(plan, newDcaState(plan), '80', 10)).toEqual([]);
    expect(next(plan, after(plan, { kind: 'stopped', closeType: 'EARLY_STOP', keepPosition: false }), '80')).toEqual([]);
  });
});

describe('the one exit', () => {
  it('is there from the first fill and armed anew on each', () => {
    const plan = plannedDca();
    expect(dcaExit(plan, after(plan, sent(0, 1)))).toBeNull();
    const first = dcaExit(plan, after(plan, sent(0, 1), told(0, filled('100', '0.5'), false)));
    const second = dcaExit(plan, after(plan, sent(0, 1), told(0, filled('100', '1'), false), told(1, filled('90', '1'), false)));
    expect(second?.position.totals.filledQuote.toFixed()).toBe('190');
    expect(second?.arm).toBeGreaterThan(first?.arm ?? 99);
  });

  it('stops at the average of what is filled from the first fill, the rest of the levels notwithstanding', () => {
    const plan = plannedDca();
    const one = after(plan, sent(0, 1, 2), told(0, filled('100', '1')));
    expect([trigger(plan, one, '95.01'), trigger(plan, one, '95')]).toEqual([null, 'STOP_LOSS']);
    // (100 + 90) / 2 = 95; 95 * 0.95 = 90.25.
    const two = after(plan, sent(0, 1, 2), told(0, filled('100', '1')), told(1, filled('90', '1')));
    expect([trigger(plan, two, '90.26'), trigger(plan, two, '90.25')]).toEqual([null, 'STOP_LOSS']);
  });

  it('last_level: MAKER only once all levels are done', () => {
    const plan = plannedDca({ stopLossReference: 'last_level' });
    const one = after(plan, sent(0, 1, 2), told(0, filled('100', '1')), told(1, NO_FILLS));
    expect(trigger(plan, one, '50')).toBe(null);
    expect(trigger(plan, applyDcaEvent(plan, one, told(2, NO_FILLS)), '95')).toBe('STOP_LOSS');
  });

  it('last_level: TAKER at the loss that the whole plan allows', () => {
    const plan = plannedDca({ stopLossReference: 'last_level', mode: 'TAKER' });
    // 600 * 0.05 = 30 on 1 at 100.
    const one = after(plan, sent(0), told(0, filled('100', '1')));
    expect([trigger(plan, one, '70.01'), trigger(plan, one, '70')]).toEqual([null, 'STOP_LOSS']);
    const two = after(plan, sent(0, 1), told(0, filled('100', '1')), told(1, filled('90', '2')));
    // 280 - 30 = 250 for 3.
    expect([trigger(plan, two, '83.34'), trigger(plan, two, '83.33')]).toEqual([null, 'STOP_LOSS']);
  });

  it('takes profit strictly above, on any number of levels; a short the other way round', () => {
    const plan = plannedDca();
    const state = after(plan, sent(0), told(0, filled('100', '1'), false));
    expect([trigger(plan, state, '110'), trigger(plan, state, '110.00000001')]).toEqual([null, 'TAKE_PROFIT']);
    const short = plannedDca({ side: 'SELL' });
    const sold = after(short, sent(0), told(0, filled('100', '1'), false));
    expect([trigger(short, sold, '90'), trigger(short, sold, '89.99999999'), trigger(short, sold, '105')]).toEqual([null, 'TAKE_PROFIT', 'STOP_LOSS']);
    expect(dcaBarrierText(dcaExit(plan, state)?.barriers ?? (null as never)).takeProfitFraction).toBe(`0.1${'0'.repeat(34)}1`);
  });

  it('trails, and ends at the time limit with or without fills, a refused level notwithstanding', () => {
    const plan = plannedDca({ takeProfitFraction: null, trailingStop: { activationFraction: '0.02', deltaFraction: '0.01' }, timeLimitAtMs: 10 });
    const state = after(plan, sent(0, 1), told(1, NO_FILLS, true, 1, 'refused'), told(0, filled('100', '1')));
    const verdict = dcaVerdict(plan, state, decimal('105'), 0);
    expect(verdict.trailingTrigger?.toFixed()).toBe('0.04');
    expect(trigger(plan, applyDcaEvent(plan, state, { kind: 'trailed', trailingTrigger: verdict.trailingTrigger }), '103.9')).toBe('TRAILING_STOP');
    expect(trigger(plan, newDcaState(plan), '100', 10)).toBe('TIME_LIMIT');
  });
});

describe('ending', () => {
  const stop = (keepPosition: boolean): DcaEvent => ({ kind: 'stopped', closeType: 'STOP_LOSS', keepPosition });

  it('withdraws, waits, closes what is open with the fills of before the confirmation, then ends', () => {
    const plan = plannedDca();
    let state = after(plan, sent(0, 1, 2), told(0, filled('100', '1')), stop(false), { kind: 'stopped', closeType: 'EARLY_STOP', keepPosition: true });
    const step = (...events: readonly DcaEvent[]): string => {
      for (const event of events) state = applyDcaEvent(plan, state, event);
      return JSON.stringify(dcaShutdown(plan, state));
    };
    expect(step()).toBe('{"kind":"withdraw","levelIndexes":[1,2]}');
    expect(step({ kind: 'withdrawn', levelIndexes: [1, 2] })).toBe('{"kind":"waitForLevels"}');
    expect(step(told(1, filled('90', '0.3')), { kind: 'ended', nowMs: 1 })).toBe('{"kind":"waitForLevels"}');
    expect(step(told(2, NO_FILLS))).toBe('{"kind":"close","amountBase":"1.3"}');
    expect(step({ kind: 'exitReported', sequence: 1, totals: filled('80', '1') })).toBe('{"kind":"close","amountBase":"0.3"}');
    expect(step({ kind: 'exitReported', sequence: 2, totals: filled('80', '1.3') }, { kind: 'exitReported', sequence: 1, totals: NO_FILLS })).toBe('{"kind":"end"}');
    step({ kind: 'ended', nowMs: 7 });
    expect(state.phase).toEqual({ kind: 'ended', closeType: 'STOP_LOSS', atMs: 7 });
  });

  it.each([
    [[told(0, filled('100', '1')), stop(true)], 'POSITION_HOLD'],
    [[told(0, NO_FILLS), stop(true)], 'EARLY_STOP'],
    [[told(0, NO_FILLS, true, 1, 'refused'), sent(1, 2), told(1, NO_FILLS), told(2, NO_FILLS)], 'FAILED'],
  ] as const)('%#', (events, closeType) => {
    const plan = plannedDca();
    const state = after(plan, sent(0), ...events, { kind: 'ended', nowMs: 1 });
    expect(state.phase).toMatchObject({ kind: 'ended', closeType });
  });

  it('leaves dust, and goes on while anything is open', () => {
    const plan = plannedDca();
    const dust = after(plan, sent(0, 1, 2), told(0, filled('100', '0.01')), told(1, NO_FILLS), told(2, NO_FILLS));
    expect([dcaCloseBase(plan, dust).toFixed(), dcaShutdown(plan, dust).kind]).toEqual(['0', 'end']);
    const open = after(plan, sent(0, 1, 2), told(0, filled('100', '1')), told(1, NO_FILLS), told(2, NO_FILLS));
    expect(dcaShutdown(plan, open).kind).toBe('none');
  });
});

it('has every key of the reference in custom_info', () => {
  const plan = plannedDca({ levelId: 'L' });
  const state = after(plan, sent(0), told(0, filled('100', '1')));
  const info = dcaCustomInfo(plan, state, decimal('101'), { currentRetries: 1, orderIds: ['a'], heldPositionOrders: [] });
  // (100 * 100 + 90 * 200 + 80 * 300) / 600 = 86.666...; 600 * 6.6666 / 86.6666 = 46.153846...
  expect(info).toMatchObject({
    side: 'BUY', current_position_average_price: '100', filled_amount: '1', filled_amount_quote: '100', max_amount_quote: '600', min_price: '80', max_price: '100',
    max_loss_quote: '30', current_market_price: '101', close_price: '101', close_type: null, close_timestamp: null, n_levels: 3, trailing_stop_trigger_pct: null,
    total_executed_amount_backup: '0', current_retries: 1, max_retries: 10, level_id: 'L', order_ids: ['a'], held_position_orders: [],
    target_position_average_price: `86.${'6'.repeat(19)}7`, unrealized_pnl_when_last_order_filled: '46.15384615384615384615',
  });
});

it('sends every level at most once and never closes more than is filled, under random fills, stops and reports out of order', () => {
  const anyStep = fc.record({ kind: fc.constantFrom('send', 'part', 'part', 'end', 'refuse', 'stop', 'close', 'again'), draw: fc.integer({ min: 0, max: 999 }), mid: fc.integer({ min: 70, max: 120 }) });
  let closedWhole = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), fc.boolean(), (steps, keepPosition) => {
      const plan = plannedDca({ activationBounds: ['0.15'] });
      let state = newDcaState(plan);
      const apply = (event: DcaEvent): void => void (state = dcaStateFromRecord(dcaStateRecord(applyDcaEvent(plan, state, event))));
      const orders = new Map<number, { sequence: number; base: Decimal; live: boolean }>();
      let closed = new Decimal(0);
      const base = (): Decimal => [...orders.values()].reduce((sum, order) => sum.plus(order.base), new Decimal(0));
      const report = (index: number, part: Decimal, ended: boolean, refusal: string | null = null): void => {
        const order = orders.get(index);
        if (order === undefined || !order.live) return;
        Object.assign(order, { sequence: order.sequence + 1, base: order.base.plus(part), live: !ended });
        apply(told(index, order.base.isZero() ? NO_FILLS : filled('90', order.base.toFixed()), ended, order.sequence, refusal));
      };
      const left = (index: number): Decimal => (plan.levels[index]?.amountBase ?? new Decimal(0)).minus(orders.get(index)?.base ?? 0);
      const close = (share: number): void => {
        const shutdown = dcaShutdown(plan, state);
        if (shutdown.kind === 'withdraw') apply({ kind: 'withdrawn', levelIndexes: shutdown.levelIndexes });
        if (shutdown.kind !== 'close') return;
        expect([...orders.values()].some(({ live }) => live)).toBe(false);
        expect(closed.plus(shutdown.amountBase).equals(base())).toBe(true);
        closed = closed.plus(shutdown.amountBase.times(share).toDecimalPlaces(5, Decimal.ROUND_DOWN));
        if (!closed.isZero()) apply({ kind: 'exitReported', sequence: state.exitSequence + 1, totals: filled('85', closed.toFixed()) });
      };
      for (const { kind, draw, mid } of steps) {
        const index = draw % 3;
        if (kind === 'send') {
          const indexes = next(plan, state, String(mid));
          for (const at of indexes) {
            expect(orders.has(at)).toBe(false);
            orders.set(at, { sequence: 0, base: new Decimal(0), live: true });
          }
          apply(sent(...indexes));
        }
        if (kind === 'part') report(index, left(index).times(draw).dividedBy(1000).toDecimalPlaces(5, Decimal.ROUND_DOWN), false);
        if (kind === 'end') report(index, draw % 2 === 0 ? left(index) : new Decimal(0), true);
        if (kind === 'refuse') report(index, new Decimal(0), true, 'refused');
        if (kind === 'again') apply(told(index, filled('1', '1'), true, 0));
        if (kind === 'stop' && draw < 200) apply({ kind: 'stopped', closeType: 'EARLY_STOP', keepPosition });
        if (kind === 'close') close(draw / 1000);
        expect(dcaOpenBase(plan, state).equals(base().minus(closed))).toBe(true);
        expect(dcaExit(plan, state) === null).toBe(base().isZero());
      }
      apply({ kind: 'stopped', closeType: 'EARLY_STOP', keepPosition });
      for (let round = 0; round < 10; round += 1) {
        close(1);
        for (const index of orders.keys()) report(index, new Decimal(0), true);
      }
      apply({ kind: 'ended', nowMs: 1 });
      if (state.phase.kind !== 'ended') throw new Error(`not ended: ${JSON.stringify(dcaStateRecord(state))}`);
      expect(state.phase.closeType === 'POSITION_HOLD').toBe(keepPosition && base().greaterThan(closed));
      if (!closed.isZero()) closedWhole += 1;
      if (!keepPosition) expect(dcaCloseBase(plan, state).isZero()).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(closedWhole).toBeGreaterThan(20);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barriersFromRecord, evaluateBarriers, type Barriers } from '../../../src/domain/barriers.js';
import { dcaBarriers } from '../../../src/domain/dca/dca-barriers.js';
import { dcaCustomInfo } from '../../../src/domain/dca/dca-custom-info.js';
import { levelTotals, type DcaLevelProgress } from '../../../src/domain/dca/dca-progress.js';
import type { DcaPlan } from '../../../src/domain/dca/plan-dca.js';
import { NO_FILLS, type FillTotals } from '../../../src/domain/fills.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { fillOf, totalsOf } from '../market-fixtures.js';
import { plannedDca } from './dca-fixtures.js';

const filled = (price: string, amount: string): FillTotals => totalsOf([fillOf(price, amount)]);
const out = (totals: FillTotals = NO_FILLS): DcaLevelProgress => ({ kind: 'out', totals });
const done = (totals: FillTotals = NO_FILLS, refusal: string | null = null): DcaLevelProgress => ({ kind: 'done', totals, refusal });
const waiting: DcaLevelProgress = { kind: 'waiting' };

function barriersOf(plan: DcaPlan, levels: readonly DcaLevelProgress[]): Barriers {
  return barriersFromRecord(dcaBarriers(plan, levels, levelTotals(levels)));
}

function trigger(plan: DcaPlan, levels: readonly DcaLevelProgress[], price: string, nowMs = 0): string | null {
  const position = { entrySide: plan.terms.side, totals: levelTotals(levels), rules: plan.rules };
  return evaluateBarriers(barriersOf(plan, levels), position, decimal(price), nowMs, null).trigger;
}

describe('the barriers of what is filled', () => {
  it('stop at the average of it from the first fill, the rest of the levels notwithstanding', () => {
    const plan = plannedDca();
    const one = [done(filled('100', '1')), out(), waiting];
    expect([trigger(plan, one, '95.01'), trigger(plan, one, '95')]).toEqual([null, 'STOP_LOSS']);
    // (100 + 90) / 2 = 95; 95 * 0.95 = 90.25.
    const two = [done(filled('100', '1')), out(filled('90', '1')), waiting];
    expect([trigger(plan, two, '90.26'), trigger(plan, two, '90.25')]).toEqual([null, 'STOP_LOSS']);
  });

  it('with last_level stop a MAKER only once every level is done, refused ones too', () => {
    const plan = plannedDca({ stopLossReference: 'last_level' });
    expect(trigger(plan, [done(filled('100', '1')), done(), out()], '50')).toBeNull();
    expect(trigger(plan, [done(filled('100', '1')), done(), done(NO_FILLS, 'refused')], '95')).toBe('STOP_LOSS');
  });

  it('with last_level stop a TAKER at the loss that the whole plan allows', () => {
    const plan = plannedDca({ stopLossReference: 'last_level', mode: 'TAKER' });
    // 600 * 0.05 = 30 on 1 at 100.
    const one = [done(filled('100', '1')), waiting, waiting];
    expect([trigger(plan, one, '70.01'), trigger(plan, one, '70')]).toEqual([null, 'STOP_LOSS']);
    const two = [done(filled('100', '1')), done(filled('90', '2')), waiting];
    // 280 - 30 = 250 for 3.
    expect([trigger(plan, two, '83.34'), trigger(plan, two, '83.33')]).toEqual([null, 'STOP_LOSS']);
    expect(barriersOf(plan, [waiting, waiting, waiting]).stopLossFraction).toBeNull();
  });

  it('under random fills lose a TAKER with last_level never more than the plan allows, to a step of the price', () => {
    const plan = plannedDca({ stopLossReference: 'last_level', mode: 'TAKER' });
    const anyFill = fc.record({ price: fc.integer({ min: 7_000, max: 11_000 }), amount: fc.integer({ min: 1, max: 300_000 }) });
    fc.assert(
      fc.property(fc.array(anyFill, { minLength: 1, maxLength: 3 }), (fills) => {
        const levels = fills.map(({ price, amount }) => done(filled(new Decimal(price).dividedBy(100).toFixed(), new Decimal(amount).dividedBy(100_000).toFixed())));
        const { filledBase, filledQuote } = levelTotals(levels);
        const stop = filledQuote.minus(30).dividedBy(filledBase);
        if (!stop.greaterThan(0)) return;
        expect(trigger(plan, levels, stop.plus('0.000001').toFixed(20))).toBeNull();
        expect(trigger(plan, levels, stop.minus('0.000001').toFixed(20))).toBe('STOP_LOSS');
      }),
      { numRuns: 300 },
    );
  });

  it('take profit on any number of levels, for a short the other way round, and end at the time limit', () => {
    const plan = plannedDca({ timeLimitAtMs: 10 });
    const levels = [out(filled('100', '1')), out(), out()];
    expect([trigger(plan, levels, '109.99'), trigger(plan, levels, '110'), trigger(plan, [out(), out(), out()], '100', 10)]).toEqual([null, 'TAKE_PROFIT', 'TIME_LIMIT']);
    const short = plannedDca({ side: 'SELL' });
    expect([trigger(short, levels, '90.01'), trigger(short, levels, '90'), trigger(short, levels, '105')]).toEqual([null, 'TAKE_PROFIT', 'STOP_LOSS']);
  });
});

it('has every key of the reference in custom_info', () => {
  const plan = plannedDca();
  const levels = [done(filled('100', '1')), done(NO_FILLS, 'no funds'), waiting];
  const progress = { levels, entry: levelTotals(levels), exits: filled('110', '1'), trailingTrigger: decimal('0.04'), end: { closeType: 'TAKE_PROFIT', atMs: 1_500 } };
  const info = dcaCustomInfo(plan, progress, { currentRetries: 1, orderIds: ['a'], heldPositionOrders: [] });
  // (100 * 100 + 90 * 200 + 80 * 300) / 600 = 86.666...; 600 * 6.6666 / 86.6666 = 46.153846...
  expect(info).toMatchObject({
    side: 'BUY', current_position_average_price: '100', filled_amount: '1', filled_amount_quote: '210', max_amount_quote: '600', min_price: '80', max_price: '100',
    max_loss_quote: '30', current_market_price: null, close_price: '110', close_type: 'TAKE_PROFIT', close_timestamp: 1.5, n_levels: 3, trailing_stop_trigger_pct: '0.04',
    total_executed_amount_backup: '1', current_retries: 1, max_retries: 10, order_ids: ['a'], held_position_orders: [],
    target_position_average_price: `86.${'6'.repeat(19)}7`, unrealized_pnl_when_last_order_filled: '46.15384615384615384615',
  });
  expect((info['levels'] as readonly { state: string; filled_base: string; refusal: string | null }[]).map(({ state, filled_base, refusal }) => [state, filled_base, refusal])).toEqual([['done', '1', null], ['done', '0', 'no funds'], ['waiting', '0', null]]);
});

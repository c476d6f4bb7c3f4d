import { describe, expect, it } from 'vitest';
import { evaluateGridBarriers, gridStopPriceQuote, type GridVerdict } from '../../../src/domain/grid/grid-barriers.js';
import { gridCustomInfo } from '../../../src/domain/grid/grid-custom-info.js';
import { applyGridEvent, type GridEvent, type LevelReport } from '../../../src/domain/grid/grid-events.js';
import { breakevenAfterFeesQuote, gridInventory, openPnlQuote } from '../../../src/domain/grid/grid-inventory.js';
import { gridMetrics } from '../../../src/domain/grid/grid-metrics.js';
import type { GridPlan } from '../../../src/domain/grid/grid-plan.js';
import { newGridState, type GridState } from '../../../src/domain/grid/grid-state.js';
import { NO_FILLS, type FillTotals } from '../../../src/domain/fills.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { fillOf, rulesOf, totalsOf } from '../market-fixtures.js';
import { plannedGrid } from './grid-fixtures.js';

const one = (price: string, amount: string, fee: string): FillTotals => totalsOf([fillOf(price, amount, [['USDT', fee]])]);

function opened(levelIndex: number): GridEvent {
  return { kind: 'opened', nowMs: 0, entries: [{ levelIndex, priceQuote: decimal('1'), amountBase: decimal('1') }] };
}

function told(levelIndex: number, kind: 'filled' | 'ended' | 'entryOut', entry: FillTotals, exits: FillTotals = NO_FILLS): GridEvent {
  const stage: LevelReport['stage'] = kind === 'ended' ? { kind, refused: false } : { kind };
  return { kind: 'reported', nowMs: 0, report: { levelIndex, cycle: 1, sequence: 1, stage, entry, exits } };
}

/** Level 5 through its round trip, level 4 filled, level 3 filled and 0.4 of it sold again, level 2 with its entry out. */
function traded(plan: GridPlan): GridState {
  const events = [
    ...[2, 3, 4, 5].map(opened),
    told(5, 'ended', one('99.98', '1', '0.1'), one('100.76', '1', '0.1')),
    told(4, 'filled', one('99.44', '1', '0.1')),
    told(3, 'filled', one('98.33', '1', '0.1'), one('98.53', '0.4', '0.04')),
  ];
  return events.reduce((state, event) => applyGridEvent(plan, state, event), newGridState(plan));
}

describe('accounts worked out by hand', () => {
  const plan = plannedGrid();
  const state = traded(plan);

  it('inventory, realised and open P&L', () => {
    const { inventory, ...metrics } = gridMetrics(plan, state, decimal('100'));
    // 99.44 + 0.6 * 98.33; 99.98 + 0.4 * 98.33; 100.76 + 0.4 * 98.53.
    expect(inventory).toMatchObject({ base: decimal('1.6'), costQuote: decimal('158.438'), matchedCostQuote: decimal('139.312'), closedQuote: decimal('140.172'), openFeesQuote: decimal('0.2'), realizedFeesQuote: decimal('0.24') });
    expect(metrics.breakevenQuote?.toFixed()).toBe('99.02375');
    // 140.172 - 139.312 - 0.24; 160 - 158.438 - 0.2.
    expect([metrics.realizedPnlQuote, metrics.positionPnlQuote, metrics.netPnlQuote, metrics.feesQuote, metrics.volumeQuote].map((value) => value.toFixed())).toEqual(['0.62', '1.362', '1.982', '0.44', '437.922']);
    expect(metrics.openLiquidityQuote.toFixed()).toBe('100');
    // Without a price what is open stands at its cost.
    expect(gridMetrics(plan, state, null).positionPnlQuote.toFixed()).toBe('-0.2');
  });

  it('every key of custom_info', () => {
    const lists = { filledOrders: ['f'], heldPositionOrders: ['h'], failedOrders: [], canceledOrders: ['c'], fillEvents: ['e'] };
    expect(gridCustomInfo(plan, state, decimal('100'), lists)).toEqual({
      side: 'BUY',
      grid_side: 'BUY',
      levels_by_state: { NOT_ACTIVE: 6, OPEN_ORDER_PLACED: 1, OPEN_ORDER_FILLED: 2, CLOSE_ORDER_PLACED: 0, COMPLETE: 1 },
      filled_orders: ['f'],
      held_position_orders: ['h'],
      held_position_value: '0',
      failed_orders: [],
      canceled_orders: ['c'],
      fill_events: ['e'],
      realized_buy_size_quote: '139.312',
      realized_sell_size_quote: '140.172',
      realized_imbalance_quote: '-0.86',
      realized_fees_quote: '0.24',
      realized_pnl_quote: '0.62',
      realized_pnl_pct: '0.00445044217296428161',
      position_size_quote: '158.438',
      position_fees_quote: '0.2',
      position_pnl_quote: '1.362',
      position_pnl_pct: '0.00859642257539226701',
      break_even_price: '99.02375',
      current_position_average_price: '99.02375',
      open_liquidity_placed: '100',
      close_liquidity_placed: '0',
      grid_level_prices: ['95', '96.11', '97.22', '98.33', '99.44', '100.55', '101.66', '102.77', '103.88', '105'],
      grid_tp_prices: ['95.19', '96.31', '97.42', '98.53', '99.64', '100.76', '101.87', '102.98', '104.09', '105.21'],
      grid_limit_price: null,
    });
  });

  it('breakeven after fees is where closing everything nets nothing, on both sides', () => {
    for (const side of ['BUY', 'SELL'] as const) {
      const grid = plannedGrid({ side });
      const inventory = gridInventory(grid, traded(grid));
      const even = breakevenAfterFeesQuote(grid, inventory, decimal('0.001'));
      const fee = even?.times(inventory.base).times('0.001') ?? decimal('1');
      expect(openPnlQuote(grid, inventory, even).minus(fee).abs().lessThan('1e-30')).toBe(true);
    }
    expect(breakevenAfterFeesQuote(plan, gridInventory(plan, newGridState(plan)), decimal('0.001'))).toBeNull();
  });

  it('a short earns when the price falls; both its percentages are over what it opened', () => {
    const short = plannedGrid({ side: 'SELL' });
    const state = [opened(5), opened(6), told(5, 'ended', one('100.56', '1', '0'), one('100.35', '1', '0')), told(6, 'filled', one('101.67', '1', '0'))].reduce((current, event) => applyGridEvent(short, current, event), newGridState(short));
    const metrics = gridMetrics(short, state, decimal('101'));
    expect([metrics.realizedBuyQuote, metrics.realizedSellQuote, metrics.realizedPnlQuote, metrics.positionPnlQuote].map((value) => value.toFixed())).toEqual(['100.35', '100.56', '0.21', '0.67']);
    expect(metrics.realizedPnlFraction.equals(new Decimal('0.21').dividedBy('100.56'))).toBe(true);
  });
});

describe('barriers of the grid, on mid', () => {
  const verdict = (plan: GridPlan, mid: string | null, nowMs = 0, trailing: Decimal | null = null, state = traded(plan)): GridVerdict =>
    evaluateGridBarriers(plan, gridInventory(plan, state), mid === null ? null : decimal(mid), nowMs, trailing);

  it('stop loss at the fraction of the cost, entry fees counted', () => {
    const plan = plannedGrid({ stopLossFraction: '0.05' });
    // 1.6 * mid - 158.638 = -0.05 * 158.438
    expect(gridStopPriceQuote(plan, gridInventory(plan, traded(plan)))?.toFixed()).toBe('94.1975625');
    expect(verdict(plan, '94.1975626').trigger).toBeNull();
    expect(verdict(plan, '94.1975625').trigger).toEqual({
      barrier: 'stop_loss',
      closeType: 'STOP_LOSS',
      keepPosition: false,
      evidence: { midQuote: '94.1975625', atMs: 0, base: '1.6', costQuote: '158.438', feesQuote: '0.2', netPnlFraction: '-0.05', trailingTrigger: null },
    });
    expect(verdict(plan, '1', 0, null, newGridState(plan)).trigger).toBeNull();
  });

  it('is not fired by dust that nobody could close', () => {
    const plan = plannedGrid({ stopLossFraction: '0.05' });
    const dusty = [opened(3), told(3, 'ended', totalsOf([fillOf('98.33', '1', [['BTC', '0.000001']])]), one('98.53', '0.99999', '0'))].reduce((state, event) => applyGridEvent(plan, state, event), newGridState(plan));
    expect(gridInventory(plan, dusty).base.toFixed()).toBe('0.000009');
    expect(verdict(plan, '50', 0, null, dusty).trigger).toBeNull();
    expect(gridStopPriceQuote(plan, gridInventory(plan, dusty))).toBeNull();
  });

  it('limit price: the price itself included, closing or keeping', () => {
    const plan = plannedGrid({ limitPriceQuote: '94' });
    expect(verdict(plan, '94.01').trigger).toBeNull();
    expect(verdict(plan, '94').trigger).toMatchObject({ barrier: 'limit_price', closeType: 'STOP_LOSS', keepPosition: false });
    expect(verdict(plannedGrid({ limitPriceQuote: '94', keepPosition: true }), '94').trigger).toMatchObject({ closeType: 'POSITION_HOLD', keepPosition: true });
    const short = plannedGrid({ side: 'SELL', limitPriceQuote: '106' });
    expect(verdict(short, '105.99', 0, null, newGridState(short)).trigger).toBeNull();
    expect(verdict(short, '106', 0, null, newGridState(short)).trigger).toMatchObject({ barrier: 'limit_price' });
  });

  it('time limit with and without a price; the stop loss and the limit price come first', () => {
    const plan = plannedGrid({ timeLimitAtMs: 1_000, stopLossFraction: '0.05', limitPriceQuote: '90' });
    expect(verdict(plan, '100', 999).trigger).toBeNull();
    expect(verdict(plan, '100', 1_000).trigger).toMatchObject({ barrier: 'time_limit', closeType: 'TIME_LIMIT' });
    expect(verdict(plan, null, 1_000).trigger).toMatchObject({ barrier: 'time_limit', evidence: { midQuote: null, netPnlFraction: null } });
    expect(verdict(plan, null, 999).trigger).toBeNull();
    expect(verdict(plan, '94', 1_000).trigger?.barrier).toBe('stop_loss');
    expect(verdict(plan, '90', 1_000, null, newGridState(plan)).trigger?.barrier).toBe('limit_price');
    // And before the take profit.
    expect(verdict(plan, '106', 1_000).trigger?.barrier).toBe('time_limit');
  });

  it('trailing stop: arms above, follows the best, fires below; forgets its peak when nothing is open', () => {
    const plan = plannedGrid({ trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } });
    // 1.6 * mid - 158.638 > 1.58438
    expect(verdict(plan, '100.1389875').trailingTrigger).toBeNull();
    const armed = verdict(plan, '100.1389876').trailingTrigger;
    expect(armed?.greaterThan('0.005')).toBe(true);
    const pulled = verdict(plan, '101', 0, armed).trailingTrigger;
    expect(pulled?.toFixed(10)).toBe(new Decimal('2.962').dividedBy('158.438').minus('0.005').toFixed(10));
    expect(verdict(plan, '100.6', 0, pulled)).toMatchObject({ trigger: null, trailingTrigger: pulled });
    // (158.638 + 158.438 * trigger) / 1.6 = 100.50488...
    expect(verdict(plan, '100.504', 0, pulled).trigger).toMatchObject({ barrier: 'trailing_stop', closeType: 'TRAILING_STOP' });
    expect(verdict(plan, '100.6', 0, pulled, newGridState(plan))).toEqual({ trigger: null, trailingTrigger: null });
  });

  it('take profit beyond the far edge only, whatever is held', () => {
    const plan = plannedGrid();
    for (const state of [newGridState(plan), traded(plan)]) {
      expect(verdict(plan, '105', 0, null, state).trigger).toBeNull();
      expect(verdict(plan, '105.001', 0, null, state).trigger).toMatchObject({ barrier: 'take_profit', closeType: 'TAKE_PROFIT' });
    }
    const short = plannedGrid({ side: 'SELL' });
    expect(verdict(short, '95', 0, null, newGridState(short)).trigger).toBeNull();
    expect(verdict(short, '94.999', 0, null, newGridState(short)).trigger).toMatchObject({ barrier: 'take_profit' });
  });

  it('of a perpetual counts an inventory below the least order value: what reduces has none', () => {
    const tiny = one('98.33', '0.01', '0');
    for (const [contract, barrier] of [['spot', undefined], ['perpetual', 'stop_loss']] as const) {
      const plan = plannedGrid({ stopLossFraction: '0.05' }, rulesOf({ contract }));
      const state = [opened(3), told(3, 'filled', tiny)].reduce((current, event) => applyGridEvent(plan, current, event), newGridState(plan));
      expect(verdict(plan, '50', 0, null, state).trigger?.barrier).toBe(barrier);
    }
  });
});

import { expect, it } from 'vitest';
import type { ExecutorClosed } from '../../src/contract/activities.js';
import type { ControllerState } from '../../src/contract/controller.js';
import type { PositionSide } from '../../src/contract/position-side.js';
import type { Side } from '../../src/domain/enumerations.js';
import { clearPosition, countClosed } from '../../workflows/runtime/controller-ledger.js';

const EMPTY: ControllerState = { controllerId: 'main', positions: [], byType: {}, seen: [] };
const AT = { connector: 'binance_perpetual_paper_trade', account: 'master_account', pair: 'BTC-USDT' };

function closed(executorId: string, side: Side, amountBase: string, priceQuote: string, positionSide: PositionSide | null): ExecutorClosed {
  const totals = { filledBase: amountBase, filledQuote: String(Number(amountBase) * Number(priceQuote)), feesBase: '0', feesQuote: '1', feesByAsset: {}, fillCount: 1, firstFillAtMs: 1, lastFillAtMs: 1 };
  const order = { clientOrderId: executorId, exchangeOrderId: null, purpose: 'work', side, type: 'MARKET', amountBase, priceQuote: null, state: 'filled', totals } as const;
  return { executorId, executorType: 'order_executor', closeType: 'POSITION_HOLD', netPnlQuote: '0', feesQuote: '1', volumeQuote: totals.filledQuote, closedAtMs: 5, hold: { ...AT, base: 'BTC', positionSide, orders: [order], totals, fundingQuote: '0' } };
}

function ended(executorId: string, closeType: string, netPnlQuote: string): ExecutorClosed {
  return { executorId, executorType: 'position_executor', closeType, netPnlQuote, feesQuote: '1', volumeQuote: '100', closedAtMs: 5, hold: null };
}

const after = (...news: readonly ExecutorClosed[]): ControllerState => news.reduce(countClosed, EMPTY);
const held = (state: ControllerState): readonly (readonly [PositionSide | null, string])[] => state.positions.map(({ positionSide, held: { netBase } }) => [positionSide, netBase]);

it('nets a long and a short of one pair in one-way mode, and keeps them apart in hedge mode', () => {
  expect(held(after(closed('a', 'BUY', '2', '100', null), closed('b', 'SELL', '1', '110', null)))).toEqual([[null, '1']]);
  const hedged = after(closed('a', 'BUY', '2', '100', 'LONG'), closed('b', 'SELL', '1', '110', 'SHORT'));
  expect(held(hedged)).toEqual([['LONG', '2'], ['SHORT', '-1']]);
  const closing = countClosed(hedged, closed('c', 'SELL', '1', '105', 'LONG'));
  expect(held(closing)).toEqual([['LONG', '1'], ['SHORT', '-1']]);
  expect(closing.positions.map(({ held: { realizedPnlQuote } }) => realizedPnlQuote)).toEqual(['5', '0']);
});

it('counts who won, who lost and how they ended, once each', () => {
  const state = after(ended('a', 'TAKE_PROFIT', '5'), ended('b', 'STOP_LOSS', '-3'), ended('b', 'STOP_LOSS', '-3'), ended('c', 'STOP_LOSS', '-1'), ended('d', 'EARLY_STOP', '0'));
  expect(state.byType['position_executor']).toEqual({ executors: 4, netPnlQuote: '1', feesQuote: '4', volumeQuote: '400', wins: 1, losses: 2, closeTypes: { TAKE_PROFIT: 1, STOP_LOSS: 2, EARLY_STOP: 1 } });
});

it('forgets what somebody cleared, long or short, and keeps what it had realised', () => {
  const short = after(closed('a', 'SELL', '2', '100', null), closed('b', 'BUY', '1', '90', null));
  const cleared = clearPosition(short, { ...AT, positionSide: null, executorCount: 2 }, 9);
  expect(cleared.positions[0]).toMatchObject({ held: { netBase: '0', openCostQuote: '0', realizedPnlQuote: '10', feesQuote: '2' }, cleared: { count: 1, netBase: '-1', costQuote: '-100', executorCount: 2, atMs: 9 } });
  const again = clearPosition(countClosed(cleared, closed('c', 'BUY', '3', '80', null)), { ...AT, positionSide: null, executorCount: 3 }, 10);
  expect(again.positions[0]?.cleared).toEqual({ count: 2, netBase: '2', costQuote: '140', executorCount: 3, atMs: 10 });
});

it('leaves a position alone that is not the one the caller saw', () => {
  const state = after(closed('a', 'BUY', '2', '100', 'LONG'));
  for (const wrong of [{ executorCount: 2 }, { positionSide: 'SHORT' as const }, { positionSide: null }, { pair: 'ETH-USDT' }, { account: 'other' }, { connector: 'other' }]) {
    expect(clearPosition(state, { ...AT, positionSide: 'LONG', executorCount: 1, ...wrong }, 9)).toBe(state);
  }
});

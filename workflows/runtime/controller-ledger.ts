import type { ExecutorClosed } from '../../src/contract/activities.js';
import type { ClearedPosition, ClearPosition, ControllerPosition, ControllerState, ControllerTotals } from '../../src/contract/controller.js';
import type { PositionSide } from '../../src/contract/position-side.js';
import { totalsFromRecord } from '../../src/domain/fills.js';
import { FLAT_POSITION, applyHeldOrder, heldPositionFromRecord, heldPositionRecord } from '../../src/domain/held-position.js';
import { decimal, exactly, toDecimalString, ZERO } from '../../src/domain/money.js';

const MAX_SEEN = 5_000;
const MAX_EXECUTOR_IDS = 1_000;
const NO_TOTALS: ControllerTotals = { executors: 0, netPnlQuote: '0', feesQuote: '0', volumeQuote: '0', wins: 0, losses: 0, closeTypes: {} };

/** Counts a closed executor once: totals of its type, and what it handed over. */
export function countClosed(state: ControllerState, closed: ExecutorClosed): ControllerState {
  if (state.seen.includes(closed.executorId)) return state;
  return {
    ...state,
    seen: [...state.seen, closed.executorId].slice(-MAX_SEEN),
    byType: { ...state.byType, [closed.executorType]: addTotals(state.byType[closed.executorType] ?? NO_TOTALS, closed) },
    positions: closed.hold === null ? state.positions : addHold(state.positions, closed, closed.hold),
  };
}

function addTotals(totals: ControllerTotals, closed: ExecutorClosed): ControllerTotals {
  const pnl = decimal(closed.netPnlQuote);
  return {
    executors: totals.executors + 1,
    netPnlQuote: sum(totals.netPnlQuote, closed.netPnlQuote),
    feesQuote: sum(totals.feesQuote, closed.feesQuote),
    volumeQuote: sum(totals.volumeQuote, closed.volumeQuote),
    wins: totals.wins + (pnl.greaterThan(0) ? 1 : 0),
    losses: totals.losses + (pnl.lessThan(0) ? 1 : 0),
    closeTypes: { ...totals.closeTypes, [closed.closeType]: (totals.closeTypes[closed.closeType] ?? 0) + 1 },
  };
}

/**
 * Takes what is held of one pair out of the books. What it realised before stays. Nothing changes when there is no such
 * position, when it is flat, or when it is not the one the caller saw.
 */
export function clearPosition(state: ControllerState, clear: ClearPosition, nowMs: number): ControllerState {
  const index = state.positions.findIndex((position) => isOf(position, clear, clear.positionSide));
  const before = state.positions[index];
  if (before === undefined || before.executorCount !== clear.executorCount) return state;
  const held = heldPositionFromRecord(before.held);
  const short = held.netBase.isNegative();
  const cleared: ClearedPosition = {
    count: (before.cleared?.count ?? 0) + 1,
    netBase: sum(before.cleared?.netBase ?? '0', toDecimalString(held.netBase)),
    costQuote: sum(before.cleared?.costQuote ?? '0', toDecimalString(short ? held.openCostQuote.negated() : held.openCostQuote)),
    executorCount: before.executorCount,
    atMs: nowMs,
  };
  const after: ControllerPosition = { ...before, held: heldPositionRecord({ ...held, netBase: ZERO, openCostQuote: ZERO }), lastUpdatedMs: nowMs, cleared };
  return { ...state, positions: state.positions.with(index, after) };
}

function addHold(positions: readonly ControllerPosition[], closed: ExecutorClosed, hold: NonNullable<ExecutorClosed['hold']>): readonly ControllerPosition[] {
  const index = positions.findIndex((position) => isOf(position, hold, hold.positionSide ?? null));
  const before = positions[index];
  const traded = hold.orders.reduce(
    (position, order) => applyHeldOrder(position, { side: order.side, totals: totalsFromRecord(order.totals) }),
    before === undefined ? FLAT_POSITION : heldPositionFromRecord(before.held),
  );
  const held = { ...traded, fundingQuote: exactly.sum(traded.fundingQuote, decimal(hold.fundingQuote)) };
  const after: ControllerPosition = {
    account: hold.account,
    connector: hold.connector,
    pair: hold.pair,
    positionSide: hold.positionSide ?? null,
    held: heldPositionRecord(held),
    executorIds: [...(before?.executorIds ?? []), closed.executorId].slice(-MAX_EXECUTOR_IDS),
    executorCount: (before?.executorCount ?? 0) + 1,
    lastUpdatedMs: closed.closedAtMs,
    cleared: before?.cleared ?? null,
  };
  return before === undefined ? [...positions, after] : positions.with(index, after);
}

function isOf(position: ControllerPosition, at: Pick<ControllerPosition, 'account' | 'connector' | 'pair'>, side: PositionSide | null): boolean {
  return position.account === at.account && position.connector === at.connector && position.pair === at.pair && position.positionSide === side;
}

function sum(left: string, right: string): string {
  return toDecimalString(exactly.sum(decimal(left), decimal(right)));
}

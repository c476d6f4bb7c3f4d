import type { ExecutorClosed } from '../../src/contract/activities.js';
import type { ControllerPosition, ControllerState, ControllerTotals } from '../../src/contract/controller.js';
import { totalsFromRecord } from '../../src/domain/fills.js';
import { FLAT_POSITION, applyHeldOrder, heldPositionFromRecord, heldPositionRecord } from '../../src/domain/held-position.js';
import { decimal, exactly, toDecimalString } from '../../src/domain/money.js';

const MAX_SEEN = 5_000;
const MAX_EXECUTOR_IDS = 1_000;
const NO_TOTALS: ControllerTotals = { executors: 0, netPnlQuote: '0', feesQuote: '0', volumeQuote: '0' };

/** Counts a closed executor once: totals of its type, and what it handed over. */
export function countClosed(state: ControllerState, closed: ExecutorClosed): ControllerState {
  if (state.seen.includes(closed.executorId)) return state;
  const totals = state.byType[closed.executorType] ?? NO_TOTALS;
  return {
    ...state,
    seen: [...state.seen, closed.executorId].slice(-MAX_SEEN),
    byType: {
      ...state.byType,
      [closed.executorType]: {
        executors: totals.executors + 1,
        netPnlQuote: sum(totals.netPnlQuote, closed.netPnlQuote),
        feesQuote: sum(totals.feesQuote, closed.feesQuote),
        volumeQuote: sum(totals.volumeQuote, closed.volumeQuote),
      },
    },
    positions: closed.hold === null ? state.positions : addHold(state.positions, closed, closed.hold),
  };
}

function addHold(positions: readonly ControllerPosition[], closed: ExecutorClosed, hold: NonNullable<ExecutorClosed['hold']>): readonly ControllerPosition[] {
  const index = positions.findIndex((position) => position.account === hold.account && position.connector === hold.connector && position.pair === hold.pair);
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
    held: heldPositionRecord(held),
    executorIds: [...(before?.executorIds ?? []), closed.executorId].slice(-MAX_EXECUTOR_IDS),
    executorCount: (before?.executorCount ?? 0) + 1,
    lastUpdatedMs: closed.closedAtMs,
  };
  return before === undefined ? [...positions, after] : positions.with(index, after);
}

function sum(left: string, right: string): string {
  return toDecimalString(exactly.sum(decimal(left), decimal(right)));
}

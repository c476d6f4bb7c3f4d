import type { FillTotalsRecord, OrderRecord } from '../../src/contract/session-result.js';
import { NO_FILLS, addTotals, type FillTotals } from '../../src/domain/fills.js';
import { legTotals, type Leg } from './position-legs.js';

/** What the first `legs` exits closed, as the exit after them read it from the exchange. */
export interface ClosedUnseen {
  readonly legs: number;
  /** All of it as one order: which ones they were, only a leg that is lost could tell. */
  readonly record: OrderRecord;
}

/**
 * An exit that was lost told of its fills too little, or nothing at all; the one that follows it counted them before it
 * began. Null when the legs themselves told as much.
 */
export function closedUnseen(exits: readonly Leg[]): ClosedUnseen | null {
  for (let legs = exits.length - 1; legs > 0; legs -= 1) {
    const follower = exits[legs];
    if (follower?.state.kind !== 'ended' || follower.state.result.predecessorTotals === null) continue;
    const read = follower.state.result.predecessorTotals;
    const told = exits.slice(0, legs).reduce<FillTotals>((sum, exit) => addTotals(sum, legTotals(exit)), NO_FILLS);
    return read.fillCount > told.fillCount ? { legs, record: sumRecord(follower, read) } : null;
  }
  return null;
}

function sumRecord({ plan }: Leg, totals: FillTotalsRecord): OrderRecord {
  return {
    clientOrderId: `before ${plan.path.path}`,
    exchangeOrderId: null,
    purpose: 'close',
    side: plan.side,
    type: 'MARKET',
    amountBase: totals.filledBase,
    priceQuote: null,
    state: 'sum of lost legs',
    totals,
  };
}

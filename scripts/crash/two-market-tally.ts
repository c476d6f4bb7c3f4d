import type { AuditInput } from '../../src/audit/audit-input.js';
import { exact } from '../../src/audit/exact.js';

/** How much of a run was about two exchanges: what the audit found right has to have happened. */
export interface TwoMarketTally {
  readonly executors: number;
  /** Those that traded on both exchanges. */
  readonly tradedOnBoth: number;
  /** Those that ended with one market ahead, which a controller holds. */
  readonly handedOver: number;
}

export function tallyTwoMarkets({ executors }: AuditInput): TwoMarketTally {
  const ours = executors.filter(({ markets }) => markets !== undefined);
  const reports = ours.flatMap(({ end }) => (end.kind === 'closed' ? [end.report] : []));
  const sides = reports.map(({ orders }) => new Set(orders.filter(({ totals }) => exact(totals.filledBase).greaterThan(0)).map(({ side }) => side)).size);
  return { executors: ours.length, tradedOnBoth: sides.filter((count) => count === 2).length, handedOver: reports.filter(({ hold }) => hold !== null).length };
}

export function twoMarketLine({ executors, tradedOnBoth, handedOver }: TwoMarketTally): string {
  return `two exchanges: executors ${executors}, traded on both ${tradedOnBoth}, handed over ${handedOver}`;
}

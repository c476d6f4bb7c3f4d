import type { AuditInput } from './audit-input.js';
import { checkBalances } from './check-balances.js';
import { checkFills } from './check-fills.js';
import { checkHolds } from './check-holds.js';
import { checkMoney } from './check-money.js';
import { checkPerpetuals } from './check-perpetuals.js';
import { checkOrders } from './check-orders.js';
import { checkTwoMarkets } from './check-two-markets.js';
import type { Difference } from './difference.js';
import { LedgerIndex } from './ledger-index.js';
import { findOwners } from './order-owners.js';

export interface AuditResult {
  /** Executors, orders and fills that were looked at. */
  readonly executors: number;
  readonly orders: number;
  readonly fills: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares the exchange's ledger with what executors reported and controllers hold. Pure; shares nothing with the code
 * it judges but the derivation of client order ids. No difference means: one order per intent, no open order and no fill
 * without exactly one owner, every sum equal to the last digit, nothing closed that was not opened, balances explained.
 * Throws when the ledger trades a market that `markets` does not describe.
 */
export function auditLedger(input: AuditInput): AuditResult {
  const owners = findOwners(input);
  const index = new LedgerIndex(input, owners.owned);
  const missing = input.executors
    .filter(({ end }) => end.kind === 'missing')
    .map(({ id }): Difference => ({ kind: 'executor-missing', message: `executor ${id} does not run and left no report` }));
  return {
    executors: input.executors.length,
    orders: input.ledger.orders.length,
    fills: input.ledger.trades.length,
    differences: [...missing, ...owners.differences, ...checkOrders(index), ...checkFills(index), ...checkMoney(index), ...checkTwoMarkets(index), ...checkHolds(index), ...checkBalances(index), ...checkPerpetuals(index)],
  };
}

import type { AuditInput } from '../../src/audit/audit-input.js';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import { PAPER_PERPETUAL_CONNECTOR } from '../../src/stack/executors-configuration.js';

/** How much of a run was about perpetuals: what the audit found right has to have happened. */
export interface PerpetualTally {
  readonly executors: number;
  readonly fills: number;
  readonly fundingPayments: number;
  /** Orders by which the exchange itself closed positions. */
  readonly liquidations: number;
}

export function tallyPerpetuals(input: AuditInput, started: readonly ExecutorConfig[]): PerpetualTally {
  const { ledger, markets } = input;
  const contracts = new Set(markets.filter(({ contract }) => contract === 'perpetual').map(({ symbol }) => symbol));
  return {
    executors: started.filter(({ connector }) => connector === PAPER_PERPETUAL_CONNECTOR).length,
    fills: ledger.trades.filter(({ symbol }) => contracts.has(symbol)).length,
    fundingPayments: ledger.perpetual.incomes.filter(({ type }) => type === 'FUNDING_FEE').length,
    liquidations: ledger.orders.filter(({ clientOrderId }) => clientOrderId.startsWith('autoclose-')).length,
  };
}

export function perpetualLine({ executors, fills, fundingPayments, liquidations }: PerpetualTally): string {
  return `perpetuals: executors ${executors}, fills ${fills}, funding payments ${fundingPayments}, liquidations ${liquidations}`;
}

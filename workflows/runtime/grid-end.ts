import type { CloseType, Outcome } from '../../src/domain/enumerations.js';

/** How a grid stands once all its levels and exits are over. */
export interface GridEndEvidence {
  /** By what stopped it. */
  readonly closeType: CloseType;
  readonly traded: boolean;
  readonly liquidated: boolean;
  readonly stoppedByCaller: boolean;
  /** A rest could not be closed and is handed over. */
  readonly gaveUp: boolean;
  readonly shortOfFunds: boolean;
  readonly lastError: string | null;
}

export interface GridEnd {
  readonly closeType: CloseType;
  readonly outcome: Outcome;
  readonly error: string | null;
}

export function gridEnd({ closeType, traded, liquidated, stoppedByCaller, gaveUp, shortOfFunds, lastError }: GridEndEvidence): GridEnd {
  if (liquidated) return { closeType: 'FAILED', outcome: 'LIQUIDATED', error: 'LIQUIDATED: the exchange closed the position because the margin of the account no longer covered it' };
  if (closeType === 'FAILED' && !traded && shortOfFunds) return { closeType: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED', error: lastError };
  if (closeType === 'FAILED') return { closeType, outcome: 'FAILED', error: lastError };
  if (closeType === 'POSITION_HOLD') return { closeType, outcome: stoppedByCaller ? 'STOPPED' : gaveUp ? 'PARTIAL' : 'COMPLETED', error: null };
  if (closeType === 'EARLY_STOP') return { closeType, outcome: 'STOPPED', error: null };
  return { closeType, outcome: closeType === 'TIME_LIMIT' && !traded ? 'PARTIAL' : 'COMPLETED', error: null };
}

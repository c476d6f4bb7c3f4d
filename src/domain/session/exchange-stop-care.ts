import type { Failure } from './session-events.js';

/** How the stop at the exchange fares, beside its orders. */
export interface ExchangeStopCare {
  /** Refusals of the terms it has now. */
  readonly refusals: number;
  /** Amount and price that were refused, as text. */
  readonly refusedTerms: string | null;
  readonly failure: Failure | null;
  /** Neither placed nor moved before this time. */
  readonly nextAtMs: number;
}

export const UNTRIED_STOP: ExchangeStopCare = { refusals: 0, refusedTerms: null, failure: null, nextAtMs: 0 };

import type { HeldPositionText } from '../domain/held-position.js';
import type { DecimalString } from './order-plan.js';

/** One held position of a controller: what executors handed over, netted at running average cost. */
export interface ControllerPosition {
  readonly account: string;
  readonly connector: string;
  readonly pair: string;
  readonly held: HeldPositionText;
  /** The latest executors that fed it, at most 1,000. */
  readonly executorIds: readonly string[];
  readonly executorCount: number;
  readonly lastUpdatedMs: number;
}

export interface ControllerTotals {
  readonly executors: number;
  readonly netPnlQuote: DecimalString;
  readonly feesQuote: DecimalString;
  readonly volumeQuote: DecimalString;
}

/** Answer of the controller's `positions` query, and what it carries through continue-as-new. */
export interface ControllerState {
  readonly controllerId: string;
  readonly positions: readonly ControllerPosition[];
  readonly byType: Readonly<Record<string, ControllerTotals>>;
  /** Executors already counted, so that a repeated message changes nothing; the latest 5,000. */
  readonly seen: readonly string[];
}

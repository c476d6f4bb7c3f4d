import type { HeldPositionText } from '../domain/held-position.js';
import type { DecimalString } from './order-plan.js';
import type { PositionSide } from './position-side.js';

/** One held position of a controller: what executors handed over, netted at running average cost. */
export interface ControllerPosition {
  readonly account: string;
  readonly connector: string;
  readonly pair: string;
  /** Set in hedge mode, where a long and a short of one pair are two positions. */
  readonly positionSide: PositionSide | null;
  readonly held: HeldPositionText;
  /** The latest executors that fed it, at most 1,000. */
  readonly executorIds: readonly string[];
  readonly executorCount: number;
  readonly lastUpdatedMs: number;
  /** What somebody took out of the books, all clearings together; null when nobody did. */
  readonly cleared: ClearedPosition | null;
}

/** Quantity that is no longer tracked: nothing was traded for it, and no P&L came of it. */
export interface ClearedPosition {
  readonly count: number;
  /** Signed. */
  readonly netBase: DecimalString;
  /** What it had cost (long) or brought (short), signed like the base. */
  readonly costQuote: DecimalString;
  /** Executors that had fed the position at the last clearing: while no other does, the position is not shown. */
  readonly executorCount: number;
  readonly atMs: number;
}

/** Asks a controller to forget what it holds of one pair. */
export interface ClearPosition {
  readonly account: string;
  readonly connector: string;
  readonly pair: string;
  readonly positionSide: PositionSide | null;
  /** As the caller saw it: one that another executor fed since is left alone. */
  readonly executorCount: number;
}

export interface ControllerTotals {
  readonly executors: number;
  readonly netPnlQuote: DecimalString;
  readonly feesQuote: DecimalString;
  readonly volumeQuote: DecimalString;
  /** Executors that ended with a profit, and with a loss; one that handed over its fills is neither. */
  readonly wins: number;
  readonly losses: number;
  /** How many ended by each close type. */
  readonly closeTypes: Readonly<Record<string, number>>;
}

/** Answer of the controller's `positions` query, and what it carries through continue-as-new. */
export interface ControllerState {
  readonly controllerId: string;
  readonly positions: readonly ControllerPosition[];
  readonly byType: Readonly<Record<string, ControllerTotals>>;
  /** Executors already counted, so that a repeated message changes nothing; the latest 5,000. */
  readonly seen: readonly string[];
}

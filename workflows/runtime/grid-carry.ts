import type { FundedPosition } from '../../src/contract/perpetual.js';
import type { Decision } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord } from '../../src/contract/session-result.js';
import type { GridStateRecord } from '../../src/domain/grid/grid-state.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import type { GridFundingRecord } from './grid-funding.js';
import type { LegOver } from './position-legs.js';
import type { StopDecision } from './stop-request.js';

/** All that a grid takes into the next run of its workflow. Its levels and its exit go on meanwhile and report to the new run. */
export interface GridCarry {
  readonly rules: MarketRulesRecord;
  /** The levels were generated at this mid; they are generated again from it. */
  readonly midQuote: string;
  readonly state: GridStateRecord;
  readonly stop: StopDecision | null;
  /** Exits so far, and what is known of the one that is armed or closing; null = none is. */
  readonly exitCount: number;
  readonly exitProgress: FillTotalsRecord | null;
  /** Of an exit that closes a remainder; null = the armed one. */
  readonly exitAmountBase: string | null;
  /** The end of that exit, when it was told and not counted yet. */
  readonly exitOver: LegOver | null;
  /** What exits that are over moved. */
  readonly exitsMoved: FundedPosition;
  readonly orders: readonly OrderRecord[];
  readonly retries: number;
  readonly funding: GridFundingRecord;
  readonly unvaluedFees: Readonly<Record<string, string>>;
  readonly attention: readonly (readonly [string, string])[];
  readonly errorCount: number;
  readonly lastError: string | null;
  /** Level and round trip of children that were lost and not taken up again yet. */
  readonly lostLevels: readonly (readonly [number, number])[];
  readonly decisions: readonly Decision[];
}

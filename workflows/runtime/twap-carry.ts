import type { Decision } from '../../src/contract/report.js';
import type { OrderRecord } from '../../src/contract/session-result.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import type { TwapStateRecord } from '../../src/domain/twap/twap-state.js';
import type { FundingRecord } from './funding-book.js';
import type { StopDecision } from './stop-request.js';
import type { TwapLegRecord } from './twap-book.js';

/** All that a TWAP takes into the next run of its workflow. Its slices go on meanwhile and report to the new run. */
export interface TwapCarry {
  readonly rules: MarketRulesRecord;
  readonly state: TwapStateRecord;
  readonly stop: StopDecision | null;
  readonly orders: readonly OrderRecord[];
  readonly legs: readonly TwapLegRecord[];
  readonly retries: number;
  readonly unvaluedFees: Readonly<Record<string, string>>;
  readonly funding: FundingRecord;
  readonly attention: readonly (readonly [string, string])[];
  readonly errorCount: number;
  readonly lastError: string | null;
  readonly decisions: readonly Decision[];
}

import type { ConversionRecord, DecimalString, MarketReference } from './order-plan.js';

/** Two markets of which one executor buys on the first and sells on the second. */
export interface SpreadPlan {
  readonly buying: MarketReference;
  readonly selling: MarketReference;
  /** Base whose price counts, on both books. */
  readonly amountBase: DecimalString;
  /** From the quote of the selling market into that of the buying one; null: both are the same. */
  readonly conversion: ConversionRecord | null;
  /** Taker fees of both legs. */
  readonly costFraction: DecimalString;
  /** Told as soon as the profit is above this. */
  readonly minProfitabilityFraction: DecimalString;
}

/** What made a watch end, with the numbers; the workflow decides from them. */
export interface SpreadEvidence {
  readonly buyPriceQuote: DecimalString;
  readonly sellPriceQuote: DecimalString;
  readonly rate: DecimalString;
  readonly atMs: number;
}

/** Run on the watch queue, by any worker: public data only. */
export interface WatchActivities {
  /** Answers when the spread pays more than the plan asks for. */
  watchSpread(plan: SpreadPlan): Promise<SpreadEvidence>;
  /** The prices of now; null while a book does not hold the amount. */
  readSpread(plan: SpreadPlan): Promise<SpreadEvidence | null>;
}

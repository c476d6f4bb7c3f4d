import type { ExecutionStrategy, Side } from './enumerations.js';
import { NO_FILLS, type FillTotals } from './fills.js';
import { tradableSteps } from './grid/level-size.js';
import type { MarketRules } from './market-rules.js';
import { Decimal, exactly, toDecimalString } from './money.js';
import type { BestPrices } from './take-profit-price.js';

/** An order as it would be sent, and what stands for its price. */
export interface PlannedEntry {
  readonly side: Side;
  readonly strategy: ExecutionStrategy;
  /** In whole steps. */
  readonly amountBase: Decimal;
  /** Null at market. */
  readonly priceQuote: Decimal | null;
  /** By what it is valued: its own price, at market the best of the other side. */
  readonly referenceQuote: Decimal;
  /** It takes liquidity as soon as it is sent. */
  readonly takes: boolean;
}

export interface EntryPreview {
  readonly type: ExecutionStrategy;
  readonly side: Side;
  readonly amountBase: string;
  readonly priceQuote: string | null;
  readonly exposureQuote: string;
  /** By the pair's fee schedule; negative is a rebate. */
  readonly feesQuote: string;
  /** What the account has to hold: quote with the fee, margin on a perpetual, base for a sale on spot. */
  readonly neededAmount: string;
  readonly neededAsset: string;
  /** Least amount the exchange takes at this price. */
  readonly smallestAmountBase: string;
  readonly smallestTotalAmountQuote: string;
}

/** What a limit order at this price, or an order at market, is valued by and which fee it pays. Null while the book has no price for it. */
export function plannedEntry(side: Side, strategy: ExecutionStrategy, amountBase: Decimal, priceQuote: Decimal | null, { bid, ask }: BestPrices): PlannedEntry | null {
  const [far, near] = side === 'BUY' ? [ask, bid] : [bid, ask];
  const crosses = priceQuote !== null && far !== null && (side === 'BUY' ? priceQuote.greaterThanOrEqualTo(far) : priceQuote.lessThanOrEqualTo(far));
  const takes = strategy === 'MARKET' || (strategy === 'LIMIT' && crosses);
  // A crossing order trades at what it meets, not at its limit.
  const referenceQuote = takes ? (far ?? priceQuote) : (priceQuote ?? near);
  return referenceQuote === null ? null : { side, strategy, amountBase, priceQuote: strategy === 'MARKET' ? null : priceQuote, referenceQuote, takes };
}

export function previewEntry(entry: PlannedEntry, rules: MarketRules, leverage: number): EntryPreview {
  const { side, strategy, amountBase, priceQuote, referenceQuote } = entry;
  // A limit order may trade at its limit: that is what the account needs.
  const exposureQuote = exactly.product(amountBase, priceQuote ?? referenceQuote);
  const feesQuote = exactly.product(exposureQuote, entryFeeFraction(entry, rules));
  const sellsSpot = side === 'SELL' && rules.contract === 'spot';
  const marginQuote = rules.contract === 'perpetual' ? exposureQuote.dividedBy(leverage) : exposureQuote;
  const smallest = exactly.product(tradableSteps(rules, priceQuote ?? referenceQuote), rules.amountStepBase);
  return {
    type: strategy,
    side,
    amountBase: toDecimalString(amountBase),
    priceQuote: priceQuote === null ? null : toDecimalString(priceQuote),
    exposureQuote: toDecimalString(exposureQuote),
    feesQuote: toDecimalString(feesQuote),
    neededAmount: toDecimalString(sellsSpot ? amountBase : exactly.sum(marginQuote, Decimal.max(feesQuote, 0))),
    neededAsset: sellsSpot ? rules.base : rules.quote,
    smallestAmountBase: toDecimalString(smallest),
    smallestTotalAmountQuote: toDecimalString(exactly.product(smallest, priceQuote ?? referenceQuote)),
  };
}

export function entryFeeFraction({ takes }: PlannedEntry, rules: MarketRules): Decimal {
  return takes ? rules.takerFeeFraction : rules.makerFeeFraction;
}

/** The entry as if it had filled at its reference; on spot a buy pays its fee from what it bought. */
export function filledEntry(entry: PlannedEntry, rules: MarketRules): FillTotals {
  const { side, amountBase, referenceQuote } = entry;
  const filledQuote = exactly.product(amountBase, referenceQuote);
  const fraction = Decimal.max(entryFeeFraction(entry, rules), 0);
  const fromBase = side === 'BUY' && rules.contract === 'spot';
  return { ...NO_FILLS, fillCount: 1, filledBase: amountBase, filledQuote, feesQuote: exactly.product(filledQuote, fraction), feesBase: fromBase ? exactly.product(amountBase, fraction) : NO_FILLS.feesBase };
}

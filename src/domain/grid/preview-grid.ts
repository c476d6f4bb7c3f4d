import { sideSign } from '../enumerations.js';
import { Decimal, exactly, ONE, toDecimalString, ZERO } from '../money.js';
import { evaluateGridBarriers } from './grid-barriers.js';
import { gridInventory } from './grid-inventory.js';
import type { GridLevel, GridPlan } from './grid-plan.js';
import { newGridState } from './grid-state.js';

export interface LevelPreview {
  readonly index: number;
  readonly priceQuote: string;
  readonly takeProfitPriceQuote: string;
  readonly amountBase: string;
  /** At the level's own price. */
  readonly notionalQuote: string;
  /** Of one round trip at these prices, both fees taken off. */
  readonly roundTripPnlQuote: string;
}

/** All levels filled at their own prices, and the market gone on against them. */
export interface GridWorstCase {
  readonly exposureBase: string;
  readonly exposureQuote: string;
  readonly averagePriceQuote: string;
  /** What the account has to hold for it: quote, for a perpetual divided by the leverage; base for a short on spot. */
  readonly neededAmount: string;
  readonly neededAsset: string;
  /** What ends it: the nearer of stop loss and limit price, a price of 0 for a long without both, nothing for a short without both. */
  readonly endedBy: 'stop_loss' | 'limit_price' | 'price_of_zero' | null;
  readonly endPriceQuote: string | null;
  /** Fees of entries and close included, slippage not; null = without bound. */
  readonly lossQuote: string | null;
}

export interface GridWarning {
  readonly code: 'ENDS_AT_ONCE' | 'LEVELS_AT_TOUCH' | 'LIMIT_INSIDE_RANGE' | 'NO_LOSS_BOUND' | 'TAKE_PROFIT_BELOW_FEES' | 'BUDGET_PARTLY_USED';
  readonly text: string;
}

/** What a grid would do, without doing it. Decimal text; fractions: 0.01 = 1 %. */
export interface GridPreview {
  readonly midQuote: string;
  readonly levels: readonly LevelPreview[];
  readonly amountPerLevelQuote: string;
  readonly allocatedQuote: string;
  readonly unallocatedQuote: string;
  readonly stepFraction: string;
  readonly takeProfitFraction: string;
  readonly worstCase: GridWorstCase;
  /** By the pair's fee schedule: all entries once, and closing all of them at market at their own prices. */
  readonly entryFeesQuote: string;
  readonly closeFeesQuote: string;
  readonly smallestTotalAmountQuote: string;
  readonly warnings: readonly GridWarning[];
}

/** `nowMs`: unix ms at which it would start; a barrier that is met then ends it at once. */
export function previewGrid(plan: GridPlan, nowMs: number): GridPreview {
  const { terms, levels, allocatedQuote } = plan;
  const exposureQuote = notionalOf(levels);
  return {
    midQuote: toDecimalString(plan.midQuote),
    levels: levels.map((level) => levelPreview(plan, level)),
    amountPerLevelQuote: toDecimalString(plan.amountPerLevelQuote),
    allocatedQuote: toDecimalString(allocatedQuote),
    unallocatedQuote: toDecimalString(exactly.difference(terms.totalAmountQuote, allocatedQuote)),
    stepFraction: toDecimalString(plan.stepFraction),
    takeProfitFraction: toDecimalString(plan.takeProfitFraction),
    worstCase: worstCase(plan),
    entryFeesQuote: toDecimalString(exactly.product(exposureQuote, plan.rules.makerFeeFraction)),
    closeFeesQuote: toDecimalString(exactly.product(exposureQuote, plan.rules.takerFeeFraction)),
    smallestTotalAmountQuote: toDecimalString(plan.smallestTotalAmountQuote),
    warnings: warningsOf(plan, nowMs),
  };
}

function levelPreview(plan: GridPlan, level: GridLevel): LevelPreview {
  return {
    index: level.index,
    priceQuote: toDecimalString(level.priceQuote),
    takeProfitPriceQuote: toDecimalString(level.takeProfitPriceQuote),
    amountBase: toDecimalString(level.amountBase),
    notionalQuote: toDecimalString(notionalOf([level])),
    roundTripPnlQuote: toDecimalString(roundTripPnlQuote(plan, level)),
  };
}

/** sign * (take profit - price) * amount - entry fee - exit fee, the fees in quote. */
function roundTripPnlQuote(plan: GridPlan, { priceQuote, takeProfitPriceQuote, amountBase }: GridLevel): Decimal {
  const gain = exactly.product(new Decimal(sideSign(plan.terms.side)), exactly.difference(takeProfitPriceQuote, priceQuote), amountBase);
  const entryFee = exactly.product(amountBase, priceQuote, plan.rules.makerFeeFraction);
  return exactly.difference(exactly.difference(gain, entryFee), exactly.product(amountBase, takeProfitPriceQuote, exitFeeFraction(plan)));
}

function exitFeeFraction({ terms, rules }: GridPlan): Decimal {
  return terms.takeProfitOrderType === 'MARKET' ? rules.takerFeeFraction : rules.makerFeeFraction;
}

function notionalOf(levels: readonly GridLevel[]): Decimal {
  return levels.reduce((sum, level) => exactly.sum(sum, exactly.product(level.amountBase, level.priceQuote)), ZERO);
}

function baseOf(levels: readonly GridLevel[]): Decimal {
  return levels.reduce((sum, level) => exactly.sum(sum, level.amountBase), ZERO);
}

function worstCase(plan: GridPlan): GridWorstCase {
  const { terms, rules, levels } = plan;
  const base = baseOf(levels);
  const costQuote = notionalOf(levels);
  const { endedBy, priceQuote } = worstEnd(plan, base, costQuote);
  const shortOnSpot = terms.side === 'SELL' && rules.contract === 'spot';
  const needed = shortOnSpot ? base : rules.contract === 'perpetual' ? costQuote.dividedBy(terms.leverage) : costQuote;
  return {
    exposureBase: toDecimalString(base),
    exposureQuote: toDecimalString(costQuote),
    averagePriceQuote: toDecimalString(costQuote.dividedBy(base)),
    neededAmount: toDecimalString(needed),
    neededAsset: shortOnSpot ? rules.base : rules.quote,
    endedBy,
    endPriceQuote: priceQuote === null ? null : toDecimalString(priceQuote),
    lossQuote: priceQuote === null ? null : toDecimalString(lossAt(plan, base, costQuote, priceQuote)),
  };
}

/** Of stop loss and limit price the one that a falling (BUY) or rising (SELL) market meets first, with all levels filled. */
function worstEnd(plan: GridPlan, base: Decimal, costQuote: Decimal): { readonly endedBy: GridWorstCase['endedBy']; readonly priceQuote: Decimal | null } {
  const { side, stopLossFraction, limitPriceQuote } = plan.terms;
  const sign = new Decimal(sideSign(side));
  const entryFees = exactly.product(costQuote, plan.rules.makerFeeFraction);
  // sign * (price * base - cost) - entry fees = -fraction * cost
  const stop = stopLossFraction === null ? null : exactly.sum(costQuote, exactly.product(sign, exactly.difference(entryFees, exactly.product(stopLossFraction, costQuote)))).dividedBy(base);
  const usable = stop !== null && stop.greaterThan(ZERO) ? stop : null;
  if (usable !== null && (limitPriceQuote === null || usable.comparedTo(limitPriceQuote) * sideSign(side) >= 0)) return { endedBy: 'stop_loss', priceQuote: usable };
  if (limitPriceQuote !== null) return { endedBy: 'limit_price', priceQuote: limitPriceQuote };
  return side === 'BUY' ? { endedBy: 'price_of_zero', priceQuote: ZERO } : { endedBy: null, priceQuote: null };
}

function lossAt({ terms, rules }: GridPlan, base: Decimal, costQuote: Decimal, priceQuote: Decimal): Decimal {
  const closedQuote = exactly.product(base, priceQuote);
  const loss = exactly.product(new Decimal(sideSign(terms.side)), exactly.difference(costQuote, closedQuote));
  return exactly.sum(loss, exactly.product(costQuote, rules.makerFeeFraction), exactly.product(closedQuote, rules.takerFeeFraction));
}

function warningsOf(plan: GridPlan, nowMs: number): readonly GridWarning[] {
  const { terms, levels, midQuote } = plan;
  const warnings: GridWarning[] = [];
  const warn = (code: GridWarning['code'], text: string): void => void warnings.push({ code, text });
  const { trigger } = evaluateGridBarriers(plan, gridInventory(plan, newGridState(plan)), midQuote, nowMs, null);
  if (trigger !== null) warn('ENDS_AT_ONCE', `${trigger.barrier} is met at the start: mid is ${toDecimalString(midQuote)}`);
  const beyond = levels.filter((level) => (terms.side === 'BUY' ? level.priceQuote.greaterThanOrEqualTo(midQuote) : level.priceQuote.lessThanOrEqualTo(midQuote)));
  if (beyond.length > 0) warn('LEVELS_AT_TOUCH', `${beyond.length} of ${levels.length} levels are on the far side of mid ${toDecimalString(midQuote)} and enter at the best price instead of their own`);
  if (limitInside(plan)) warn('LIMIT_INSIDE_RANGE', `limit_price ${terms.limitPriceQuote?.toFixed() ?? ''} ends the grid before all its levels can fill`);
  if (worstCase(plan).endedBy !== 'stop_loss' && terms.limitPriceQuote === null) warn('NO_LOSS_BOUND', 'neither stop_loss nor limit_price ends the grid when the market goes on against it');
  const losing = levels.filter((level) => !roundTripPnlQuote(plan, level).greaterThan(ZERO)).length;
  if (losing > 0) warn('TAKE_PROFIT_BELOW_FEES', `${losing} of ${levels.length} levels earn nothing after fees; take_profit must be above ${toDecimalString(evenTakeProfitFraction(plan))}`);
  const unused = exactly.difference(terms.totalAmountQuote, plan.allocatedQuote);
  if (unused.greaterThanOrEqualTo(plan.amountPerLevelQuote)) warn('BUDGET_PARTLY_USED', `${toDecimalString(unused)} of ${toDecimalString(terms.totalAmountQuote)} stays unused: amounts go in steps of ${toDecimalString(plan.rules.amountStepBase)}`);
  return warnings;
}

function limitInside({ terms: { side, limitPriceQuote, startPriceQuote, endPriceQuote } }: GridPlan): boolean {
  if (limitPriceQuote === null) return false;
  return side === 'BUY' ? limitPriceQuote.greaterThanOrEqualTo(startPriceQuote) : limitPriceQuote.lessThanOrEqualTo(endPriceQuote);
}

/** (entry fee + exit fee) / (1 - sign * exit fee), up to 12 digits behind the point. */
function evenTakeProfitFraction(plan: GridPlan): Decimal {
  const exit = exitFeeFraction(plan);
  const kept = exactly.difference(ONE, exactly.product(new Decimal(sideSign(plan.terms.side)), exit));
  return exactly.sum(plan.rules.makerFeeFraction, exit).dividedBy(kept).toDecimalPlaces(12, Decimal.ROUND_CEIL);
}

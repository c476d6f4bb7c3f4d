import { LIMITS } from '../limits.js';
import type { MarketRules } from '../market-rules.js';
import { Decimal, decimal, exactly, ONE, ZERO } from '../money.js';
import type { GridLevel, GridPlan } from './grid-plan.js';
import type { GridTerms } from './grid-terms.js';
import { levelPrices, stepFraction, takeProfitFraction, takeProfitPriceQuote } from './level-prices.js';
import { levelAmountBase, levelBreach, smallestLevelBase, type LevelBreach } from './level-size.js';
import { ceilQuotient, floorQuotient } from './whole-steps.js';

/** A level starts with this much more than the least the exchange takes, so that it stays tradable when the price moves. */
const MARGIN = decimal('1.05');

/** What keeps terms from a plan, with the numbers that a way out is computed from. */
export type Obstacle =
  | { readonly kind: 'rangeBelowSpread' }
  | { readonly kind: 'noTickInRange' }
  | { readonly kind: 'budgetTooSmall'; readonly smallestQuote: Decimal }
  | { readonly kind: 'tooManyLevels'; readonly count: Decimal }
  | { readonly kind: 'sameTick'; readonly index: number; readonly priceQuote: Decimal }
  | { readonly kind: 'takeProfitNotPositive'; readonly index: number; readonly fraction: Decimal }
  | { readonly kind: 'feesTakeAll' }
  | { readonly kind: 'notTradable'; readonly index: number; readonly count: number; readonly priceQuote: Decimal; readonly breach: LevelBreach };

export type Generated = { readonly kind: 'plan'; readonly plan: GridPlan } | Obstacle;

/** Sizes at the mid price m: levels are counted and weighed by it, as the reference does. */
export interface SizesAtMid {
  /** Cost of one amount step, in quote. */
  readonly stepCostQuote: Decimal;
  /** Least number of amount steps of a level. */
  readonly minSteps: Decimal;
}

/**
 * minBase = max(margin / m, least amount of the exchange), rounded up to whole steps, with margin = 1.05 times the
 * greater of min_order_amount_quote and the exchange's least notional.
 */
export function sizesAtMid(terms: GridTerms, rules: MarketRules, midQuote: Decimal): SizesAtMid {
  const stepCostQuote = exactly.product(rules.amountStepBase, midQuote);
  const marginQuote = exactly.product(MARGIN, Decimal.max(terms.minOrderAmountQuote, rules.minNotionalQuote));
  return {
    stepCostQuote,
    minSteps: Decimal.max(ONE, ceilQuotient(marginQuote, stepCostQuote), ceilQuotient(rules.minAmountBase, rules.amountStepBase)),
  };
}

/**
 * Level generation of the reference: as many levels as the budget pays and the spread allows,
 *   byAmount = trunc(total / (minBase * m)), bySpread = trunc(((end - start) / start) / max(minSpread, tick / m)),
 * each with the same base at mid, floor(total / (m * n)), evenly spaced in price. Where the reference would divide by
 * zero, spend more than the budget or send what the exchange refuses, an obstacle is answered instead. A level's amount is
 * taken at its own price, not at mid, so that no level costs more than its share. `midQuote` must be positive.
 */
export function generateLevels(terms: GridTerms, rules: MarketRules, midQuote: Decimal): Generated {
  const bySpread = levelsBySpread(terms, rules, midQuote);
  if (bySpread.lessThan(ONE)) return { kind: 'rangeBelowSpread' };
  const sizes = sizesAtMid(terms, rules, midQuote);
  const smallestQuote = smallestBudget(terms, rules, sizes);
  if (!Decimal.isDecimal(smallestQuote)) return smallestQuote;
  if (terms.totalAmountQuote.lessThan(smallestQuote)) return { kind: 'budgetTooSmall', smallestQuote };
  const byAmount = floorQuotient(terms.totalAmountQuote, exactly.product(sizes.minSteps, sizes.stepCostQuote));
  const count = Decimal.min(byAmount, bySpread);
  if (count.greaterThan(LIMITS.maxGridLevels)) return { kind: 'tooManyLevels', count };
  return planOfCount({ terms, rules, midQuote, sizes, smallestQuote }, count.toNumber());
}

export interface Generation {
  readonly terms: GridTerms;
  readonly rules: MarketRules;
  readonly midQuote: Decimal;
  readonly sizes: SizesAtMid;
  readonly smallestQuote: Decimal;
}

/** The budget spread over exactly `count` levels; the caller knows that it pays for them. */
export function planOfCount({ terms, rules, midQuote, sizes, smallestQuote }: Generation, count: number): Generated {
  const stepsPerLevel = floorQuotient(terms.totalAmountQuote, exactly.product(sizes.stepCostQuote, new Decimal(count)));
  const amountQuote = exactly.product(stepsPerLevel, sizes.stepCostQuote);
  const prices = levelPrices(terms, rules, count);
  if (prices === null) return { kind: 'noTickInRange' };
  const step = stepFraction(terms, count);
  const fraction = takeProfitFraction(terms, step);
  const levels: GridLevel[] = [];
  for (const [index, priceQuote] of prices.entries()) {
    if (levels.at(-1)?.priceQuote.greaterThanOrEqualTo(priceQuote) === true) return { kind: 'sameTick', index, priceQuote };
    const takeProfitQuote = takeProfitPriceQuote(terms, rules, priceQuote, fraction);
    if (!takeProfitQuote.greaterThan(ZERO)) return { kind: 'takeProfitNotPositive', index, fraction };
    const amountBase = levelAmountBase(rules, amountQuote, priceQuote);
    const breach = levelBreach(rules, terms.side, amountBase, priceQuote, takeProfitQuote);
    if (breach !== null) return { kind: 'notTradable', index, count, priceQuote, breach };
    levels.push({ index, priceQuote, takeProfitPriceQuote: takeProfitQuote, amountQuote, amountBase });
  }
  const plan: GridPlan = {
    terms,
    rules,
    midQuote,
    levels,
    stepFraction: step,
    takeProfitFraction: fraction,
    amountPerLevelQuote: amountQuote,
    allocatedQuote: exactly.product(amountQuote, new Decimal(count)),
    smallestTotalAmountQuote: smallestQuote,
  };
  return { kind: 'plan', plan };
}

/** trunc(range / minStep), by whichever of spread and tick is the wider. */
export function levelsBySpread({ startPriceQuote: start, endPriceQuote: end, minSpreadFraction }: GridTerms, rules: MarketRules, midQuote: Decimal): Decimal {
  const range = exactly.difference(end, start);
  if (exactly.product(minSpreadFraction, midQuote).greaterThanOrEqualTo(rules.priceTickQuote)) return floorQuotient(range, exactly.product(start, minSpreadFraction));
  return floorQuotient(exactly.product(range, midQuote), exactly.product(start, rules.priceTickQuote));
}

/** What a single level costs at least, which stands in the middle: no budget below it gives a plan. */
function smallestBudget(terms: GridTerms, rules: MarketRules, { stepCostQuote, minSteps }: SizesAtMid): Decimal | Obstacle {
  const price = levelPrices(terms, rules, 1)?.[0];
  if (price === undefined) return { kind: 'noTickInRange' };
  const fraction = takeProfitFraction(terms, stepFraction(terms, 1));
  const takeProfitQuote = takeProfitPriceQuote(terms, rules, price, fraction);
  // A single level takes the whole range as its step; with more of them it may still be positive.
  if (!takeProfitQuote.greaterThan(ZERO)) return exactly.product(minSteps, stepCostQuote);
  const leastBase = smallestLevelBase(rules, terms.side, price, takeProfitQuote);
  if (leastBase === null) return { kind: 'feesTakeAll' };
  const steps = Decimal.max(minSteps, ceilQuotient(exactly.product(leastBase, price), stepCostQuote));
  return exactly.product(steps, stepCostQuote);
}

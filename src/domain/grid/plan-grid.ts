import { LIMITS } from '../limits.js';
import type { MarketRules } from '../market-rules.js';
import { Decimal, decimal, divideToward, exactly, ONE, toDecimalString, ZERO } from '../money.js';
import { generateLevels, levelsBySpread, planOfCount, sizesAtMid, type Obstacle } from './generate-levels.js';
import type { GridPlanning, GridRefusal, WorkableChange } from './grid-plan.js';
import type { GridTerms } from './grid-terms.js';
import { floorQuotient } from './whole-steps.js';

/** Significant digits of a proposed fraction or minimum: enough to count levels by, few enough to read. */
const PROPOSED_DIGITS = 20;
const MARGIN = decimal('1.05');
/** One change may show that another is needed: spread, budget, minimum. */
const MAX_CHANGES = 4;

/**
 * The levels of a grid, or why there are none: field, value, rule, and changes of the terms that were tried and do give
 * a plan. `midQuote`: mid price in quote. Computed from its arguments alone, so the same plan comes out on every replay.
 */
export function planGrid(terms: GridTerms, rules: MarketRules, midQuote: Decimal): GridPlanning {
  if (!midQuote.greaterThan(ZERO)) return { kind: 'refused', refusal: { field: 'mid_price', value: midQuote.toFixed(), rule: 'must be above 0', workable: [] } };
  const generated = generateLevels(terms, rules, midQuote);
  if (generated.kind === 'plan') return { kind: 'planned', plan: generated.plan };
  return { kind: 'refused', refusal: { ...reasonOf(generated, terms, rules), workable: workableChanges(generated, terms, rules, midQuote) } };
}

function reasonOf(obstacle: Obstacle, terms: GridTerms, rules: MarketRules): Omit<GridRefusal, 'workable'> {
  const { startPriceQuote, endPriceQuote, totalAmountQuote, minSpreadFraction, minOrderAmountQuote } = terms;
  const range = `${startPriceQuote.toFixed()} to ${endPriceQuote.toFixed()}`;
  const text = toDecimalString;
  switch (obstacle.kind) {
    case 'rangeBelowSpread':
      return { field: 'min_spread_between_orders', value: text(minSpreadFraction), rule: `leaves no room for a level between start_price and end_price (${range}, price step ${text(rules.priceTickQuote)})` };
    case 'noTickInRange':
      return { field: 'end_price', value: text(endPriceQuote), rule: `leaves no multiple of ${text(rules.priceTickQuote)} between start_price and end_price (${range})` };
    case 'budgetTooSmall':
      return { field: 'total_amount_quote', value: text(totalAmountQuote), rule: `must be at least ${text(obstacle.smallestQuote)} ${rules.quote}, the least that one level needs` };
    case 'tooManyLevels':
      return { field: 'min_spread_between_orders', value: text(minSpreadFraction), rule: `gives ${obstacle.count.toFixed()} levels, at most ${LIMITS.maxGridLevels}` };
    case 'sameTick':
      return { field: 'min_spread_between_orders', value: text(minSpreadFraction), rule: `puts levels ${obstacle.index - 1} and ${obstacle.index} at the same price ${text(obstacle.priceQuote)}, prices are multiples of ${text(rules.priceTickQuote)}` };
    case 'takeProfitNotPositive':
      return { field: 'take_profit', value: text(obstacle.fraction), rule: `puts the take profit of level ${obstacle.index} at or below 0` };
    case 'feesTakeAll':
      return { field: 'take_profit', value: terms.takeProfitFraction === null ? 'null' : text(terms.takeProfitFraction), rule: 'cannot be reached: the fees of the pair take all that is bought' };
    case 'notTradable': {
      const level = `level ${obstacle.index} of ${obstacle.count} at ${text(obstacle.priceQuote)}`;
      if (obstacle.breach.tooMuch) return { field: 'total_amount_quote', value: text(totalAmountQuote), rule: `is more than the exchange takes for ${level}: ${obstacle.breach.text}` };
      return { field: 'min_order_amount_quote', value: text(minOrderAmountQuote), rule: `is less than the exchange takes for ${level}: ${obstacle.breach.text}` };
    }
    default:
      return unreachable(obstacle);
  }
}

/** Changes that together lead to a plan, each the next thing in the way; empty when they do not. */
function workableChanges(first: Obstacle, terms: GridTerms, rules: MarketRules, midQuote: Decimal): readonly WorkableChange[] {
  const changes = new Map<WorkableChange['field'], string>();
  let changed = terms;
  let obstacle = first;
  for (let round = 0; round < MAX_CHANGES; round += 1) {
    const change = nextChange(obstacle, changed, rules, midQuote);
    if (change === null) return [];
    changes.set(change.field, change.value.toFixed());
    changed = { ...changed, [TERM_OF[change.field]]: change.value };
    const generated = generateLevels(changed, rules, midQuote);
    if (generated.kind === 'plan') return [...changes].map(([field, value]) => ({ field, value }));
    obstacle = generated;
  }
  return [];
}

const TERM_OF = {
  total_amount_quote: 'totalAmountQuote',
  min_order_amount_quote: 'minOrderAmountQuote',
  min_spread_between_orders: 'minSpreadFraction',
  end_price: 'endPriceQuote',
} as const satisfies Record<WorkableChange['field'], keyof GridTerms>;

interface Change {
  readonly field: WorkableChange['field'];
  readonly value: Decimal;
}

function nextChange(obstacle: Obstacle, terms: GridTerms, rules: MarketRules, midQuote: Decimal): Change | null {
  switch (obstacle.kind) {
    case 'rangeBelowSpread':
      return widerRange(terms, rules, midQuote);
    case 'noTickInRange':
      return { field: 'end_price', value: terms.startPriceQuote.toNearest(rules.priceTickQuote, Decimal.ROUND_CEIL).plus(rules.priceTickQuote) };
    case 'budgetTooSmall':
      return { field: 'total_amount_quote', value: obstacle.smallestQuote };
    case 'tooManyLevels':
      return { field: 'min_spread_between_orders', value: fraction('up', exactly.difference(terms.endPriceQuote, terms.startPriceQuote), exactly.product(terms.startPriceQuote, new Decimal(LIMITS.maxGridLevels))) };
    case 'sameTick':
      return { field: 'min_spread_between_orders', value: fraction('up', rules.priceTickQuote, terms.startPriceQuote) };
    case 'notTradable':
      return obstacle.breach.tooMuch ? smallerBudget(terms, rules, midQuote, obstacle.count) : largerMinimum(terms, rules, midQuote, obstacle.count);
    case 'takeProfitNotPositive':
    case 'feesTakeAll':
      return null;
    default:
      return unreachable(obstacle);
  }
}

/** The widest spread that the range has room for, or the nearest end price when ticks alone are too wide. */
function widerRange(terms: GridTerms, rules: MarketRules, midQuote: Decimal): Change {
  const { startPriceQuote: start, endPriceQuote: end } = terms;
  const spread = fraction('down', exactly.difference(end, start), start);
  if (levelsBySpread({ ...terms, minSpreadFraction: spread }, rules, midQuote).greaterThanOrEqualTo(ONE)) return { field: 'min_spread_between_orders', value: spread };
  const byTick = divideToward('up', exactly.product(start, rules.priceTickQuote), midQuote);
  return { field: 'end_price', value: exactly.sum(start, byTick).toNearest(rules.priceTickQuote, Decimal.ROUND_CEIL) };
}

/** The smallest minimum per order that leaves fewer, larger levels, all of them tradable; null when not even one is. */
function largerMinimum(terms: GridTerms, rules: MarketRules, midQuote: Decimal, count: number): Change | null {
  const sizes = sizesAtMid(terms, rules, midQuote);
  const paid = (levels: number): Decimal => floorQuotient(terms.totalAmountQuote, exactly.product(sizes.stepCostQuote, new Decimal(levels)));
  for (let fewer = count - 1; fewer >= 1; fewer -= 1) {
    // Least steps per level with which the budget pays for no more than these.
    const least = paid(fewer + 1).plus(ONE);
    if (least.greaterThan(paid(fewer))) continue;
    if (planOfCount({ terms, rules, midQuote, sizes, smallestQuote: ZERO }, fewer).kind !== 'plan') continue;
    const minimum = divideToward('down', exactly.product(least, sizes.stepCostQuote), MARGIN);
    return { field: 'min_order_amount_quote', value: minimum.toSignificantDigits(PROPOSED_DIGITS, Decimal.ROUND_FLOOR) };
  }
  return null;
}

/** The largest budget of as many levels whose cheapest one stays within the exchange's maximum. */
function smallerBudget(terms: GridTerms, rules: MarketRules, midQuote: Decimal, count: number): Change | null {
  if (rules.maxAmountBase === null) return null;
  const { stepCostQuote } = sizesAtMid(terms, rules, midQuote);
  // At its own price no level buys more than this; the start price is the lowest.
  const steps = floorQuotient(exactly.product(rules.maxAmountBase, terms.startPriceQuote), stepCostQuote);
  const value = exactly.product(steps, stepCostQuote, new Decimal(count));
  return value.greaterThan(ZERO) ? { field: 'total_amount_quote', value } : null;
}

function fraction(direction: 'down' | 'up', numerator: Decimal, denominator: Decimal): Decimal {
  return divideToward(direction, numerator, denominator).toSignificantDigits(PROPOSED_DIGITS, direction === 'down' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL);
}

function unreachable(obstacle: never): never {
  throw new Error(`unhandled obstacle ${JSON.stringify(obstacle)}`);
}

import type { Side } from '../enumerations.js';
import { checkOrder, floorAmount, isTradable, type MarketRules } from '../market-rules.js';
import { Decimal, exactly, ONE, ZERO } from '../money.js';
import { ceilQuotient, steppedQuotient } from './whole-steps.js';

/** What an amount in quote buys or sells at a price, in whole steps; never more than the amount pays for. */
export function levelAmountBase(rules: MarketRules, amountQuote: Decimal, priceQuote: Decimal): Decimal {
  return steppedQuotient('down', amountQuote, priceQuote, rules.amountStepBase);
}

/** An order of a level that the exchange would not take, in words; `tooMuch` when it is above the exchange's maximum. */
export interface LevelBreach {
  readonly text: string;
  readonly tooMuch: boolean;
}

/** The first rule a level's entry breaks, or the order that closes it at its take profit; null when none. */
export function levelBreach(rules: MarketRules, side: Side, amountBase: Decimal, priceQuote: Decimal, takeProfitQuote: Decimal): LevelBreach | null {
  const entry = checkOrder(rules, { amountBase, priceQuote });
  if (entry !== null) {
    const tooMuch = rules.maxAmountBase !== null && amountBase.greaterThan(rules.maxAmountBase);
    return { text: `${entry.field} ${entry.value} ${entry.rule}`, tooMuch };
  }
  const closableBase = floorAmount(rules, exactly.product(amountBase, exactly.difference(ONE, baseFeeFraction(rules, side))));
  if (isTradable(closing(rules), closableBase, takeProfitQuote)) return null;
  const minimums = `${rules.minAmountBase.toFixed()} ${rules.base} and ${rules.minNotionalQuote.toFixed()} ${rules.quote}`;
  return { text: `its take profit of ${closableBase.toFixed()} ${rules.base} at ${takeProfitQuote.toFixed()} must be at least ${minimums}`, tooMuch: false };
}

/**
 * The smallest amount that can be opened at the price and closed at the take profit, in whole steps; the exchange's
 * maximum is not looked at. Null when fees leave nothing to close.
 */
export function smallestLevelBase(rules: MarketRules, side: Side, priceQuote: Decimal, takeProfitQuote: Decimal): Decimal | null {
  const left = exactly.difference(ONE, baseFeeFraction(rules, side));
  if (!left.greaterThan(ZERO)) return null;
  const entrySteps = tradableSteps(rules, priceQuote);
  const closeSteps = tradableSteps(closing(rules), takeProfitQuote);
  return exactly.product(Decimal.max(entrySteps, ceilQuotient(closeSteps, left)), rules.amountStepBase);
}

/** The least number of amount steps that the exchange takes at this price, its maximum not looked at. */
export function tradableSteps(rules: MarketRules, priceQuote: Decimal): Decimal {
  const byAmount = ceilQuotient(rules.minAmountBase, rules.amountStepBase);
  const byNotional = ceilQuotient(rules.minNotionalQuote, exactly.product(priceQuote, rules.amountStepBase));
  return Decimal.max(ONE, byAmount, byNotional);
}

/** What a long may lose of its base to the fee of its entry; which of the two fees it pays is not known before. */
function baseFeeFraction(rules: MarketRules, side: Side): Decimal {
  if (side === 'SELL' || rules.contract === 'perpetual') return ZERO;
  return Decimal.max(ZERO, rules.makerFeeFraction, rules.takerFeeFraction);
}

/** A perpetual's smallest order value does not hold for orders that reduce a position. */
function closing(rules: MarketRules): MarketRules {
  return rules.contract === 'perpetual' ? { ...rules, minNotionalQuote: ZERO } : rules;
}

import { withinActivationBounds } from '../activation-bounds.js';
import { checkOrder, roundPrice, type OrderRuleBreach } from '../market-rules.js';
import { exactly, ONE, ZERO, type Decimal } from '../money.js';
import type { BestPrices } from '../take-profit-price.js';
import type { GridLevel, GridPlan } from './grid-plan.js';
import { levelAmountBase } from './level-size.js';

/** Average of best bid and best ask, in quote; null while a side is empty. */
export function midPriceQuote({ bid, ask }: BestPrices): Decimal | null {
  return bid === null || ask === null ? null : exactly.sum(bid, ask).dividedBy(2);
}

/** The entry a level would send at these prices: in quote and base, or the rule of the exchange that it breaks. */
export type EntryOrder = { readonly kind: 'order'; readonly priceQuote: Decimal; readonly amountBase: Decimal } | { readonly kind: 'breach'; readonly breach: OrderRuleBreach };

/**
 * Price of the level, or, where it would cross, the best price of its own side moved away by the safe extra spread: BUY
 * at or above the bid -> bid * (1 - safe), SELL at or below the ask -> ask * (1 + safe). The amount is what the level's
 * share pays for at that price.
 */
export function entryOrder({ terms, rules }: GridPlan, level: GridLevel, { bid, ask }: BestPrices): EntryOrder {
  const { side, safeExtraSpreadFraction: safe } = terms;
  let priceQuote = level.priceQuote;
  if (side === 'BUY' && bid !== null && priceQuote.greaterThanOrEqualTo(bid)) priceQuote = roundPrice(rules, exactly.product(bid, exactly.difference(ONE, safe)), 'down');
  if (side === 'SELL' && ask !== null && priceQuote.lessThanOrEqualTo(ask)) priceQuote = roundPrice(rules, exactly.product(ask, exactly.sum(ONE, safe)), 'up');
  const amountBase = priceQuote.greaterThan(ZERO) ? levelAmountBase(rules, level.amountQuote, priceQuote) : ZERO;
  const breach = checkOrder(rules, { amountBase, priceQuote });
  return breach === null ? { kind: 'order', priceQuote, amountBase } : { kind: 'breach', breach };
}

/**
 * Where the take profit of a level rests: at its own price, reckoned from the level and not from the fill; where it would
 * cross, BUY at or below the ask -> ask * (1 + safe), SELL at or above the bid -> bid * (1 - safe). Null when nothing positive is left of it.
 */
export function takeProfitOrderPrice({ terms, rules }: GridPlan, level: GridLevel, { bid, ask }: BestPrices): Decimal | null {
  const { side, safeExtraSpreadFraction: safe } = terms;
  let priceQuote = level.takeProfitPriceQuote;
  if (side === 'BUY' && ask !== null && priceQuote.lessThanOrEqualTo(ask)) priceQuote = roundPrice(rules, exactly.product(ask, exactly.sum(ONE, safe)), 'up');
  if (side === 'SELL' && bid !== null && priceQuote.greaterThanOrEqualTo(bid)) priceQuote = roundPrice(rules, exactly.product(bid, exactly.difference(ONE, safe)), 'down');
  return priceQuote.greaterThan(ZERO) ? priceQuote : null;
}

/** Whether a level may be opened: BUY level >= mid * (1 - bound), SELL level <= mid * (1 + bound), both included. */
export function mayOpen({ terms }: GridPlan, level: GridLevel, midQuote: Decimal): boolean {
  const { activationBoundsFraction: bound, side } = terms;
  return bound === null || withinActivationBounds([bound], 'LIMIT', side, level.priceQuote, midQuote);
}

/** Whether an order that rests at this price is withdrawn: |price - mid| / mid > bound. */
export function isOutOfBounds({ terms }: GridPlan, priceQuote: Decimal, midQuote: Decimal): boolean {
  const bound = terms.activationBoundsFraction;
  return bound !== null && exactly.difference(priceQuote, midQuote).abs().greaterThan(exactly.product(midQuote, bound));
}

/** Whether a take profit may be placed: |take profit - mid| / mid < bound, the bound itself excluded. */
export function mayPlaceTakeProfit({ terms }: GridPlan, level: GridLevel, midQuote: Decimal): boolean {
  const bound = terms.activationBoundsFraction;
  return bound === null || exactly.difference(level.takeProfitPriceQuote, midQuote).abs().lessThan(exactly.product(midQuote, bound));
}

import { type Decimal, ZERO } from './exact-decimal.js';
import { availableBase } from './external-book.js';
import type { Market } from './market.js';
import { type Side, remainingBase } from './order.js';

export interface VisibleLevel {
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
}

export interface BestPrices {
  readonly bid: VisibleLevel | undefined;
  readonly ask: VisibleLevel | undefined;
}

/** What a customer sees: the feed's liquidity less what was used up, plus customers' resting orders if they count. */
export function visibleLevels(market: Market, side: Side, withResting: boolean, limit: number): VisibleLevel[] {
  const levels: VisibleLevel[] = [];
  for (const level of market.ladder(side)) {
    if (levels.length >= limit) break;
    const own = withResting ? level.orders : [];
    const amountBase = own.reduce((total, order) => total.plus(remainingBase(order)), level.externalBase);
    if (amountBase.gt(0)) levels.push({ priceQuote: level.priceQuote, amountBase });
  }
  return levels;
}

export function bestPrices(market: Market, withResting: boolean): BestPrices {
  const [bid] = visibleLevels(market, 'buy', withResting, 1);
  const [ask] = visibleLevels(market, 'sell', withResting, 1);
  return { bid, ask };
}

/** Visible amount at one price, zero when the level is gone. */
export function visibleAt(market: Market, side: Side, priceQuote: Decimal, withResting: boolean): Decimal {
  const level = market.external.side(side).at(priceQuote);
  const external = level === undefined ? ZERO : availableBase(level);
  const own = withResting ? (market.resting(side).at(priceQuote)?.orders ?? []) : [];
  return own.reduce((total, order) => total.plus(remainingBase(order)), external);
}

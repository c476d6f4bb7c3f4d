import type { MarketRules } from '../market-rules.js';
import type { Decimal } from '../money.js';
import type { GridTerms } from './grid-terms.js';

/** One level: what it would send, were the book far away. */
export interface GridLevel {
  /** From 0, ascending in price for both sides. */
  readonly index: number;
  /** On the tick. */
  readonly priceQuote: Decimal;
  /** On the tick, away from the level's price. */
  readonly takeProfitPriceQuote: Decimal;
  /** The level's share of the budget; the same for all. */
  readonly amountQuote: Decimal;
  /** What that buys or sells at the level's own price, in whole steps. */
  readonly amountBase: Decimal;
}

/** Everything a running grid decides by. Computed from terms, rules and mid alone, so those are what history keeps. */
export interface GridPlan {
  readonly terms: GridTerms;
  readonly rules: MarketRules;
  /** Mid price the levels were sized by. */
  readonly midQuote: Decimal;
  readonly levels: readonly GridLevel[];
  /** Distance between two levels as a fraction of the start price; the whole range for a single one. */
  readonly stepFraction: Decimal;
  /** Of a level's price; the same for all. */
  readonly takeProfitFraction: Decimal;
  readonly amountPerLevelQuote: Decimal;
  /** Sum of the shares of all levels, never above the budget. */
  readonly allocatedQuote: Decimal;
  /** The smallest total_amount_quote with which these terms give a plan, of one level. */
  readonly smallestTotalAmountQuote: Decimal;
}

/** A change of one field of the terms, under its name on the wire, as decimal text. */
export interface WorkableChange {
  readonly field: WorkableField;
  readonly value: string;
}

export type WorkableField = 'total_amount_quote' | 'min_order_amount_quote' | 'min_spread_between_orders' | 'end_price';

/** Why terms give no plan: the field, its value, the rule, and changes that together do give one; empty when none was found. */
export interface GridRefusal {
  readonly field: WorkableField | 'take_profit' | 'mid_price';
  readonly value: string;
  readonly rule: string;
  readonly workable: readonly WorkableChange[];
}

export type GridPlanning = { readonly kind: 'planned'; readonly plan: GridPlan } | { readonly kind: 'refused'; readonly refusal: GridRefusal };

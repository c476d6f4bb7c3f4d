import type { MarketRules } from '../market-rules.js';
import { Decimal, exactly, toDecimalString, ZERO } from '../money.js';
import { largestShareQuote, shareOf, sliceBreach, sliceOrder, smallestShareQuote, type SliceOrder } from './slice-size.js';
import type { TwapTerms } from './twap-terms.js';

/** One slice as it would be sent were mid to stay where it is. */
export interface PlannedSlice extends SliceOrder {
  readonly index: number;
  readonly afterMs: number;
  /** Share of the budget, in quote; the shares of all slices sum to it exactly. */
  readonly plannedQuote: Decimal;
}

/** Everything a running TWAP decides by; computed from terms, rules and mid alone. */
export interface TwapPlan {
  readonly terms: TwapTerms;
  readonly rules: MarketRules;
  /** Mid price it was planned at. */
  readonly midQuote: Decimal;
  readonly slices: readonly PlannedSlice[];
  /** The smallest total_amount_quote with which these terms give a plan at this mid. */
  readonly smallestTotalAmountQuote: Decimal;
}

/** Why there is no plan: the field of the wire, its value, the rule, and the nearest total_amount_quote that works; null when none does. */
export interface TwapRefusal {
  readonly field: 'total_amount_quote' | 'limit_order_buffer' | 'mid_price';
  readonly value: string;
  readonly rule: string;
  readonly workableTotalQuote: string | null;
}

export type TwapPlanning = { readonly kind: 'planned'; readonly plan: TwapPlan } | { readonly kind: 'refused'; readonly refusal: TwapRefusal };

/** The slices, or the reason why there are none. `midQuote`: mid price in quote. */
export function planTwap(terms: TwapTerms, rules: MarketRules, midQuote: Decimal): TwapPlanning {
  if (!midQuote.greaterThan(ZERO)) return refused('mid_price', midQuote, 'must be above 0', null);
  const leastShare = smallestShareQuote(terms, rules, midQuote);
  if (leastShare === null) return noPrice(terms, rules, midQuote);
  const count = new Decimal(terms.slotCount);
  const smallest = exactly.product(leastShare, count);
  const slices = plannedSlices(terms, rules, midQuote);
  const largestShare = largestShareQuote(terms, rules, midQuote);
  const largest = largestShare === null ? null : exactly.product(largestShare, count);
  if (largest !== null && largest.lessThan(smallest)) {
    return refused('total_amount_quote', terms.totalAmountQuote, `cannot be divided: ${text(smallest)} ${rules.quote} is needed, the exchange's maximum of ${text(rules.maxAmountBase ?? ZERO)} ${rules.base} an order takes ${text(largest)}`, null);
  }
  if (terms.totalAmountQuote.lessThan(smallest)) {
    const breach = slices.map((slice) => sliceBreach(rules, slice, midQuote)).find((found) => found !== null);
    const why = breach === undefined || breach === null ? '' : `; now a slice has ${breach.field} ${breach.value}, which ${breach.rule}`;
    return refused('total_amount_quote', terms.totalAmountQuote, `must be at least ${text(smallest)} ${rules.quote} for ${terms.slotCount} slices${why}`, smallest);
  }
  if (largest !== null && terms.totalAmountQuote.greaterThan(largest)) {
    return refused('total_amount_quote', terms.totalAmountQuote, `must be at most ${text(largest)} ${rules.quote} for ${terms.slotCount} slices of at most ${text(rules.maxAmountBase ?? ZERO)} ${rules.base}`, largest);
  }
  return { kind: 'planned', plan: { terms, rules, midQuote, slices, smallestTotalAmountQuote: smallest } };
}

function plannedSlices(terms: TwapTerms, rules: MarketRules, midQuote: Decimal): readonly PlannedSlice[] {
  const slices: PlannedSlice[] = [];
  let leftQuote = terms.totalAmountQuote;
  for (let index = 0; index < terms.slotCount; index += 1) {
    const plannedQuote = shareOf(leftQuote, 1, terms.slotCount - index);
    leftQuote = exactly.difference(leftQuote, plannedQuote);
    slices.push({ index, afterMs: index * terms.orderIntervalMs, plannedQuote, ...sliceOrder(terms, rules, plannedQuote, midQuote) });
  }
  return slices;
}

function noPrice(terms: TwapTerms, rules: MarketRules, midQuote: Decimal): TwapPlanning {
  const rule = `leaves no price of at least ${text(rules.priceTickQuote)} ${rules.quote}, mid is ${text(midQuote)}`;
  if (terms.execution.mode === 'TAKER') return refused('mid_price', midQuote, rule, null);
  return refused('limit_order_buffer', terms.execution.bufferFraction, rule, null);
}

function refused(field: TwapRefusal['field'], value: Decimal, rule: string, workable: Decimal | null): TwapPlanning {
  return { kind: 'refused', refusal: { field, value: text(value), rule, workableTotalQuote: workable === null ? null : text(workable) } };
}

const text = toDecimalString;

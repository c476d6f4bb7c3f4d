import type { Side } from '../enumerations.js';
import { checkOrder, floorAmount, makerPrice, type MarketRules, type OrderRuleBreach } from '../market-rules.js';
import { Decimal, divideToward, exactly, ONE, toDecimalString, ZERO } from '../money.js';
import type { DcaTerms } from './dca-terms.js';

export interface DcaLevel {
  /** From 0, in the order in which they are sent. */
  readonly index: number;
  /** On the tick, away from the market: MAKER's limit, TAKER's price to be near of. */
  readonly priceQuote: Decimal;
  readonly amountQuote: Decimal;
  /** amountQuote / price in whole steps. */
  readonly amountBase: Decimal;
}

/** Everything a running DCA decides by; computed from terms and rules alone. */
export interface DcaPlan {
  readonly terms: DcaTerms;
  readonly rules: MarketRules;
  readonly levels: readonly DcaLevel[];
  /** By level, the smallest amount in quote that the exchange takes at its price. */
  readonly smallestAmountsQuote: readonly Decimal[];
}

/** The first level that breaks a rule; `workableAmountsQuote` are those nearest to the asked ones that work, null when none do. */
export interface DcaRefusal {
  readonly field: string;
  readonly value: string;
  readonly rule: string;
  readonly workableAmountsQuote: readonly string[] | null;
}

export type DcaPlanning = { readonly kind: 'planned'; readonly plan: DcaPlan } | { readonly kind: 'refused'; readonly refusal: DcaRefusal };

export function planDca(terms: DcaTerms, rules: MarketRules): DcaPlanning {
  const levels = terms.levels.map(({ amountQuote, priceQuote }, index): DcaLevel => {
    const price = makerPrice(rules, terms.side, priceQuote);
    return { index, priceQuote: price, amountQuote, amountBase: floorAmount(rules, divideToward('down', amountQuote, sizingPrice(priceQuote, price))) };
  });
  const offTick = levels.find(({ priceQuote }) => !priceQuote.greaterThan(ZERO));
  if (offTick !== undefined) {
    const value = terms.levels[offTick.index]?.priceQuote ?? ZERO;
    return { kind: 'refused', refusal: { field: `prices.${offTick.index}`, value: toDecimalString(value), rule: `must be at least ${toDecimalString(rules.priceTickQuote)} ${rules.quote}`, workableAmountsQuote: null } };
  }
  const bounds = levels.map((level) => amountBounds(rules, terms.side, terms.levels[level.index]?.priceQuote ?? level.priceQuote, level.priceQuote));
  for (const level of levels) {
    const breach = checkOrder(rules, level) ?? closingBreach(rules, terms.side, level);
    if (breach === null) continue;
    const workable = levels.map(({ index, amountQuote }) => nearest(amountQuote, bounds[index]));
    const { smallest, largest } = bounds[level.index] ?? { smallest: ZERO, largest: null };
    const bound = level.amountQuote.lessThan(smallest) ? `must be at least ${toDecimalString(smallest)}` : `must be at most ${toDecimalString(largest ?? smallest)}`;
    return {
      kind: 'refused',
      refusal: {
        field: `amounts_quote.${level.index}`,
        value: toDecimalString(level.amountQuote),
        rule: `${bound} ${rules.quote} at ${toDecimalString(level.priceQuote)}: ${breach.field} ${breach.value} ${breach.rule}`,
        workableAmountsQuote: workable.some((amount) => amount === null) ? null : workable.map((amount) => toDecimalString(amount ?? ZERO)),
      },
    };
  }
  return { kind: 'planned', plan: { terms, rules, levels, smallestAmountsQuote: bounds.map(({ smallest }) => smallest) } };
}

/** A buy's fee can leave less than the exchange would buy back: if no other level fills, that could never be closed. */
function closingBreach(rules: MarketRules, side: Side, { amountBase, priceQuote }: DcaLevel): OrderRuleBreach | null {
  const kept = floorAmount(rules, exactly.product(amountBase, keptFraction(rules, side)));
  const breach = checkOrder(rules, { amountBase: kept, priceQuote });
  return breach === null ? null : { ...breach, rule: `${breach.rule} after the fee of the entry, to be closed` };
}

/** Of what is bought; a contract's fee is taken from the wallet. */
function keptFraction({ contract, takerFeeFraction }: MarketRules, side: Side): Decimal {
  return side === 'SELL' || contract === 'perpetual' ? ONE : Decimal.min(ONE, ONE.minus(takerFeeFraction));
}

interface AmountBounds {
  readonly smallest: Decimal;
  readonly largest: Decimal | null;
}

function amountBounds(rules: MarketRules, side: Side, askedQuote: Decimal, priceQuote: Decimal): AmountBounds {
  const { amountStepBase: step, minAmountBase, minNotionalQuote, maxAmountBase } = rules;
  const sized = sizingPrice(askedQuote, priceQuote);
  const tradable = Decimal.max(ONE, divideToward('up', minAmountBase, step).ceil(), divideToward('up', minNotionalQuote, exactly.product(priceQuote, step)).ceil());
  // floor(steps * kept) is at least what is tradable.
  const steps = divideToward('up', tradable, keptFraction(rules, side)).ceil();
  return { smallest: exactly.product(steps, step, sized), largest: maxAmountBase === null ? null : exactly.product(floorAmount(rules, maxAmountBase), sized) };
}

function nearest(amountQuote: Decimal, bounds: AmountBounds | undefined): Decimal | null {
  if (bounds === undefined) return null;
  const { smallest, largest } = bounds;
  if (largest !== null && largest.lessThan(smallest)) return null;
  if (amountQuote.lessThan(smallest)) return smallest;
  return largest !== null && amountQuote.greaterThan(largest) ? largest : amountQuote;
}

/** The higher of both, so that no order is worth more than its amount in quote. */
function sizingPrice(askedQuote: Decimal, priceQuote: Decimal): Decimal {
  return Decimal.max(askedQuote, priceQuote);
}

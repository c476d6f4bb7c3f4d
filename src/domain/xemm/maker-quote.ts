import type { Side } from '../enumerations.js';
import { makerPrice, type MarketRules } from '../market-rules.js';
import { decimal, exactly, ONE, toDecimalString, type Decimal } from '../money.js';

/**
 * What a maker order earns when it is hedged at once: fractions of its price (0.01 = 1 %), after the costs of both legs.
 * `minFraction` < `targetFraction` < `maxFraction`.
 */
export interface QuoteBand {
  readonly minFraction: Decimal;
  readonly targetFraction: Decimal;
  readonly maxFraction: Decimal;
  /** Fees of both legs together, as a fraction of the traded value. */
  readonly costFraction: Decimal;
}

/** The band with its decimals in digits. */
export interface QuoteBandText {
  readonly minFraction: string;
  readonly targetFraction: string;
  readonly maxFraction: string;
  readonly costFraction: string;
}

export function quoteBandFromText(text: QuoteBandText): QuoteBand {
  return { minFraction: decimal(text.minFraction), targetFraction: decimal(text.targetFraction), maxFraction: decimal(text.maxFraction), costFraction: decimal(text.costFraction) };
}

export function quoteBandText(band: QuoteBand): QuoteBandText {
  return { minFraction: toDecimalString(band.minFraction), targetFraction: toDecimalString(band.targetFraction), maxFraction: toDecimalString(band.maxFraction), costFraction: toDecimalString(band.costFraction) };
}

/**
 * Price of the maker order, quantised so that it earns no less than the target: with T the price at which the hedge is
 * taken, in the quote of the maker's pair,
 *
 *   BUY T / (1 + target + cost), SELL T / (1 - target - cost)
 *
 * Null when no positive price is left.
 */
export function makerQuotePrice(rules: MarketRules, side: Side, band: QuoteBand, hedgePriceQuote: Decimal): Decimal | null {
  const margin = exactly.sum(band.targetFraction, band.costFraction);
  const divisor = side === 'BUY' ? exactly.sum(ONE, margin) : exactly.difference(ONE, margin);
  if (!divisor.greaterThan(0)) return null;
  const price = makerPrice(rules, side, hedgePriceQuote.dividedBy(divisor));
  return price.greaterThan(0) ? price : null;
}

/**
 * What a maker order at this price earns after costs, as a fraction of its price: with T as above and p its price,
 *
 *   BUY (T - p) / p - cost, SELL (p - T) / p - cost
 */
export function netProfitability(side: Side, band: QuoteBand, orderPriceQuote: Decimal, hedgePriceQuote: Decimal): Decimal {
  const gain = side === 'BUY' ? exactly.difference(hedgePriceQuote, orderPriceQuote) : exactly.difference(orderPriceQuote, hedgePriceQuote);
  return gain.dividedBy(orderPriceQuote).minus(band.costFraction);
}

export type QuoteVerdict = 'keep' | 'belowMinimum' | 'aboveMaximum';

/** Whether a resting maker order may stand. Outside the band it stays all the same when a new one would stand at its price. */
export function judgeQuote(rules: MarketRules, side: Side, band: QuoteBand, orderPriceQuote: Decimal, hedgePriceQuote: Decimal): QuoteVerdict {
  const net = netProfitability(side, band, orderPriceQuote, hedgePriceQuote);
  if (net.lessThan(band.minFraction)) return 'belowMinimum';
  if (!net.greaterThan(band.maxFraction)) return 'keep';
  const renewed = makerQuotePrice(rules, side, band, hedgePriceQuote);
  return renewed !== null && renewed.equals(orderPriceQuote) ? 'keep' : 'aboveMaximum';
}

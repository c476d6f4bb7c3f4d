import type { Side } from '../enumerations.js';
import { floorAmount, type MarketRules } from '../market-rules.js';
import { exactly, toDecimalString, type Decimal } from '../money.js';
import { makerQuotePrice, type QuoteBand } from './maker-quote.js';

export interface XemmTerms {
  readonly side: Side;
  readonly amountBase: Decimal;
  readonly band: QuoteBand;
}

export interface XemmWarning {
  readonly code: 'BOOK_TOO_THIN' | 'AMOUNT_PARTLY_USED' | 'CROSSES';
  readonly text: string;
}

/** What a XEMM would do at the books of now; decimal text, money in the quote of the maker's pair. */
export interface XemmPreview {
  readonly amountBase: string;
  /** Null while the other book does not hold the amount: nothing is quoted then. */
  readonly makerPriceQuote: string | null;
  readonly hedgePriceQuote: string | null;
  readonly costFraction: string;
  /** When the maker order fills and is hedged at these prices. */
  readonly profitQuote: string | null;
  readonly feesQuote: string | null;
  readonly needed: readonly { readonly leg: 'maker' | 'hedge'; readonly amount: string; readonly asset: string }[];
  readonly warnings: readonly XemmWarning[];
}

/** `hedgePriceQuote`: average price at which the amount can be taken there, in the maker's quote; `rate`: of that quote in the maker's. */
export function previewXemm(terms: XemmTerms, markets: { readonly maker: MarketRules; readonly hedge: MarketRules }, hedgePriceQuote: Decimal | null, rate: Decimal, crossesAt: Decimal | null): XemmPreview {
  const { side, band } = terms;
  const amountBase = floorAmount(markets.maker, terms.amountBase);
  const price = hedgePriceQuote === null ? null : makerQuotePrice(markets.maker, side, band, hedgePriceQuote);
  const makerQuote = price === null ? null : exactly.product(price, amountBase);
  const hedgeQuote = hedgePriceQuote === null ? null : exactly.product(hedgePriceQuote, amountBase);
  const fees = makerQuote === null || hedgeQuote === null ? null : exactly.sum(exactly.product(makerQuote, markets.maker.makerFeeFraction), exactly.product(hedgeQuote, markets.hedge.takerFeeFraction));
  const gain = makerQuote === null || hedgeQuote === null ? null : side === 'BUY' ? hedgeQuote.minus(makerQuote) : makerQuote.minus(hedgeQuote);
  const warnings: XemmWarning[] = [];
  if (hedgePriceQuote === null) warnings.push({ code: 'BOOK_TOO_THIN', text: `the book of the hedge does not hold ${toDecimalString(amountBase)}: nothing is quoted until it does` });
  const unused = exactly.difference(terms.amountBase, amountBase);
  if (!unused.isZero()) warnings.push({ code: 'AMOUNT_PARTLY_USED', text: `${toDecimalString(unused)} of ${toDecimalString(terms.amountBase)} stays unused: amounts go in steps of ${toDecimalString(markets.maker.amountStepBase)}` });
  if (price !== null && crossesAt !== null && (side === 'BUY' ? price.gte(crossesAt) : price.lte(crossesAt))) warnings.push({ code: 'CROSSES', text: `the maker order would trade at once, at ${toDecimalString(crossesAt)} or better, as taker` });
  return {
    amountBase: toDecimalString(amountBase),
    makerPriceQuote: text(price),
    hedgePriceQuote: text(hedgePriceQuote),
    costFraction: toDecimalString(band.costFraction),
    profitQuote: gain === null || fees === null ? null : toDecimalString(exactly.difference(gain, fees)),
    feesQuote: text(fees),
    needed: [
      side === 'BUY' ? { leg: 'maker', amount: text(makerQuote) ?? '0', asset: markets.maker.quote } : { leg: 'maker', amount: toDecimalString(amountBase), asset: markets.maker.base },
      side === 'BUY' ? { leg: 'hedge', amount: toDecimalString(amountBase), asset: markets.hedge.base } : { leg: 'hedge', amount: text(hedgeQuote?.dividedBy(rate) ?? null) ?? '0', asset: markets.hedge.quote },
    ],
    warnings,
  };
}

function text(value: Decimal | null): string | null {
  return value === null ? null : toDecimalString(value.toDecimalPlaces(20));
}

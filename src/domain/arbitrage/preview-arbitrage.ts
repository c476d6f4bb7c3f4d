import { Decimal, exactly, toDecimalString } from '../money.js';
import { floorAmount, type MarketRules } from '../market-rules.js';
import { spreadProfit } from './spread-profit.js';

export interface ArbitrageWarning {
  readonly code: 'BOOK_TOO_THIN' | 'DOES_NOT_PAY_NOW' | 'AMOUNT_PARTLY_USED';
  readonly text: string;
}

/** What an arbitrage would do at the books of now; decimal text, prices in the quote of their market, money in the buying one's. */
export interface ArbitragePreview {
  readonly amountBase: string;
  /** Null while that book does not hold the amount. */
  readonly buyPriceQuote: string | null;
  readonly sellPriceQuote: string | null;
  readonly costFraction: string;
  readonly profitFraction: string | null;
  readonly profitQuote: string | null;
  readonly feesQuote: string | null;
  readonly paysNow: boolean;
  readonly needed: readonly { readonly leg: 'buy' | 'sell'; readonly amount: string; readonly asset: string }[];
  readonly warnings: readonly ArbitrageWarning[];
}

export function previewArbitrage(terms: { readonly amountBase: Decimal; readonly minProfitabilityFraction: Decimal }, markets: { readonly buying: MarketRules; readonly selling: MarketRules }, prices: { readonly buy: Decimal | null; readonly sell: Decimal | null; readonly rate: Decimal }): ArbitragePreview {
  const { buying, selling } = markets;
  const amountBase = Decimal.min(floorAmount(buying, terms.amountBase), floorAmount(selling, terms.amountBase));
  const costFraction = exactly.sum(buying.takerFeeFraction, selling.takerFeeFraction);
  const { buy, sell, rate } = prices;
  const profit = buy === null || sell === null ? null : spreadProfit({ buyPriceQuote: buy, sellPriceQuote: sell, rate }, costFraction);
  const cost = buy === null ? null : exactly.product(buy, amountBase);
  const proceeds = sell === null ? null : exactly.product(sell, amountBase, rate);
  const fees = cost === null || proceeds === null ? null : exactly.sum(exactly.product(cost, buying.takerFeeFraction), exactly.product(proceeds, selling.takerFeeFraction));
  const paysNow = profit !== null && profit.greaterThan(terms.minProfitabilityFraction);
  const warnings: ArbitrageWarning[] = [];
  if (buy === null || sell === null) warnings.push({ code: 'BOOK_TOO_THIN', text: `${buy === null ? 'the asks of the buying market do' : 'the bids of the selling market do'} not hold ${toDecimalString(amountBase)}` });
  else if (!paysNow) warnings.push({ code: 'DOES_NOT_PAY_NOW', text: 'nothing is traded until the spread pays more than min_profitability' });
  const unused = exactly.difference(terms.amountBase, amountBase);
  if (!unused.isZero()) warnings.push({ code: 'AMOUNT_PARTLY_USED', text: `${toDecimalString(unused)} of ${toDecimalString(terms.amountBase)} stays unused: both markets have their steps` });
  return {
    amountBase: toDecimalString(amountBase),
    buyPriceQuote: text(buy),
    sellPriceQuote: text(sell),
    costFraction: toDecimalString(costFraction),
    profitFraction: text(profit),
    profitQuote: cost === null || proceeds === null || fees === null ? null : toDecimalString(exactly.difference(exactly.difference(proceeds, cost), fees)),
    feesQuote: text(fees),
    paysNow,
    needed: [
      { leg: 'buy', amount: text(cost) ?? '0', asset: buying.quote },
      { leg: 'sell', amount: toDecimalString(amountBase), asset: selling.base },
    ],
    warnings,
  };
}

function text(value: Decimal | null): string | null {
  return value === null ? null : toDecimalString(value.toDecimalPlaces(20));
}

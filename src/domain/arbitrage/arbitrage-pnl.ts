import type { Side } from '../enumerations.js';
import type { FillTotals } from '../fills.js';
import { exactly, ONE, ZERO, type Decimal } from '../money.js';

/** What was traded on one of the two markets, by side. */
export interface MarketFills {
  readonly bought: FillTotals;
  readonly sold: FillTotals;
}

export interface ArbitragePnl {
  /** In the quote of the buying market. What is not balanced stands at the average price of the leg that is ahead. */
  readonly netPnlQuote: Decimal;
  /** Of what the balanced part cost. */
  readonly netPnlFraction: Decimal;
  readonly feesQuote: Decimal;
  readonly volumeQuote: Decimal;
  /** Base bought minus base sold over both markets: positive: still to be sold; negative: still to be bought. */
  readonly excessBase: Decimal;
  /** Its worth at the average price of its leg, in the quote of the market where it is; the one quotient here. */
  readonly excessQuote: Decimal;
  /** Market of the leg that is ahead; null when they are balanced. */
  readonly aheadOn: Side | null;
}

/** `buying`: fills of the market on which base is bought first, unwinding sales included; `selling` the same of the other. `fundingQuote`: positive when received. */
export function arbitragePnl(buying: MarketFills, selling: MarketFills, rate: Decimal, fundingQuote: Decimal = ZERO): ArbitragePnl {
  const onBuying = exactly.difference(buying.bought.filledBase, buying.sold.filledBase);
  const onSelling = exactly.difference(selling.sold.filledBase, selling.bought.filledBase);
  const excessBase = exactly.difference(onBuying, onSelling);
  const aheadOn = excessBase.isZero() ? null : excessBase.greaterThan(ZERO) ? 'BUY' : 'SELL';
  const ahead = aheadOn === 'SELL' ? selling.sold : buying.bought;
  const excessQuote = aheadOn === null || ahead.filledBase.isZero() ? ZERO : exactly.product(ahead.filledQuote, excessBase.abs()).dividedBy(ahead.filledBase);
  // An excess bought is worth what it cost; one sold is owed at what it brought.
  const excessValue = aheadOn === 'SELL' ? exactly.product(excessQuote, rate).negated() : excessQuote;
  const flow = ({ bought, sold }: MarketFills, worth: Decimal): Decimal => exactly.product(exactly.difference(exactly.difference(sold.filledQuote, bought.filledQuote), exactly.sum(sold.feesQuote, bought.feesQuote)), worth);
  const netPnlQuote = exactly.sum(flow(buying, ONE), flow(selling, rate), excessValue, fundingQuote);
  const fees = ({ bought, sold }: MarketFills, worth: Decimal): Decimal => exactly.product(exactly.sum(bought.feesQuote, sold.feesQuote), worth);
  const volume = ({ bought, sold }: MarketFills, worth: Decimal): Decimal => exactly.product(exactly.sum(bought.filledQuote, sold.filledQuote), worth);
  const balancedCost = aheadOn === 'BUY' ? exactly.difference(buying.bought.filledQuote, excessQuote) : buying.bought.filledQuote;
  return {
    netPnlQuote,
    netPnlFraction: balancedCost.greaterThan(ZERO) ? netPnlQuote.dividedBy(balancedCost) : ZERO,
    feesQuote: exactly.sum(fees(buying, ONE), fees(selling, rate)),
    volumeQuote: exactly.sum(volume(buying, ONE), volume(selling, rate)),
    excessBase,
    excessQuote,
    aheadOn,
  };
}

import type { Side } from '../enumerations.js';
import type { FillTotals } from '../fills.js';
import { exactly, ZERO, type Decimal } from '../money.js';

/** What a maker leg and its hedge have earned together; all in the quote of the maker's pair. */
export interface HedgedPnl {
  readonly netPnlQuote: Decimal;
  /** Of what the hedged part of the maker leg cost or brought. */
  readonly netPnlFraction: Decimal;
  readonly feesQuote: Decimal;
  /** Both legs. */
  readonly volumeQuote: Decimal;
  /** Maker filled minus hedge filled, in base. */
  readonly unhedgedBase: Decimal;
  /** Its part of what the maker leg cost or brought: the one number here that is a quotient. */
  readonly unhedgedQuote: Decimal;
}

/**
 * P&L of the hedged part: what was sold minus what was bought minus the fees of both legs, whichever leg bought. The
 * unhedged part stands at the average price of the maker leg and earns nothing here. `rate` is what one unit of the
 * hedge's quote is worth in the maker's; `fundingQuote`, positive when received, is in the maker's.
 */
export function hedgedPnl(makerSide: Side, maker: FillTotals, hedge: FillTotals, rate: Decimal, fundingQuote: Decimal = ZERO): HedgedPnl {
  const unhedgedBase = exactly.difference(maker.filledBase, hedge.filledBase);
  const unhedgedQuote = unhedgedBase.isZero() ? ZERO : exactly.product(maker.filledQuote, unhedgedBase).dividedBy(maker.filledBase);
  const makerQuote = exactly.difference(maker.filledQuote, unhedgedQuote);
  const hedgeQuote = exactly.product(hedge.filledQuote, rate);
  const feesQuote = exactly.sum(maker.feesQuote, exactly.product(hedge.feesQuote, rate));
  const gain = makerSide === 'BUY' ? exactly.difference(hedgeQuote, makerQuote) : exactly.difference(makerQuote, hedgeQuote);
  const netPnlQuote = exactly.sum(exactly.difference(gain, feesQuote), fundingQuote);
  return {
    netPnlQuote,
    netPnlFraction: makerQuote.isZero() ? ZERO : netPnlQuote.dividedBy(makerQuote),
    feesQuote,
    volumeQuote: exactly.sum(maker.filledQuote, hedgeQuote),
    unhedgedBase,
    unhedgedQuote,
  };
}

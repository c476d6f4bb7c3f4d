import { addTotals, type FillTotals } from '../fills.js';
import type { MarketRules } from '../market-rules.js';
import { Decimal, exactly, ZERO } from '../money.js';
import { positionPnl, type PositionPnl } from '../position-accounting.js';
import type { TwapState } from './twap-state.js';
import type { TwapTerms } from './twap-terms.js';

/** All fills of all slices, whatever became of their orders. */
export function twapTotals(state: TwapState): FillTotals {
  return state.open.reduce((sum, slice) => addTotals(sum, slice.totals), state.doneSum.totals);
}

/**
 * Budget no slice has or had use of, in quote:
 *   total - filled of done - max(planned, filled) of open - reserved for replacements - skipped
 * An open slice counts in full from the moment it is decided, acknowledged or not. 0 when fills at market cost more.
 */
export function unassignedQuote(terms: TwapTerms, state: TwapState): Decimal {
  const open = state.open.map((slice) => Decimal.max(slice.plannedQuote, slice.totals.filledQuote));
  const reserved = state.replacements.map(({ plannedQuote }) => plannedQuote);
  const used = exactly.sum(state.doneSum.totals.filledQuote, state.missed.skippedQuote, ...open, ...reserved);
  return Decimal.max(exactly.difference(terms.totalAmountQuote, used), ZERO);
}

/** P&L of what was traded and of what closed it, the rest at the mark (mid); null = at cost. */
export function twapPnl(terms: TwapTerms, rules: MarketRules, totals: FillTotals, exits: FillTotals, markPriceQuote: Decimal | null, fundingQuote: Decimal = ZERO): PositionPnl {
  return positionPnl({ side: terms.side, entry: totals, exits, rules, markPriceQuote, fundingQuote });
}

import { toDecimalString, ZERO } from '../money.js';
import type { LpPnl } from './lp-pnl.js';

/** The figures of the standard report, as the wire has them. */
export interface LpReportFigures {
  readonly net_pnl_quote: string;
  readonly net_pnl_pct: string;
  /** Gas alone: what the position earned is no fee paid. */
  readonly fees_paid_quote: string;
  /** The value that was put in; 0 when nothing ever was. */
  readonly filled_amount_quote: string;
}

/** After a hold the P&L is counted where the net change went, so it is 0 here. */
export function lpReportFigures(pnl: LpPnl, held: boolean): LpReportFigures {
  return {
    net_pnl_quote: toDecimalString(held ? ZERO : pnl.netPnlQuote),
    net_pnl_pct: toDecimalString(held ? ZERO : pnl.netPnlFraction),
    fees_paid_quote: toDecimalString(pnl.gasQuote),
    filled_amount_quote: toDecimalString(pnl.initialQuote),
  };
}

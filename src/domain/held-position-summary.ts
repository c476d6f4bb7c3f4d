import type { HeldPosition } from './held-position.js';
import { exactly, ZERO, type Decimal } from './money.js';

/** The holding as it is shown, with the field names of the wire. Matched volume has left both sides. */
export interface HeldPositionSummary {
  readonly position_side: 'LONG' | 'SHORT' | 'FLAT';
  /** What is open on the long side, base and cost; 0 for a short. */
  readonly buy_amount_base: Decimal;
  readonly buy_amount_quote: Decimal;
  readonly sell_amount_base: Decimal;
  readonly sell_amount_quote: Decimal;
  /** Signed. */
  readonly net_amount_base: Decimal;
  readonly matched_amount_base: Decimal;
  readonly unmatched_amount_base: Decimal;
  readonly realized_pnl_quote: Decimal;
  readonly cum_fees_quote: Decimal;
  /** Of perpetuals: positive received, negative paid. */
  readonly funding_quote: Decimal;
  readonly volume_traded_quote: Decimal;
  /** Average cost, fees not counted; null unless long. */
  readonly buy_breakeven_price: Decimal | null;
  /** Average proceeds, fees not counted; null unless short. */
  readonly sell_breakeven_price: Decimal | null;
  /**
   * Price at which closing what is open leaves the position at zero: all fees, funding and realised P&L so far counted,
   * the fee of that closing not. Null when flat, and when no price above zero would.
   */
  readonly breakeven_price_after_fees: Decimal | null;
  /** Mid the rest is valued at; null when none is known. */
  readonly current_price: Decimal | null;
  /** Null when something is open and no price is known: unknown is not 0. */
  readonly unrealized_pnl_quote: Decimal | null;
  /** Realised and unrealised with funding, less fees; null when the unrealised part is unknown. */
  readonly global_pnl_quote: Decimal | null;
}

/** The averages are one division each, to 40 digits; everything else is exact. */
export function summarizeHeldPosition(held: HeldPosition, midQuote: Decimal | null): HeldPositionSummary {
  const long = held.netBase.greaterThan(ZERO);
  const short = held.netBase.lessThan(ZERO);
  const openBase = held.netBase.abs();
  const averageQuote = openBase.isZero() ? null : held.openCostQuote.dividedBy(openBase);
  const unrealized = unrealizedPnl(held, midQuote);
  return {
    position_side: long ? 'LONG' : short ? 'SHORT' : 'FLAT',
    buy_amount_base: long ? openBase : ZERO,
    buy_amount_quote: long ? held.openCostQuote : ZERO,
    sell_amount_base: short ? openBase : ZERO,
    sell_amount_quote: short ? held.openCostQuote : ZERO,
    net_amount_base: held.netBase,
    matched_amount_base: held.matchedBase,
    unmatched_amount_base: openBase,
    realized_pnl_quote: held.realizedPnlQuote,
    cum_fees_quote: held.feesQuote,
    funding_quote: held.fundingQuote,
    volume_traded_quote: held.volumeQuote,
    buy_breakeven_price: long ? averageQuote : null,
    sell_breakeven_price: short ? averageQuote : null,
    breakeven_price_after_fees: breakevenAfterFees(held),
    current_price: midQuote,
    unrealized_pnl_quote: unrealized,
    global_pnl_quote: unrealized === null ? null : exactly.difference(exactly.sum(held.realizedPnlQuote, unrealized, held.fundingQuote), held.feesQuote),
  };
}

/** Long: (cost - earned) / base; short: (proceeds + earned) / base. One division, to 40 digits. */
function breakevenAfterFees(held: HeldPosition): Decimal | null {
  if (held.netBase.isZero()) return null;
  const earned = exactly.difference(exactly.sum(held.realizedPnlQuote, held.fundingQuote), held.feesQuote);
  const due = held.netBase.isPositive() ? exactly.difference(held.openCostQuote, earned) : exactly.sum(held.openCostQuote, earned);
  return due.greaterThan(ZERO) ? due.dividedBy(held.netBase.abs()) : null;
}

function unrealizedPnl(held: HeldPosition, midQuote: Decimal | null): Decimal | null {
  if (held.netBase.isZero()) return ZERO;
  if (midQuote === null) return null;
  const value = exactly.product(held.netBase, midQuote);
  return held.netBase.isPositive() ? exactly.difference(value, held.openCostQuote) : exactly.sum(value, held.openCostQuote);
}

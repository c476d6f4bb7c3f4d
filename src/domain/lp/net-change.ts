import type { PairAmounts } from '../amm/pair-amounts.js';
import type { Side } from '../enumerations.js';
import { decimal, exactly, ZERO, type Decimal } from '../money.js';
import type { LpHolding } from './lp-pnl.js';

/** What a round trip through the pool changed: returned, fees included, minus deposited. Positive: gained. */
export interface LpNetChange {
  readonly netBase: Decimal;
  readonly netQuote: Decimal;
}

/** Net base up to this is not worth a swap (reference threshold). */
export const CLOSE_OUT_THRESHOLD_BASE = decimal('0.000001');
/** A change up to this, of base or quote, counts as none in a hold (reference threshold). */
export const HOLD_THRESHOLD = decimal('0.0001');

export function netChange(deposited: PairAmounts, returned: LpHolding): LpNetChange {
  return {
    netBase: exactly.difference(exactly.sum(returned.amountBase, returned.feeBase), deposited.amountBase),
    netQuote: exactly.difference(exactly.sum(returned.amountQuote, returned.feeQuote), deposited.amountQuote),
  };
}

export interface CloseOutTrade {
  readonly side: Side;
  readonly amountBase: Decimal;
}

/** The swap that gives the wallet its base back as it was: only the net is traded. Null when it is too little to trade. */
export function closeOutTrade(change: LpNetChange): CloseOutTrade | null {
  const amountBase = change.netBase.abs();
  if (!amountBase.greaterThan(CLOSE_OUT_THRESHOLD_BASE)) return null;
  return { side: change.netBase.isPositive() ? 'SELL' : 'BUY', amountBase };
}

/** A round trip that is kept, as one spot trade. */
export interface LpNetTrade {
  readonly side: Side;
  readonly amountBase: Decimal;
  readonly amountQuote: Decimal;
  /** amountQuote / amountBase to 40 digits; the pool's price where the trade has no price of its own. */
  readonly priceQuote: Decimal;
  /** Quote that no price of this trade explains: positive received, negative paid. With it the trade sums to the change exactly. */
  readonly besideQuote: Decimal;
}

/**
 * Base and quote moved against each other: a trade between them. Where they did not, base is taken at the pool's price and
 * what quote did beside it stands apart; quote alone is a trade of no base. Null when nothing moved.
 */
export function holdTrade(change: LpNetChange, poolPriceQuote: Decimal): LpNetTrade | null {
  const { netBase, netQuote } = change;
  const baseMoved = netBase.abs().greaterThan(HOLD_THRESHOLD);
  const quoteMoved = netQuote.abs().greaterThan(HOLD_THRESHOLD);
  if (!baseMoved && !quoteMoved) return null;
  const side: Side = netBase.isNegative() ? 'SELL' : 'BUY';
  if (!baseMoved) return { side, amountBase: ZERO, amountQuote: ZERO, priceQuote: poolPriceQuote, besideQuote: netQuote };
  const amountBase = netBase.abs();
  if (quoteMoved && netBase.isNegative() !== netQuote.isNegative()) {
    const amountQuote = netQuote.abs();
    return { side, amountBase, amountQuote, priceQuote: amountQuote.dividedBy(amountBase), besideQuote: ZERO };
  }
  const amountQuote = exactly.product(amountBase, poolPriceQuote);
  const flowQuote = side === 'BUY' ? amountQuote.negated() : amountQuote;
  return { side, amountBase, amountQuote, priceQuote: poolPriceQuote, besideQuote: exactly.difference(netQuote, flowQuote) };
}

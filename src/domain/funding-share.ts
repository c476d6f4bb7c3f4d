import { Decimal, exactly, ZERO } from './money.js';

/** One settlement of funding as an account was paid or charged for its whole position in a pair. */
export interface FundingSettlement {
  /** Positive: received. Negative: paid. */
  readonly amountQuote: Decimal;
  /** As a fraction of the notional; longs pay a positive one. Null: not told. */
  readonly rate: Decimal | null;
  readonly markPriceQuote: Decimal | null;
}

/** Exchanges book funding in whole multiples of this, in quote. */
const BOOKED_STEP = new Decimal('0.00000001');
const SHARE_DIGITS = 18;

/**
 * Position that a payment was for, in whole steps, negative for a short: a payment is -position * mark * rate, so the
 * position is -payment / (mark * rate), and the exchange's rounding of the payment is taken off again by the step.
 * Null when rate or mark price are not known, or nothing was due.
 */
export function settledBase({ amountQuote, rate, markPriceQuote }: FundingSettlement, stepBase: Decimal): Decimal | null {
  if (rate === null || markPriceQuote === null) return null;
  const perBase = exactly.product(rate, markPriceQuote);
  if (perBase.isZero()) return null;
  return amountQuote.negated().dividedBy(perBase).toNearest(stepBase, Decimal.ROUND_HALF_UP);
}

/**
 * What of a payment belongs to `heldBase` (negative for a short) at the moment of the settlement:
 *
 *   share = payment * held / position
 *
 * and all of it when the payment is, to the exchange's own rounding, the one for `held` alone. Shares of all holders add
 * up to the payment, up to 18 digits behind the point each. In one-way mode a short held against a larger long receives
 * what the long pays for it. Null when it cannot be told.
 */
export function fundingShare(settlement: FundingSettlement, heldBase: Decimal, stepBase: Decimal): Decimal | null {
  const { amountQuote, rate, markPriceQuote } = settlement;
  if (heldBase.isZero()) return ZERO;
  if (rate === null || markPriceQuote === null) return null;
  const due = exactly.product(heldBase, rate, markPriceQuote).negated();
  if (exactly.difference(due, amountQuote).abs().lessThanOrEqualTo(BOOKED_STEP)) return amountQuote;
  const positionBase = settledBase(settlement, stepBase);
  // Nothing was booked for the account: longs and shorts of it cancelled each other out.
  if (positionBase === null || positionBase.isZero()) return amountQuote.isZero() ? withoutNegativeZero(due.toDecimalPlaces(8, Decimal.ROUND_HALF_UP)) : null;
  return exactly.product(amountQuote, heldBase).dividedBy(positionBase).toDecimalPlaces(SHARE_DIGITS);
}

function withoutNegativeZero(value: Decimal): Decimal {
  return value.isZero() ? ZERO : value;
}

import type { Side } from './enumerations.js';
import type { FillTotals } from './fills.js';
import { Decimal, decimal, exactly, toDecimalString, ZERO } from './money.js';

/**
 * What a controller holds of one pair at one account, fed order by order by executors that ended with a handover.
 * Opposite orders are settled at average cost as they arrive.
 */
export interface HeldPosition {
  /** Positive: long. Negative: short. */
  readonly netBase: Decimal;
  /** What the open quantity cost (long) or brought (short), in quote, fees not counted; 0 when flat. */
  readonly openCostQuote: Decimal;
  /** Fees not counted. */
  readonly realizedPnlQuote: Decimal;
  readonly feesQuote: Decimal;
  /** Funding of perpetuals while executors held what they handed over: positive received, negative paid. */
  readonly fundingQuote: Decimal;
  /** Gross volume of all orders, in quote. */
  readonly volumeQuote: Decimal;
  /** Base settled against opposite orders, each pair counted once. */
  readonly matchedBase: Decimal;
  /** All that was ever bought and sold, as it changed the holding: net of fees in base. */
  readonly boughtBase: Decimal;
  readonly boughtQuote: Decimal;
  readonly soldBase: Decimal;
  readonly soldQuote: Decimal;
}

/** The state as it stands in history: decimals in digits. */
export type HeldPositionText = { readonly [Field in keyof HeldPosition]: string };

/** One order with its fills, as an executor hands it over. */
export interface HeldOrder {
  readonly side: Side;
  readonly totals: FillTotals;
}

export const FLAT_POSITION: HeldPosition = {
  netBase: ZERO,
  openCostQuote: ZERO,
  realizedPnlQuote: ZERO,
  feesQuote: ZERO,
  fundingQuote: ZERO,
  volumeQuote: ZERO,
  matchedBase: ZERO,
  boughtBase: ZERO,
  boughtQuote: ZERO,
  soldBase: ZERO,
  soldQuote: ZERO,
};

/** Digits behind the point that a shared cost keeps; bounds the state, and what one part loses the other gets. */
const COST_DIGITS = 30;

/**
 * Nets one order against the holding at running average cost. Whether it was applied before is the caller's to know.
 *
 * The order counts with the base it really moved: a buy's fee in base never arrived, a sale's left in addition. That base
 * is taken at the order's own average price; the fee itself stands in `feesQuote` at its value, so it is paid once.
 * Exact but for two shares, each one division cut to 30 digits behind the point: the cost of the part that is closed, and
 * the split of an order that turns the position round. The other part gets the difference, so sums stay exact.
 */
export function applyHeldOrder(held: HeldPosition, order: HeldOrder): HeldPosition {
  const { totals } = order;
  if (!totals.filledBase.greaterThan(ZERO)) return held;
  const buys = order.side === 'BUY';
  const moved = buys ? exactly.difference(totals.filledBase, totals.feesBase) : exactly.sum(totals.filledBase, totals.feesBase);
  const movedBase = moved.greaterThan(ZERO) ? moved : ZERO;
  const movedQuote = shareOf(totals.filledQuote, movedBase, totals.filledBase);
  const traded: HeldPosition = {
    ...held,
    feesQuote: exactly.sum(held.feesQuote, totals.feesQuote),
    volumeQuote: exactly.sum(held.volumeQuote, totals.filledQuote),
    boughtBase: buys ? exactly.sum(held.boughtBase, movedBase) : held.boughtBase,
    boughtQuote: buys ? exactly.sum(held.boughtQuote, movedQuote) : held.boughtQuote,
    soldBase: buys ? held.soldBase : exactly.sum(held.soldBase, movedBase),
    soldQuote: buys ? held.soldQuote : exactly.sum(held.soldQuote, movedQuote),
  };
  const adds = held.netBase.isZero() || held.netBase.isPositive() === buys;
  return adds ? enlarge(traded, buys, movedBase, movedQuote) : settle(traded, buys, movedBase, movedQuote);
}

function enlarge(held: HeldPosition, buys: boolean, movedBase: Decimal, movedQuote: Decimal): HeldPosition {
  return {
    ...held,
    netBase: buys ? exactly.sum(held.netBase, movedBase) : exactly.difference(held.netBase, movedBase),
    openCostQuote: exactly.sum(held.openCostQuote, movedQuote),
  };
}

/** An order against the holding: its matched part realises P&L, what exceeds the holding opens the other side. */
function settle(held: HeldPosition, buys: boolean, movedBase: Decimal, movedQuote: Decimal): HeldPosition {
  const openBase = held.netBase.abs();
  const matchedBase = Decimal.min(movedBase, openBase);
  const matchedQuote = shareOf(movedQuote, matchedBase, movedBase);
  const matchedCost = shareOf(held.openCostQuote, matchedBase, openBase);
  const gain = buys ? exactly.difference(matchedCost, matchedQuote) : exactly.difference(matchedQuote, matchedCost);
  const remainder: HeldPosition = {
    ...held,
    netBase: buys ? exactly.sum(held.netBase, matchedBase) : exactly.difference(held.netBase, matchedBase),
    openCostQuote: exactly.difference(held.openCostQuote, matchedCost),
    realizedPnlQuote: exactly.sum(held.realizedPnlQuote, gain),
    matchedBase: exactly.sum(held.matchedBase, matchedBase),
  };
  return enlarge(remainder, buys, exactly.difference(movedBase, matchedBase), exactly.difference(movedQuote, matchedQuote));
}

/** quote * part / whole; the whole for the whole, without a division. */
function shareOf(quote: Decimal, part: Decimal, whole: Decimal): Decimal {
  if (part.equals(whole)) return quote;
  return exactly.product(quote, part).dividedBy(whole).toDecimalPlaces(COST_DIGITS);
}

export function heldPositionRecord(held: HeldPosition): HeldPositionText {
  return mapFields(held, toDecimalString);
}

/** For text written by `heldPositionRecord`. */
export function heldPositionFromRecord(record: HeldPositionText): HeldPosition {
  return mapFields(record, decimal);
}

function mapFields<From, To>(fields: { readonly [Field in keyof HeldPosition]: From }, change: (value: From) => To): { readonly [Field in keyof HeldPosition]: To } {
  return {
    netBase: change(fields.netBase),
    openCostQuote: change(fields.openCostQuote),
    realizedPnlQuote: change(fields.realizedPnlQuote),
    feesQuote: change(fields.feesQuote),
    fundingQuote: change(fields.fundingQuote),
    volumeQuote: change(fields.volumeQuote),
    matchedBase: change(fields.matchedBase),
    boughtBase: change(fields.boughtBase),
    boughtQuote: change(fields.boughtQuote),
    soldBase: change(fields.soldBase),
    soldQuote: change(fields.soldQuote),
  };
}

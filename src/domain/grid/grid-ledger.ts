import type { Side } from '../enumerations.js';
import { addTotals, type FillTotals } from '../fills.js';
import { exactly, ZERO, type Decimal } from '../money.js';
import type { GridLedger } from './grid-state.js';

/** Digits behind the point that a share of a cost keeps; bounds the state. */
const COST_DIGITS = 30;

/** cost * part / whole to 30 digits behind the point; the whole for the whole, without a division. */
export function costShare(costQuote: Decimal, part: Decimal, whole: Decimal): Decimal {
  if (part.equals(whole)) return costQuote;
  if (whole.isZero()) return ZERO;
  return exactly.product(costQuote, part).dividedBy(whole).toDecimalPlaces(COST_DIGITS);
}

/**
 * What the fills of one round trip leave open, and what it cost at the entry's own average. A long lost the base that a
 * fee took: that stands in the fees with its value, and in no cost.
 */
export function openOf(side: Side, entry: FillTotals, exits: FillTotals): { readonly base: Decimal; readonly costQuote: Decimal; readonly matchedCostQuote: Decimal } {
  const brought = side === 'BUY' ? exactly.difference(entry.filledBase, entry.feesBase) : entry.filledBase;
  const base = exactly.difference(brought, exits.filledBase);
  return {
    base,
    costQuote: costShare(entry.filledQuote, base, entry.filledBase),
    matchedCostQuote: costShare(entry.filledQuote, exits.filledBase, entry.filledBase),
  };
}

/** Adds what a level's child traded; `through`: its take profit closed what it opened. One that never filled changes nothing. */
export function settleRoundTrip(ledger: GridLedger, side: Side, entry: FillTotals, exits: FillTotals, through: boolean): GridLedger {
  if (entry.fillCount === 0 && exits.fillCount === 0) return ledger;
  const open = openOf(side, entry, exits);
  return {
    entry: addTotals(ledger.entry, entry),
    exits: addTotals(ledger.exits, exits),
    matchedCostQuote: exactly.sum(ledger.matchedCostQuote, open.matchedCostQuote),
    leftBase: exactly.sum(ledger.leftBase, open.base),
    leftCostQuote: exactly.sum(ledger.leftCostQuote, open.costQuote),
    roundTrips: ledger.roundTrips + (through ? 1 : 0),
  };
}

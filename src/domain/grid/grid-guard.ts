import type { Side } from '../enumerations.js';
import type { FillTotals } from '../fills.js';
import type { MarketRules } from '../market-rules.js';
import { decimal, toDecimalString, type Decimal } from '../money.js';
import type { GridInventory } from './grid-inventory.js';
import { openOf } from './grid-ledger.js';
import type { GridTerms } from './grid-terms.js';

/** What the barriers of a grid are judged by, of its terms. */
export type GridBounds = Pick<GridTerms, 'side' | 'startPriceQuote' | 'endPriceQuote' | 'limitPriceQuote' | 'stopLossFraction' | 'trailingStop' | 'timeLimitAtMs' | 'keepPosition'>;

/** A grid, or the part of its plan that its exit needs. */
export interface GridGuard {
  readonly terms: GridBounds;
  readonly rules: MarketRules;
}

/** Open inventory with its cost and entry fees, in base and quote. */
export type OpenInventory = Pick<GridInventory, 'base' | 'costQuote' | 'openFeesQuote'>;

/** The bounds as they stand in the plan of an exit; fractions of net P&L of the open inventory, null = off. */
export interface GridBoundsText {
  readonly side: Side;
  readonly startPriceQuote: string;
  readonly endPriceQuote: string;
  readonly limitPriceQuote: string | null;
  readonly stopLossFraction: string | null;
  readonly trailingStop: { readonly activationFraction: string; readonly deltaFraction: string } | null;
  readonly timeLimitAtMs: number | null;
  readonly keepPosition: boolean;
}

export function gridBoundsText({ side, startPriceQuote, endPriceQuote, limitPriceQuote, stopLossFraction, trailingStop, timeLimitAtMs, keepPosition }: GridBounds): GridBoundsText {
  const text = (value: Decimal | null): string | null => (value === null ? null : toDecimalString(value));
  return {
    side,
    startPriceQuote: toDecimalString(startPriceQuote),
    endPriceQuote: toDecimalString(endPriceQuote),
    limitPriceQuote: text(limitPriceQuote),
    stopLossFraction: text(stopLossFraction),
    trailingStop: trailingStop === null ? null : { activationFraction: toDecimalString(trailingStop.activationFraction), deltaFraction: toDecimalString(trailingStop.deltaFraction) },
    timeLimitAtMs,
    keepPosition,
  };
}

/** For texts written by `gridBoundsText`. */
export function gridBounds(text: GridBoundsText): GridBounds {
  const read = (value: string | null): Decimal | null => (value === null ? null : decimal(value));
  const { trailingStop } = text;
  return {
    ...text,
    startPriceQuote: decimal(text.startPriceQuote),
    endPriceQuote: decimal(text.endPriceQuote),
    limitPriceQuote: read(text.limitPriceQuote),
    stopLossFraction: read(text.stopLossFraction),
    trailingStop: trailingStop === null ? null : { activationFraction: decimal(trailingStop.activationFraction), deltaFraction: decimal(trailingStop.deltaFraction) },
  };
}

/**
 * What the levels hold that are not through their round trip: from the sums of their entries and of what closed them,
 * at the average cost of all of them together.
 */
export function inventoryOfLevels(side: Side, entry: FillTotals, exits: FillTotals): OpenInventory {
  const { base, costQuote } = openOf(side, entry, exits);
  return { base, costQuote, openFeesQuote: entry.feesQuote };
}

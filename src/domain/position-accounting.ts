import { sideSign, type Side } from './enumerations.js';
import type { FillTotals } from './fills.js';
import { isTradable, type MarketRules } from './market-rules.js';
import { exactly, ZERO, type Decimal } from './money.js';
import { closableBase } from './net-pnl.js';

export interface AccountedPosition {
  readonly side: Side;
  readonly entry: FillTotals;
  /** All orders that closed: take profits and closes, cancelled ones too. */
  readonly exits: FillTotals;
  readonly rules: MarketRules;
  /** Exit-side price at which what is still open is valued; null = it is valued at its cost. */
  readonly markPriceQuote: Decimal | null;
  /** Of a perpetual: positive received, negative paid. */
  readonly fundingQuote?: Decimal;
}

export interface PositionPnl {
  readonly closedBase: Decimal;
  /** Still to be closed, in whole steps. Negative only when more was closed than opened. */
  readonly openBase: Decimal;
  /** Left in the account because the exchange does not trade so little; carried at cost. */
  readonly residueBase: Decimal;
  /** Null while nothing is filled. */
  readonly averageEntryQuote: Decimal | null;
  readonly averageExitQuote: Decimal | null;
  /** Before fees. */
  readonly tradePnlQuote: Decimal;
  /** Fees of both sides, as far as their value is known. */
  readonly feesQuote: Decimal;
  readonly netPnlQuote: Decimal;
  /** Net P&L over the entry notional of what could be closed; 0 when nothing could. */
  readonly netPnlFraction: Decimal;
  /** Traded on both sides. */
  readonly volumeQuote: Decimal;
}

/**
 * P&L of a position from its fills alone. With A = entry quote / entry base, sign +1 for a long and -1 for a short:
 *
 *   trade    = sign * (exitQuote - A * exitBase) + sign * (mark - A) * openBase
 *   net      = trade - all fees in quote + funding
 *   fraction = net / (A * closable)
 *
 * Base that a fee took costs nothing in `trade` and its value in the fees. So a long whose base fees are one share of
 * each fill, closed without dust, nets what its cash did: sold - bought - fees in quote.
 *
 * Rounding: `trade` is one quotient of exact products (the entry base below), to 40 digits, and exact whenever the true
 * value has no more. The fraction and the two averages are one more quotient each. Nothing else is rounded.
 */
export function positionPnl(position: AccountedPosition): PositionPnl {
  const { side, entry, exits, rules, markPriceQuote } = position;
  const closable = closableBase(entry, side, rules);
  const left = exactly.difference(closable, exits.filledBase);
  const held = heldBase(side, entry, exits);
  const averageEntryQuote = average(entry);
  const valuation = markPriceQuote ?? averageEntryQuote;
  const dust = !left.isNegative() && (valuation === null || !isTradable(rules, left, valuation));
  const openBase = dust ? ZERO : left;
  const tradePnlQuote = tradePnl(position, openBase);
  const feesQuote = exactly.sum(entry.feesQuote, exits.feesQuote);
  const netPnlQuote = exactly.sum(exactly.difference(tradePnlQuote, feesQuote), position.fundingQuote ?? ZERO);
  return {
    closedBase: exits.filledBase,
    openBase,
    residueBase: exactly.difference(held, openBase),
    averageEntryQuote,
    averageExitQuote: average(exits),
    tradePnlQuote,
    feesQuote,
    netPnlQuote,
    netPnlFraction: fractionOfNotional(netPnlQuote, entry, closable),
    volumeQuote: exactly.sum(entry.filledQuote, exits.filledQuote),
  };
}

/** What the entry brought and the exits did not take; step dust included. */
function heldBase(side: Side, entry: FillTotals, exits: FillTotals): Decimal {
  const brought = side === 'BUY' ? exactly.difference(entry.filledBase, entry.feesBase) : entry.filledBase;
  return exactly.difference(brought, exits.filledBase);
}

function tradePnl({ side, entry, exits, markPriceQuote }: AccountedPosition, openBase: Decimal): Decimal {
  if (!entry.filledBase.greaterThan(ZERO)) return ZERO;
  const openMarked = markPriceQuote === null ? ZERO : openBase;
  const proceeds = exactly.sum(exits.filledQuote, exactly.product(markPriceQuote ?? ZERO, openMarked));
  const valuedBase = exactly.sum(exits.filledBase, openMarked);
  const gain = exactly.difference(exactly.product(proceeds, entry.filledBase), exactly.product(entry.filledQuote, valuedBase));
  const long = gain.dividedBy(entry.filledBase);
  return sideSign(side) === 1 ? long : withoutNegativeZero(long.negated());
}

function fractionOfNotional(netPnlQuote: Decimal, entry: FillTotals, closable: Decimal): Decimal {
  const scaledNotional = exactly.product(entry.filledQuote, closable);
  if (!scaledNotional.greaterThan(ZERO)) return ZERO;
  return exactly.product(netPnlQuote, entry.filledBase).dividedBy(scaledNotional);
}

function average(totals: FillTotals): Decimal | null {
  return totals.filledBase.greaterThan(ZERO) ? totals.filledQuote.dividedBy(totals.filledBase) : null;
}

function withoutNegativeZero(value: Decimal): Decimal {
  return value.isZero() ? ZERO : value;
}

import { sideSign } from '../enumerations.js';
import { addTotals, type FillTotals } from '../fills.js';
import { floorAmount, isTradable } from '../market-rules.js';
import { Decimal, exactly, ZERO } from '../money.js';
import type { NetPnlLine } from '../net-pnl.js';
import type { GridGuard, OpenInventory } from './grid-guard.js';
import { costShare, openOf } from './grid-ledger.js';
import type { GridPlan } from './grid-plan.js';
import { isLive, type GridState } from './grid-state.js';

/** What the grid holds, and what it has realised: from fills alone. */
export interface GridInventory {
  /** Open in the grid's direction, dust included: bought for BUY, sold for SELL. Negative only when more was closed than opened. */
  readonly base: Decimal;
  /** What that cost (BUY) or brought (SELL), in quote, fees not counted. */
  readonly costQuote: Decimal;
  /** Entry fees of levels that are not through their round trip, in quote. */
  readonly openFeesQuote: Decimal;
  /** Cost of what was closed, and what closing it brought (BUY) or cost (SELL). */
  readonly matchedCostQuote: Decimal;
  readonly closedQuote: Decimal;
  /** All other fees, in quote. */
  readonly realizedFeesQuote: Decimal;
  /** sign * (closed - matched cost) - realised fees. */
  readonly realizedPnlQuote: Decimal;
  /** Traded on both sides. */
  readonly volumeQuote: Decimal;
  readonly feesQuote: Decimal;
}

/**
 * Sums over ended round trips, live levels and the closing of the net. What the net close took is charged at the average
 * cost of all that was open.
 */
export function gridInventory(plan: GridPlan, state: GridState): GridInventory {
  const { side } = plan.terms;
  const { ledger } = state;
  const netClose = addTotals(state.netClose.ended, state.netClose.current);
  let openBase = ledger.leftBase;
  let openCostQuote = ledger.leftCostQuote;
  let matchedCostQuote = ledger.matchedCostQuote;
  let closedQuote = exactly.sum(ledger.exits.filledQuote, netClose.filledQuote);
  let realizedFeesQuote = exactly.sum(ledger.entry.feesQuote, ledger.exits.feesQuote, netClose.feesQuote);
  let openFeesQuote = ZERO;
  let volumeQuote = exactly.sum(ledger.entry.filledQuote, closedQuote);
  for (const level of state.levels) {
    if (!isLive(level) || level.entry.fillCount === 0) continue;
    const open = openOf(side, level.entry, level.exits);
    openBase = exactly.sum(openBase, open.base);
    openCostQuote = exactly.sum(openCostQuote, open.costQuote);
    matchedCostQuote = exactly.sum(matchedCostQuote, open.matchedCostQuote);
    closedQuote = exactly.sum(closedQuote, level.exits.filledQuote);
    openFeesQuote = exactly.sum(openFeesQuote, level.entry.feesQuote);
    realizedFeesQuote = exactly.sum(realizedFeesQuote, level.exits.feesQuote);
    volumeQuote = exactly.sum(volumeQuote, level.entry.filledQuote, level.exits.filledQuote);
  }
  const byNetClose = netClose.filledBase.isZero() ? ZERO : costShare(openCostQuote, netClose.filledBase, openBase);
  matchedCostQuote = exactly.sum(matchedCostQuote, byNetClose);
  const gain = exactly.product(new Decimal(sideSign(side)), exactly.difference(closedQuote, matchedCostQuote));
  return {
    base: exactly.difference(openBase, netClose.filledBase),
    costQuote: exactly.difference(openCostQuote, byNetClose),
    openFeesQuote,
    matchedCostQuote,
    closedQuote,
    realizedFeesQuote,
    realizedPnlQuote: exactly.difference(gain, realizedFeesQuote),
    volumeQuote,
    feesQuote: exactly.sum(realizedFeesQuote, openFeesQuote),
  };
}

/**
 * P&L of the open inventory over its cost as a function of the mid price,
 *   fraction(mid) = (sign * (mid * base - cost) - entry fees) / cost
 * Null while nothing is open.
 */
export function inventoryLine(plan: GridGuard, { base, costQuote, openFeesQuote }: OpenInventory): NetPnlLine | null {
  if (!base.greaterThan(ZERO) || !costQuote.greaterThan(ZERO)) return null;
  const sign = new Decimal(sideSign(plan.terms.side));
  return {
    slope: exactly.product(sign, base),
    offset: exactly.difference(exactly.product(sign.negated(), costQuote), openFeesQuote),
    scale: costQuote,
  };
}

/** Whether the exchange would take an order that closes it, judged by its cost: a moment's price makes no dust. */
export function isGridTradable({ rules }: Pick<GridGuard, 'rules'>, { base, costQuote }: Pick<GridInventory, 'base' | 'costQuote'>): boolean {
  const wholeBase = floorAmount(rules, base);
  if (!wholeBase.greaterThan(ZERO)) return false;
  const closing = rules.contract === 'perpetual' ? { ...rules, minNotionalQuote: ZERO } : rules;
  return isTradable(closing, wholeBase, costQuote.dividedBy(base));
}

/** sign * (mid * base - cost) - entry fees, in quote; 0 while nothing is open or no price is known, but for the fees. */
export function openPnlQuote(plan: GridPlan, inventory: GridInventory, midQuote: Decimal | null): Decimal {
  const { base, costQuote, openFeesQuote } = inventory;
  const marked = midQuote === null ? costQuote : exactly.product(midQuote, base);
  const gain = exactly.product(new Decimal(sideSign(plan.terms.side)), exactly.difference(marked, costQuote));
  return exactly.difference(gain, openFeesQuote);
}

/** Average price of what is open, fees not counted; null while nothing is. */
export function averageOpenPriceQuote({ base, costQuote }: GridInventory): Decimal | null {
  return base.greaterThan(ZERO) ? costQuote.dividedBy(base) : null;
}

/** Mid price at which closing all that is open brings back its cost, its entry fees and `exitFeeFraction` of what it trades. Null while nothing is open. */
export function breakevenAfterFeesQuote(plan: GridPlan, inventory: GridInventory, exitFeeFraction: Decimal): Decimal | null {
  const { base, costQuote, openFeesQuote } = inventory;
  if (!base.greaterThan(ZERO)) return null;
  const sign = new Decimal(sideSign(plan.terms.side));
  const kept = exactly.difference(new Decimal(1), exactly.product(sign, exitFeeFraction));
  if (!kept.greaterThan(ZERO)) return null;
  return exactly.sum(costQuote, exactly.product(sign, openFeesQuote)).dividedBy(exactly.product(base, kept));
}

/** Everything that entries, exits and the net close traded, for checks against the exchange's ledger. */
export function gridTotals(state: GridState): { readonly entry: FillTotals; readonly exits: FillTotals } {
  let { entry } = state.ledger;
  let exits = addTotals(state.ledger.exits, addTotals(state.netClose.ended, state.netClose.current));
  for (const level of state.levels) {
    if (!isLive(level)) continue;
    entry = addTotals(entry, level.entry);
    exits = addTotals(exits, level.exits);
  }
  return { entry, exits };
}

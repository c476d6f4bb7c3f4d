import { exactly, ZERO, type Decimal } from '../money.js';
import { averageOpenPriceQuote, gridInventory, openPnlQuote, type GridInventory } from './grid-inventory.js';
import type { GridPlan } from './grid-plan.js';
import type { GridState } from './grid-state.js';

/** The numbers of a grid, all in quote but for the fractions. */
export interface GridMetrics {
  readonly inventory: GridInventory;
  /** Average price of what is open, fees not counted; null while nothing is. */
  readonly breakevenQuote: Decimal | null;
  /** P&L of the open inventory at mid, its entry fees taken off. */
  readonly positionPnlQuote: Decimal;
  /** Over the inventory's cost; 0 while nothing is open. */
  readonly positionPnlFraction: Decimal;
  readonly realizedBuyQuote: Decimal;
  readonly realizedSellQuote: Decimal;
  readonly realizedPnlQuote: Decimal;
  /** Over what was opened and is closed again, for both sides; 0 while nothing is. */
  readonly realizedPnlFraction: Decimal;
  readonly netPnlQuote: Decimal;
  /** Net P&L over the traded volume; 0 while nothing is traded. */
  readonly netPnlFraction: Decimal;
  readonly feesQuote: Decimal;
  readonly volumeQuote: Decimal;
  /** Shares of levels whose entry, or whose take profit, rests with nothing of it executed. */
  readonly openLiquidityQuote: Decimal;
  readonly closeLiquidityQuote: Decimal;
}

/** `midQuote` null: what is open is valued at its cost. Net = realised + position, each fee once, before and after the net is closed. */
export function gridMetrics(plan: GridPlan, state: GridState, midQuote: Decimal | null): GridMetrics {
  const inventory = gridInventory(plan, state);
  const { matchedCostQuote, closedQuote, realizedPnlQuote, volumeQuote, costQuote } = inventory;
  const long = plan.terms.side === 'BUY';
  const positionPnlQuote = openPnlQuote(plan, inventory, midQuote);
  const netPnlQuote = exactly.sum(realizedPnlQuote, positionPnlQuote);
  return {
    inventory,
    breakevenQuote: averageOpenPriceQuote(inventory),
    positionPnlQuote,
    positionPnlFraction: fraction(positionPnlQuote, costQuote),
    realizedBuyQuote: long ? matchedCostQuote : closedQuote,
    realizedSellQuote: long ? closedQuote : matchedCostQuote,
    realizedPnlQuote,
    realizedPnlFraction: fraction(realizedPnlQuote, matchedCostQuote),
    netPnlQuote,
    netPnlFraction: fraction(netPnlQuote, volumeQuote),
    feesQuote: inventory.feesQuote,
    volumeQuote,
    ...liquidity(plan, state),
  };
}

function liquidity(plan: GridPlan, state: GridState): Pick<GridMetrics, 'openLiquidityQuote' | 'closeLiquidityQuote'> {
  let openLiquidityQuote = ZERO;
  let closeLiquidityQuote = ZERO;
  for (const { index, amountQuote } of plan.levels) {
    const level = state.levels[index];
    if (level?.kind === 'entryOut' && level.entry.fillCount === 0) openLiquidityQuote = exactly.sum(openLiquidityQuote, amountQuote);
    if (level?.kind === 'takeProfitOut' && level.exits.fillCount === 0) closeLiquidityQuote = exactly.sum(closeLiquidityQuote, amountQuote);
  }
  return { openLiquidityQuote, closeLiquidityQuote };
}

function fraction(part: Decimal, whole: Decimal): Decimal {
  return whole.greaterThan(ZERO) ? part.dividedBy(whole) : ZERO;
}

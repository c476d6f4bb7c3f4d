import { exactly, toDecimalString, ZERO, type Decimal } from '../money.js';
import { gridMetrics } from './grid-metrics.js';
import type { GridPlan } from './grid-plan.js';
import type { GridState, LevelState } from './grid-state.js';

/** Order records that only the caller has, passed through as they are. */
export interface GridOrderLists {
  readonly filledOrders: readonly unknown[];
  readonly heldPositionOrders: readonly unknown[];
  readonly failedOrders: readonly unknown[];
  readonly canceledOrders: readonly unknown[];
  readonly fillEvents: readonly unknown[];
}

/** Names of the reference for the states of a level. */
const WIRE_STATES = {
  idle: 'NOT_ACTIVE',
  entryOut: 'OPEN_ORDER_PLACED',
  filled: 'OPEN_ORDER_FILLED',
  takeProfitOut: 'CLOSE_ORDER_PLACED',
  complete: 'COMPLETE',
} as const satisfies Record<LevelState['kind'], string>;

const SHOWN_DIGITS = 20;

/** The grid's custom_info under the names of the wire; amounts in quote as decimal text, fractions where the name ends in _pct. */
export function gridCustomInfo(plan: GridPlan, state: GridState, midQuote: Decimal | null, orders: GridOrderLists): Readonly<Record<string, unknown>> {
  const { terms, levels } = plan;
  const metrics = gridMetrics(plan, state, midQuote);
  const breakeven = shown(metrics.breakevenQuote ?? ZERO);
  const handedOver = state.phase.kind === 'ended' && state.phase.handedOver;
  return {
    side: terms.side,
    grid_side: terms.side,
    levels_by_state: levelsByState(state),
    filled_orders: orders.filledOrders,
    held_position_orders: orders.heldPositionOrders,
    held_position_value: handedOver ? shown(metrics.inventory.costQuote) : '0',
    failed_orders: orders.failedOrders,
    canceled_orders: orders.canceledOrders,
    fill_events: orders.fillEvents,
    realized_buy_size_quote: shown(metrics.realizedBuyQuote),
    realized_sell_size_quote: shown(metrics.realizedSellQuote),
    realized_imbalance_quote: shown(exactly.difference(metrics.realizedBuyQuote, metrics.realizedSellQuote)),
    realized_fees_quote: shown(metrics.inventory.realizedFeesQuote),
    realized_pnl_quote: shown(metrics.realizedPnlQuote),
    realized_pnl_pct: shown(metrics.realizedPnlFraction),
    position_size_quote: shown(metrics.inventory.costQuote),
    position_fees_quote: shown(metrics.inventory.openFeesQuote),
    position_pnl_quote: shown(metrics.positionPnlQuote),
    position_pnl_pct: shown(metrics.positionPnlFraction),
    break_even_price: breakeven,
    current_position_average_price: breakeven,
    open_liquidity_placed: toDecimalString(metrics.openLiquidityQuote),
    close_liquidity_placed: toDecimalString(metrics.closeLiquidityQuote),
    grid_level_prices: levels.map((level) => toDecimalString(level.priceQuote)),
    grid_tp_prices: levels.map((level) => toDecimalString(level.takeProfitPriceQuote)),
    grid_limit_price: terms.limitPriceQuote === null ? null : toDecimalString(terms.limitPriceQuote),
  };
}

function levelsByState(state: GridState): Readonly<Record<string, number>> {
  const counts: Record<string, number> = Object.fromEntries(Object.values(WIRE_STATES).map((name) => [name, 0]));
  for (const { kind } of state.levels) counts[WIRE_STATES[kind]] = (counts[WIRE_STATES[kind]] ?? 0) + 1;
  return counts;
}

function shown(value: Decimal): string {
  return toDecimalString(value.toDecimalPlaces(SHOWN_DIGITS));
}

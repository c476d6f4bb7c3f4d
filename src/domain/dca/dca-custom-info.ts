import { LIMITS } from '../limits.js';
import { Decimal, exactly, toDecimalString, ZERO } from '../money.js';
import { positionPnl } from '../position-accounting.js';
import { dcaEntryTotals, type DcaState } from './dca-state.js';
import type { DcaPlan } from './plan-dca.js';

/** What only the caller has, passed through as it is. */
export interface DcaOrderLists {
  readonly currentRetries: number;
  readonly orderIds: readonly string[];
  readonly heldPositionOrders: readonly unknown[];
}

const SHOWN_DIGITS = 20;

/** The custom_info of a DCA under the names of the wire, decimals as text; `exitPriceQuote`: best bid for a long, best ask for a short. */
export function dcaCustomInfo(plan: DcaPlan, state: DcaState, exitPriceQuote: Decimal | null, orders: DcaOrderLists): Readonly<Record<string, unknown>> {
  const { terms, rules, levels } = plan;
  const entry = dcaEntryTotals(state);
  const pnl = positionPnl({ side: terms.side, entry, exits: state.exits, rules, markPriceQuote: null });
  const prices = terms.levels.map(({ priceQuote }) => priceQuote);
  const ended = state.phase.kind === 'ended' ? state.phase : null;
  const targets = dcaTargets(plan);
  const average = pnl.averageEntryQuote;
  return {
    side: terms.side,
    current_position_average_price: average === null ? '0' : shown(average),
    target_position_average_price: shown(targets.averageQuote),
    target_break_even_price: shown(targets.breakevenQuote),
    filled_amount: toDecimalString(entry.filledBase),
    filled_amount_quote: toDecimalString(pnl.volumeQuote),
    max_amount_quote: toDecimalString(targets.maxAmountQuote),
    min_price: toDecimalString(Decimal.min(...prices)),
    max_price: toDecimalString(Decimal.max(...prices)),
    max_loss_quote: targets.maxLossQuote === null ? null : toDecimalString(targets.maxLossQuote),
    unrealized_pnl_when_last_order_filled: shown(targets.pnlAtLastLevelQuote),
    current_market_price: exitPriceQuote === null ? null : toDecimalString(exitPriceQuote),
    close_price: pnl.averageExitQuote === null ? (exitPriceQuote === null ? null : toDecimalString(exitPriceQuote)) : shown(pnl.averageExitQuote),
    close_type: ended?.closeType ?? null,
    close_timestamp: ended === null ? null : ended.atMs / 1000,
    n_levels: levels.length,
    trailing_stop_trigger_pct: state.trailingTrigger === null ? null : toDecimalString(state.trailingTrigger),
    total_executed_amount_backup: toDecimalString(state.exits.filledBase),
    current_retries: orders.currentRetries,
    max_retries: LIMITS.maxRetries,
    level_id: terms.levelId,
    order_ids: orders.orderIds,
    held_position_orders: orders.heldPositionOrders,
    levels: levels.map(({ index, priceQuote, amountBase }) => levelInfo(state, index, priceQuote, amountBase)),
  };
}

/**
 * Of the plan with all levels filled at their prices: average weighted by quote as the reference shows it, sum(p q) /
 * sum(q); the break-even price before fees, sum(q) / sum(q / p); and sum(q) * |extreme price - average| / average.
 */
export function dcaTargets({ terms: { levels, side, stopLossFraction } }: DcaPlan): { readonly maxAmountQuote: Decimal; readonly averageQuote: Decimal; readonly breakevenQuote: Decimal; readonly maxLossQuote: Decimal | null; readonly pnlAtLastLevelQuote: Decimal } {
  const sum = (values: readonly Decimal[]): Decimal => exactly.sum(ZERO, ...values);
  const maxAmountQuote = sum(levels.map(({ amountQuote }) => amountQuote));
  const averageQuote = sum(levels.map(({ amountQuote, priceQuote }) => exactly.product(amountQuote, priceQuote))).dividedBy(maxAmountQuote);
  const base = sum(levels.map(({ amountQuote, priceQuote }) => amountQuote.dividedBy(priceQuote)));
  const prices = levels.map(({ priceQuote }) => priceQuote);
  const extreme = side === 'BUY' ? Decimal.min(...prices) : Decimal.max(...prices);
  return {
    maxAmountQuote,
    averageQuote,
    breakevenQuote: maxAmountQuote.dividedBy(base),
    maxLossQuote: stopLossFraction === null ? null : exactly.product(maxAmountQuote, stopLossFraction),
    pnlAtLastLevelQuote: exactly.product(maxAmountQuote, extreme.minus(averageQuote).abs()).dividedBy(averageQuote),
  };
}

function levelInfo(state: DcaState, index: number, priceQuote: Decimal, amountBase: Decimal): Readonly<Record<string, unknown>> {
  const level = state.levels[index];
  return {
    index,
    price: toDecimalString(priceQuote),
    amount_base: toDecimalString(amountBase),
    state: level?.kind ?? 'waiting',
    filled_base: level === undefined || level.kind === 'waiting' ? '0' : toDecimalString(level.totals.filledBase),
    refusal: level?.kind === 'done' ? level.refusal : null,
  };
}

function shown(value: Decimal): string {
  return toDecimalString(value.toDecimalPlaces(SHOWN_DIGITS));
}

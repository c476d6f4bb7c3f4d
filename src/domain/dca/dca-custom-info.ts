import { LIMITS } from '../limits.js';
import { Decimal, exactly, toDecimalString, ZERO } from '../money.js';
import { positionPnl } from '../position-accounting.js';
import type { DcaProgress } from './dca-progress.js';
import type { DcaPlan } from './plan-dca.js';

/** What only the caller has, passed through as it is. */
export interface DcaOrderLists {
  readonly currentRetries: number;
  readonly orderIds: readonly string[];
  readonly heldPositionOrders: readonly unknown[];
}

const SHOWN_DIGITS = 20;

/** The custom_info of a DCA under the names of the wire, decimals as text. Of the price of now only readers know. */
export function dcaCustomInfo(plan: DcaPlan, progress: DcaProgress, orders: DcaOrderLists): Readonly<Record<string, unknown>> {
  const { terms, rules, levels } = plan;
  const { entry, exits, end, trailingTrigger } = progress;
  const pnl = positionPnl({ side: terms.side, entry, exits, rules, markPriceQuote: null });
  return {
    ...dcaPlanInfo(plan),
    current_position_average_price: pnl.averageEntryQuote === null ? '0' : shown(pnl.averageEntryQuote),
    filled_amount: toDecimalString(entry.filledBase),
    filled_amount_quote: toDecimalString(pnl.volumeQuote),
    current_market_price: null,
    close_price: pnl.averageExitQuote === null ? null : shown(pnl.averageExitQuote),
    close_type: end?.closeType ?? null,
    close_timestamp: end === null ? null : end.atMs / 1000,
    trailing_stop_trigger_pct: trailingTrigger === null ? null : toDecimalString(trailingTrigger),
    total_executed_amount_backup: toDecimalString(exits.filledBase),
    current_retries: orders.currentRetries,
    order_ids: orders.orderIds,
    held_position_orders: orders.heldPositionOrders,
    levels: levels.map(({ index, priceQuote, amountBase }) => levelInfo(progress, index, priceQuote, amountBase)),
  };
}

/** The part of it that follows from the plan alone. */
export function dcaPlanInfo(plan: DcaPlan): Readonly<Record<string, unknown>> {
  const { terms, levels } = plan;
  const prices = terms.levels.map(({ priceQuote }) => priceQuote);
  const targets = dcaTargets(plan);
  return {
    side: terms.side,
    target_position_average_price: shown(targets.averageQuote),
    target_break_even_price: shown(targets.breakevenQuote),
    max_amount_quote: toDecimalString(targets.maxAmountQuote),
    min_price: toDecimalString(Decimal.min(...prices)),
    max_price: toDecimalString(Decimal.max(...prices)),
    max_loss_quote: targets.maxLossQuote === null ? null : toDecimalString(targets.maxLossQuote),
    unrealized_pnl_when_last_order_filled: shown(targets.pnlAtLastLevelQuote),
    n_levels: levels.length,
    max_retries: LIMITS.maxRetries,
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

function levelInfo(progress: DcaProgress, index: number, priceQuote: Decimal, amountBase: Decimal): Readonly<Record<string, unknown>> {
  const level = progress.levels[index];
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

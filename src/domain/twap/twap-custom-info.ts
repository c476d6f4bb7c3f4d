import { NO_FILLS } from '../fills.js';
import { LIMITS } from '../limits.js';
import type { MarketRules } from '../market-rules.js';
import { toDecimalString, type Decimal } from '../money.js';
import { slotCount, slotsLeft } from './slice-schedule.js';
import { twapPnl, twapTotals, unassignedQuote } from './twap-accounts.js';
import type { DoneSlice, OpenSlice, TwapState } from './twap-state.js';
import type { TwapTerms } from './twap-terms.js';

/** What only the caller has, passed through as it is. */
export interface TwapOrderLists {
  readonly currentRetries: number;
  readonly orderIds: readonly string[];
  readonly heldPositionOrders: readonly unknown[];
}

const SHOWN_DIGITS = 20;

/** The custom_info of a TWAP under the names of the wire, decimals as text; beside the reference's keys the account of each slice. */
export function twapCustomInfo(terms: TwapTerms, rules: MarketRules, state: TwapState, orders: TwapOrderLists): Readonly<Record<string, unknown>> {
  const totals = twapTotals(state);
  const { averageEntryQuote } = twapPnl(terms, rules, totals, NO_FILLS, null);
  const { missed, doneSum } = state;
  return {
    side: terms.side,
    current_position_average_price: averageEntryQuote === null ? null : shown(averageEntryQuote),
    filled_amount_base: toDecimalString(totals.filledBase),
    filled_amount_quote: toDecimalString(totals.filledQuote),
    current_retries: orders.currentRetries,
    max_retries: LIMITS.maxRetries,
    order_ids: orders.orderIds,
    held_position_orders: orders.heldPositionOrders,
    slices: [...state.done.map((slice) => sliceInfo(slice, slice)), ...state.open.map((slice) => sliceInfo(slice, null))].slice(-LIMITS.maxTwapSlicesShown),
    slices_done: doneSum.count,
    slots: slotCount(state.schedule),
    slots_left: slotsLeft(state.schedule),
    catch_up: terms.catchUp,
    missed_slots: { skipped: missed.skipped, stretched: missed.stretched, burst: missed.burst },
    skipped_quote: toDecimalString(missed.skippedQuote),
    unassigned_quote: toDecimalString(unassignedQuote(terms, state)),
    last_breach: state.lastBreach,
  };
}

function sliceInfo(slice: OpenSlice, done: DoneSlice | null): Readonly<Record<string, unknown>> {
  return {
    number: slice.number,
    slot: slice.slot,
    origin: slice.origin,
    planned_quote: toDecimalString(slice.plannedQuote),
    sent_base: toDecimalString(slice.amountBase),
    price: slice.priceQuote === null ? null : toDecimalString(slice.priceQuote),
    filled_base: toDecimalString(slice.totals.filledBase),
    filled_quote: toDecimalString(slice.totals.filledQuote),
    short_quote: done === null ? null : toDecimalString(done.shortQuote),
    done: done !== null,
    refusal: done?.refusal ?? null,
  };
}

function shown(value: Decimal): string {
  return toDecimalString(value.toDecimalPlaces(SHOWN_DIGITS));
}

import type { PairAmounts } from '../amm/pair-amounts.js';
import type { PriceBounds } from '../amm/tick-range.js';
import type { SIDES } from '../enumerations.js';
import { toDecimalString, ZERO, type Decimal } from '../money.js';
import type { LpGas } from './lp-gas.js';
import { lpPnl, type LpDeposit, type LpHolding } from './lp-pnl.js';
import type { LpState } from './lp-state.js';
import { outOfRangeSeconds, type OutOfRange } from './out-of-range.js';

/** Transactions of an executor by what they were for. All hashes of one nonce count: any of them may be the one that won. */
export interface LpTransactionHashes {
  readonly approve: readonly string[];
  readonly open: readonly string[];
  readonly close: readonly string[];
  readonly swap: readonly string[];
}

/** All that the custom_info of an LP tells. */
export interface LpView {
  readonly side: (typeof SIDES)[keyof typeof SIDES];
  readonly state: LpState;
  /** Token id of the position; null until it is open. */
  readonly positionAddress: string | null;
  readonly currentPriceQuote: Decimal | null;
  /** As they are on chain once the position is open, as asked for before. */
  readonly bounds: PriceBounds;
  readonly configured: PairAmounts;
  readonly deposit: LpDeposit | null;
  readonly holding: LpHolding;
  readonly gas: LpGas;
  readonly outOfRange: OutOfRange | null;
  readonly nowMs: number;
  readonly heldPositionOrders: readonly unknown[];
  readonly transactions: LpTransactionHashes;
  /** What closed it, in words of this program; null while it is open. */
  readonly trigger: string | null;
}

const SHOWN_DIGITS = 20;

/** The custom_info of an LP under the names of the wire, decimals as text; beside the reference's keys what this program adds. */
export function lpCustomInfo(view: LpView): Readonly<Record<string, unknown>> {
  const pnl = lpPnl(view.deposit, view.holding, view.currentPriceQuote, view.gas);
  const initial = view.deposit ?? view.configured;
  return {
    side: view.side,
    state: view.state,
    position_address: view.positionAddress,
    current_price: view.currentPriceQuote === null ? null : shown(view.currentPriceQuote),
    lower_price: shown(view.bounds.lowerPriceQuote),
    upper_price: shown(view.bounds.upperPriceQuote),
    base_amount: toDecimalString(view.holding.amountBase),
    quote_amount: toDecimalString(view.holding.amountQuote),
    base_fee: toDecimalString(view.holding.feeBase),
    quote_fee: toDecimalString(view.holding.feeQuote),
    fees_earned_quote: shown(pnl.feesEarnedQuote),
    total_value_quote: shown(pnl.valueQuote),
    unrealized_pnl_quote: shown(pnl.netPnlQuote),
    // Rent exists on other chains; here nothing is ever locked beside the deposit.
    position_rent: toDecimalString(ZERO),
    position_rent_refunded: toDecimalString(ZERO),
    tx_fee: toDecimalString(view.gas.gasNative),
    out_of_range_seconds: outOfRangeSeconds(view.outOfRange, view.nowMs),
    initial_base_amount: toDecimalString(initial.amountBase),
    initial_quote_amount: toDecimalString(initial.amountQuote),
    filled_amount_base: toDecimalString(view.holding.amountBase),
    filled_amount_quote: toDecimalString(view.holding.amountQuote),
    held_position_orders: view.heldPositionOrders,
    entry_price: view.deposit === null ? null : shown(view.deposit.priceQuote),
    initial_value_quote: shown(pnl.initialQuote),
    hodl_value_quote: shown(pnl.hodlQuote),
    divergence_quote: shown(pnl.divergenceQuote),
    tx_fee_quote: shown(view.gas.gasQuote),
    gas_excluded: pnl.gasExcluded,
    tx_hashes: view.transactions,
    trigger: view.trigger,
  };
}

function shown(value: Decimal): string {
  return toDecimalString(value.toDecimalPlaces(SHOWN_DIGITS));
}

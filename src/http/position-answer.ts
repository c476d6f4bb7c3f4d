import type { HeldPositionList, HeldPositionView } from '../client/held-positions.js';
import { exactly, toDecimalString, ZERO, type Decimal } from '../domain/money.js';
import { ExactNumber } from '../schema/exact-number.js';
import { isoTime, money } from './executor-answer.js';

/** A held position as the wire has it; prices and the unrealised part are null when they are not known. */
export function positionAnswer({ controllerId, position, summary }: HeldPositionView): Record<string, unknown> {
  return {
    trading_pair: position.pair,
    connector_name: position.connector,
    account_name: position.account,
    controller_id: controllerId,
    position_side: summary.position_side,
    hedge_side: position.positionSide ?? null,
    ...amount('buy_amount_base', summary.buy_amount_base),
    ...amount('buy_amount_quote', summary.buy_amount_quote),
    ...amount('sell_amount_base', summary.sell_amount_base),
    ...amount('sell_amount_quote', summary.sell_amount_quote),
    ...amount('net_amount_base', summary.net_amount_base),
    ...amount('matched_amount_base', summary.matched_amount_base),
    ...amount('unmatched_amount_base', summary.unmatched_amount_base),
    ...amount('realized_pnl_quote', summary.realized_pnl_quote),
    ...amount('unrealized_pnl_quote', summary.unrealized_pnl_quote),
    ...amount('cum_fees_quote', summary.cum_fees_quote),
    ...amount('funding_quote', summary.funding_quote),
    ...amount('volume_traded_quote', summary.volume_traded_quote),
    ...amount('global_pnl_quote', summary.global_pnl_quote),
    buy_breakeven_price: price(summary.buy_breakeven_price),
    sell_breakeven_price: price(summary.sell_breakeven_price),
    breakeven_price_after_fees: price(summary.breakeven_price_after_fees),
    current_price: price(summary.current_price),
    executor_count: position.executorCount,
    executor_ids: position.executorIds,
    last_updated: isoTime(position.lastUpdatedMs),
  };
}

/**
 * All held positions with volume left. The totals count flat ones too: what they realised does not vanish. A total is null
 * as soon as one part of it is unknown; `unreadable_controllers` is there only when it is not empty.
 */
export function positionsSummary({ views, unreadable }: HeldPositionList): Record<string, unknown> {
  const complete = unreadable.length === 0;
  const open = views.filter((view) => view.summary.position_side !== 'FLAT');
  const realized = views.reduce<Decimal>((sum, view) => exactly.sum(sum, view.summary.realized_pnl_quote), ZERO);
  const unrealized = open.reduce<Decimal | null>((sum, { summary }) => (sum === null || summary.unrealized_pnl_quote === null ? null : exactly.sum(sum, summary.unrealized_pnl_quote)), ZERO);
  const fees = views.reduce<Decimal>((sum, view) => exactly.sum(sum, view.summary.cum_fees_quote), ZERO);
  return {
    total_positions: open.length,
    ...amount('total_realized_pnl', complete ? realized : null),
    ...amount('total_unrealized_pnl', complete ? unrealized : null),
    ...amount('total_fees_quote', complete ? fees : null),
    positions: open.map(positionAnswer),
    ...(complete ? {} : { unreadable_controllers: unreadable.map(({ controllerId, message }) => ({ controller_id: controllerId, error: message })) }),
  };
}

function amount(name: string, value: Decimal | null): Record<string, unknown> {
  return value === null ? { [name]: null, [`${name}_exact`]: null } : money(name, toDecimalString(value));
}

/** Quotients have 40 digits; 16 are what a reader and a double can hold. */
function price(value: Decimal | null): ExactNumber | null {
  return value === null ? null : new ExactNumber(toDecimalString(value.toSignificantDigits(16)));
}

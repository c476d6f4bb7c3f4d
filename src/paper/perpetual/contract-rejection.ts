export type ContractRejectionReason =
  | 'unknown_symbol'
  | 'price_precision'
  | 'quantity_precision'
  | 'price_tick'
  | 'price_below_minimum'
  | 'price_above_maximum'
  | 'quantity_step'
  | 'quantity_below_minimum'
  | 'quantity_above_maximum'
  | 'notional'
  | 'max_open_orders'
  | 'max_conditional_orders'
  | 'duplicate_client_order_id'
  | 'position_side_mismatch'
  | 'reduce_only_rejected'
  | 'reduce_only_in_hedge_mode'
  | 'margin_insufficient'
  | 'max_position'
  | 'would_take'
  | 'not_fillable'
  | 'would_trigger'
  | 'close_position_exists'
  | 'cancel_unknown_order'
  | 'order_not_found'
  | 'nothing_to_modify'
  | 'not_modifiable'
  | 'leverage_invalid'
  | 'leverage_too_low_for_position'
  | 'isolated_leverage_reduction'
  | 'margin_mode_unchanged'
  | 'margin_mode_open_orders'
  | 'margin_mode_position'
  | 'position_mode_unchanged'
  | 'position_mode_open_orders'
  | 'position_mode_position';

/** The perpetual market refuses a request. Nothing was changed. `detail` fills a number into the message. */
export class ContractRejection extends Error {
  override readonly name = 'ContractRejection';

  constructor(
    readonly reason: ContractRejectionReason,
    readonly detail = '',
  ) {
    super(`rejected: ${reason}${detail === '' ? '' : ` (${detail})`}`);
  }
}

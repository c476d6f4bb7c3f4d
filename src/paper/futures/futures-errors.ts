import { WireError } from '../binance/wire-error.js';
import type { ContractRejection, ContractRejectionReason } from '../perpetual/contract-rejection.js';

/** A refusal as Binance USD-M answers it. */
export function futuresErrorOf(rejection: ContractRejection): WireError {
  const [code, message] = ANSWERS[rejection.reason];
  return new WireError(code, message.replace('{detail}', rejection.detail));
}

const ANSWERS: Readonly<Record<ContractRejectionReason, readonly [code: number, message: string]>> = {
  unknown_symbol: [-1121, 'Invalid symbol.'],
  price_precision: [-1111, 'Precision is over the maximum defined for this asset.'],
  quantity_precision: [-1111, 'Precision is over the maximum defined for this asset.'],
  price_tick: [-4014, 'Price not increased by tick size.'],
  price_below_minimum: [-4013, 'Price less than min price.'],
  price_above_maximum: [-4002, 'Price greater than max price.'],
  quantity_step: [-4023, 'Qty not increased by step size.'],
  quantity_below_minimum: [-4004, 'Quantity less than min quantity.'],
  quantity_above_maximum: [-4005, 'Quantity greater than max quantity.'],
  notional: [-4164, "Order's notional must be no smaller than {detail} (unless you choose reduce only)."],
  max_open_orders: [-2025, 'Reach max open order limit.'],
  max_conditional_orders: [-4045, 'Reach max stop order limit.'],
  duplicate_client_order_id: [-4116, 'ClientOrderId is duplicated.'],
  position_side_mismatch: [-4061, "Order's position side does not match user's setting."],
  reduce_only_rejected: [-2022, 'ReduceOnly Order is rejected.'],
  reduce_only_in_hedge_mode: [-1106, "Parameter 'reduceonly' sent when not required."],
  margin_insufficient: [-2019, 'Margin is insufficient.'],
  max_position: [-2027, 'Exceeded the maximum allowable position at current leverage.'],
  would_take: [-5022, 'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history'],
  not_fillable: [-5021, 'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history'],
  would_trigger: [-2021, 'Order would immediately trigger.'],
  close_position_exists: [-4130, 'An open stop or take profit order with GTE and closePosition in the direction is existing.'],
  cancel_unknown_order: [-2011, 'Unknown order sent.'],
  order_not_found: [-2013, 'Order does not exist.'],
  nothing_to_modify: [-5027, 'No need to modify the order.'],
  not_modifiable: [-5026, 'Modify order quantity of the order has been exceeded.'],
  leverage_invalid: [-4028, 'Leverage {detail} is not valid'],
  leverage_too_low_for_position: [-2028, 'Leverage is smaller than permitted: insufficient margin balance'],
  isolated_leverage_reduction: [-4161, 'Leverage reduction is not supported in Isolated Margin Mode with open positions.'],
  margin_mode_unchanged: [-4046, 'No need to change margin type.'],
  margin_mode_open_orders: [-4047, 'Margin type cannot be changed if there exists open orders.'],
  margin_mode_position: [-4048, 'Margin type cannot be changed if there exists position.'],
  position_mode_unchanged: [-4059, 'No need to change position side.'],
  position_mode_open_orders: [-4067, 'Position side cannot be changed if there exists open orders.'],
  position_mode_position: [-4068, 'Position side cannot be changed if there exists position.'],
};

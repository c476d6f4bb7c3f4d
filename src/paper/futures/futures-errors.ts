import { WireError } from '../binance/wire-error.js';
import type { ContractRejection, ContractRejectionReason } from '../perpetual/contract-rejection.js';

/** A refusal as Binance USD-M answers it. */
export function futuresErrorOf(rejection: ContractRejection): WireError {
  const [code, message] = describe(rejection.reason, rejection.detail);
  return new WireError(code, message);
}

function describe(reason: ContractRejectionReason, detail: string): readonly [code: number, message: string] {
  switch (reason) {
    case 'unknown_symbol':
      return [-1121, 'Invalid symbol.'];
    case 'price_precision':
    case 'quantity_precision':
      return [-1111, 'Precision is over the maximum defined for this asset.'];
    case 'price_tick':
      return [-4014, 'Price not increased by tick size.'];
    case 'price_below_minimum':
      return [-4013, 'Price less than min price.'];
    case 'price_above_maximum':
      return [-4002, 'Price greater than max price.'];
    case 'quantity_step':
      return [-4023, 'Qty not increased by step size.'];
    case 'quantity_below_minimum':
      return [-4004, 'Quantity less than min quantity.'];
    case 'quantity_above_maximum':
      return [-4005, 'Quantity greater than max quantity.'];
    case 'notional':
      return [-4164, `Order's notional must be no smaller than ${detail} (unless you choose reduce only).`];
    case 'max_open_orders':
      return [-2025, 'Reach max open order limit.'];
    case 'max_conditional_orders':
      return [-4045, 'Reach max stop order limit.'];
    case 'duplicate_client_order_id':
      return [-4116, 'ClientOrderId is duplicated.'];
    case 'position_side_mismatch':
      return [-4061, "Order's position side does not match user's setting."];
    case 'reduce_only_rejected':
      return [-2022, 'ReduceOnly Order is rejected.'];
    case 'reduce_only_in_hedge_mode':
      return [-1106, "Parameter 'reduceonly' sent when not required."];
    case 'margin_insufficient':
      return [-2019, 'Margin is insufficient.'];
    case 'max_position':
      return [-2027, 'Exceeded the maximum allowable position at current leverage.'];
    case 'would_take':
      return [-5022, 'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history'];
    case 'not_fillable':
      return [-5021, 'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history'];
    case 'would_trigger':
      return [-2021, 'Order would immediately trigger.'];
    case 'close_position_exists':
      return [-4130, 'An open stop or take profit order with GTE and closePosition in the direction is existing.'];
    case 'cancel_unknown_order':
      return [-2011, 'Unknown order sent.'];
    case 'order_not_found':
      return [-2013, 'Order does not exist.'];
    case 'nothing_to_modify':
      return [-5027, 'No need to modify the order.'];
    case 'not_modifiable':
      return [-5026, 'Modify order quantity of the order has been exceeded.'];
    case 'leverage_invalid':
      return [-4028, `Leverage ${detail} is not valid`];
    case 'leverage_too_low_for_position':
      return [-2028, 'Leverage is smaller than permitted: insufficient margin balance'];
    case 'isolated_leverage_reduction':
      return [-4161, 'Leverage reduction is not supported in Isolated Margin Mode with open positions.'];
    case 'margin_mode_unchanged':
      return [-4046, 'No need to change margin type.'];
    case 'margin_mode_open_orders':
      return [-4047, 'Margin type cannot be changed if there exists open orders.'];
    case 'margin_mode_position':
      return [-4048, 'Margin type cannot be changed if there exists position.'];
    case 'position_mode_unchanged':
      return [-4059, 'No need to change position side.'];
    case 'position_mode_open_orders':
      return [-4067, 'Position side cannot be changed if there exists open orders.'];
    case 'position_mode_position':
      return [-4068, 'Position side cannot be changed if there exists position.'];
  }
}

import type { Rejection, RejectionReason } from '../exchange/rejection.js';

/** An error as Binance spot answers it. Code and text are what client libraries classify by. */
export class WireError extends Error {
  override readonly name = 'WireError';

  constructor(
    readonly code: number,
    message: string,
    readonly httpStatus = 400,
    /** What the answer tells besides, such as the two halves of a replacement. */
    private readonly data?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }

  toJson(): { code: number; msg: string; data?: Readonly<Record<string, unknown>> } {
    return { code: this.code, msg: this.message, ...(this.data === undefined ? {} : { data: this.data }) };
  }
}

const NEW_ORDER_REJECTED = -2010;
const FILTER_FAILURE = -1013;

export function wireErrorOf(rejection: Rejection): WireError {
  return describe(rejection.reason);
}

function describe(reason: RejectionReason): WireError {
  switch (reason) {
    case 'price_filter':
      return new WireError(FILTER_FAILURE, 'Filter failure: PRICE_FILTER');
    case 'lot_size':
      return new WireError(FILTER_FAILURE, 'Filter failure: LOT_SIZE');
    case 'market_lot_size':
      return new WireError(FILTER_FAILURE, 'Filter failure: MARKET_LOT_SIZE');
    case 'notional':
      return new WireError(FILTER_FAILURE, 'Filter failure: NOTIONAL');
    case 'max_open_orders':
      return new WireError(FILTER_FAILURE, 'Filter failure: MAX_NUM_ORDERS');
    case 'unknown_symbol':
      return new WireError(-1121, 'Invalid symbol.');
    case 'duplicate_client_order_id':
      return new WireError(NEW_ORDER_REJECTED, 'Duplicate order sent.');
    case 'insufficient_balance':
      return new WireError(NEW_ORDER_REJECTED, 'Account has insufficient balance for requested action.');
    case 'would_match':
      return new WireError(NEW_ORDER_REJECTED, 'Order would immediately match and take.');
    case 'would_trigger':
      return new WireError(NEW_ORDER_REJECTED, 'Stop price would trigger immediately.');
    case 'cancel_unknown_order':
      return new WireError(-2011, 'Unknown order sent.');
    case 'cancel_restricted':
      return new WireError(-2011, 'Order was not canceled due to cancel restrictions.');
    case 'order_not_found':
      return new WireError(-2013, 'Order does not exist.');
    case 'order_archived':
      return new WireError(-2026, 'Order was canceled or expired with no executed qty over 90 days ago and has been archived.');
  }
}

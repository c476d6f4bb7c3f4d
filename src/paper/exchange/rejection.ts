import type { RuleViolation } from '../matching/instrument.js';

export type RejectionReason =
  | RuleViolation['rule']
  | 'unknown_symbol'
  | 'max_open_orders'
  | 'duplicate_client_order_id'
  | 'insufficient_balance'
  | 'would_match'
  | 'would_trigger'
  | 'cancel_unknown_order'
  | 'cancel_restricted'
  | 'order_not_found'
  | 'order_archived';

/** The exchange refuses a request for a reason its customer can act on. Nothing was changed. */
export class Rejection extends Error {
  override readonly name = 'Rejection';

  constructor(readonly reason: RejectionReason) {
    super(`rejected: ${reason}`);
  }
}

/** A control request names something that does not exist or cannot be done in the present state. */
export class ControlConflict extends Error {
  override readonly name = 'ControlConflict';
}

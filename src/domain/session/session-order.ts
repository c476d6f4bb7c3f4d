import type { OrderType, Side } from '../enumerations.js';
import type { OrderLedger } from '../fills.js';
import type { Decimal } from '../money.js';

/** `work`: carries out an amount. `takeProfit`: closes a target of an exit. `exchangeStop`: its native stop. `close`: closes what is left. */
export type OrderPurpose = 'work' | 'takeProfit' | 'exchangeStop' | 'close';

export type EndedHow = 'filled' | 'cancelled' | 'expired' | 'rejected' | 'notSent';

/**
 * Where one exchange order stands. Only ever moves forward: an order that ended stays ended, whatever a late answer says.
 * - submitting: the request is on its way; no other request about the order is made.
 * - unknown: no answer; looked up until found, or until "missing" is final. `forgotten`: it was there, and is finally missing;
 *   its trades and what it would lock decide.
 * - open: at the exchange.
 * - ended: no more fills can come. Settled once trades account for every unit the exchange claims was executed.
 */
export type OrderStage =
  | { readonly kind: 'submitting' }
  | { readonly kind: 'unknown'; readonly missingIsFinalAfterMs: number; readonly forgotten?: true }
  | { readonly kind: 'open' }
  | { readonly kind: 'ended'; readonly how: EndedHow };

export interface SessionOrder {
  readonly sequence: number;
  readonly purpose: OrderPurpose;
  /** Of a take profit, counted from 1. */
  readonly target: number | null;
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
  /** Of a native stop: the price at which it fires. */
  readonly stopPriceQuote: Decimal | null;
  readonly stage: OrderStage;
  readonly exchangeOrderId: string | null;
  /**
   * Executed amount as the exchange's order state claims: a lower bound while the order is open, the last word once it
   * ended; null while it never said. Money comes from the ledger only.
   */
  readonly claimedBase: Decimal | null;
  readonly ledger: OrderLedger;
  readonly cancelWanted: boolean;
  /** The one request under way about this order. */
  readonly request: 'submit' | OrderRequest | null;
  /** No request before this time. */
  readonly nextRequestAtMs: number;
  /** Consecutive requests without a useful answer. */
  readonly attempts: number;
}

/** What is asked about an order that was sent. */
export type OrderRequest = 'cancel' | 'lookUp' | 'trades' | 'prove';

/** Ended, and every executed unit is backed by a trade. */
export function isSettled(order: SessionOrder): boolean {
  return (
    order.stage.kind === 'ended' &&
    order.claimedBase !== null &&
    order.ledger.totals.filledBase.greaterThanOrEqualTo(order.claimedBase)
  );
}

/** The exchange claims more than the trades read so far show. */
export function owesTrades(order: SessionOrder): boolean {
  return order.claimedBase !== null && order.claimedBase.greaterThan(order.ledger.totals.filledBase);
}

/** What the order may still execute or has executed without proof: the amount to keep free for it. */
export function exposedBase(order: SessionOrder): Decimal {
  return isSettled(order) ? order.ledger.totals.filledBase : order.amountBase;
}

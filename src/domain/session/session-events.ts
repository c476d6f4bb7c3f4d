import type { ErrorCode } from '../errors.js';
import type { OrderType, Side } from '../enumerations.js';
import type { Fill, FillTotals } from '../fills.js';
import type { MarkPrices } from '../mark-price.js';
import type { Decimal } from '../money.js';
import type { PlanChanges } from './amended-plan.js';
import type { LiquidationShare } from './liquidation.js';
import type { OrderPurpose } from './session-order.js';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Ms the exchange asked to wait. */
  readonly retryAfterMs: number | null;
}

/** An order as the exchange tells it. */
export interface OrderSighting {
  readonly exchangeOrderId: string;
  readonly state: 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';
  readonly executedBase: Decimal;
}

/** An order of ours found at the exchange when a session resumes. */
export interface RecoveredOrder {
  readonly sequence: number;
  readonly purpose: OrderPurpose;
  readonly target: number | null;
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
  readonly stopPriceQuote: Decimal | null;
  readonly sighting: OrderSighting;
  readonly fills: readonly Fill[];
}

/** Fills of orders of other sessions of the same executor, and whether more can come. */
export interface RelatedFills {
  readonly totals: FillTotals;
  readonly finished: boolean;
  /** What they are the sum of, when it is of several; by workflow id. */
  readonly parts?: readonly { readonly workflowId: string; readonly totals: FillTotals }[];
}

/** Everything a session can learn. Each carries the time at which it was learnt. */
export type SessionEvent = { readonly nowMs: number } & (
  | { readonly kind: 'tick' }
  /** The best exit price of a time in which nobody looked, from the exchange's candles: it moves the trailing stop, and nothing else. */
  | { readonly kind: 'peak'; readonly exitPriceQuote: Decimal }
  /** Best prices, null on an empty side. `marks`: what earlier frames leave of that side, when the session has not seen them all. */
  | { readonly kind: 'price'; readonly bidQuote: Decimal | null; readonly askQuote: Decimal | null; readonly marks?: MarkPrices }
  /** What the hedge of a pegged order would be taken at, in the quote of the order; null: it cannot be taken now. */
  | { readonly kind: 'hedgePrice'; readonly priceQuote: Decimal | null }
  /**
   * What the exchange lists under the ids of this session. `final`: asked late enough that nothing sent by an earlier
   * attempt can still appear; nothing is submitted before that.
   */
  | { readonly kind: 'recovered'; readonly orders: readonly RecoveredOrder[]; readonly final: boolean }
  | { readonly kind: 'funds'; readonly sufficient: boolean; readonly message: string }
  | { readonly kind: 'guard'; readonly armed: boolean }
  /** Somebody paused the session: an entry or order withdraws what rests and sends nothing; an exit stays armed. */
  | { readonly kind: 'hold'; readonly held: boolean }
  /** The exchange itself closed a part of what this exit protects. */
  | { readonly kind: 'liquidated'; readonly shares: readonly LiquidationShare[] }
  /** The account's position is smaller than what is to be closed, and no liquidation explains it: no more than this can be reduced. */
  | { readonly kind: 'reducible'; readonly leftBase: Decimal }
  | { readonly kind: 'protected'; readonly fills: RelatedFills }
  | { readonly kind: 'predecessors'; readonly fills: RelatedFills }
  /** The exit of a grid: what its levels opened, and what they closed of it. */
  | { readonly kind: 'levels'; readonly protected: RelatedFills; readonly predecessors: RelatedFills }
  | { readonly kind: 'submitAccepted'; readonly sequence: number; readonly sighting: OrderSighting; readonly fills: readonly Fill[] }
  | { readonly kind: 'submitRejected'; readonly sequence: number; readonly failure: Failure }
  | { readonly kind: 'submitNotSent'; readonly sequence: number; readonly failure: Failure }
  | { readonly kind: 'submitUnknown'; readonly sequence: number; readonly failure: Failure; readonly sentAtMs: number }
  | { readonly kind: 'cancelConfirmed'; readonly sequence: number; readonly sighting: OrderSighting | null }
  | { readonly kind: 'cancelRefused'; readonly sequence: number; readonly failure: Failure }
  | { readonly kind: 'cancelUnknown'; readonly sequence: number; readonly failure: Failure }
  /** It never left: nothing has changed, and there is nothing to look up. */
  | { readonly kind: 'cancelNotSent'; readonly sequence: number; readonly failure: Failure }
  | { readonly kind: 'lookUpFound'; readonly sequence: number; readonly sighting: OrderSighting }
  | { readonly kind: 'lookUpMissing'; readonly sequence: number; readonly askedAtMs: number }
  | { readonly kind: 'lookUpUnknown'; readonly sequence: number; readonly failure: Failure }
  /** It is over, and these are all its trades: said of an order that the exchange does not know any more. */
  | { readonly kind: 'endProven'; readonly sequence: number; readonly fills: readonly Fill[] }
  | { readonly kind: 'tradesRead'; readonly sequence: number; readonly fills: readonly Fill[] }
  | { readonly kind: 'tradesUnknown'; readonly sequence: number; readonly failure: Failure }
  /** News of the stream or of a batch reconcile: hints, but true ones. */
  | { readonly kind: 'sighted'; readonly sequence: number; readonly sighting: OrderSighting }
  /** A fill may be the first that is heard of an order, and the last: it tells the exchange's id of it. */
  | { readonly kind: 'fillSeen'; readonly sequence: number; readonly fill: Fill; readonly exchangeOrderId?: string }
  /** A batch reconcile did not list an order that was open when it was asked. */
  | { readonly kind: 'notListed'; readonly sequence: number }
  | { readonly kind: 'feeValued'; readonly sequence: number; readonly tradeId: string; readonly asset: string; readonly valueQuote: Decimal }
  /** The plan changes. `changes` are all that amendments have changed so far; one that is not newer than the last is ignored. */
  | { readonly kind: 'amend'; readonly sequence: number; readonly changes: PlanChanges }
  /** Exit: close everything now. A working session takes it as cancel. */
  | { readonly kind: 'fire'; readonly reason: string }
  /** `afterFills`: an exit ends no sooner than what it protects is over and counted. */
  | { readonly kind: 'cancel'; readonly reason: string; readonly afterFills?: boolean }
);

export type SessionEventKind = SessionEvent['kind'];

/** What the session asks its runtime to do. Every request is answered by exactly one event. */
export type SessionCommand =
  | { readonly kind: 'submit'; readonly sequence: number; readonly purpose: OrderPurpose; readonly side: Side; readonly type: OrderType; readonly amountBase: Decimal; readonly priceQuote: Decimal | null; readonly stopPriceQuote: Decimal | null }
  | { readonly kind: 'cancel'; readonly sequence: number }
  | { readonly kind: 'lookUp'; readonly sequence: number }
  | { readonly kind: 'readTrades'; readonly sequence: number }
  /** Answered by `endProven`, by `lookUpFound` when it is open after all, or by `lookUpUnknown`. */
  | { readonly kind: 'proveEnd'; readonly sequence: number }
  /** Reserve what the plan needs; answered by `funds`. */
  | { readonly kind: 'reserve' }
  /** Stop the sessions whose fills are protected, and earlier exits; answered by `protected` and `predecessors`. */
  | { readonly kind: 'stopProtected'; readonly reason: string }
  | { readonly kind: 'stopPredecessors'; readonly reason: string };

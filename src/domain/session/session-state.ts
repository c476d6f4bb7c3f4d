import { NO_FILLS, addTotals, unvaluedFees, type FillTotals } from '../fills.js';
import { NO_MARKS, type MarkPrices } from '../mark-price.js';
import type { Decimal } from '../money.js';
import type { BarrierTrigger } from '../barriers.js';
import type { GridTrigger } from '../grid/grid-barriers.js';
import type { Failure, RelatedFills } from './session-events.js';
import type { Amended } from './amended-plan.js';
import { foldedBase, type FoldedOrders } from './fold-orders.js';
import { UNTRIED_STOP, type ExchangeStopCare } from './exchange-stop-care.js';
import { liquidatedBase, liquidatedTotals, type LiquidationShare } from './liquidation.js';
import { isSettled, type SessionOrder } from './session-order.js';

/** What the session is after. Leaves `work` once and never comes back. */
export type SessionGoal =
  | { readonly kind: 'work' }
  /** Exit fired: cancel what rests, stop what it protects, sell the net remainder at market. */
  | { readonly kind: 'close'; readonly sinceMs: number }
  /** Cancel what is open, confirm, count, end. */
  | { readonly kind: 'stop'; readonly reason: string; readonly afterFills?: boolean };

export type SessionEnd =
  | { readonly kind: 'completed' }
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'insufficientBalance'; readonly message: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Numbers compared when an exit fired. */
export interface Trigger {
  readonly trigger: BarrierTrigger | 'COMMAND' | 'LIQUIDATION';
  readonly command: string | null;
  readonly atMs: number;
  readonly exitPriceQuote: Decimal | null;
  readonly protectedTotals: FillTotals;
  readonly trailingTrigger: Decimal | null;
  /** Closed before, by targets and by earlier exits. */
  readonly closedBase: Decimal;
  /** The stop stood at the entry plus fees. */
  readonly breakeven: boolean;
  /** Number of the last amendment whose barriers were compared, 0 = none. */
  readonly amendment: number;
  readonly grid?: GridTrigger;
  /** The native stop at the exchange had fired. */
  readonly exchangeStop: boolean;
}

export interface Attention {
  readonly code: Failure['code'];
  readonly message: string;
}

export interface SessionState {
  readonly nowMs: number;
  readonly goal: SessionGoal;
  readonly end: SessionEnd | null;
  readonly recovered: 'no' | 'listed' | 'final';
  readonly funds: 'notAsked' | 'asked' | 'reserved';
  readonly guardArmed: boolean;
  /** When the guard was last seen armed; the start while it never was. */
  readonly guardLostAtMs: number;
  readonly held: boolean;
  /** What has been changed of the plan; null = nothing. */
  readonly amended: Amended | null;
  readonly orders: readonly SessionOrder[];
  /** The oldest settled orders, as a sum. */
  readonly folded: FoldedOrders | null;
  /** What the exchange itself closed of the position. */
  readonly liquidated: readonly LiquidationShare[];
  /**
   * What this session can close in all, in base: what the exchange said was left to reduce, when that was less than was to
   * be closed, and what was executed by then. Null = it never said.
   */
  readonly reducibleInAllBase: Decimal | null;
  readonly nextSequence: number;
  readonly bidQuote: Decimal | null;
  readonly askQuote: Decimal | null;
  /** Of a pegged order: at what price its hedge would be taken, in its own quote; null price: at none. */
  readonly hedgePrice: { readonly priceQuote: Decimal | null; readonly atMs: number } | null;
  /** What barriers are judged by: the best prices, and on an empty side the last one, moved to the worse. */
  readonly marks: MarkPrices;
  readonly trailingTrigger: Decimal | null;
  /** The target that moves the stop to the entry plus fees was filled. */
  readonly breakeven: boolean;
  readonly exchangeStop: ExchangeStopCare;
  readonly protectedFills: RelatedFills;
  readonly predecessorFills: RelatedFills;
  /** A closing exit is past its patience. */
  readonly closingAtMarket: boolean;
  readonly stopsSent: boolean;
  /** Earlier exits were told to hand over. */
  readonly takeoverSent: boolean;
  readonly trigger: Trigger | null;
  /** Refused submissions so far. */
  readonly retries: number;
  /** Consecutive submissions that did not lead to an order, for the backoff. */
  readonly failedInARow: number;
  readonly nextSubmitAtMs: number;
  /** Up to when the orders placed anew by choice have used the allowance; see `renewalAllowedFromMs`. */
  readonly renewalsPaidUntilMs: number;
  /** Since when the book is not believed: it may show our own order at this price; null price: it made an order cross. */
  readonly bookDoubt: { readonly sinceMs: number; readonly priceQuote: Decimal | null } | null;
  readonly lastFailure: Failure | null;
  readonly attention: Attention | null;
  /** Since when only the value of a fee is missing for the end. */
  readonly endHeldSinceMs: number | null;
}

export function initialSession(nowMs: number, hasPredecessors: boolean): SessionState {
  return {
    nowMs,
    goal: { kind: 'work' },
    end: null,
    recovered: 'no',
    funds: 'notAsked',
    guardArmed: false,
    guardLostAtMs: nowMs,
    held: false,
    amended: null,
    orders: [],
    folded: null,
    liquidated: [],
    reducibleInAllBase: null,
    nextSequence: 1,
    bidQuote: null,
    askQuote: null,
    hedgePrice: null,
    marks: NO_MARKS,
    trailingTrigger: null,
    breakeven: false,
    exchangeStop: UNTRIED_STOP,
    protectedFills: { totals: NO_FILLS, finished: false },
    predecessorFills: { totals: NO_FILLS, finished: !hasPredecessors },
    closingAtMarket: false,
    stopsSent: false,
    takeoverSent: false,
    trigger: null,
    retries: 0,
    failedInARow: 0,
    nextSubmitAtMs: 0,
    renewalsPaidUntilMs: 0,
    bookDoubt: null,
    lastFailure: null,
    attention: null,
    endHeldSinceMs: null,
  };
}

export function unsettledOrders(state: SessionState): readonly SessionOrder[] {
  return state.orders.filter((order) => !isSettled(order));
}

/** All fills of this session, counted once each. */
export function sessionTotals(state: SessionState): FillTotals {
  const earlier = addTotals(state.folded?.totals ?? NO_FILLS, liquidatedTotals(state.liquidated));
  return state.orders.reduce<FillTotals>((sum, order) => addTotals(sum, order.ledger.totals), earlier);
}

/** Executed base, for decisions in the hot path. */
export function executedBase(state: SessionState): Decimal {
  let sum = foldedBase(state.folded);
  if (state.liquidated.length > 0) sum = sum.plus(liquidatedBase(state.liquidated));
  for (const order of state.orders) sum = sum.plus(order.ledger.totals.filledBase);
  return sum;
}

export function hasUnvaluedFees(state: SessionState): boolean {
  return state.orders.some((order) => Object.keys(unvaluedFees(order.ledger)).length > 0);
}

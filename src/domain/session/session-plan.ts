import type { Barriers } from '../barriers.js';
import type { ChaserTerms } from '../chaser-price.js';
import type { ExchangeStop } from '../exchange-stop-price.js';
import type { ExecutionStrategy, Side } from '../enumerations.js';
import { LIMITS } from '../limits.js';
import type { GridBounds } from '../grid/grid-guard.js';
import type { MarketRules } from '../market-rules.js';
import type { Decimal } from '../money.js';
import type { QuoteBand } from '../xemm/maker-quote.js';
import type { ClosingTerms } from './close-escalation.js';

/** `hedge`: takes on its own market what another leg fills on its. */
export type SessionRole = 'order' | 'entry' | 'exit' | 'hedge';

/** The part of an order plan the reducer works with, in Decimals. */
export interface SessionPlan {
  readonly role: SessionRole;
  readonly rules: MarketRules;
  readonly side: Side;
  /** Base to execute; null for an exit, whose amount follows from what it protects. */
  readonly amountBase: Decimal | null;
  readonly strategy: ExecutionStrategy;
  /** Null for MARKET, for a chaser, and for exits. */
  readonly priceQuote: Decimal | null;
  /** How a LIMIT_CHASER follows the book; null for every other strategy. */
  readonly chaser: ChaserTerms | null;
  /** Of an order that is priced by what its hedge would cost; absent of every other. */
  readonly peg?: QuoteBand;
  readonly activationBounds: readonly Decimal[];
  readonly maxRetries: number;
  /** Nothing is sent unless the exit that protects it is armed. */
  readonly guarded: boolean;
  readonly arm: SessionArm | null;
  readonly timing: SessionTiming;
}

export interface SessionArm {
  readonly barriers: Barriers;
  /** Null = off. */
  readonly exchangeStop: ExchangeStop | null;
  /** Patience in closing; null = at market at once, whatever the reason. */
  readonly closing: ClosingTerms | null;
  readonly entrySide: Side;
  readonly activationBounds: readonly Decimal[];
  /** Only of the exit of a grid, in place of the barriers. */
  readonly grid?: GridBounds;
  /** True when earlier exits of the same position exist: they are stopped and counted before this one closes anything. */
  readonly hasPredecessors: boolean;
}

/** Waits of a session, in ms; see LIMITS for the reasons. */
export interface SessionTiming {
  readonly requestDeadlineMs: number;
  readonly readLagMs: number;
  readonly siblingWaitMs: number;
  readonly feeValuationMs: number;
  readonly unsellableWaitMs: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxRefusalPauseMs: number;
  readonly maxExitPauseMs: number;
  /** Orders placed anew by choice: one per interval, and this many at once after a quiet time. */
  readonly renewalIntervalMs: number;
  readonly renewalBurst: number;
  /** How long a book is not believed that may show our own ended order, or that refused a post-only order. */
  readonly freshBookMs: number;
  /** How long a hedge price is believed that nobody tells again. */
  readonly hedgePriceMs: number;
  /** Settled orders of an order or entry that are kept one by one; older ones are folded into a sum. */
  readonly keptOrders: number;
  /** Consecutive unanswered requests after which the session asks for attention. */
  readonly attentionAfter: number;
}

/** A pegged order follows a market that is not its own, and earns nothing while it waits. */
export const PEGGED_TIMING_CHANGES = { renewalIntervalMs: LIMITS.requoteIntervalMs, renewalBurst: LIMITS.requoteBurst } as const;

export const SESSION_TIMING: SessionTiming = {
  requestDeadlineMs: LIMITS.requestDeadlineMs,
  readLagMs: LIMITS.readLagMs,
  siblingWaitMs: LIMITS.siblingWaitMs,
  feeValuationMs: LIMITS.feeValuationMs,
  unsellableWaitMs: LIMITS.unsellableWaitMs,
  firstBackoffMs: LIMITS.firstBackoffMs,
  maxBackoffMs: LIMITS.maxBackoffMs,
  maxRefusalPauseMs: LIMITS.maxRefusalPauseMs,
  maxExitPauseMs: LIMITS.maxExitPauseMs,
  renewalIntervalMs: LIMITS.renewalIntervalMs,
  renewalBurst: LIMITS.renewalBurst,
  freshBookMs: LIMITS.freshBookMs,
  hedgePriceMs: LIMITS.hedgePriceMs,
  keptOrders: LIMITS.maxOrdersInReport - 1,
  attentionAfter: 5,
};

/** Pause before attempt `attempts + 1`, doubling from the first to the longest. */
export function backoffMs(timing: SessionTiming, attempts: number): number {
  return Math.min(timing.maxBackoffMs, timing.firstBackoffMs * 2 ** Math.min(attempts, 20));
}

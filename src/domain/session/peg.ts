import type { Decimal } from '../money.js';
import { judgeQuote, makerQuotePrice, type QuoteBand } from '../xemm/maker-quote.js';
import { payRenewal, renewalAllowedFromMs } from './order-pace.js';
import type { SessionPlan } from './session-plan.js';
import type { SessionState } from './session-state.js';
import { wantCancelled } from './submit-order.js';

/** Price of the next pegged order; null while nobody knows at what price it could be hedged. */
export function pegPrice(plan: SessionPlan, peg: QuoteBand, state: SessionState): Decimal | null {
  const hedge = hedgePrice(plan, state);
  return hedge === null ? null : makerQuotePrice(plan.rules, plan.side, peg, hedge);
}

/**
 * Takes an order back that stands outside its band, or whose hedge has no price any more: at once, because each moment
 * may fill it. The next one follows at the pace of renewals.
 */
export function keepPegged(plan: SessionPlan, peg: QuoteBand, state: SessionState): SessionState {
  if (!mustMove(plan, peg, state)) return state;
  const withdrawn = payRenewal(plan.timing, wantCancelled(state, () => true));
  return { ...withdrawn, nextSubmitAtMs: Math.max(withdrawn.nextSubmitAtMs, renewalAllowedFromMs(plan.timing, withdrawn)) };
}

/** Whether the hedge price of now calls for another order than the one that rests. */
export function mustMove(plan: SessionPlan, peg: QuoteBand, state: SessionState): boolean {
  const hedge = hedgePrice(plan, state);
  return state.orders.some(
    (order) => order.stage.kind === 'open' && !order.cancelWanted && order.priceQuote !== null && (hedge === null || judgeQuote(plan.rules, plan.side, peg, order.priceQuote, hedge) !== 'keep'),
  );
}

/** When an untold change makes the hedge price too old to stand on; null = it has none. */
export function pegWakeAtMs(plan: SessionPlan, state: SessionState): number | null {
  return state.hedgePrice === null ? null : state.hedgePrice.atMs + plan.timing.hedgePriceMs;
}

function hedgePrice(plan: SessionPlan, state: SessionState): Decimal | null {
  if (state.hedgePrice === null || state.nowMs >= state.hedgePrice.atMs + plan.timing.hedgePriceMs) return null;
  return state.hedgePrice.priceQuote;
}

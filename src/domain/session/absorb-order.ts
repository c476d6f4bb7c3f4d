import { EMPTY_LEDGER, recordFill, valueLateFee, type Fill } from '../fills.js';
import { ZERO, type Decimal } from '../money.js';
import type { OrderSighting, RecoveredOrder, SessionEvent } from './session-events.js';
import { owesTrades, type EndedHow, type SessionOrder } from './session-order.js';
import { backoffMs, type SessionPlan } from './session-plan.js';


/** Events about one order, by sequence. */
export type OrderEvent = Exclude<Extract<SessionEvent, { readonly sequence: number }>, { readonly kind: 'amend' }>;

/** What one order becomes when the session learns something about it. Facts only; what to do next is decided elsewhere. */
export function absorbOrder(plan: SessionPlan, order: SessionOrder, event: OrderEvent): SessionOrder {
  switch (event.kind) {
    case 'submitAccepted':
      return sighted(answered(withFills(plan, order, event.fills), event.nowMs), event.sighting);
    case 'submitRejected':
      // The id is taken: by this very order, of which an earlier copy of the request told nothing.
      if (event.failure.code === 'DUPLICATE_ORDER') return submitUnknown(plan, order, event.nowMs, event.nowMs);
      return order.stage.kind === 'submitting' ? neverExisted(order, 'rejected') : answered(order, event.nowMs);
    case 'submitNotSent':
      return order.stage.kind === 'submitting' ? neverExisted(order, 'notSent') : answered(order, event.nowMs);
    case 'submitUnknown':
      return submitUnknown(plan, order, event.nowMs, event.sentAtMs);
    case 'cancelConfirmed':
      return cancelConfirmed(plan, order, event.sighting, event.nowMs);
    case 'cancelRefused':
      // Not open any more, or not yet visible: only a look-up tells which, and the first one at once.
      return order.attempts === 0 ? { ...retryLater(plan, order, event.nowMs), nextRequestAtMs: event.nowMs } : retryLater(plan, order, event.nowMs);
    case 'lookUpFound':
      return lookUpFound(plan, order, event.sighting, event.nowMs);
    case 'lookUpMissing':
      return lookUpMissing(plan, order, event.nowMs, event.askedAtMs);
    case 'endProven':
      return endProven(plan, order, event.fills, event.nowMs);
    case 'tradesRead': {
      const read = withFills(plan, answered(order, event.nowMs), event.fills);
      return owesTrades(read) ? retryLater(plan, { ...read, attempts: order.attempts }, event.nowMs) : read;
    }
    case 'cancelNotSent':
      return cancelNotSent(plan, order, event.nowMs, event.failure.retryAfterMs);
    case 'cancelUnknown':
    case 'lookUpUnknown':
    case 'tradesUnknown':
      return retryLater(plan, order, event.nowMs, event.failure.retryAfterMs);
    case 'sighted':
      return sighted(order, event.sighting);
    case 'fillSeen':
      return withFills(plan, { ...order, exchangeOrderId: event.exchangeOrderId ?? order.exchangeOrderId }, [event.fill]);
    case 'notListed':
      return order.stage.kind === 'open' && order.request === null ? { ...order, stage: { kind: 'unknown', missingIsFinalAfterMs: event.nowMs + plan.timing.readLagMs }, nextRequestAtMs: event.nowMs } : order;
    case 'feeValued':
      return { ...order, ledger: valueLateFee(order.ledger, event.tradeId, event.asset, event.valueQuote) };
    default:
      return unreachable(event);
  }
}

/** An order that an earlier attempt of this session sent. */
export function recoveredOrder(plan: SessionPlan, found: RecoveredOrder): SessionOrder {
  const order: SessionOrder = {
    sequence: found.sequence,
    purpose: found.purpose,
    target: found.target,
    side: found.side,
    type: found.type,
    amountBase: found.amountBase,
    priceQuote: found.priceQuote,
    stopPriceQuote: found.stopPriceQuote,
    stage: { kind: 'open' },
    exchangeOrderId: found.sighting.exchangeOrderId,
    claimedBase: null,
    ledger: EMPTY_LEDGER,
    cancelWanted: false,
    request: null,
    nextRequestAtMs: 0,
    attempts: 0,
  };
  return sighted(withFills(plan, order, found.fills), found.sighting);
}

export function withFills(plan: SessionPlan, order: SessionOrder, fills: readonly Fill[]): SessionOrder {
  let ledger = order.ledger;
  for (const fill of fills) ledger = recordFill(ledger, fill, plan.rules);
  if (ledger === order.ledger) return order;
  const complete = ledger.totals.filledBase.greaterThanOrEqualTo(order.amountBase);
  if (!complete) return { ...order, ledger };
  // Trades for the whole amount prove the end of the order, whatever its state says.
  const stage = order.stage.kind === 'ended' ? order.stage : ({ kind: 'ended', how: 'filled' } as const);
  return { ...order, ledger, claimedBase: order.amountBase, stage };
}

/** What an open order executed is a lower bound, and may be told late; only the sighting of its end is the last word. */
function sighted(order: SessionOrder, sighting: OrderSighting): SessionOrder {
  // A stop that fires becomes an order with another id, which its trade tells. News of the stop may come later than that.
  const isLate = sighting.state === 'open' && order.ledger.tradeIds.size > 0;
  const seen = { ...order, exchangeOrderId: isLate ? (order.exchangeOrderId ?? sighting.exchangeOrderId) : sighting.exchangeOrderId };
  if (sighting.state !== 'open') {
    const how = order.stage.kind === 'ended' && order.claimedBase !== null ? order.stage.how : sighting.state;
    return { ...seen, claimedBase: largest(order.claimedBase, sighting.executedBase), stage: { kind: 'ended', how } };
  }
  if (order.stage.kind === 'ended') return seen;
  // A stream may speak before the answer to the submission: the request stays out, the stage moves on.
  return { ...seen, claimedBase: largest(order.claimedBase, sighting.executedBase), stage: { kind: 'open' } };
}

function submitUnknown(plan: SessionPlan, order: SessionOrder, nowMs: number, sentAtMs: number): SessionOrder {
  const free = answered(order, nowMs);
  if (order.stage.kind !== 'submitting') return free;
  const missingIsFinalAfterMs = Math.max(nowMs, sentAtMs + plan.timing.requestDeadlineMs) + plan.timing.readLagMs;
  return { ...free, stage: { kind: 'unknown', missingIsFinalAfterMs } };
}

function cancelConfirmed(plan: SessionPlan, order: SessionOrder, sighting: OrderSighting | null, nowMs: number): SessionOrder {
  // Accepted and not carried out yet: it may still trade, so it is not over.
  if (sighting?.state === 'open') return sighted(retryLater(plan, order, nowMs), sighting);
  const free = answered(order, nowMs);
  if (sighting !== null) return sighted(free, sighting);
  // The end is known, the executed amount is not: a look-up brings it.
  return free.stage.kind === 'ended' ? free : { ...free, stage: { kind: 'ended', how: 'cancelled' }, claimedBase: null };
}

function lookUpFound(plan: SessionPlan, order: SessionOrder, sighting: OrderSighting, nowMs: number): SessionOrder {
  const stillOpen = sighting.state === 'open' && ((order.type === 'MARKET' && order.purpose !== 'exchangeStop') || (order.stage.kind === 'open' && order.cancelWanted));
  // A reader that is behind still calls open what is over.
  const behind = sighting.state === 'open' && order.stage.kind === 'ended';
  if (!stillOpen && !behind) return sighted(answered(order, nowMs), sighting);
  // Not what was asked for. The exchange answers, so it is asked again soon, but never in a tight loop.
  const later = retryLater(plan, order, nowMs);
  return sighted({ ...later, nextRequestAtMs: Math.min(later.nextRequestAtMs, nowMs + plan.timing.maxRefusalPauseMs) }, sighting);
}

function lookUpMissing(plan: SessionPlan, order: SessionOrder, nowMs: number, askedAtMs: number): SessionOrder {
  const everSeen = order.exchangeOrderId !== null || order.ledger.tradeIds.size > 0;
  const { stage } = order;
  const isFinal = stage.kind === 'unknown' && askedAtMs >= stage.missingIsFinalAfterMs;
  if (isFinal && !everSeen) return neverExisted(order, 'notSent');
  // It was there, and a reader cannot be that far behind: the exchange has forgotten it.
  if (isFinal) return { ...answered(order, nowMs), stage: { ...stage, forgotten: true } };
  const later = retryLater(plan, order, nowMs);
  // A cancel was refused because nothing of that id is open, and now a look-up finds nothing either.
  return stage.kind === 'open' && everSeen ? { ...later, stage: { kind: 'unknown', missingIsFinalAfterMs: nowMs + plan.timing.readLagMs } } : later;
}

/** What the exchange claimed before it forgot the order stays owed until trades account for it. */
function endProven(plan: SessionPlan, order: SessionOrder, fills: readonly Fill[], nowMs: number): SessionOrder {
  const proven = withFills(plan, answered(order, nowMs), fills);
  const claimedBase = largest(proven.claimedBase, proven.ledger.totals.filledBase);
  return proven.stage.kind === 'ended' ? { ...proven, claimedBase } : { ...proven, claimedBase, stage: { kind: 'ended', how: 'cancelled' } };
}

function neverExisted(order: SessionOrder, how: EndedHow): SessionOrder {
  return { ...order, request: null, attempts: 0, stage: { kind: 'ended', how }, claimedBase: ZERO };
}

function answered(order: SessionOrder, nowMs: number): SessionOrder {
  return { ...order, request: null, attempts: 0, nextRequestAtMs: nowMs };
}

function retryLater(plan: SessionPlan, order: SessionOrder, nowMs: number, retryAfterMs: number | null = null): SessionOrder {
  // What an exit protects is open meanwhile: it never waits long.
  const longestMs = plan.arm === null ? plan.timing.maxBackoffMs : plan.timing.maxExitPauseMs;
  const pauseMs = Math.max(Math.min(backoffMs(plan.timing, order.attempts), longestMs), retryAfterMs ?? 0);
  return { ...order, request: null, attempts: order.attempts + 1, nextRequestAtMs: nowMs + pauseMs };
}

/** The same request again, as soon as it may leave; an even number of attempts more, because a look-up follows each odd one. */
function cancelNotSent(plan: SessionPlan, order: SessionOrder, nowMs: number, retryAfterMs: number | null): SessionOrder {
  const later = retryLater(plan, order, nowMs);
  const nextRequestAtMs = retryAfterMs === null ? later.nextRequestAtMs : nowMs + Math.max(retryAfterMs, plan.timing.firstBackoffMs);
  return { ...later, attempts: order.attempts + 2, nextRequestAtMs };
}

function largest(known: Decimal | null, told: Decimal): Decimal {
  return known !== null && known.greaterThan(told) ? known : told;
}

function unreachable(event: never): never {
  throw new Error(`unhandled order event ${JSON.stringify(event)}`);
}

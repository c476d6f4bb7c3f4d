import type { OpenOrder } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { OrderRecord, SessionResult, TriggerEvidence } from '../../src/contract/session-result.js';
import { barriersFromRecord, closableBase } from '../../src/domain/barriers.js';
import { NO_FILLS, addTotals, totalsRecord, unvaluedFees } from '../../src/domain/fills.js';
import { orderTypeOf } from '../../src/domain/enumerations.js';
import { LIMITS } from '../../src/domain/limits.js';
import { gridBounds } from '../../src/domain/grid/grid-guard.js';
import { closingRules, marketRules } from '../../src/domain/market-rules.js';
import { ZERO, decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';
import { hedgeOwedBase } from '../../src/domain/session/advance-hedge.js';
import { remainingBase } from '../../src/domain/session/advance-work.js';
import { closingFromText } from '../../src/domain/session/close-escalation.js';
import type { FoldedOrders } from '../../src/domain/session/fold-orders.js';
import type { LiquidationShare } from '../../src/domain/session/liquidation.js';
import type { RelatedFills } from '../../src/domain/session/session-events.js';
import type { SessionOrder } from '../../src/domain/session/session-order.js';
import { PEGGED_TIMING_CHANGES, SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import { quoteBandFromText } from '../../src/domain/xemm/maker-quote.js';
import { executedBase, sessionTotals, unsettledOrders, type SessionState, type Trigger } from '../../src/domain/session/session-state.js';

/** The plan of history in the numbers the reducer works with. */
export function sessionPlan(plan: OrderPlan): SessionPlan {
  return {
    role: plan.role,
    rules: marketRules(plan.positionAction === 'CLOSE' ? closingRules(plan.rules) : plan.rules),
    side: plan.side,
    amountBase: plan.amountBase === null ? null : decimal(plan.amountBase),
    strategy: plan.strategy,
    priceQuote: plan.priceQuote === null ? null : decimal(plan.priceQuote),
    chaser: plan.chaser === null ? null : { distanceFraction: decimal(plan.chaser.distanceFraction), refreshThresholdFraction: decimal(plan.chaser.refreshThresholdFraction) },
    ...(plan.peg === undefined ? {} : { peg: quoteBandFromText(plan.peg) }),
    activationBounds: plan.activationBounds.map(decimal),
    maxRetries: plan.maxRetries,
    guarded: plan.guardedBy !== null,
    arm:
      plan.arm === null
        ? null
        : {
            barriers: barriersFromRecord(plan.arm.barriers),
            exchangeStop: plan.arm.exchangeStop === null ? null : { distanceFraction: decimal(plan.arm.exchangeStop.distanceFraction), triggeredBy: plan.arm.exchangeStop.triggeredBy },
            closing: plan.arm.closing === null ? null : closingFromText(plan.arm.closing),
            entrySide: plan.arm.entrySide,
            activationBounds: plan.arm.activationBounds.map(decimal),
            ...(plan.arm.grid === undefined ? {} : { grid: gridBounds(plan.arm.grid) }),
            // Levels of a grid close what they open: they are stopped and counted first, as earlier exits are.
            hasPredecessors: plan.arm.predecessors.length > 0 || plan.arm.grid !== undefined,
          },
    timing: plan.peg === undefined ? SESSION_TIMING : { ...SESSION_TIMING, ...PEGGED_TIMING_CHANGES },
  };
}

export function triggerEvidence(trigger: Trigger): TriggerEvidence {
  return {
    trigger: trigger.trigger,
    command: trigger.command,
    atMs: trigger.atMs,
    exitPriceQuote: text(trigger.exitPriceQuote),
    protectedTotals: totalsRecord(trigger.protectedTotals),
    trailingTriggerFraction: text(trigger.trailingTrigger),
    closedBase: toDecimalString(trigger.closedBase),
    breakeven: trigger.breakeven,
    amendment: trigger.amendment,
    exchangeStop: trigger.exchangeStop,
    ...(trigger.grid === undefined ? {} : { grid: trigger.grid }),
  };
}

export function sessionResult(plan: SessionPlan, state: SessionState, clientOrderId: (sequence: number) => string, endedAtMs: number): SessionResult {
  if (state.end === null) throw new Error('a session that has not ended has no result');
  const end: SessionResult['end'] = state.end.kind === 'failed' ? { kind: 'failed', code: state.end.failure.code, message: state.end.failure.message } : state.end;
  const unvalued: Record<string, Decimal> = { ...state.folded?.unvalued };
  for (const order of state.orders) {
    for (const [asset, amount] of Object.entries(unvaluedFees(order.ledger))) unvalued[asset] = (unvalued[asset] ?? ZERO).plus(amount);
  }
  return {
    end,
    totals: totalsRecord(sessionTotals(state)),
    orders: [...orderRecords(plan, state, clientOrderId), ...state.liquidated.map((share) => liquidationRecord(plan, share))],
    ordersSent: state.nextSequence - 1,
    retries: state.retries,
    trigger: state.trigger === null ? null : triggerEvidence(state.trigger),
    protectedTotals: plan.arm === null ? null : totalsRecord(state.protectedFills.totals),
    ...protectedParts(state.protectedFills.parts),
    predecessorTotals: plan.arm === null ? null : totalsRecord(state.predecessorFills.totals),
    residueBase: toDecimalString(residueBase(plan, state)),
    lastError: state.lastFailure?.message ?? null,
    unvaluedFees: Object.fromEntries(Object.entries(unvalued).map(([asset, amount]) => [asset, toDecimalString(amount)])),
    endedAtMs,
  };
}

/** The latest orders one by one, and what came before them as one sum: no fill is missing, however many orders there were. */
function orderRecords(plan: SessionPlan, { orders, folded }: SessionState, clientOrderId: (sequence: number) => string): readonly OrderRecord[] {
  if (folded !== null) return [foldedRecord(plan, folded, clientOrderId(folded.firstSequence)), ...orders.slice(-(LIMITS.maxOrdersInReport - 1)).map((order) => orderRecord(order, clientOrderId(order.sequence)))];
  const latest = orders.slice(-(LIMITS.maxOrdersInReport - 1));
  const earlier = orders.slice(0, orders.length - latest.length);
  const [first] = earlier;
  const records = latest.map((order) => orderRecord(order, clientOrderId(order.sequence)));
  if (first === undefined) return records;
  if (earlier.length === 1) return [orderRecord(first, clientOrderId(first.sequence)), ...records];
  const totals = earlier.reduce((sum, order) => addTotals(sum, order.ledger.totals), NO_FILLS);
  const amountBase = earlier.reduce((sum, order) => sum.plus(order.amountBase), ZERO);
  const sum = { ...orderRecord(first, clientOrderId(first.sequence)), amountBase: toDecimalString(amountBase), state: `sum of ${earlier.length} orders` };
  return [{ ...sum, totals: totalsRecord(totals) }, ...records];
}

function foldedRecord(plan: SessionPlan, folded: FoldedOrders, clientOrderId: string): OrderRecord {
  return {
    clientOrderId,
    exchangeOrderId: null,
    purpose: 'work',
    side: plan.side,
    type: orderTypeOf(plan.strategy),
    amountBase: toDecimalString(folded.amountBase),
    priceQuote: null,
    state: `sum of ${folded.count} orders`,
    totals: totalsRecord(folded.totals),
  };
}

function liquidationRecord(plan: SessionPlan, { clientOrderId, exchangeOrderId, totals }: LiquidationShare): OrderRecord {
  const amountBase = toDecimalString(totals.filledBase);
  return { clientOrderId, exchangeOrderId, purpose: 'liquidation', side: plan.side, type: 'MARKET', amountBase, priceQuote: null, state: 'filled', totals: totalsRecord(totals) };
}

/** What is out, the latest first to be left out when it is more than a message may carry. */
export function openOrders(plan: SessionPlan, state: SessionState, clientOrderId: (sequence: number) => string): readonly OpenOrder[] {
  return unsettledOrders(state)
    .slice(0, LIMITS.maxOpenOrdersTold)
    .map(({ sequence, purpose, side, type, amountBase, priceQuote, stopPriceQuote }) => ({
      clientOrderId: clientOrderId(sequence),
      purpose,
      side,
      type,
      amountBase: toDecimalString(amountBase),
      // One that follows the market is somewhere else before anybody reads of it.
      priceQuote: plan.chaser === null && plan.peg === undefined ? text(priceQuote) : null,
      triggerPriceQuote: text(stopPriceQuote),
    }));
}

function residueBase(plan: SessionPlan, state: SessionState): Decimal {
  if (state.end?.kind !== 'completed') return ZERO;
  if (plan.role === 'hedge') return hedgeOwedBase(state);
  if (plan.arm === null) return remainingBase(plan, state);
  const closable = closableBase(state.protectedFills.totals, plan.arm.entrySide, plan.rules);
  return closable.minus(state.predecessorFills.totals.filledBase).minus(executedBase(state));
}

function orderRecord(order: SessionOrder, clientOrderId: string): OrderRecord {
  return {
    clientOrderId,
    exchangeOrderId: order.exchangeOrderId,
    purpose: order.purpose,
    side: order.side,
    type: order.type,
    amountBase: toDecimalString(order.amountBase),
    priceQuote: text(order.priceQuote),
    state: order.stage.kind === 'ended' ? order.stage.how : order.stage.kind,
    totals: totalsRecord(order.ledger.totals),
  };
}

function text(value: Decimal | null): string | null {
  return value === null ? null : toDecimalString(value);
}

function protectedParts(parts: RelatedFills['parts']): Pick<SessionResult, 'protectedParts'> {
  return parts === undefined ? {} : { protectedParts: parts.map(({ workflowId, totals }) => ({ workflowId, totals: totalsRecord(totals) })) };
}

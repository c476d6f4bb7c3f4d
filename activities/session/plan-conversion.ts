import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { OrderRecord, SessionResult, TriggerEvidence } from '../../src/contract/session-result.js';
import { barriersFromRecord, closableBase } from '../../src/domain/barriers.js';
import { totalsRecord, unvaluedFees } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { ZERO, decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';
import { remainingBase } from '../../src/domain/session/advance-work.js';
import type { SessionOrder } from '../../src/domain/session/session-order.js';
import { SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import { executedBase, sessionTotals, type SessionState, type Trigger } from '../../src/domain/session/session-state.js';

/** The plan of history in the numbers the reducer works with. */
export function sessionPlan(plan: OrderPlan): SessionPlan {
  return {
    role: plan.role,
    rules: marketRules(plan.rules),
    side: plan.side,
    amountBase: plan.amountBase === null ? null : decimal(plan.amountBase),
    strategy: plan.strategy,
    priceQuote: plan.priceQuote === null ? null : decimal(plan.priceQuote),
    activationBounds: plan.activationBounds.map(decimal),
    maxRetries: plan.maxRetries,
    guarded: plan.guardedBy !== null,
    arm:
      plan.arm === null
        ? null
        : {
            barriers: barriersFromRecord(plan.arm.barriers),
            entrySide: plan.arm.entrySide,
            activationBounds: plan.arm.activationBounds.map(decimal),
            hasPredecessors: plan.arm.predecessors.length > 0,
          },
    timing: SESSION_TIMING,
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
  };
}

export function sessionResult(plan: SessionPlan, state: SessionState, clientOrderId: (sequence: number) => string, endedAtMs: number): SessionResult {
  if (state.end === null) throw new Error('a session that has not ended has no result');
  const end: SessionResult['end'] = state.end.kind === 'failed' ? { kind: 'failed', code: state.end.failure.code, message: state.end.failure.message } : state.end;
  const unvalued: Record<string, Decimal> = {};
  for (const order of state.orders) {
    for (const [asset, amount] of Object.entries(unvaluedFees(order.ledger))) unvalued[asset] = (unvalued[asset] ?? ZERO).plus(amount);
  }
  return {
    end,
    totals: totalsRecord(sessionTotals(state)),
    orders: state.orders.slice(-LIMITS.maxOrdersInReport).map((order) => orderRecord(order, clientOrderId(order.sequence))),
    ordersSent: state.nextSequence - 1,
    retries: state.retries,
    trigger: state.trigger === null ? null : triggerEvidence(state.trigger),
    protectedTotals: plan.arm === null ? null : totalsRecord(state.protectedFills.totals),
    predecessorTotals: plan.arm === null ? null : totalsRecord(state.predecessorFills.totals),
    residueBase: toDecimalString(residueBase(plan, state)),
    lastError: state.lastFailure?.message ?? null,
    unvaluedFees: Object.fromEntries(Object.entries(unvalued).map(([asset, amount]) => [asset, toDecimalString(amount)])),
    endedAtMs,
  };
}

function residueBase(plan: SessionPlan, state: SessionState): Decimal {
  if (state.end?.kind !== 'completed') return ZERO;
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

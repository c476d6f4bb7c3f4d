import { LIMITS } from '../../src/domain/limits.js';
import type { Fill } from '../../src/domain/fills.js';
import { decimal, toDecimalString } from '../../src/domain/money.js';
import type { Failure, RecoveredOrder, SessionCommand } from '../../src/domain/session/session-events.js';
import { exitPrice } from '../../src/domain/session/advance-exit.js';
import { exitUrgency } from '../../src/domain/exit-urgency.js';
import { remainingBase } from '../../src/domain/session/advance-work.js';
import type { ExchangeFailure, OrderIntent, OrderReference, RequestTurn } from '../../src/ports/exchange.js';
import { crashPoint } from '../crash-points.js';
import type { AccountServices } from './account-services.js';
import { failureOf, fillOf, isOurOrder, sightingOf } from './exchange-facts.js';
import { fundsFor } from './funds-for.js';
import type { OrderSession } from './order-session.js';
import { proveEnd } from './prove-end.js';
import { isReduceOnly } from './reduce-only.js';
import { recoverOrders } from './recover-orders.js';
import { judgeRival } from './rival-orders.js';

const REFUSALS: Readonly<Record<'lost' | 'unknown', Failure>> = {
  lost: { code: 'LEASE_LOST', message: 'this process no longer owns the account', retryAfterMs: null },
  unknown: { code: 'SERVER_UNREACHABLE', message: 'the Temporal server does not answer, so nothing that adds exposure is sent', retryAfterMs: null },
};
const STRICT: Failure = { code: 'SERVER_UNREACHABLE', message: 'the Temporal server does not answer, and of a strict account nothing is sent then', retryAfterMs: null };
/** One for all: a reason made at each end costs more than the end, when one price ends hundreds. */
const SESSION_ENDED = new Error('the session ended');
const SENT_BY_ANOTHER: Failure = { code: 'NOT_OWNER', message: 'another process owns the account and sent it', retryAfterMs: null };

type SubmitCommand = Extract<SessionCommand, { kind: 'submit' }>;

/** Carries out what a session's reducer asks for. Every request is answered by exactly one event, whatever happens. */
export class SessionRequests {
  private readonly watched: string[] = [];
  private closed = false;
  private readonly ended = new AbortController();

  constructor(private readonly session: OrderSession, private readonly services: AccountServices) {}

  run(command: SessionCommand): void {
    switch (command.kind) {
      case 'submit':
        this.track(this.submit(command));
        return;
      case 'cancel':
        void this.cancel(command.sequence);
        return;
      case 'lookUp':
        void this.lookUp(command.sequence);
        return;
      case 'readTrades':
        void this.readTrades(command.sequence);
        return;
      case 'proveEnd':
        void this.proveEnd(command.sequence);
        return;
      case 'reserve':
        void this.reserve();
        return;
      case 'stopProtected':
        if (this.session.plan.arm?.grid !== undefined) return this.session.stopLevels();
        for (const path of this.session.plan.arm?.protects ?? []) this.services.registry.requestStop(path.workflowId, command.reason);
        return;
      case 'stopPredecessors':
        if (this.session.plan.arm?.grid !== undefined) return this.session.stopLevels();
        for (const path of this.session.plan.arm?.predecessors ?? []) this.services.registry.requestStop(path.workflowId, command.reason);
        return;
      default:
        unreachable(command);
    }
  }

  /** Asks the exchange what an earlier attempt sent: at once, and again when nothing invisible can be left. */
  recover(): void {
    void recoverOrders(this.session, this.services, () => this.closed, (order) => {
      this.watch(this.session.clientOrderId(order.sequence), order.sequence);
      this.valueFees(order.sequence, order.fills);
    });
  }

  /** Values fees paid in a third asset by the price of the time of the trade. */
  valueFees(sequence: number, fills: readonly Fill[]): void {
    const { quote } = this.session.rules.rules;
    for (const fill of fills) {
      for (const fee of fill.fees) {
        if (fee.valueQuote !== null) continue;
        void this.services.priceAt(fee.asset, quote, fill.atMs).then(
          (price) => {
            if (price === null) return;
            this.tell({ kind: 'feeValued', sequence, tradeId: fill.tradeId, asset: fee.asset, valueQuote: fee.amount.times(decimal(price)), nowMs: Date.now() });
          },
          (error: unknown) => this.session.logger.warn({ asset: fee.asset, error: String(error) }, 'fee could not be valued'),
        );
      }
    }
  }

  close(): void {
    this.closed = true;
    this.ended.abort(SESSION_ENDED);
    this.services.orders.unwatch(this.watched);
  }

  private watch(clientOrderId: string, sequence: number): void {
    this.watched.push(clientOrderId);
    this.services.orders.watch(clientOrderId, this.session, sequence);
  }

  private track(request: Promise<void>): void {
    const { inFlight } = this.services;
    inFlight.add(request);
    void request.finally(() => inFlight.delete(request));
    if (this.session.plan.arm !== null) this.services.registry.exitTraffic.track(request);
  }

  private async submit(command: SubmitCommand): Promise<void> {
    const { sequence } = command;
    const { plan } = this.session;
    const clientOrderId = this.session.clientOrderId(sequence);
    this.watch(clientOrderId, sequence);
    const reduces = plan.arm !== null || plan.positionAction === 'CLOSE';
    if (!(await this.mayLeave(sequence, reduces))) return;
    const intent: OrderIntent = {
      pair: plan.pair,
      clientOrderId,
      side: command.side,
      type: command.type,
      amountBase: toDecimalString(command.amountBase),
      priceQuote: command.priceQuote === null ? null : toDecimalString(command.priceQuote),
      stop: command.stopPriceQuote === null ? null : { triggerPriceQuote: toDecimalString(command.stopPriceQuote), triggeredBy: plan.arm?.exchangeStop?.triggeredBy ?? 'last' },
      reduceOnly: isReduceOnly(this.session, this.services),
      positionAction: plan.positionAction,
      deadlineMs: LIMITS.requestDeadlineMs,
    };
    const sentAtMs = Date.now();
    crashPoint('before-send');
    const outcome = await this.services.exchange.submit(intent, this.turn()).catch((error: unknown) => ({ kind: 'unknown' as const, failure: thrown(error) }));
    const nowMs = Date.now();
    this.session.metrics.sent(command.purpose, outcome.kind);
    if (outcome.kind !== 'accepted') this.session.logger.warn({ sequence, outcome: outcome.kind, code: outcome.failure.code, failure: outcome.failure.message }, 'an order was not accepted');
    switch (outcome.kind) {
      case 'accepted': {
        crashPoint('after-commit');
        if (plan.arm === null || plan.role === 'hedge') this.services.funds.acknowledge(plan.path.workflowId);
        if (plan.role === 'hedge') void this.reserveRest();
        const fills = outcome.trades.map((trade) => fillOf(trade, this.session.rules.rules));
        this.tell({ kind: 'submitAccepted', sequence, sighting: sightingOf(outcome.order), fills, nowMs });
        this.valueFees(sequence, fills);
        return;
      }
      case 'rejected':
        if (outcome.failure.code === 'NOTHING_TO_REDUCE') this.services.perpetuals?.refused(this.session);
        return this.tell({ kind: 'submitRejected', sequence, failure: failureOf(outcome.failure), nowMs });
      case 'notSent':
        return this.tell({ kind: 'submitNotSent', sequence, failure: failureOf(outcome.failure), nowMs });
      case 'unknown':
        this.services.unansweredUntilMs = Math.max(this.services.unansweredUntilMs, sentAtMs + LIMITS.requestDeadlineMs);
        return this.tell({ kind: 'submitUnknown', sequence, failure: failureOf(outcome.failure), sentAtMs, nowMs });
      default:
        return unreachable(outcome);
    }
  }

  private async cancel(sequence: number): Promise<void> {
    if ((await this.services.lease.permit(LIMITS.requestDeadlineMs)) === 'lost') return;
    const outcome = await this.services.exchange.cancel(this.reference(sequence), this.turn()).catch((error: unknown) => ({ kind: 'unknown' as const, failure: thrown(error) }));
    const nowMs = Date.now();
    this.session.metrics.cancelled(outcome.kind);
    crashPoint('during-cancel');
    switch (outcome.kind) {
      case 'cancelled':
        return this.tell({ kind: 'cancelConfirmed', sequence, sighting: outcome.order === null ? null : sightingOf(outcome.order), nowMs });
      case 'notOpen':
        return this.tell({ kind: 'cancelRefused', sequence, failure: failureOf(outcome.failure), nowMs });
      case 'notSent':
        return this.tell({ kind: 'cancelNotSent', sequence, failure: failureOf(outcome.failure), nowMs });
      case 'unknown':
        return this.tell({ kind: 'cancelUnknown', sequence, failure: failureOf(outcome.failure), nowMs });
      default:
        return unreachable(outcome);
    }
  }

  private async lookUp(sequence: number): Promise<void> {
    const askedAtMs = Date.now();
    const order = this.session.current.orders.find((candidate) => candidate.sequence === sequence);
    const outcome = await this.services.exchange.lookUp(this.reference(sequence), this.turn()).catch((error: unknown) => ({ kind: 'unknown' as const, failure: thrown(error) }));
    const nowMs = Date.now();
    switch (outcome.kind) {
      case 'found':
        if (order !== undefined && !isOurOrder(order, outcome.order, this.session.rules.rules.contract)) return this.tell({ kind: 'lookUpUnknown', sequence, failure: foreign(outcome.order.clientOrderId), nowMs });
        return this.tell({ kind: 'lookUpFound', sequence, sighting: sightingOf(outcome.order), nowMs });
      case 'missing':
        return this.tell({ kind: 'lookUpMissing', sequence, askedAtMs, nowMs });
      case 'unknown':
        return this.tell({ kind: 'lookUpUnknown', sequence, failure: failureOf(outcome.failure), nowMs });
      default:
        return unreachable(outcome);
    }
  }

  private async readTrades(sequence: number): Promise<void> {
    const { exchangeOrderId } = this.reference(sequence);
    try {
      const trades = exchangeOrderId === null ? [] : await this.services.exchange.tradesOf(this.session.plan.pair, exchangeOrderId, this.turn());
      const fills = trades.map((trade) => fillOf(trade, this.session.rules.rules));
      this.tell({ kind: 'tradesRead', sequence, fills, nowMs: Date.now() });
      this.valueFees(sequence, fills);
    } catch (error) {
      this.tell({ kind: 'tradesUnknown', sequence, failure: failureOf(thrown(error)), nowMs: Date.now() });
    }
  }

  /** Asks what decides about an order that the exchange does not know any more. */
  private async proveEnd(sequence: number): Promise<void> {
    const order = this.session.current.orders.find((candidate) => candidate.sequence === sequence);
    if (order === undefined || order.exchangeOrderId === null) return this.tell({ kind: 'lookUpUnknown', sequence, failure: failureOf(thrown(new Error('an order without the id of the exchange'))), nowMs: Date.now() });
    const { pair, clientOrderId } = this.reference(sequence);
    const forgotten = { pair, clientOrderId, exchangeOrderId: order.exchangeOrderId, side: order.side, amountBase: order.amountBase, priceQuote: order.priceQuote };
    try {
      const proof = await proveEnd(this.services.exchange, forgotten);
      const nowMs = Date.now();
      if (proof.kind === 'doubtful') return this.tell({ kind: 'lookUpUnknown', sequence, failure: proof.failure, nowMs });
      if (proof.kind === 'open') return this.tell({ kind: 'lookUpFound', sequence, sighting: sightingOf(proof.order), nowMs });
      const fills = proof.trades.map((trade) => fillOf(trade, this.session.rules.rules));
      this.tell({ kind: 'endProven', sequence, fills, nowMs });
      this.valueFees(sequence, fills);
    } catch (error) {
      this.tell({ kind: 'lookUpUnknown', sequence, failure: failureOf(thrown(error)), nowMs: Date.now() });
    }
  }

  /** What the rest of the plan needs. */
  private async reserve(): Promise<void> {
    const { rules } = this.session;
    const amount = remainingBase(rules, this.session.current);
    const { plan } = this.session;
    // A hedge that resumes may have taken all of it already.
    if (amount.isZero()) return this.tell({ kind: 'funds', sufficient: true, message: '', nowMs: Date.now() });
    // What closes a position of a perpetual frees margin instead.
    if (rules.rules.contract === 'perpetual' && plan.positionAction === 'CLOSE') return this.tell({ kind: 'funds', sufficient: true, message: '', nowMs: Date.now() });
    const needed = fundsFor(this.services, this.session, rules, amount);
    // A market order without any price yet: what it needs is known with the first one.
    if (needed === null) return this.reserveLater(100);
    try {
      const answer = await this.services.funds.reserve(plan.path.workflowId, needed.asset, toDecimalString(needed.amount), plan.role === 'hedge');
      this.tell({ kind: 'funds', sufficient: answer.ok, message: answer.ok ? '' : answer.message, nowMs: Date.now() });
    } catch (error) {
      this.session.logger.warn({ error: String(error) }, 'balance could not be read, asking again');
      this.reserveLater(500);
    }
  }

  /** A hedge takes what it needs order by order: what it may still need stays reserved, as far as it is there. */
  private async reserveRest(): Promise<void> {
    const { plan, rules, current } = this.session;
    const needed = fundsFor(this.services, this.session, rules, remainingBase(rules, current));
    if (needed === null || needed.amount.isZero()) return;
    await this.services.funds.reserve(plan.path.workflowId, needed.asset, toDecimalString(needed.amount)).catch((error: unknown) => {
      this.session.logger.warn({ error: String(error) }, 'the rest of a hedge could not be reserved');
    });
  }

  private reserveLater(pauseMs: number): void {
    setTimeout(() => void (this.closed || this.reserve()), pauseMs).unref();
  }

  /** True when the request may leave now; else the reducer has been told what became of it. */
  private async mayLeave(sequence: number, reduces: boolean): Promise<boolean> {
    const permission = await this.services.lease.permit(LIMITS.requestDeadlineMs);
    if (permission === 'granted') return true;
    if (permission === 'lost' || !reduces) return this.notSent(sequence, REFUSALS[permission]);
    if (this.services.strict) return this.notSent(sequence, STRICT);
    const verdict = await judgeRival(this.session, this.services, sequence);
    switch (verdict.kind) {
      case 'send':
        return !this.closed;
      case 'stay':
        return this.notSent(sequence, verdict.failure ?? REFUSALS[verdict.permission]);
      case 'sent':
        this.adopt(verdict.orders);
        if (!verdict.ours) return this.notSent(sequence, SENT_BY_ANOTHER);
        this.tell({ kind: 'submitUnknown', sequence, failure: SENT_BY_ANOTHER, sentAtMs: Date.now(), nowMs: Date.now() });
        return false;
      default:
        return unreachable(verdict);
    }
  }

  private notSent(sequence: number, failure: Failure): false {
    this.tell({ kind: 'submitNotSent', sequence, failure, nowMs: Date.now() });
    return false;
  }

  /** Orders under ids of this session that another process sent. */
  private adopt(orders: readonly RecoveredOrder[]): void {
    if (orders.length === 0) return;
    this.tell({ kind: 'recovered', orders, final: true, nowMs: Date.now() });
    for (const order of orders) {
      this.watch(this.session.clientOrderId(order.sequence), order.sequence);
      this.valueFees(order.sequence, order.fills);
    }
  }

  /** Exits go first, the one farthest past its stop before the others; what winds up may be what an exit waits for. */
  private turn(): RequestTurn {
    const { plan, rules, current } = this.session;
    const ended = this.ended.signal;
    if (rules.arm === null) return { reduces: plan.positionAction === 'CLOSE' || current.goal.kind !== 'work', urgency: 0, ended };
    const position = { entrySide: rules.arm.entrySide, totals: current.protectedFills.totals, rules: rules.rules };
    return { reduces: true, urgency: exitUrgency(rules.arm.barriers.stopLossFraction, position, exitPrice(rules, current)), ended };
  }

  private reference(sequence: number): OrderReference {
    const order = this.session.current.orders.find((candidate) => candidate.sequence === sequence);
    return { pair: this.session.plan.pair, clientOrderId: this.session.clientOrderId(sequence), exchangeOrderId: order?.exchangeOrderId ?? null, stop: order?.purpose === 'exchangeStop' };
  }

  private tell(event: Parameters<OrderSession['dispatch']>[0]): void {
    if (!this.closed) this.session.dispatch(event);
  }
}

function foreign(clientOrderId: string): Failure {
  return { code: 'CONTRADICTION', message: `the exchange knows ${clientOrderId} as an order on other terms; it is not adopted`, retryAfterMs: null };
}

/** A port that throws where it must not: what it sent is not known. */
function thrown(error: unknown): ExchangeFailure {
  const failure = error !== null && typeof error === 'object' && 'failure' in error ? (error.failure as ExchangeFailure) : null;
  return failure ?? { code: 'OUTCOME_UNKNOWN', exchangeCode: null, message: String(error).slice(0, LIMITS.maxErrorText), retryAfterMs: null };
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}

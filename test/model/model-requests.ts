import type { ErrorCode } from '../../src/domain/errors.js';
import type { Failure, OrderSighting, SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import { SESSION_TIMING } from '../../src/domain/session/session-plan.js';
import type { Intent, ModelOrder, OrderVersion } from './model-exchange.js';
import { baseOfLots, lotsOf, ticksOf } from './model-units.js';
import type { Flight, ModelSession } from './model-session.js';
import type { ModelWorld } from './model-world.js';

const { requestDeadlineMs } = SESSION_TIMING;
/** Real ones take hours; what matters is that a heartbeat knows the order by then. */
const FORGOTTEN_AFTER_MS = 5_000;
const REJECTS: readonly [ErrorCode, ...ErrorCode[]] = ['WOULD_TAKE', 'EXCHANGE_ERROR', 'INVALID_ORDER', 'INSUFFICIENT_FUNDS', 'NOT_FILLABLE', 'MARKET_CLOSED'];

/** What becomes of a request on its way. `late`: taken close to its deadline, answered after it. */
type Fate = 'normal' | 'lostBefore' | 'lostAfter' | 'late' | 'throttled';

/** Carries out what sessions ask for, through a network and an exchange that do what real ones do. One answer per request. */
export class ModelRequests {
  constructor(private readonly world: ModelWorld) {}

  run(session: ModelSession, command: SessionCommand): void {
    const { world } = this;
    world.checks.commanded(session, command);
    switch (command.kind) {
      case 'submit':
        return this.submit(session, command);
      case 'cancel':
        return this.cancel(session, command.sequence);
      case 'lookUp':
        return this.lookUp(session, command.sequence);
      case 'readTrades':
        return this.readTrades(session, command.sequence);
      case 'proveEnd':
        return this.proveEnd(session, command.sequence);
      case 'reserve':
        return this.reserve(session);
      case 'stopProtected':
        return world.relations.stop(world.entry, command.reason);
      case 'stopPredecessors':
        for (const earlier of session.predecessors) world.relations.stop(earlier, command.reason);
        return;
      default:
        throw new Error(`unhandled command ${JSON.stringify(command satisfies never)}`);
    }
  }

  /** How far behind the next reader is. */
  lagMs(): number {
    const { lagMs } = this.world.faults;
    return lagMs === 0 ? 0 : this.world.tape.pick(lagMs + 1);
  }

  wayMs(): number {
    return this.world.healthy ? 10 : 5 + this.world.tape.pick(60);
  }

  fate(): Fate {
    const { faults, tape, clock } = this.world;
    if (clock.nowMs < this.world.blackoutUntilMs) return tape.pick(2) === 0 ? 'lostBefore' : 'lostAfter';
    const total = faults.lostBefore + faults.lostAfter + faults.late + faults.throttled;
    if (total === 0 || !tape.chance(total)) return 'normal';
    let drawn = tape.pick(total);
    for (const fate of ['lostBefore', 'lostAfter', 'late', 'throttled'] as const) {
      if (drawn < faults[fate]) return fate;
      drawn -= faults[fate];
    }
    return 'normal';
  }

  sighting(order: ModelOrder, version: OrderVersion): OrderSighting {
    return { exchangeOrderId: order.exchangeOrderId, state: version.state, executedBase: baseOfLots(version.filledLots) };
  }

  private submit(session: ModelSession, command: Extract<SessionCommand, { kind: 'submit' }>): void {
    const { world } = this;
    const { sequence, purpose, side, type } = command;
    const ticks = command.priceQuote === null ? null : ticksOf(command.priceQuote);
    const intent: Intent = { slot: session.slot, sequence, purpose, side, type, lots: lotsOf(command.amountBase), ticks, stopTicks: command.stopPriceQuote === null ? null : ticksOf(command.stopPriceQuote) };
    world.checks.submitting(session, intent);
    const sentAtMs = world.clock.nowMs;
    const flight: Flight = { sequence, lots: intent.lots, untilMs: sentAtMs + requestDeadlineMs, committed: false, refused: false };
    session.flights.push(flight);
    if (session.plan.arm === null && world.tape.chance(world.faults.serverUnreachable)) return this.notSent(session, flight, 'SERVER_UNREACHABLE', null);
    const fate = this.fate();
    if (fate === 'throttled') return this.notSent(session, flight, 'THROTTLED', 1000 + world.tape.pick(4000));
    if (world.tape.chance(world.faults.rejected)) return this.rejected(session, flight, world.tape.of(REJECTS));
    this.send(session, intent, flight, fate, sentAtMs);
  }

  private notSent(session: ModelSession, flight: Flight, code: ErrorCode, retryAfterMs: number | null): void {
    this.answer(session, flight.sequence, this.wayMs(), (nowMs) => {
      flight.refused = true;
      return { kind: 'submitNotSent', sequence: flight.sequence, failure: failure(code, retryAfterMs), nowMs };
    });
  }

  private rejected(session: ModelSession, flight: Flight, code: ErrorCode): void {
    this.answer(session, flight.sequence, this.wayMs() * 2, (nowMs) => {
      flight.refused = true;
      return { kind: 'submitRejected', sequence: flight.sequence, failure: failure(code, null), nowMs };
    });
  }

  private send(session: ModelSession, intent: Intent, flight: Flight, fate: Exclude<Fate, 'throttled'>, sentAtMs: number): void {
    const { world } = this;
    const { sequence } = intent;
    const arrivesMs = fate === 'late' || (fate === 'lostAfter' && world.tape.pick(2) === 1) ? world.tape.pick(requestDeadlineMs + 1) : this.wayMs();
    const unanswered = (): void => this.answer(session, sequence, this.unansweredMs(), (nowMs) => ({ kind: 'submitUnknown', sequence, failure: failure('OUTCOME_UNKNOWN', null), sentAtMs, nowMs }));
    if (fate === 'lostBefore') return unanswered();
    if (fate === 'lostAfter') unanswered();
    // The network delivers one request twice: the second is refused, and only that answer comes back.
    const twice = fate === 'normal' && world.tape.chance(world.faults.duplicated);
    world.clock.after(arrivesMs, () => {
      const commit = world.exchange.commit(intent, world.clock.nowMs, world.faults.partialTake);
      flight.committed = commit.kind === 'accepted';
      if (fate === 'lostAfter') return;
      const backMs = fate === 'late' ? world.tape.pick(requestDeadlineMs) : this.wayMs();
      if (commit.kind === 'rejected') return this.rejectedAnswer(session, flight, commit.code, backMs);
      if (twice && commit.order.state === 'open') return this.rejectedAnswer(session, flight, 'DUPLICATE_ORDER', backMs);
      const version = world.exchange.view(commit.order, world.clock.nowMs);
      if (version === null) throw new Error('an order that was just committed is visible to its own answer');
      const fills = this.fillsOf(commit.order, world.clock.nowMs - this.lagMs());
      this.answer(session, sequence, backMs, (nowMs) => {
        session.valueFees(sequence, fills);
        return { kind: 'submitAccepted', sequence, sighting: this.sighting(commit.order, version), fills, nowMs };
      });
    });
  }

  private rejectedAnswer(session: ModelSession, flight: Flight, code: ErrorCode, backMs: number): void {
    this.answer(session, flight.sequence, backMs, (nowMs) => {
      flight.refused = !flight.committed;
      return { kind: 'submitRejected', sequence: flight.sequence, failure: failure(code, null), nowMs };
    });
  }

  private cancel(session: ModelSession, sequence: number): void {
    const { world } = this;
    const fate = this.fate();
    const unknown = (retryAfterMs: number | null): void => {
      this.answer(session, sequence, this.unansweredMs(), (nowMs) => ({ kind: 'cancelUnknown', sequence, failure: failure(retryAfterMs === null ? 'OUTCOME_UNKNOWN' : 'THROTTLED', retryAfterMs), nowMs }));
    };
    // Refused by the exchange, or kept here for want of a turn.
    if (fate === 'throttled' && world.tape.pick(2) === 0) return unknown(500 + world.tape.pick(3000));
    if (fate === 'throttled') {
      const retryAfterMs = world.tape.pick(3) === 0 ? null : 500 + world.tape.pick(3000);
      return this.answer(session, sequence, this.wayMs(), (nowMs) => ({ kind: 'cancelNotSent', sequence, failure: failure('THROTTLED', retryAfterMs), nowMs }));
    }
    if (fate === 'lostBefore') return unknown(null);
    if (fate === 'lostAfter') unknown(null);
    world.clock.after(this.wayMs(), () => {
      const reply = this.cancelAtExchange(session, sequence);
      if (fate !== 'lostAfter') this.answer(session, sequence, fate === 'late' ? world.tape.pick(requestDeadlineMs) : this.wayMs(), reply);
    });
  }

  /** What the exchange does with a cancel, and what it will say. */
  private cancelAtExchange(session: ModelSession, sequence: number): (nowMs: number) => SessionEvent {
    const { world } = this;
    const atMs = world.clock.nowMs;
    const order = world.exchange.find(session.slot, sequence);
    const visible = order !== null && world.exchange.view(order, atMs - this.lagMs()) !== null;
    if (order === null || !visible || order.state !== 'open') {
      return (nowMs) => ({ kind: 'cancelRefused', sequence, failure: failure('ORDER_NOT_FOUND', null), nowMs });
    }
    if (world.tape.chance(world.faults.cancelPending)) {
      const sighting = this.sighting(order, { atMs, state: 'open', filledLots: order.filledLots });
      world.clock.after(50 + world.tape.pick(800), () => world.exchange.end(order, 'cancelled', world.clock.nowMs));
      return (nowMs) => ({ kind: 'cancelConfirmed', sequence, sighting, nowMs });
    }
    world.exchange.end(order, 'cancelled', atMs);
    const version = { atMs, state: order.state, filledLots: order.filledLots };
    const sighting = world.tape.chance(world.faults.cancelWithoutOrder) ? null : this.sighting(order, version);
    return (nowMs) => ({ kind: 'cancelConfirmed', sequence, sighting, nowMs });
  }

  private lookUp(session: ModelSession, sequence: number): void {
    const { world } = this;
    const askedAtMs = world.clock.nowMs;
    this.read(session, sequence, 'lookUpUnknown', () => {
      const order = world.exchange.find(session.slot, sequence);
      if (order !== null) this.forget(order);
      const version = order === null ? null : world.exchange.view(order, world.clock.nowMs - this.lagMs());
      return order === null || version === null
        ? (nowMs) => ({ kind: 'lookUpMissing', sequence, askedAtMs, nowMs })
        : (nowMs) => ({ kind: 'lookUpFound', sequence, sighting: this.sighting(order, version), nowMs });
    });
  }

  /**
   * Exchanges forget what ended unfilled, and never at once. Here also what was filled, as long as no process dies: who
   * starts anew learns of fills from the list of orders.
   */
  private forget(order: ModelOrder): void {
    const { world } = this;
    const endedAtMs = order.versions.at(-1)?.atMs ?? 0;
    const { crash, legTerminated } = world.faults;
    const isCandidate = order.filledLots === 0 || crash + legTerminated === 0;
    const mayForget = order.state !== 'open' && isCandidate && world.clock.nowMs - endedAtMs >= FORGOTTEN_AFTER_MS;
    if (mayForget && world.tape.chance(world.faults.forgotten)) order.forgotten = true;
  }

  /** Its trades, unless it is open after all. */
  private proveEnd(session: ModelSession, sequence: number): void {
    const { world } = this;
    this.read(session, sequence, 'lookUpUnknown', () => {
      const order = world.exchange.find(session.slot, sequence);
      const atMs = world.clock.nowMs - this.lagMs();
      if (order?.state === 'open') return (nowMs) => ({ kind: 'lookUpFound', sequence, sighting: this.sighting(order, { atMs, state: 'open', filledLots: order.filledLots }), nowMs });
      const fills = order === null ? [] : this.fillsOf(order, atMs);
      return (nowMs) => {
        session.valueFees(sequence, fills);
        return { kind: 'endProven', sequence, fills, nowMs };
      };
    });
  }

  private readTrades(session: ModelSession, sequence: number): void {
    const { world } = this;
    this.read(session, sequence, 'tradesUnknown', () => {
      const order = world.exchange.find(session.slot, sequence);
      const fills = order === null ? [] : this.fillsOf(order, world.clock.nowMs - this.lagMs());
      return (nowMs) => {
        session.valueFees(sequence, fills);
        return { kind: 'tradesRead', sequence, fills, nowMs };
      };
    });
  }

  private read(session: ModelSession, sequence: number, unknown: 'lookUpUnknown' | 'tradesUnknown', atExchange: () => (nowMs: number) => SessionEvent): void {
    const { world } = this;
    const fate = this.fate();
    if (fate === 'normal' || fate === 'late') {
      const backMs = fate === 'late' ? world.tape.pick(requestDeadlineMs) : this.wayMs();
      world.clock.after(this.wayMs(), () => this.answer(session, sequence, backMs, atExchange()));
      return;
    }
    const retryAfterMs = fate === 'throttled' ? 500 + world.tape.pick(3000) : null;
    this.answer(session, sequence, this.unansweredMs(), (nowMs) => ({ kind: unknown, sequence, failure: failure(retryAfterMs === null ? 'OUTCOME_UNKNOWN' : 'THROTTLED', retryAfterMs), nowMs }));
  }

  private reserve(session: ModelSession): void {
    const { world } = this;
    const { incarnation } = session;
    const sufficient = !world.tape.chance(world.faults.fundsRefused);
    world.clock.after(this.wayMs(), () => {
      if (session.incarnation === incarnation) session.dispatch({ kind: 'funds', sufficient, message: sufficient ? '' : 'not enough', nowMs: world.clock.nowMs });
    });
  }

  /** A connection that breaks is known at once, a silent one at the deadline. */
  private unansweredMs(): number {
    return this.world.tape.pick(2) === 0 ? requestDeadlineMs : this.world.tape.pick(requestDeadlineMs);
  }

  fillsOf(order: ModelOrder, untilMs: number): ModelOrder['trades'][number]['fill'][] {
    const fills = [];
    for (const trade of order.trades) if (trade.atMs <= untilMs) fills.push(trade.fill);
    return fills;
  }

  private answer(session: ModelSession, sequence: number, delayMs: number, event: (nowMs: number) => SessionEvent): void {
    const { incarnation } = session;
    const { clock } = this.world;
    clock.after(delayMs, () => {
      if (session.incarnation !== incarnation) return;
      session.outstanding.delete(sequence);
      session.dispatch(event(clock.nowMs));
    });
  }
}

function failure(code: ErrorCode, retryAfterMs: number | null): Failure {
  return { code, message: code, retryAfterMs };
}

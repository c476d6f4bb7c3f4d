import type { Decimal } from '../../src/domain/money.js';
import type { SessionEvent } from '../../src/domain/session/session-events.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import type { SessionState } from '../../src/domain/session/session-state.js';
import type { Step } from '../../src/domain/session/submit-order.js';
import { ModelAmendments } from './amendments.js';
import type { DecisionTape } from './decision-tape.js';
import { drawFaults, type FaultProfile } from './fault-profile.js';
import { ModelChecks } from './model-checks.js';
import { ModelExchange, type ExchangeWitness, type ModelOrder, type ModelTrade } from './model-exchange.js';
import { ModelMarket } from './model-market.js';
import { ModelProcess } from './model-process.js';
import { ModelRequests } from './model-requests.js';
import { ModelSession } from './model-session.js';
import { quoteOfMicroLotTicks, quoteOfTicks } from './model-units.js';
import { PositionSupervisor } from './position-supervisor.js';
import { ModelRelations } from './related-sessions.js';
import { drawScenario, exitPlan, START_MS, type Scenario } from './schedule-scenario.js';
import { VirtualClock } from './virtual-clock.js';

export type Reducer = (plan: SessionPlan, state: SessionState, event: SessionEvent) => Step;

/** Everything of one schedule. Its parts hold the rules; this holds the parts. */
export class ModelWorld implements ExchangeWitness {
  readonly clock = new VirtualClock(START_MS);
  readonly scenario: Scenario;
  readonly market: ModelMarket;
  readonly exchange: ModelExchange;
  readonly requests: ModelRequests;
  readonly relations: ModelRelations;
  readonly process: ModelProcess;
  readonly supervisor: PositionSupervisor;
  readonly amendments: ModelAmendments;
  readonly checks: ModelChecks;
  readonly sessions: ModelSession[] = [];
  readonly exits: ModelSession[] = [];
  /** The entry of a position, null for a plain order. */
  readonly entry: ModelSession | null;
  /** Entry or plain order. */
  readonly work: ModelSession;
  /** Costly checks run in some schedules only. */
  readonly sampled: boolean;
  faults: FaultProfile;
  healthy = false;
  over = false;
  blackoutUntilMs = 0;
  /** From here on somebody holds the lease. */
  ownerFromMs = START_MS;
  /** Nothing that an earlier owner sent can be invisible after this. */
  recoveryFinalFromMs = START_MS;
  private readonly feeValues = new Map<string, number>();

  constructor(readonly tape: DecisionTape, readonly reduce: Reducer, readonly trace: string[] | null) {
    this.scenario = drawScenario(tape);
    this.faults = drawFaults(tape);
    this.sampled = tape.pick(4) === 1;
    this.market = new ModelMarket(tape);
    this.exchange = new ModelExchange(tape, this.market, this.scenario.limits, this.scenario.fees, this);
    this.requests = new ModelRequests(this);
    this.relations = new ModelRelations(this);
    this.process = new ModelProcess(this);
    this.supervisor = new PositionSupervisor(this);
    this.amendments = new ModelAmendments(this);
    this.checks = new ModelChecks(this);
    const position = this.scenario.kind === 'position';
    this.work = new ModelSession(0, position ? 'entry/1' : 'order', this.scenario.workPlan, [], this);
    this.sessions.push(this.work);
    this.entry = position ? this.work : null;
    if (!position) return;
    const exit = new ModelSession(1, 'exit/1', exitPlan(this.scenario, 1), [], this);
    this.sessions.push(exit);
    this.exits.push(exit);
  }

  /** An exit that waits and protects: what an entry needs before it may send anything. */
  get anyExitArmed(): boolean {
    return this.exits.some((exit) => exit.armed);
  }

  note(text: () => string): void {
    this.trace?.push(`${String(this.clock.nowMs - START_MS).padStart(7)} ms  ${text()}`);
  }

  priceEvent(): SessionEvent {
    const { bid, ask } = this.shownTop();
    return { kind: 'price', bidQuote: bid === null ? null : quoteOfTicks(bid), askQuote: ask === null ? null : quoteOfTicks(ask), nowMs: this.clock.nowMs };
  }

  /** The book as it is told: a chaser's own order is in it, and may be its best price. */
  private shownTop(): { readonly bid: number | null; readonly ask: number | null } {
    let { bid, ask } = this.market;
    if (this.work.plan.chaser === null) return { bid, ask };
    for (const { state, intent } of this.exchange.orders) {
      if (state !== 'open' || intent.ticks === null) continue;
      if (intent.side === 'BUY') bid = Math.max(bid ?? intent.ticks, intent.ticks);
      else ask = Math.min(ask ?? intent.ticks, intent.ticks);
    }
    return { bid, ask };
  }

  feeValue(tradeId: string): Decimal {
    return quoteOfMicroLotTicks(this.feeValues.get(tradeId) ?? 0);
  }

  ended(session: ModelSession): void {
    this.note(() => `${session.name} ended ${session.state?.end?.kind ?? ''}`);
    this.checks.ended(session);
    const { incarnation } = session;
    this.clock.after(this.tape.pick(300), () => {
      if (session.incarnation !== incarnation) return;
      session.done = true;
      this.supervisor.ended(session);
    });
  }

  committed(order: ModelOrder): void {
    this.note(() => `exchange takes ${this.nameOf(order)} ${order.intent.type} ${order.intent.side} ${order.intent.lots} lots at ${String(order.intent.ticks)}`);
    this.checks.committed(order);
  }

  traded(order: ModelOrder, trade: ModelTrade): void {
    this.note(() => `exchange fills ${this.nameOf(order)}: ${trade.lots} lots at ${trade.ticks}, now ${order.filledLots} of ${order.intent.lots}`);
    this.feeValues.set(trade.fill.tradeId, trade.feeMicroLotTicks);
    this.process.traded(order, trade);
  }

  changed(order: ModelOrder): void {
    if (order.state !== 'open') this.note(() => `exchange: ${this.nameOf(order)} is ${order.state}`);
    this.process.changed(order);
  }

  private nameOf(order: ModelOrder): string {
    return `${this.sessions[order.intent.slot]?.name ?? ''} #${order.intent.sequence}`;
  }
}

import type { SessionCommand as Command } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { compileLevels, judge, type BarrierLevels } from '../../src/domain/barriers.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import { resumeSession, sessionDetails, type SessionDetails, type ToldFills } from '../../src/domain/session/resume-session.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { SessionCommand as RequestCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import type { SessionArm, SessionPlan } from '../../src/domain/session/session-plan.js';
import { ZERO, type Decimal } from '../../src/domain/money.js';
import { sessionTotals, unsettledOrders, type Attention, type SessionState } from '../../src/domain/session/session-state.js';
import { targetsOf } from '../../src/domain/targets.js';
import { currentPlan } from '../../src/domain/session/amended-plan.js';
import { hedgeOwedBase } from '../../src/domain/session/advance-hedge.js';
import { renewalDue } from '../../src/domain/session/chase.js';
import { exitPrice } from '../../src/domain/session/advance-exit.js';
import { sessionWakeAtMs } from '../../src/domain/session/wake-session.js';
import type { ExchangeOrder, ExchangeTrade } from '../../src/ports/exchange.js';
import type { SessionCondition } from '../../src/ports/metrics.js';
import type { AccountServices, SessionLogger } from './account-services.js';
import { AttentionReporter } from './attention-reporter.js';
import { fillOf, sightingOf } from './exchange-facts.js';
import { FillReporter } from './fill-reporter.js';
import type { Top } from './market-feed.js';
import { openOrders, sessionPlan, sessionResult, triggerEvidence } from './plan-conversion.js';
import { repairTrailingPeak } from './repair-trailing-peak.js';
import { RelatedSessions } from './related-sessions.js';
import { LevelSessions } from './level-sessions.js';
import { orderLogger } from './session-logger.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionRequests } from './session-requests.js';

/** How a session leaves this process. `abandoned`: the lease is lost, somebody else goes on. */
export type SessionOutcome = { readonly kind: 'ended'; readonly result: SessionResult } | { readonly kind: 'abandoned' };

/** The activity attempt that carries a session: its token, and its throttled heartbeat with the session's details. */
export interface SessionAttempt {
  readonly taskToken: Uint8Array;
  heartbeat(): void;
}

/**
 * One order session alive in this process: the reducer, and the hands that carry out what it asks for. Events are taken
 * one after the other; answers come back as events.
 */
export class OrderSession {
  readonly outcome: Promise<SessionOutcome>;
  private readonly planned: SessionPlan;
  /** Names the order in every line. */
  readonly logger: SessionLogger;
  readonly metrics: SessionMetrics;
  private state: SessionState;
  private readonly queue: SessionEvent[] = [];
  private draining = false;
  private settle: (outcome: SessionOutcome) => void = () => undefined;
  private over = false;
  private timer: NodeJS.Timeout | null = null;
  private stopFeed: () => void = () => undefined;
  private pendingTop: Top | null = null;
  private levels: { readonly totals: FillTotals; readonly breakeven: boolean; readonly barriers: SessionArm['barriers']; readonly levels: BarrierLevels } | null = null;
  private reached: { readonly target: number; readonly orders: SessionState['orders'] | null } = { target: 0, orders: null };
  private told = { fillCount: 0, feesQuote: ZERO };
  private toldOrders: SessionState['orders'] | null = null;
  private wasArmed = false;
  private toldProtected: SessionState['protectedFills'] | null = null;
  private armedTold = false;
  private fault: Attention | null = null;
  private attempt: SessionAttempt | null = null;
  private givenUp = false;
  private readonly requests: SessionRequests;
  private readonly related: RelatedSessions;
  private readonly gridLevels: LevelSessions | null;
  private readonly fills: FillReporter;
  private readonly attention: AttentionReporter;
  private readonly streamAttention: AttentionReporter;
  private leaveStreams: () => void = () => undefined;
  private leaveHedge: () => void = () => undefined;
  private toldFills: ToldFills | null = null;

  constructor(
    readonly plan: OrderPlan,
    private readonly services: AccountServices,
    private readonly resumed: SessionDetails | null,
  ) {
    this.planned = sessionPlan(plan);
    this.logger = orderLogger(services.logger, plan);
    this.metrics = new SessionMetrics(services.metrics, services.connector, plan.role);
    this.state = resumeSession(this.planned, resumed, Date.now());
    this.outcome = new Promise((resolve) => (this.settle = resolve));
    this.requests = new SessionRequests(this, services);
    this.related = new RelatedSessions(this, services);
    this.gridLevels = plan.arm?.grid === undefined ? null : new LevelSessions(this, services.registry, plan.arm.grid.executorId);
    this.fills = new FillReporter(plan.path.workflowId, services.workflows, () => ({
      totals: totalsRecord(sessionTotals(this.state)),
      openOrders: openOrders(this.rules, this.state, (sequence) => this.clientOrderId(sequence)),
      trigger: this.state.trigger === null ? null : triggerEvidence(this.state.trigger),
    }),
    // A grid that does not hear of its exit goes on opening levels: it hears as soon as that takes nothing from the exit itself.
    plan.arm?.grid === undefined ? null : () => services.registry.exitTraffic.clear());
    this.attention = new AttentionReporter(plan.path.workflowId, services.workflows);
    this.streamAttention = new AttentionReporter(plan.path.workflowId, services.workflows);
  }

  /** `fresh`: nothing can have been sent under these ids before. */
  start(fresh: boolean): void {
    this.services.registry.add(this);
    this.stopFeed = this.services.feed.subscribe(this.plan.pair, (top) => this.onTop(top));
    this.leaveStreams = this.services.streams.subscribe(() => this.noticeStreams());
    this.noticeStreams();
    this.related.start();
    if (this.resumed?.told !== undefined) this.hearTold(this.resumed.told);
    const { peg, side } = this.plan;
    if (peg !== undefined) this.leaveHedge = this.services.hedgePrices.subscribe(peg, side, (price) => this.onHedgePrice(price), this.logger);
    this.gridLevels?.start();
    if (fresh) this.dispatch({ kind: 'recovered', orders: [], final: true, nowMs: Date.now() });
    else this.requests.recover();
    if (this.resumed !== null) void repairTrailingPeak(this, this.services, this.resumed.atMs);
  }

  dispatch(event: SessionEvent): void {
    if (this.over) return;
    if (this.pendingTop !== null) this.queue.push(priceEvent(this.pendingTop));
    this.pendingTop = null;
    this.queue.push(event);
    this.drain();
  }

  command(command: Command): void {
    if (command.kind === 'told') return this.hearTold({ totals: command.totals, finished: command.finished });
    const nowMs = Date.now();
    if (command.kind === 'amend') this.dispatch({ kind: 'amend', sequence: command.sequence, changes: command.changes, nowMs });
    else this.dispatch({ ...command, nowMs });
  }

  /** Hedge: what the executor knows of the order it follows; kept, for nobody tells it twice. */
  private hearTold(told: ToldFills): void {
    this.toldFills = told;
    this.related.told(totalsFromRecord(told.totals), told.finished);
  }

  private onHedgePrice(priceQuote: Decimal | null): void {
    const last = this.state.hedgePrice;
    const same = last !== null && (priceQuote === null ? last.priceQuote === null : last.priceQuote?.equals(priceQuote) === true);
    if (same && Date.now() < last.atMs + this.rules.timing.hedgePriceMs / 4) return;
    this.dispatch({ kind: 'hedgePrice', priceQuote, nowMs: Date.now() });
  }

  /** The exit of a grid: its levels cancel, confirm and count; what they leave is this session's. */
  stopLevels(): void {
    this.gridLevels?.stop();
  }

  orderSeen(sequence: number, order: ExchangeOrder): void {
    this.dispatch({ kind: 'sighted', sequence, sighting: sightingOf(order), nowMs: Date.now() });
  }

  tradeSeen(sequence: number, trade: ExchangeTrade): void {
    this.services.registry.exitTraffic.heard();
    const fill = fillOf(trade, this.rules.rules);
    this.dispatch({ kind: 'fillSeen', sequence, fill, exchangeOrderId: trade.exchangeOrderId, nowMs: Date.now() });
    this.requests.valueFees(sequence, [fill]);
  }

  /** Open at the exchange and with no request under way: what a batch reconcile may judge. */
  isOpen(sequence: number): boolean {
    return this.state.orders.some((order) => order.sequence === sequence && order.stage.kind === 'open' && order.request === null);
  }

  isOver(sequence: number): boolean {
    return this.state.orders.some((order) => order.sequence === sequence && order.stage.kind === 'ended');
  }

  isArmed(): boolean {
    const { state } = this;
    if (this.over || this.plan.arm === null || state.end !== null || state.goal.kind !== 'work') return false;
    // A hedge that cannot be paid for protects nothing.
    return this.plan.role === 'hedge' ? state.recovered === 'final' && state.funds === 'reserved' : state.recovered !== 'no';
  }

  /** The plan as amended, in numbers. */
  get rules(): SessionPlan {
    return currentPlan(this.planned, this.state);
  }

  get totals(): FillTotals {
    return sessionTotals(this.state);
  }

  /** True once the reducer ended, whoever asks for the result later. */
  get ended(): boolean {
    return this.state.end !== null;
  }

  /** Whether any order of it was ever out. */
  get hasSent(): boolean {
    return this.state.nextSequence > 1;
  }

  /** What it is doing, as the metrics count it. */
  get condition(): SessionCondition {
    if (this.givenUp) return 'detached';
    if (this.state.held) return 'paused';
    return this.isArmed() ? 'armed' : 'working';
  }

  get current(): SessionState {
    return this.state;
  }

  /** Why this session cannot trust what it sees of the market or the account; null when it can. */
  get streamAlarm(): Attention | null {
    return this.services.streams.of(this.plan.pair, this.plan.side === 'SELL' ? 'bids' : 'asks');
  }

  details(): SessionDetails {
    return { ...sessionDetails(this.state), ...(this.toldFills === null ? {} : { told: this.toldFills }) };
  }

  /** The attempt that speaks for this session from now on. */
  attemptedBy(attempt: SessionAttempt): void {
    this.attempt = attempt;
    this.givenUp = false;
  }

  /** The server gave the attempt up: nobody speaks for this session until another one adopts it. */
  detached(): void {
    this.givenUp = true;
  }

  /**
   * True when the server holds what the next attempt resumes from, as it is now. Heartbeats of the context are throttled
   * and unanswered; what must survive the very next moment is told this way.
   */
  async save(): Promise<boolean> {
    if (this.attempt === null) return false;
    // First the throttled one, so that older details waiting there do not overwrite what is told now.
    this.attempt.heartbeat();
    const answer = await this.services.workflows.heartbeat(this.attempt.taskToken, { session: this.details() });
    // Refused to a session that ended: its result is taken already, or an attempt here adopts it.
    return answer === 'accepted' || (answer === 'refused' && this.ended);
  }

  clientOrderId(sequence: number): string {
    return this.services.clientOrderId(this.plan.path, sequence);
  }

  /** Fills that this exit protects, in the form of a result without orders of its own; null while more of them can come. */
  protectedInventory(): SessionResult | null {
    if (!this.state.protectedFills.finished) return null;
    const state = { ...this.state, orders: [], end: { kind: 'stopped', reason: 'its executor is gone' } as const };
    return sessionResult(this.rules, state, (sequence) => this.clientOrderId(sequence), Date.now());
  }

  /** Ends here without touching the exchange. */
  abandon(): void {
    if (this.over) return;
    this.close();
    this.settle({ kind: 'abandoned' });
  }

  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    try {
      for (let event = this.queue.shift(); event !== undefined && this.state.end === null && !this.over; event = this.queue.shift()) {
        for (const command of this.take(event)) this.requests.run(command);
      }
    } finally {
      this.draining = false;
    }
    this.afterwards();
  }

  /** What the event asks for. An event that cannot be taken changes nothing: whoever sent it serves other sessions too. */
  private take(event: SessionEvent): readonly RequestCommand[] {
    try {
      const before = this.state;
      const step = reduceSession(this.planned, before, event);
      this.state = step.state;
      this.metrics.took(event, before, step.state);
      return step.commands;
    } catch (error) {
      this.fault = { code: 'INTERNAL', message: `event ${event.kind} was not taken: ${String(error)}`.slice(0, LIMITS.maxErrorText) };
      this.logger.error({ event: event.kind, error: String(error) }, 'an event broke its session, which goes on without it');
      return [];
    }
  }

  private afterwards(): void {
    if (this.over) return;
    const { fillCount, feesQuote } = this.totals;
    // A fee valued late changes what the exit compares, and no fill comes with it.
    const changed = fillCount !== this.told.fillCount || !feesQuote.equals(this.told.feesQuote);
    this.told = { fillCount, feesQuote };
    const armed = this.isArmed();
    if (changed || armed !== this.wasArmed || this.state.end !== null) this.services.registry.changed(this);
    // What an entry filled that is over is told by no session but its exit's.
    else if (this.state.protectedFills !== this.toldProtected) this.services.registry.protectedChanged(this);
    this.toldProtected = this.state.protectedFills;
    if (this.state.end !== null) return this.finish();
    if (changed || (this.state.trigger !== null && this.wasArmed && !armed)) this.fills.noticed(this.state.trigger !== null && !armed);
    if (this.state.orders !== this.toldOrders) this.fills.resting();
    this.toldOrders = this.state.orders;
    this.wasArmed = armed;
    if (armed && !this.armedTold) this.tellArmed();
    this.attention.noticed(this.fault ?? this.state.attention);
    this.schedule();
  }

  /** Once in a process: from here on this exit can fire for what is filled. */
  private tellArmed(): void {
    const { fillCount, lastFillAtMs } = this.state.protectedFills.totals;
    if (fillCount === 0) return;
    this.armedTold = true;
    const armedAtMs = Date.now();
    void this.services.registry.exitTraffic.clear().then(() => this.logger.info({ fillAtMs: lastFillAtMs, armedAtMs }, 'armed'));
  }

  private finish(): void {
    if (this.over) return;
    this.close();
    const endedAtMs = Date.now();
    void this.services.registry.exitTraffic.clear().then(() => {
      this.settle({ kind: 'ended', result: sessionResult(this.rules, this.state, (sequence) => this.clientOrderId(sequence), endedAtMs) });
    });
  }

  private close(): void {
    this.over = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.stopFeed();
    this.leaveStreams();
    this.leaveHedge();
    this.streamAttention.close();
    this.related.close();
    this.gridLevels?.close();
    this.requests.close();
    this.fills.close();
    this.attention.close();
    this.services.funds.release(this.plan.path.workflowId);
  }

  /** An entry says nothing: the exit that guards it depends on the same streams, and two alarms would tell no more than one. */
  private noticeStreams(): void {
    if (this.plan.guardedBy === null) this.streamAttention.noticed(this.streamAlarm);
  }

  private schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const wakeAtMs = sessionWakeAtMs(this.planned, this.state);
    if (wakeAtMs === null) return;
    // setTimeout overflows above 2^31 ms and then fires at once.
    const delayMs = Math.min(Math.max(1, wakeAtMs - Date.now()), 2_000_000_000);
    this.timer = setTimeout(() => this.dispatch({ kind: 'tick', nowMs: Date.now() }), delayMs).unref();
  }

  private onTop(top: Top): void {
    if (this.over) return;
    if (this.isQuiet(top)) this.pendingTop = top;
    else {
      this.pendingTop = null;
      this.queue.push(priceEvent(top));
      this.metrics.withFrame(top.receivedAtMs, () => this.drain());
    }
  }

  /** Comparisons only: a frame that cannot change anything is kept for the next event instead of being worked through. */
  private isQuiet(top: Top): boolean {
    const { state, rules } = this;
    if (rules.arm === null) return rules.activationBounds.length === 0 && unsettledOrders(state).length > 0 && (rules.chaser === null || !renewalDue(rules, rules.chaser, state, top));
    if (this.plan.role === 'hedge') return state.marks.bidMarkQuote !== null && state.marks.askMarkQuote !== null && unsettledOrders(state).length === 0 && hedgeOwedBase(state).isZero();
    if (state.goal.kind !== 'work' || followsPrices(rules.arm) || rules.arm.grid !== undefined) return false;
    if (exitPrice(rules, state) === null) return false;
    const { totals } = state.protectedFills;
    if (totals.fillCount === 0) return true;
    const { breakeven, orders } = state;
    if (this.levels?.totals !== totals || this.levels.breakeven !== breakeven || this.levels.barriers !== rules.arm.barriers) {
      const position = { entrySide: rules.arm.entrySide, totals, rules: rules.rules };
      this.levels = { totals, breakeven, barriers: rules.arm.barriers, levels: compileLevels(rules.arm.barriers, position, { closedBase: ZERO, breakeven }) };
    }
    const price = rules.side === 'SELL' ? top.marks.bidMarkQuote : top.marks.askMarkQuote;
    const verdict = judge(this.levels.levels, price, state.trailingTrigger, Date.now());
    if (verdict.trigger !== null || verdict.trailingTrigger !== state.trailingTrigger) return false;
    // A target that is reached was dealt with by the frame before, unless something has happened to the orders since.
    const dealtWith = verdict.targetReached === 0 || (verdict.targetReached === this.reached.target && orders === this.reached.orders);
    this.reached = { target: verdict.targetReached, orders };
    return dealtWith;
  }
}

/** What rests may have to move with every price. */
function followsPrices({ barriers, activationBounds }: SessionArm): boolean {
  return targetsOf(barriers).some(({ orderType }) => orderType === 'LIMIT_MAKER' || (orderType === 'LIMIT' && activationBounds.length > 0));
}

function priceEvent(top: Top): SessionEvent {
  return { kind: 'price', bidQuote: top.bidQuote, askQuote: top.askQuote, marks: top.marks, nowMs: Date.now() };
}

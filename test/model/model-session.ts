import { NO_FILLS, type Fill } from '../../src/domain/fills.js';
import type { Decimal } from '../../src/domain/money.js';
import { resumeSession, sessionDetails, type SessionDetails } from '../../src/domain/session/resume-session.js';
import { currentPlan } from '../../src/domain/session/amended-plan.js';
import type { RelatedFills, SessionEvent } from '../../src/domain/session/session-events.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import type { SessionState } from '../../src/domain/session/session-state.js';
import { sessionWakeAtMs } from '../../src/domain/session/wake-session.js';
import type { ModelWorld } from './model-world.js';
import { eventText } from './schedule-trace.js';

/** A submission that the exchange may still take, as far as its sender can know. */
export interface Flight {
  readonly sequence: number;
  readonly lots: number;
  readonly untilMs: number;
  committed: boolean;
  refused: boolean;
}

const NOTHING_RELATED: RelatedFills = { totals: NO_FILLS, finished: false };

/** One order workflow with its session: what lives in the process dies with it, what is in history stays. */
export class ModelSession {
  /** In this process: null while the session does not live there. Stays for a while when it has ended. */
  state: SessionState | null = null;
  incarnation = 0;
  started = false;
  /** The workflow has the session's result. */
  done = false;
  /** The workflow was terminated: nobody starts its session again. */
  terminated = false;
  /** Asked to stop before it lived in this process. */
  stopAhead: string | null = null;
  wakeAtMs = Infinity;
  heartbeat: SessionState | null = null;
  readonly flights: Flight[] = [];
  /** Orders with a request under way. */
  readonly outstanding = new Set<number>();
  readonly requestTimes: number[] = [];
  /** Of this incarnation: what it was told of others. */
  entryFills: RelatedFills = NOTHING_RELATED;
  predecessorFills: RelatedFills[] = [];
  guardArmed = false;
  readonly valued = new Set<string>();
  troubleSinceMs: number | null = null;
  unguardedSinceMs: number | null = null;
  /** Number of the last amendment that this life, or the heartbeat before it, was told. */
  toldAmendment = 0;
  /** The price an exit compares, of the last frame. */
  toldPrice: Decimal | null = null;
  private seenOrders: SessionState['orders'] | null = null;
  private wasArmed = false;
  private wasEnded = false;
  private readonly queue: SessionEvent[] = [];
  private draining = false;

  constructor(readonly slot: number, readonly name: string, readonly planned: SessionPlan, readonly predecessors: readonly ModelSession[], private readonly world: ModelWorld) {}

  /** As amended, as far as the session was told. */
  get plan(): SessionPlan {
    return this.state === null ? this.planned : currentPlan(this.planned, this.state);
  }

  /** Lives and has not ended. */
  get alive(): boolean {
    return this.state !== null && this.state.end === null;
  }

  get workflowClosed(): boolean {
    return this.done || this.terminated;
  }

  /** An exit that waits and protects. */
  get armed(): boolean {
    const { state } = this;
    return state !== null && state.end === null && this.plan.arm !== null && state.goal.kind === 'work' && state.recovered !== 'no';
  }

  /** Begins a life in the present process. True when nothing can have been sent before. */
  begin(nowMs: number): boolean {
    const fresh = !this.started;
    const details = this.heartbeat === null ? null : (JSON.parse(JSON.stringify(sessionDetails(this.heartbeat))) as SessionDetails);
    this.started = true;
    this.toldAmendment = this.heartbeat?.amended?.sequence ?? 0;
    this.state = resumeSession(this.planned, details, nowMs);
    this.predecessorFills = this.predecessors.map(() => NOTHING_RELATED);
    this.world.checks.began(this, details);
    return fresh;
  }

  /** The process is gone, and with it everything that only it knew. */
  die(): void {
    this.incarnation += 1;
    this.state = null;
    this.stopAhead = null;
    this.wakeAtMs = Infinity;
    this.entryFills = NOTHING_RELATED;
    this.predecessorFills = [];
    this.guardArmed = false;
    this.seenOrders = null;
    this.wasArmed = false;
    this.wasEnded = false;
    this.troubleSinceMs = null;
    this.unguardedSinceMs = null;
    this.toldPrice = null;
    this.outstanding.clear();
    this.valued.clear();
    this.queue.length = 0;
  }

  /** An empty side keeps its last price, as long as the other side leaves room for it. */
  private markOf(bidQuote: Decimal | null, askQuote: Decimal | null): Decimal | null {
    const sells = this.plan.side === 'SELL';
    const [own, other] = sells ? [bidQuote, askQuote] : [askQuote, bidQuote];
    const last = this.toldPrice;
    if (own !== null || last === null || other === null) return own ?? last;
    return (sells ? other.lessThan(last) : other.greaterThan(last)) ? other : last;
  }

  dispatch(event: SessionEvent): void {
    if (!this.alive) return;
    this.queue.push(event);
    if (this.draining) return;
    this.draining = true;
    try {
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) this.reduce(next);
    } finally {
      this.draining = false;
    }
    this.afterwards();
  }

  command(kind: 'fire' | 'cancel', reason: string): void {
    this.dispatch({ kind, reason, nowMs: this.world.clock.nowMs });
  }

  /** Values fees in a third asset once per life, later. */
  valueFees(sequence: number, fills: readonly Fill[]): void {
    const { scenario, clock } = this.world;
    if (scenario.fees.value !== 'late') return;
    for (const fill of fills) {
      if (this.valued.has(fill.tradeId)) continue;
      this.valued.add(fill.tradeId);
      const valueQuote = this.world.feeValue(fill.tradeId);
      const { incarnation } = this;
      clock.after(50 + this.world.tape.pick(12_000), () => {
        if (this.incarnation === incarnation) this.dispatch({ kind: 'feeValued', sequence, tradeId: fill.tradeId, asset: 'FEE', valueQuote, nowMs: clock.nowMs });
      });
    }
  }

  private reduce(event: SessionEvent): void {
    const before = this.state;
    if (before === null || before.end !== null) return;
    const { world } = this;
    world.note(() => `${this.name} < ${eventText(event)}`);
    if (event.kind === 'price') this.toldPrice = this.markOf(event.bidQuote, event.askQuote);
    if (event.kind === 'amend') this.toldAmendment = Math.max(this.toldAmendment, event.sequence);
    const step = world.reduce(this.planned, before, event);
    this.state = step.state;
    world.checks.stepped(this, before, step, event);
    for (const command of step.commands) world.requests.run(this, command);
  }

  private afterwards(): void {
    const { state, world } = this;
    if (state === null) return;
    this.wakeAtMs = sessionWakeAtMs(this.planned, state) ?? Infinity;
    const ended = state.end !== null;
    const changed = state.orders !== this.seenOrders || this.armed !== this.wasArmed || ended !== this.wasEnded;
    this.seenOrders = state.orders;
    this.wasArmed = this.armed;
    if (ended && !this.wasEnded) {
      this.wasEnded = true;
      this.wakeAtMs = Infinity;
      world.ended(this);
    }
    if (changed) world.relations.changed(this);
  }
}

import { closableBase, evaluateBarriers } from '../../src/domain/barriers.js';
import { floorAmount, isTradable } from '../../src/domain/market-rules.js';
import { ZERO } from '../../src/domain/money.js';
import { exitPrice, openBase } from '../../src/domain/session/advance-exit.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import { isSettled } from '../../src/domain/session/session-order.js';
import { SESSION_TIMING } from '../../src/domain/session/session-plan.js';
import { executedBase, unsettledOrders, type SessionState, type Trigger } from '../../src/domain/session/session-state.js';
import type { Step } from '../../src/domain/session/submit-order.js';
import type { ModelSession } from './model-session.js';
import { closedLots, modelTargets } from './model-targets.js';
import { lotsOf } from './model-units.js';
import { ModelViolation } from './model-violation.js';
import type { ModelWorld } from './model-world.js';

/** Trouble that nobody was told of within this time breaks the rule. Five unanswered requests take less. */
const ATTENTION_BOUND_MS = 75_000;
const MAX_EVENTS = 8_000;
/** Requests of one session in one second of virtual time, beside those that its orders need at once. */
const MAX_REQUESTS_PER_SECOND = 12;

/** Rules that hold at every step of a session, whatever happens around it. */
export class StepChecks {
  private events = 0;

  constructor(private readonly world: ModelWorld) {}

  stepped(session: ModelSession, before: SessionState, step: Step, event: SessionEvent): void {
    const { state } = step;
    this.events += 1;
    if (this.events > MAX_EVENTS) throw new ModelViolation('no endless activity', `${MAX_EVENTS} events in one schedule`);
    if (before.goal.kind !== 'work' && state.goal !== before.goal) throw new ModelViolation('first decision wins', `${session.name} left ${before.goal.kind} for ${state.goal.kind}`);
    if (before.trigger !== null && state.trigger !== before.trigger) throw new ModelViolation('first decision wins', `${session.name} replaced its trigger`);
    if (before.trailingTrigger !== null && (state.trailingTrigger === null || state.trailingTrigger.lessThan(before.trailingTrigger))) {
      throw new ModelViolation('trailing trigger never moves back', `${session.name}: ${before.trailingTrigger.toString()} -> ${String(state.trailingTrigger)}`);
    }
    if (before.breakeven && !state.breakeven) throw new ModelViolation('the stop never moves back', session.name);
    if (!before.breakeven && state.breakeven) this.brokeEven(session);
    if (before.trigger === null && state.trigger !== null) this.fired(session, state, state.trigger, event);
    if (state.end !== null) return;
    this.trouble(session, state);
    if (session.plan.guarded) this.guarded(session, state);
    if ((this.world.sampled || state.breakeven) && session.plan.arm !== null) this.prompt(session, state);
  }

  commanded(session: ModelSession, command: SessionCommand): void {
    const { nowMs } = this.world.clock;
    if (session.state === null || nowMs < this.world.ownerFromMs) throw new ModelViolation('nothing is sent without the lease', `${session.name} ${command.kind}`);
    if (command.kind === 'reserve' || command.kind === 'stopProtected' || command.kind === 'stopPredecessors') return;
    if (session.outstanding.has(command.sequence)) throw new ModelViolation('one request per order at a time', `${session.name} ${command.kind} #${command.sequence}`);
    session.outstanding.add(command.sequence);
    const times = session.requestTimes;
    times.push(nowMs);
    // Each order needs a few, and each piece of the entry may get a take profit that is merged later.
    const allowed = MAX_REQUESTS_PER_SECOND + 5 * unsettledOrders(session.state).length + 3 * session.state.protectedFills.totals.fillCount;
    if (times.length > allowed && (times[times.length - 1 - allowed] ?? 0) > nowMs - 1000) {
      throw new ModelViolation('no tight loop of requests', `${session.name}: more than ${allowed} in a second, the last ${command.kind} #${command.sequence}`);
    }
  }

  /** The evidence alone gives the same verdict. */
  private fired(session: ModelSession, state: SessionState, trigger: Trigger, event: SessionEvent): void {
    const { arm, rules } = session.plan;
    if (arm === null) throw new ModelViolation('only an exit fires', session.name);
    if (trigger.trigger === 'COMMAND') {
      if (event.kind !== 'fire' && event.kind !== 'recovered') throw new ModelViolation('a command fires by itself', `${session.name} on ${event.kind}`);
      return;
    }
    if (trigger.exchangeStop) return this.firedAtExchange(session, trigger);
    const price = session.toldPrice;
    // What rested before an amendment took it away may have filled. Targets that rest, and those that close a part, end it by their fills, whatever the price is.
    const byFills = state.amended !== null || arm.barriers.targets.length > 0 || arm.barriers.takeProfitOrderType !== 'MARKET';
    const open = openBase(session.plan, arm, state);
    if (trigger.trigger === 'TAKE_PROFIT' && byFills && !executedBase(state).isZero() && !open.isNegative() && !isWorth(session, state)) return;
    const verdict = evaluateBarriers(arm.barriers, { entrySide: arm.entrySide, totals: trigger.protectedTotals, rules }, trigger.exitPriceQuote, trigger.atMs, trigger.trailingTrigger, { closedBase: ZERO, breakeven: trigger.breakeven });
    if (verdict.trigger !== trigger.trigger) {
      throw new ModelViolation('evidence gives the same trigger', `${session.name} fired ${trigger.trigger}, the evidence says ${String(verdict.trigger)}, open ${open.toString()}`);
    }
    if (trigger.exitPriceQuote !== null && price?.equals(trigger.exitPriceQuote) !== true) throw new ModelViolation('evidence is the present price', `${session.name}: ${trigger.exitPriceQuote.toString()}`);
  }

  private firedAtExchange(session: ModelSession, { trigger }: Trigger): void {
    const traded = this.world.exchange.orders.some((order) => order.intent.slot === session.slot && order.intent.stopTicks !== null && order.filledLots > 0);
    if (trigger !== 'STOP_LOSS' || !traded) throw new ModelViolation('evidence gives the same trigger', `${session.name} says that its stop fired at the exchange`);
  }

  /** What waits for an answer too long is told to a person. */
  private trouble(session: ModelSession, state: SessionState): void {
    const { nowMs } = this.world.clock;
    const stuck =
      state.orders.some((order) => !isSettled(order) && (order.stage.kind === 'unknown' || order.stage.kind === 'ended' || order.cancelWanted)) ||
      (state.goal.kind === 'close' && state.recovered === 'final' && state.protectedFills.finished && state.predecessorFills.finished);
    // Told and taken back because something was answered: the time counts anew.
    if (!stuck || state.attention !== null) {
      session.troubleSinceMs = null;
      return;
    }
    session.troubleSinceMs ??= nowMs;
    if (nowMs - session.troubleSinceMs > ATTENTION_BOUND_MS) throw new ModelViolation('trouble is told', `${session.name} since ${nowMs - session.troubleSinceMs} ms`);
  }

  /** An entry rests only while an exit is armed, or for as long as one may take to come back. */
  private guarded(session: ModelSession, state: SessionState): void {
    const { nowMs } = this.world.clock;
    const resting = state.orders.some((order) => order.stage.kind === 'open' && !order.cancelWanted);
    if (!resting || this.world.anyExitArmed) {
      session.unguardedSinceMs = null;
      return;
    }
    session.unguardedSinceMs ??= nowMs;
    if (nowMs - session.unguardedSinceMs > SESSION_TIMING.siblingWaitMs + 100) throw new ModelViolation('no exposure without an exit', `${session.name} rests unguarded since ${nowMs - session.unguardedSinceMs} ms`);
  }

  /** The stop moves for a target that the exchange filled. */
  private brokeEven(session: ModelSession): void {
    const after = session.plan.arm?.barriers.breakevenAfterTarget ?? null;
    const closed = this.world.exchange.orders.some((order) => order.filledLots > 0 && this.world.exits.some((exit) => exit.slot === order.intent.slot));
    if (after === null || !closed) throw new ModelViolation('the stop moves after its target', `${session.name} moved it with nothing closed`);
  }

  /** Once the target is filled and the session knows of everything, the stop has moved. */
  private movedStop(session: ModelSession, state: SessionState): void {
    const { arm } = session.plan;
    const after = arm?.barriers.breakevenAfterTarget ?? null;
    if (arm === null || after === null || state.breakeven || state.goal.kind !== 'work' || state.recovered !== 'final' || !state.protectedFills.finished || !state.predecessorFills.finished) return;
    const { world } = this;
    const lots = world.exchange.orders.reduce((sum, order) => (order.intent.slot === session.slot ? sum + order.filledLots : sum), 0);
    if (lotsOf(executedBase(state)) !== lots || openBase(session.plan, arm, state).isNegative()) return;
    const targets = modelTargets(world, session);
    const closing = (targets[after - 1]?.mergedInto ?? after) - 1;
    const closed = closedLots(world, session, targets)[closing] ?? 0;
    if (closed > 0 && closed >= (targets[closing]?.lots ?? 0)) throw new ModelViolation('the stop moves after its target', `${session.name}: target ${after} is filled`);
  }

  /** A barrier that is met has fired by the end of the same step. */
  private prompt(session: ModelSession, state: SessionState): void {
    const { arm, rules } = session.plan;
    this.movedStop(session, state);
    if (arm === null || state.goal.kind !== 'work' || state.recovered === 'no' || openBase(session.plan, arm, state).isNegative()) return;
    const worth = isWorth(session, state);
    if (exitPrice(session.plan, state)?.toString() !== session.toldPrice?.toString()) throw new ModelViolation('the present price is known', session.name);
    // All is closed as far as it is known, and it is not yet known whether that is all: no verdict can be given.
    if (!worth && state.recovered !== 'final' && !executedBase(state).isZero()) return;
    const price = worth ? exitPrice(session.plan, state) : null;
    const verdict = evaluateBarriers(arm.barriers, { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules }, price, state.nowMs, state.trailingTrigger, { closedBase: ZERO, breakeven: state.breakeven });
    if (verdict.trigger !== null) throw new ModelViolation('a barrier fires at once', `${session.name}: ${verdict.trigger}`);
  }
}

/** Something is open that the exchange trades at the present price. */
export function isWorth(session: ModelSession, state: SessionState): boolean {
  const { arm, rules } = session.plan;
  if (arm === null) return false;
  const closable = closableBase(state.protectedFills.totals, arm.entrySide, rules);
  const open = floorAmount(rules, closable.minus(state.predecessorFills.totals.filledBase).minus(executedBase(state)));
  const price = exitPrice(session.plan, state);
  return price === null ? open.greaterThan(0) && open.greaterThanOrEqualTo(rules.minAmountBase) : isTradable(rules, open, price);
}

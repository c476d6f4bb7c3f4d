import { LIMITS } from '../../src/domain/limits.js';
import { reduceSession } from '../../src/domain/session/reduce-session.js';
import { DecisionTape } from './decision-tape.js';
import { NO_FAULTS } from './fault-profile.js';
import { ModelViolation } from './model-violation.js';
import { ModelWorld, type Reducer } from './model-world.js';
import { commandText, stateText } from './schedule-trace.js';

/** Waits and latencies add up to less than this once nothing goes wrong any more. */
const SETTLE_MS = 90_000;
/** Closing itself, and the time a rest waits for a price at which the exchange takes it. */
const CLOSING_BOUND_MS = 35_000 + LIMITS.unsellableWaitMs;
const STEP_GAPS_MS = [100, 20, 1, 300, 700, 1500, 4000] as const;
const CALM_FRAME_MS = 7_000;
/** The market stands still for so long before what must hold by then is judged: a rest waits for its price, then for the value of a fee. */
const STILL_MS = 45_000;

export interface ScheduleFailure {
  readonly invariant: string;
  readonly detail: string;
  readonly tape: readonly number[];
}

export interface ScheduleRun {
  readonly failure: ScheduleFailure | null;
  readonly trace: readonly string[];
  readonly virtualMs: number;
}

/** Plays one schedule to its end. Without a failure every invariant held at every step. */
export function runSchedule(tape: DecisionTape, reduce: Reducer = reduceSession, traced = false): ScheduleRun {
  const trace: string[] | null = traced ? [] : null;
  const world: ModelWorld = new ModelWorld(tape, traced ? told(reduce, () => world) : reduce, trace);
  const startMs = world.clock.nowMs;
  try {
    new ScheduleDriver(world).run();
    return { failure: null, trace: trace ?? [], virtualMs: world.clock.nowMs - startMs };
  } catch (error) {
    const invariant = error instanceof ModelViolation ? error.invariant : 'the reducer does not throw';
    const detail = error instanceof ModelViolation ? error.detail : error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { failure: { invariant, detail, tape: tape.values }, trace: trace ?? [], virtualMs: world.clock.nowMs - startMs };
  }
}

/** Chaos first, then calm, then the order to close: each with what must hold by then. */
class ScheduleDriver {
  private stepsLeft: number;
  private settledAtMs = Infinity;

  constructor(private readonly world: ModelWorld) {
    this.stepsLeft = world.scenario.chaosSteps;
  }

  run(): void {
    const { world } = this;
    world.supervisor.begin();
    world.process.reconcile();
    this.step();
    while (!world.over) this.next();
  }

  /** The earliest of what is due: an appointment, or a session that wanted to be woken. */
  private next(): void {
    const { world } = this;
    let sleeper = null;
    let wakeAtMs = world.clock.nextAtMs;
    for (const session of world.sessions) {
      if (session.wakeAtMs >= wakeAtMs) continue;
      sleeper = session;
      wakeAtMs = session.wakeAtMs;
    }
    if (sleeper === null) return world.clock.runNext();
    world.clock.nowMs = wakeAtMs;
    sleeper.wakeAtMs = Infinity;
    sleeper.dispatch({ kind: 'tick', nowMs: wakeAtMs });
  }

  private step(): void {
    const { world } = this;
    this.stepsLeft -= 1;
    if (this.stepsLeft <= 0) return this.heal();
    this.moveMarket();
    this.strike();
    world.clock.after(world.tape.of(STEP_GAPS_MS), () => this.step());
  }

  private moveMarket(): void {
    const { world } = this;
    world.market.move(world.faults.emptyBook);
    world.exchange.matchResting(world.clock.nowMs);
    world.note(() => `book ${String(world.market.bid)} / ${String(world.market.ask)}`);
    const frame = world.priceEvent();
    for (const session of world.sessions) session.dispatch(frame);
  }

  /** One draw for what goes wrong at this step, one for a heartbeat. */
  private strike(): void {
    const { world } = this;
    const { faults, tape, clock } = world;
    if (tape.pick(3) === 1) for (const session of world.sessions) if (session.alive) session.heartbeat = session.state;
    let drawn = 999 - tape.pick(1000);
    const is = (perMille: number): boolean => {
      const hit = drawn >= 0 && drawn < perMille;
      drawn -= perMille;
      return hit;
    };
    if (is(faults.crash)) world.process.crash(tape.pick(3) === 0 ? 1 : tape.pick(8000));
    else if (is(faults.command)) world.supervisor.stop(tape.pick(2) === 0 ? 'close' : 'keep');
    else if (is(faults.externalEnd)) this.endSomeOrder();
    else if (is(faults.legTerminated)) world.supervisor.terminate(tape.pick(3) === 0 ? 'entry' : 'exit');
    else if (is(faults.hold)) this.hold(tape.pick(2) === 0);
    else if (is(faults.amend)) world.amendments.amend();
    else if (is(faults.blackout)) world.blackoutUntilMs = clock.nowMs + 1000 + tape.pick(150_000);
  }

  private endSomeOrder(): void {
    const { exchange, tape, clock } = this.world;
    const open = exchange.orders.filter((order) => order.state === 'open');
    const order = open[tape.pick(Math.max(1, open.length))];
    if (order !== undefined) exchange.end(order, tape.pick(2) === 0 ? 'cancelled' : 'expired', clock.nowMs);
  }

  private hold(held: boolean): void {
    for (const session of this.world.sessions) session.dispatch({ kind: 'hold', held, nowMs: this.world.clock.nowMs });
  }

  /** From here on everything works. A blackout runs to its end first, so that what it breaks is seen. */
  private heal(): void {
    const { world } = this;
    const { clock } = world;
    if (clock.nowMs < world.blackoutUntilMs) {
      clock.at(world.blackoutUntilMs, () => this.heal());
      return;
    }
    world.note(() => 'everything works from here on');
    world.faults = NO_FAULTS;
    world.healthy = true;
    world.market.restore();
    this.hold(false);
    this.settledAtMs = clock.nowMs + SETTLE_MS;
    this.calm();
    clock.at(this.settledAtMs, () => this.settle());
  }

  /** Frames go on, few and small. Over as soon as every workflow has its answer. */
  private calm(): void {
    const { world } = this;
    const { nowMs } = world.clock;
    if (world.sessions.every((session) => session.workflowClosed && !session.alive)) return this.finish();
    if (nowMs >= this.settledAtMs + CLOSING_BOUND_MS) return this.finish();
    if (nowMs < this.settledAtMs - STILL_MS) {
      world.market.move(0);
      world.exchange.matchResting(nowMs);
    }
    const frame = world.priceEvent();
    for (const session of world.sessions) session.dispatch(frame);
    world.clock.after(CALM_FRAME_MS, () => this.calm());
  }

  private settle(): void {
    const { world } = this;
    if (world.over) return;
    world.checks.settled();
    world.note(() => 'the order to end');
    world.supervisor.passOn();
  }

  private finish(): void {
    const { world } = this;
    // What a terminated session left open while no exit was there to count it is the account sweep's.
    for (const order of world.exchange.orders) {
      const owner = world.sessions[order.intent.slot];
      if (owner?.terminated === true && owner.state === null) world.exchange.end(order, 'cancelled', world.clock.nowMs);
    }
    world.over = true;
    world.checks.over();
  }
}

/** The reducer, with its commands and states written to the trace. */
function told(reduce: Reducer, world: () => ModelWorld): Reducer {
  return (plan, state, event) => {
    const step = reduce(plan, state, event);
    const name = world().sessions.find((each) => each.state === state)?.name ?? '';
    const [before, after] = [stateText(state), stateText(step.state)];
    for (const command of step.commands) world().note(() => `${name} > ${commandText(command)}`);
    if (after !== before) world().note(() => `${name} = ${after}`);
    return step;
  };
}

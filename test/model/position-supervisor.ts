import { sessionTotals } from '../../src/domain/session/session-state.js';
import { ModelSession } from './model-session.js';
import type { ModelWorld } from './model-world.js';
import { exitPlan } from './schedule-scenario.js';

const MAX_EXITS = 3;
const COMMAND_RETRY_MS = 500;

/** The workflow above the sessions, as far as they feel it: starts legs, replaces a lost exit, passes commands on. */
export class PositionSupervisor {
  /** The first decision wins. */
  private decision: 'close' | 'keep' | null = null;
  private fired = false;

  constructor(private readonly world: ModelWorld) {}

  begin(): void {
    const { world } = this;
    for (const session of [...world.exits, world.work]) world.clock.after(world.tape.pick(400), () => world.process.start(session));
  }

  get decided(): boolean {
    return this.decision !== null;
  }

  stop(decision: 'close' | 'keep'): void {
    this.decision ??= decision;
    this.passOn();
  }

  /** Passes the standing decision on, again if need be. */
  passOn(): void {
    const { work, exits, entry } = this.world;
    const exit = exits.at(-1);
    if (entry === null || exit === undefined) return this.deliver(work, 'cancel');
    if (this.decision === 'keep') {
      this.deliver(entry, 'cancel');
      this.deliver(exit, 'cancel');
    } else this.deliver(exit, 'fire');
  }

  ended(session: ModelSession): void {
    const { state } = session;
    const exit = this.world.exits.at(-1);
    if (session !== this.world.entry || state === null || exit === undefined) return;
    // Nothing was bought: the exit has nothing to wait for.
    if (sessionTotals(state).fillCount === 0) this.deliver(exit, 'cancel');
  }

  /** Somebody terminates the workflow of a leg in the Web UI. */
  terminate(leg: 'entry' | 'exit'): void {
    const { world } = this;
    const session = leg === 'entry' ? world.entry : (world.exits.at(-1) ?? null);
    if (session === null || session.workflowClosed || (leg === 'exit' && world.exits.length >= MAX_EXITS)) return;
    world.note(() => `workflow of ${session.name} is terminated`);
    session.terminated = true;
    if (leg === 'entry') {
      session.command('cancel', 'workflow gone');
      return;
    }
    this.fired ||= session.state !== null && session.state.trigger !== null;
    world.clock.after(200 + world.tape.pick(8000), () => this.replaceExit());
  }

  private replaceExit(): void {
    const { world } = this;
    const counter = world.exits.length + 1;
    const exit = new ModelSession(world.sessions.length, `exit/${counter}`, world.amendments.planAfter(exitPlan(world.scenario, counter)), [...world.exits], world);
    world.sessions.push(exit);
    world.exits.push(exit);
    world.clock.after(world.tape.pick(300), () => world.process.start(exit));
    if (this.decided) this.passOn();
    else if (this.fired) this.deliver(exit, 'fire');
  }

  /** Told until no crash can lose it any more: until the session ended, or its heartbeat carries what it was told. */
  private deliver(session: ModelSession, kind: 'fire' | 'cancel'): void {
    const { clock, over } = this.world;
    if (session.workflowClosed || over) return;
    session.command(kind, 'decided');
    const { incarnation } = session;
    clock.after(COMMAND_RETRY_MS, () => {
      if (session.alive && session.incarnation === incarnation) session.heartbeat = session.state;
      if (session.heartbeat === null || session.heartbeat.goal.kind === 'work') this.deliver(session, kind);
    });
  }
}

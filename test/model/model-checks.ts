import type { SessionDetails } from '../../src/domain/session/resume-session.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import type { SessionState } from '../../src/domain/session/session-state.js';
import type { Step } from '../../src/domain/session/submit-order.js';
import { EndChecks } from './end-checks.js';
import type { Intent, ModelOrder } from './model-exchange.js';
import type { ModelSession } from './model-session.js';
import { ModelViolation } from './model-violation.js';
import type { ModelWorld } from './model-world.js';
import { SendChecks } from './send-checks.js';
import { StepChecks } from './step-checks.js';
import { SettledChecks } from './settled-checks.js';

/** All invariants, by the moment at which they are judged. */
export class ModelChecks {
  readonly sends: SendChecks;
  private readonly steps: StepChecks;
  private readonly ends: EndChecks;
  private readonly settledChecks: SettledChecks;

  constructor(private readonly world: ModelWorld) {
    this.sends = new SendChecks(world);
    this.steps = new StepChecks(world);
    this.ends = new EndChecks(world);
    this.settledChecks = new SettledChecks(world);
  }

  /** What a heartbeat told of a decision is not forgotten. */
  began(session: ModelSession, details: SessionDetails | null): void {
    if (details === null || session.state === null) return;
    if (session.state.goal.kind !== details.goal.kind || (session.state.trigger === null) !== (details.trigger === null)) {
      throw new ModelViolation('first decision wins', `${session.name} resumed without its decision`);
    }
  }

  stepped(session: ModelSession, before: SessionState, step: Step, event: SessionEvent): void {
    this.steps.stepped(session, before, step, event);
  }

  commanded(session: ModelSession, command: SessionCommand): void {
    this.steps.commanded(session, command);
  }

  submitting(session: ModelSession, intent: Intent): void {
    this.sends.submitting(session, intent);
  }

  committed(order: ModelOrder): void {
    this.sends.committed(order);
  }

  ended(session: ModelSession): void {
    this.ends.ended(session);
  }

  /** Some time after the last fault. */
  settled(): void {
    for (const session of this.world.sessions) this.settledChecks.settled(session);
  }

  over(): void {
    this.ends.over();
  }
}

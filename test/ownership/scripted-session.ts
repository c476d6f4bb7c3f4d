import type { OrderSession } from '../../activities/session/order-session.js';
import type { OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionDetails } from '../../src/domain/session/resume-session.js';

export function pathOf(workflowId: string): OrderPath {
  return { workflowId, rootId: 'root', rootCreatedAtMs: 1_000, path: workflowId };
}

export const DETAILS: SessionDetails = { atMs: 1, nextSequence: 1, retries: 0, folded: null, amended: null, liquidated: [], goal: { kind: 'work' }, trailingTrigger: null, breakeven: false, trigger: null };

/** A session as registry and sweep see it; what they do to it is written down. */
export class ScriptedSession {
  readonly commands: string[] = [];
  abandoned = false;
  ended = false;
  armed = true;
  knows: SessionDetails = DETAILS;
  readonly plan: OrderPlan;
  readonly outcome = new Promise<never>(() => undefined);

  constructor(workflowId: string, options: { readonly protects?: readonly string[]; readonly predecessors?: readonly string[]; readonly parentId?: string } = {}) {
    const { protects, predecessors = [], parentId = null } = options;
    const arm = protects === undefined ? null : { protects: protects.map(pathOf), predecessors: predecessors.map(pathOf) };
    this.plan = { path: pathOf(workflowId), parentId, arm } as unknown as OrderPlan;
  }

  command(command: { readonly kind: string; readonly reason: string }): void {
    this.commands.push(`${command.kind}: ${command.reason}`);
  }

  isArmed(): boolean {
    return this.armed && !this.ended;
  }

  details(): SessionDetails {
    return this.knows;
  }

  abandon(): void {
    this.abandoned = true;
  }

  get asSession(): OrderSession {
    return this as unknown as OrderSession;
  }
}

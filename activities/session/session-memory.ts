import { Decimal, decimal } from '../../src/domain/money.js';
import type { SessionDetails, ToldFills } from '../../src/domain/session/resume-session.js';
import type { OrderPath } from '../../src/contract/order-plan.js';

const MAX_KEPT = 10_000;

/**
 * What sessions of this process knew when their lease was lost: news of an outage (a trailing peak, a stop that fired)
 * that no heartbeat could carry. Outlives the lease; the next session of the same order resumes from both.
 */
export class SessionMemory {
  private readonly kept = new Map<string, SessionDetails>();

  keep(path: OrderPath, details: SessionDetails): void {
    const key = keyOf(path);
    this.kept.delete(key);
    this.kept.set(key, details);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) return;
      this.kept.delete(oldest);
    }
  }

  /** What the next session of that order resumes from: the heartbeat's details and what was kept here, together. */
  take(path: OrderPath, told: SessionDetails | null): SessionDetails | null {
    const key = keyOf(path);
    const kept = this.kept.get(key) ?? null;
    this.kept.delete(key);
    return kept === null || told === null ? (told ?? kept) : together(told, kept);
  }
}

function keyOf(path: OrderPath): string {
  return `${path.workflowId}:${path.rootCreatedAtMs}`;
}

/** A decision to close or stop, once taken by either, stands; a trailing stop never moves back. */
function together(told: SessionDetails, kept: SessionDetails): SessionDetails {
  return {
    atMs: Math.max(told.atMs, kept.atMs),
    nextSequence: Math.max(told.nextSequence, kept.nextSequence),
    retries: Math.max(told.retries, kept.retries),
    folded: (kept.folded?.throughSequence ?? 0) > (told.folded?.throughSequence ?? 0) ? kept.folded : told.folded,
    amended: (kept.amended?.sequence ?? 0) > (told.amended?.sequence ?? 0) ? kept.amended : told.amended,
    liquidated: kept.liquidated.length > told.liquidated.length ? kept.liquidated : told.liquidated,
    goal: told.goal.kind === 'work' ? kept.goal : told.goal,
    trailingTrigger: higher(told.trailingTrigger, kept.trailingTrigger),
    breakeven: told.breakeven || kept.breakeven,
    trigger: told.trigger ?? kept.trigger,
    ...(kept.told === undefined && told.told === undefined ? {} : { told: fuller(told.told, kept.told) }),
  };
}

/** Both are cumulative. */
function fuller(left: ToldFills | undefined, right: ToldFills | undefined): ToldFills {
  if (left === undefined || right === undefined) return (left ?? right) as ToldFills;
  return right.finished || right.totals.fillCount > left.totals.fillCount ? right : left;
}

function higher(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return Decimal.max(decimal(left), decimal(right)).equals(decimal(left)) ? left : right;
}

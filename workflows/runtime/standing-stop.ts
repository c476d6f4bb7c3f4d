import type { TriggerEvidence } from '../../src/contract/session-result.js';
import type { GridPhase } from '../../src/domain/grid/grid-state.js';
import type { StopDecision } from './stop-request.js';

/** What ends an executor when somebody asks it to stop: the caller's word, or what was decided before it came. */
export interface StandingStop {
  readonly keepPosition: boolean;
  readonly reason: string;
  readonly byCaller: boolean;
}

/** A barrier that fired before closes, whatever the caller would rather have. */
export function stopOrBarrier(decision: StopDecision, fired: TriggerEvidence | null): StandingStop {
  if (fired === null || fired.trigger === 'COMMAND') return { keepPosition: decision.keepPosition, reason: decision.reason, byCaller: true };
  return { keepPosition: false, reason: fired.trigger.toLowerCase(), byCaller: false };
}

/** Of a grid, which may keep what it holds when its limit price is passed. `phase`: null before there is a plan. */
export function stopOfGrid(decision: StopDecision, phase: GridPhase | null): StandingStop {
  if (phase === null || phase.kind === 'running') return { keepPosition: decision.keepPosition, reason: decision.reason, byCaller: true };
  const keepPosition = phase.kind === 'ended' ? phase.handedOver : phase.keepPosition;
  return { keepPosition, reason: phase.byCaller ? decision.reason : phase.closeType.toLowerCase(), byCaller: phase.byCaller };
}

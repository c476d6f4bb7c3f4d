import { Decimal } from '../../src/domain/money.js';
import type { ClosingTerms } from '../../src/domain/session/close-escalation.js';
import type { DecisionTape } from './decision-tape.js';
import type { Intent } from './model-exchange.js';
import type { ModelSession } from './model-session.js';
import { ModelViolation } from './model-violation.js';

const PATIENCE: readonly [ClosingTerms['patientFor'], ...ClosingTerms['patientFor'][]] = [['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP'], ['EARLY_STOP'], ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP', 'STOP_LOSS', 'TRAILING_STOP']];

/** At market at once more often than not; else with patience that a schedule can outlive. */
export function drawClosing(tape: DecisionTape): ClosingTerms | null {
  if (tape.pick(3) !== 1) return null;
  return {
    patientFor: tape.of<ClosingTerms['patientFor']>(PATIENCE),
    limitMs: tape.of([0, 2_000, 6_000]),
    chaseMs: tape.of([0, 3_000, 8_000]),
    attentionAfterMs: tape.of([20_000, 60_000]),
    chaser: { distanceFraction: new Decimal(tape.of(['0', '0.002'])), refreshThresholdFraction: new Decimal(tape.of(['0', '0.001'])) },
  };
}

/** What closes a position rests only for a reason that may take its time, and only for as long as it may. */
export function checkPatience(session: ModelSession, intent: Intent, nowMs: number): void {
  const { state, plan } = session;
  if (intent.purpose !== 'close' || intent.type === 'MARKET' || state === null) return;
  const closing = plan.arm?.closing ?? null;
  const { goal, trigger } = state;
  const reason = trigger?.trigger === 'COMMAND' ? 'EARLY_STOP' : trigger?.trigger;
  const allowed = closing !== null && goal.kind === 'close' && closing.patientFor.some((each) => each === reason) && nowMs < goal.sinceMs + closing.limitMs + closing.chaseMs;
  if (!allowed) throw new ModelViolation('patience has its reasons and its end', `${session.name} #${intent.sequence} rests for ${String(reason)}`);
}

import type { ChaserTerms } from '../../src/domain/chaser-price.js';
import type { ExecutionStrategy } from '../../src/domain/enumerations.js';
import { Decimal } from '../../src/domain/money.js';
import { SESSION_TIMING, type SessionTiming } from '../../src/domain/session/session-plan.js';
import type { DecisionTape } from './decision-tape.js';

const DISTANCES = ['0', '0.002', '0.01'] as const;
const THRESHOLDS = ['0', '0.001', '0.005'] as const;

/** How the order or entry of a schedule works: a chaser is an order of its own, never an entry. */
export function drawStrategy(tape: DecisionTape, kind: 'order' | 'position'): ExecutionStrategy {
  return kind === 'order' ? tape.of(['MARKET', 'LIMIT', 'LIMIT_MAKER', 'LIMIT_CHASER', 'LIMIT_CHASER']) : tape.of(['MARKET', 'LIMIT', 'LIMIT_MAKER']);
}

export function drawChaser(tape: DecisionTape): ChaserTerms {
  return { distanceFraction: new Decimal(tape.of(DISTANCES)), refreshThresholdFraction: new Decimal(tape.of(THRESHOLDS)) };
}

/** Renewals often enough to meet faults, and so few orders kept that their sum is used. */
export function drawTiming(tape: DecisionTape): SessionTiming {
  return { ...SESSION_TIMING, renewalIntervalMs: tape.of([600, 5_000]), keptOrders: tape.of([2, 199]) };
}

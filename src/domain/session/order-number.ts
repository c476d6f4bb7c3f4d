import { MAX_TARGETS } from '../targets.js';
import type { OrderPurpose } from './session-order.js';
import type { SessionRole } from './session-plan.js';

/** What an order of a session is for; `target` is counted from 1, null for what is no target's. */
export interface OrderOccasion {
  readonly purpose: OrderPurpose;
  readonly target: number | null;
}

/** Numbers of an exit's orders modulo this tell their occasion: 0 a close, 1 to 6 a target, 7 the stop at the exchange. */
export const EXIT_NUMBERS = 8;
const EXCHANGE_STOP = EXIT_NUMBERS - 1;

/**
 * Number of the next order. An exit's follow from what they are for: after a crash the exchange lists ids, amounts and
 * types only, and a market order may be a target's or the close.
 */
export function orderNumber(role: SessionRole, nextSequence: number, occasion: OrderOccasion): number {
  if (role !== 'exit') return nextSequence;
  const ahead = (remainderOf(occasion) - nextSequence) % EXIT_NUMBERS;
  return nextSequence + (ahead < 0 ? ahead + EXIT_NUMBERS : ahead);
}

export function occasionOf(role: SessionRole, sequence: number): OrderOccasion {
  if (role !== 'exit') return { purpose: 'work', target: null };
  const remainder = sequence % EXIT_NUMBERS;
  if (remainder === 0) return { purpose: 'close', target: null };
  return remainder === EXCHANGE_STOP ? { purpose: 'exchangeStop', target: null } : { purpose: 'takeProfit', target: remainder };
}

function remainderOf({ purpose, target }: OrderOccasion): number {
  switch (purpose) {
    case 'takeProfit':
      if (target === null || target < 1 || target > MAX_TARGETS) throw new RangeError(`target: ${String(target)} must be from 1 to ${MAX_TARGETS}`);
      return target;
    case 'exchangeStop':
      return EXCHANGE_STOP;
    case 'close':
      return 0;
    case 'work':
      throw new RangeError('purpose: work belongs to no exit');
  }
}

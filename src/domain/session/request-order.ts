import type { SessionCommand } from './session-events.js';
import { isSettled, type SessionOrder } from './session-order.js';

/** The next request an order needs, or null. At most one is under way per order. */
export function dueRequest(order: SessionOrder, nowMs: number): 'cancel' | 'lookUp' | 'trades' | null {
  if (order.request !== null || isSettled(order) || nowMs < order.nextRequestAtMs) return null;
  switch (order.stage.kind) {
    case 'submitting':
      return null;
    case 'unknown':
      return 'lookUp';
    case 'open':
      if (!order.cancelWanted) return null;
      // A cancel that was refused or went unanswered is followed by a look-up, so that the two alternate.
      return order.attempts % 2 === 1 ? 'lookUp' : 'cancel';
    case 'ended':
      return order.claimedBase === null || order.exchangeOrderId === null ? 'lookUp' : 'trades';
    default:
      return unreachable(order.stage);
  }
}

/** When `dueRequest` may next answer something, for the timer; null = not by time. */
export function requestWakeAtMs(order: SessionOrder): number | null {
  if (order.request !== null || isSettled(order)) return null;
  const idle = order.stage.kind === 'submitting' || (order.stage.kind === 'open' && !order.cancelWanted);
  return idle ? null : order.nextRequestAtMs;
}

export function requestCommand(order: SessionOrder, request: 'cancel' | 'lookUp' | 'trades'): SessionCommand {
  switch (request) {
    case 'cancel':
      return { kind: 'cancel', sequence: order.sequence };
    case 'lookUp':
      return { kind: 'lookUp', sequence: order.sequence };
    case 'trades':
      return { kind: 'readTrades', sequence: order.sequence };
    default:
      return unreachable(request);
  }
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}

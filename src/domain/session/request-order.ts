import type { SessionCommand } from './session-events.js';
import { isSettled, owesTrades, type SessionOrder } from './session-order.js';

/** The next request an order needs by now, or null. At most one is under way per order. */
export function dueRequest(order: SessionOrder, nowMs: number): 'cancel' | 'lookUp' | 'trades' | null {
  return order.request !== null || nowMs < order.nextRequestAtMs ? null : neededRequest(order);
}

function neededRequest(order: SessionOrder): 'cancel' | 'lookUp' | 'trades' | null {
  if (isSettled(order)) return null;
  switch (order.stage.kind) {
    case 'submitting':
      return null;
    case 'unknown':
      return 'lookUp';
    case 'open':
      // A partial fill of which the stream said nothing has to be protected too; a market order cannot rest, so "open" is old news.
      if (!order.cancelWanted) return owesTrades(order) ? 'trades' : order.type === 'MARKET' ? 'lookUp' : null;
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
  return order.request !== null || neededRequest(order) === null ? null : order.nextRequestAtMs;
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

import type { SessionCommand } from './session-events.js';
import { isSettled, owesTrades, type OrderRequest, type SessionOrder } from './session-order.js';

/** The next request an order needs by now, or null. At most one is under way per order. */
export function dueRequest(order: SessionOrder, nowMs: number): OrderRequest | null {
  return order.request !== null || nowMs < order.nextRequestAtMs ? null : neededRequest(order);
}

/** So many look-ups of an order that ended found nothing: an exchange that forgot it will not find it. */
const MISSING_UNTIL_PROOF = 5;

function neededRequest(order: SessionOrder): OrderRequest | null {
  if (isSettled(order)) return null;
  switch (order.stage.kind) {
    case 'submitting':
      return null;
    case 'unknown':
      return order.stage.forgotten === true && order.exchangeOrderId !== null ? 'prove' : 'lookUp';
    case 'open':
      // A partial fill of which the stream said nothing has to be protected too; a market order cannot rest, so "open" is old news.
      if (!order.cancelWanted) return owesTrades(order) ? 'trades' : order.type === 'MARKET' && order.purpose !== 'exchangeStop' ? 'lookUp' : null;
      // A cancel that was refused or went unanswered is followed by a look-up, so that the two alternate.
      return order.attempts % 2 === 1 ? 'lookUp' : 'cancel';
    case 'ended':
      if (order.exchangeOrderId === null) return 'lookUp';
      if (order.claimedBase !== null) return 'trades';
      return order.attempts >= MISSING_UNTIL_PROOF && order.attempts % 2 === 1 ? 'prove' : 'lookUp';
    default:
      return unreachable(order.stage);
  }
}

/** When `dueRequest` may next answer something, for the timer; null = not by time. */
export function requestWakeAtMs(order: SessionOrder): number | null {
  return order.request !== null || neededRequest(order) === null ? null : order.nextRequestAtMs;
}

export function requestCommand(order: SessionOrder, request: OrderRequest): SessionCommand {
  switch (request) {
    case 'cancel':
      return { kind: 'cancel', sequence: order.sequence };
    case 'lookUp':
      return { kind: 'lookUp', sequence: order.sequence };
    case 'trades':
      return { kind: 'readTrades', sequence: order.sequence };
    case 'prove':
      return { kind: 'proveEnd', sequence: order.sequence };
    default:
      return unreachable(request);
  }
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}

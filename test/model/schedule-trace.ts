import { Decimal } from '../../src/domain/money.js';
import type { SessionCommand, SessionEvent } from '../../src/domain/session/session-events.js';
import { isSettled } from '../../src/domain/session/session-order.js';
import { executedBase, type SessionState } from '../../src/domain/session/session-state.js';

export function eventText(event: SessionEvent): string {
  const { kind, nowMs: _now, ...rest } = event;
  return `${kind} ${compact(rest)}`;
}

export function commandText(command: SessionCommand): string {
  const { kind, ...rest } = command;
  return `${kind} ${compact(rest)}`;
}

export function stateText(state: SessionState): string {
  const unsettled = state.orders.filter((order) => !isSettled(order));
  const settled = state.orders.length - unsettled.length;
  const orders = unsettled.map((order) => {
    const stage = order.stage.kind === 'ended' ? order.stage.how : order.stage.kind;
    const claimed = order.claimedBase === null ? '?' : order.claimedBase.toString();
    return `#${order.sequence} ${order.purpose} ${stage}${order.cancelWanted ? ' cancelWanted' : ''} ${order.ledger.totals.filledBase.toString()}/${claimed}/${order.amountBase.toString()}${order.request === null ? '' : ` (${order.request})`}`;
  });
  const end = state.end === null ? '' : ` END ${state.end.kind}`;
  const executed = executedBase(state);
  return `${state.goal.kind}${state.recovered === 'final' ? '' : `, recovered ${state.recovered}`}, executed ${executed.toString()}, ${settled} orders settled${end}${orders.map((order) => `; ${order}`).join('')}`;
}

/** Shorter than JSON: decimals as numbers, fill totals as base and count. */
function compact(value: unknown): string {
  if (Decimal.isDecimal(value)) return (value as Decimal).toString();
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  if ('fillCount' in value && 'filledBase' in value) return `${compact(value.filledBase)} in ${compact(value.fillCount)}`;
  return Object.entries(value)
    .filter(([key]) => key !== 'message' && key !== 'side')
    .map(([key, entry]) => `${key}=${entry !== null && typeof entry === 'object' && !Decimal.isDecimal(entry) && !Array.isArray(entry) ? `{${compact(entry)}}` : compact(entry)}`)
    .join(' ');
}

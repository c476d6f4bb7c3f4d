import type { UnitOfWork } from '../exchange/unit-of-work.js';
import type { Order } from '../matching/order.js';
import type { ConditionalOrder } from './conditional-order.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { UPSERT_CONDITIONAL } from './perpetual-tables.js';

type Kind = 'conditional-new' | 'conditional-triggered' | 'conditional-ended';

/** Writes a conditional order down as it is now and tells its owner. */
export function recordConditional(work: UnitOfWork, kind: Kind, order: ConditionalOrder, actual?: Readonly<Order>): void {
  const { account, symbol, clientId, state, reason, triggerQuote, orderId } = order;
  work.row(UPSERT_CONDITIONAL, valuesOf(order));
  const data = { conditionalId: order.conditionalId, type: order.type, side: order.side, triggerQuote: triggerQuote.toFixed() };
  const subject = { account, symbol, clientOrderId: clientId, ...(orderId === null ? {} : { orderId }) };
  work.event(kind, subject, { ...data, state, ...(reason === '' ? {} : { reason }) });
  const told = { ...order };
  const actualCopy = actual === undefined ? undefined : { ...actual };
  work.tell((listener) => listener.conditionalChanged?.(told, actualCopy));
}

/** The order a conditional one became has ended, filled or not: so has the conditional one. */
export function finishConditional(perpetuals: PerpetualExchange, work: UnitOfWork, actual: Order): void {
  const order = perpetuals.conditionals.takeByOrder(actual.orderId);
  if (order === undefined) return;
  order.state = 'finished';
  order.updatedMs = work.timeMs;
  recordConditional(work, 'conditional-ended', order, actual);
}

export function endConditional(
  perpetuals: PerpetualExchange,
  work: UnitOfWork,
  order: ConditionalOrder,
  state: 'canceled' | 'expired' | 'rejected',
  reason = '',
): void {
  order.state = state;
  order.reason = reason;
  order.updatedMs = work.timeMs;
  perpetuals.conditionals.leave(order);
  recordConditional(work, 'conditional-ended', order);
}

function valuesOf(order: ConditionalOrder): (string | number | null)[] {
  return [
    order.conditionalId,
    order.account,
    order.symbol,
    order.clientId,
    order.side,
    order.positionSide,
    order.type,
    order.timeInForce,
    order.priceQuote?.toFixed() ?? null,
    order.amountBase.toFixed(),
    order.triggerQuote.toFixed(),
    order.workingType,
    order.reduceOnly ? 1 : 0,
    order.closePosition ? 1 : 0,
    order.state,
    order.orderId,
    order.reason,
    order.createdMs,
    order.updatedMs,
    order.triggeredMs,
  ];
}

import { Decimal, ZERO } from './exact-decimal.js';
import { type Order, remainingBase } from './order.js';

export type QueueStep =
  | { readonly counterparty: 'external'; readonly amountBase: Decimal }
  | { readonly counterparty: 'order'; readonly order: Order; readonly amountBase: Decimal };

/**
 * Serves `amountBase` from one price: each order waits for the external amount that was displayed before it, then is
 * served itself, oldest first; external size that came later is served last. Pure: changes nothing.
 *
 * @param externalBase external amount there is at this price; infinite for a print, which the feed itself sized.
 */
export function serveQueue(externalBase: Decimal, orders: readonly Order[], amountBase: Decimal): QueueStep[] {
  const steps: QueueStep[] = [];
  let left = amountBase;
  let externalServed: Decimal = ZERO;
  const serveExternal = (upToBase: Decimal): void => {
    const served = Decimal.min(upToBase.minus(externalServed), left);
    if (served.lte(0)) return;
    externalServed = externalServed.plus(served);
    left = left.minus(served);
    const last = steps.at(-1);
    if (last?.counterparty === 'external') steps.pop();
    const amount = last?.counterparty === 'external' ? last.amountBase.plus(served) : served;
    steps.push({ counterparty: 'external', amountBase: amount });
  };
  for (const order of orders) {
    serveExternal(Decimal.min(order.queueAheadBase, externalBase));
    if (left.isZero()) return steps;
    const served = Decimal.min(left, remainingBase(order));
    if (served.gt(0)) steps.push({ counterparty: 'order', order, amountBase: served });
    left = left.minus(served);
    if (left.isZero()) return steps;
  }
  serveExternal(externalBase);
  return steps;
}

/** External size left the front of the queue: everyone behind it moves up. */
export function advanceQueue(orders: readonly Order[], externalServedBase: Decimal): void {
  for (const order of orders) {
    order.queueAheadBase = Decimal.max(order.queueAheadBase.minus(externalServedBase), ZERO);
  }
}

/** Displayed size shrank below what was thought to be ahead: someone ahead cancelled. */
export function capQueue(orders: readonly Order[], displayedBase: Decimal): void {
  for (const order of orders) {
    if (order.queueAheadBase.gt(displayedBase)) order.queueAheadBase = displayedBase;
  }
}

import type { ConditionalOrder } from './conditional-order.js';

/** Binance's ids of conditional orders are far above those of orders: clients keep both in one list. */
export const FIRST_CONDITIONAL_ID = 1_000_000_000_000_001;

/** Conditional orders that still wait, and those whose order is still open. */
export class ConditionalOrders {
  private readonly waiting = new Map<number, ConditionalOrder>();
  private readonly byOrderId = new Map<number, ConditionalOrder>();
  nextId = FIRST_CONDITIONAL_ID;

  add(order: ConditionalOrder): void {
    if (order.state === 'new') this.waiting.set(order.conditionalId, order);
    if (order.state === 'triggered' && order.orderId !== null) this.byOrderId.set(order.orderId, order);
  }

  /** It no longer waits: it was triggered, or it ended. */
  leave(order: ConditionalOrder): void {
    this.waiting.delete(order.conditionalId);
    if (order.state === 'triggered' && order.orderId !== null) this.byOrderId.set(order.orderId, order);
  }

  /** The conditional order that became this order; forgets the link. */
  takeByOrder(orderId: number): ConditionalOrder | undefined {
    const order = this.byOrderId.get(orderId);
    this.byOrderId.delete(orderId);
    return order;
  }

  /** Oldest first. */
  of(account: string, symbol?: string): ConditionalOrder[] {
    const isWanted = (order: ConditionalOrder): boolean =>
      order.account === account && (symbol === undefined || order.symbol === symbol);
    return [...this.waiting.values()].filter(isWanted);
  }

  ofSymbol(symbol: string): ConditionalOrder[] {
    return [...this.waiting.values()].filter((order) => order.symbol === symbol);
  }

  find(account: string, id: { conditionalId?: number | undefined; clientId?: string | undefined }): ConditionalOrder | undefined {
    for (const order of this.waiting.values()) {
      if (order.account !== account) continue;
      if (id.conditionalId !== undefined && order.conditionalId !== id.conditionalId) continue;
      if (id.clientId !== undefined && order.clientId !== id.clientId) continue;
      return order;
    }
    return undefined;
  }
}

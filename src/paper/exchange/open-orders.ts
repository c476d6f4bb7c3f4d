import type { Order } from '../matching/order.js';

/** Index of open orders. A client order id is unique per account and pair while its order is open, as on Binance. */
export class OpenOrders {
  private readonly byId = new Map<number, Order>();
  private readonly byClientId = new Map<string, Order>();
  private readonly counts = new Map<string, number>();

  add(order: Order): void {
    this.byId.set(order.orderId, order);
    this.byClientId.set(keyOf(order.account, order.symbol, order.clientOrderId), order);
    this.addToCount(order, 1);
  }

  remove(order: Order): void {
    if (!this.byId.delete(order.orderId)) return;
    this.addToCount(order, -1);
    this.byClientId.delete(keyOf(order.account, order.symbol, order.clientOrderId));
  }

  byOrderId(orderId: number): Order | undefined {
    return this.byId.get(orderId);
  }

  byClientOrderId(account: string, symbol: string, clientOrderId: string): Order | undefined {
    return this.byClientId.get(keyOf(account, symbol, clientOrderId));
  }

  count(account: string, symbol: string): number {
    return this.counts.get(keyOf(account, symbol, '')) ?? 0;
  }

  private addToCount(order: Order, change: number): void {
    this.counts.set(keyOf(order.account, order.symbol, ''), this.count(order.account, order.symbol) + change);
  }

  /** Ascending by order id. */
  of(account: string, symbol?: string): Order[] {
    return [...this.byId.values()].filter(
      (order) => order.account === account && (symbol === undefined || order.symbol === symbol),
    );
  }

  all(): IterableIterator<Order> {
    return this.byId.values();
  }
}

function keyOf(account: string, symbol: string, clientOrderId: string): string {
  return `${account}\u0000${symbol}\u0000${clientOrderId}`;
}

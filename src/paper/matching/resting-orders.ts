import type { Decimal } from './exact-decimal.js';
import type { Order, Side } from './order.js';

export interface RestingLevel {
  readonly priceQuote: Decimal;
  /** Oldest first: time priority. */
  readonly orders: Order[];
}

/** Customers' open limit orders of one side, best price first, oldest first within a price. */
export class RestingOrders {
  readonly levels: RestingLevel[] = [];

  constructor(private readonly side: Side) {}

  at(priceQuote: Decimal): RestingLevel | undefined {
    return this.levels.find((level) => level.priceQuote.eq(priceQuote));
  }

  add(order: Order): void {
    const priceQuote = priceOf(order);
    const existing = this.at(priceQuote);
    if (existing !== undefined) {
      existing.orders.push(order);
      return;
    }
    const isBetter = (level: RestingLevel): boolean =>
      this.side === 'buy' ? priceQuote.gt(level.priceQuote) : priceQuote.lt(level.priceQuote);
    const position = this.levels.findIndex(isBetter);
    const level = { priceQuote, orders: [order] };
    if (position === -1) this.levels.push(level);
    else this.levels.splice(position, 0, level);
  }

  remove(order: Order): void {
    const levelIndex = this.levels.findIndex((level) => level.priceQuote.eq(priceOf(order)));
    const level = this.levels[levelIndex];
    if (level === undefined) return;
    const orderIndex = level.orders.indexOf(order);
    if (orderIndex >= 0) level.orders.splice(orderIndex, 1);
    if (level.orders.length === 0) this.levels.splice(levelIndex, 1);
  }

  get count(): number {
    return this.levels.reduce((total, level) => total + level.orders.length, 0);
  }
}

function priceOf(order: Order): Decimal {
  if (order.priceQuote === null) throw new Error(`order ${order.orderId} has no price and cannot rest`);
  return order.priceQuote;
}

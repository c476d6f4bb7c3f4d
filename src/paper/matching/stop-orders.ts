import { Decimal } from './exact-decimal.js';
import { type Order, reachesStop } from './order.js';

/** Stop orders of one pair that wait for their price, and the prices seen since they were last looked at. */
export class StopOrders {
  private readonly waiting = new Set<Order>();
  private seen: { readonly lowest: Decimal; readonly highest: Decimal } | undefined;

  add(order: Order): void {
    this.waiting.add(order);
  }

  remove(order: Order): void {
    this.waiting.delete(order);
  }

  /** A price of the pair: of a trade, or the middle of a book that moved without one. */
  observe(priceQuote: Decimal): void {
    if (this.waiting.size === 0) return;
    const lowest = Decimal.min(this.seen?.lowest ?? priceQuote, priceQuote);
    this.seen = { lowest, highest: Decimal.max(this.seen?.highest ?? priceQuote, priceQuote) };
  }

  /** Takes out the oldest order whose stop price was reached; undefined when there is none, and what was seen is forgotten. */
  takeTriggered(): Order | undefined {
    const { seen } = this;
    if (seen === undefined) return undefined;
    for (const order of this.waiting) {
      const stopQuote = order.stopPriceQuote;
      if (stopQuote === null || ![seen.lowest, seen.highest].some((price) => reachesStop(order, stopQuote, price))) continue;
      this.waiting.delete(order);
      return order;
    }
    this.seen = undefined;
    return undefined;
  }
}

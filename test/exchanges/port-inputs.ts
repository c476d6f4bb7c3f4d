import type { OrderPath } from '../../src/contract/order-plan.js';
import { clientOrderIdFor } from '../../src/exchanges/client-order-id.js';
import type { OrderIntent, OrderReference } from '../../src/ports/exchange.js';

export const PAIR = 'BTC-USDT';
export const DEADLINE_MS = 2_000;

let issued = 0;

/** An id no other test of this process uses. */
export function freshId(): string {
  const path: OrderPath = { workflowId: 'test/order', rootId: `test-${process.pid}`, rootCreatedAtMs: 1, path: 'order' };
  issued += 1;
  return clientOrderIdFor(path, issued);
}

export function intentOf(part: Partial<OrderIntent> = {}): OrderIntent {
  const type = part.type ?? 'LIMIT';
  return {
    pair: PAIR,
    clientOrderId: freshId(),
    side: 'BUY',
    type,
    amountBase: '0.01',
    priceQuote: type === 'MARKET' ? null : '49000',
    stop: null,
    reduceOnly: false,
    positionAction: 'OPEN',
    deadlineMs: DEADLINE_MS,
    ...part,
  };
}

export function referenceOf(intent: OrderIntent): OrderReference {
  return { pair: intent.pair, clientOrderId: intent.clientOrderId, exchangeOrderId: null, stop: intent.stop !== null };
}

/** Collects what a subscription tells, and waits for what is expected. */
export class Recorder<T> {
  readonly all: T[] = [];
  #waiting: (() => void)[] = [];

  readonly listen = (entry: T): void => {
    this.all.push(entry);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  };

  /** Resolves with the first entry from `from` on that fits. The test's own timeout is the bound. */
  async first(fits: (entry: T) => boolean, from = 0): Promise<T> {
    for (;;) {
      const found = this.all.slice(from).find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

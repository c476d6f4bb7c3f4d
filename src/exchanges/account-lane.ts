import type { RateLimit } from './rate-limits.js';
import { UsageWindow } from './usage-window.js';
import { compareWithinPriority, PRIORITIES, type QueueRank, type RequestPriority, WaitingRequests } from './waiting-requests.js';

export interface LanedRequest extends QueueRank {
  readonly cost: { readonly orders: number };
}

/** Part of an account's order counts that each class may use up: the rest is for those before it. */
const ORDER_SHARES: Readonly<Record<RequestPriority, number>> = { cancel: 1, reduce: 1, create: 0.8, read: 0.8 };

/** What waits for one account, and how many orders it has placed. Exchanges count orders per account, all else per address. */
export class AccountLane<Request extends LanedRequest> {
  readonly windows: UsageWindow[];
  readonly #plain = queues<Request>();
  /** Apart, because these wait for the account's order counts too, and a look-up behind them does not. */
  readonly #orders = queues<Request>();
  #pausedUntilMs = 0;

  constructor(limits: readonly RateLimit[]) {
    this.windows = limits.map((limit) => new UsageWindow(limit));
  }

  size(priority: RequestPriority): number {
    return this.#plain[priority].size + this.#orders[priority].size;
  }

  add(request: Request): void {
    this.#queueOf(request).add(request);
  }

  remove(request: Request): void {
    this.#queueOf(request).remove(request);
  }

  /** The first of this priority that the account's order counts let go now. */
  first(priority: RequestPriority, nowMs: number): Request | undefined {
    const plain = this.#plain[priority].first;
    const order = this.#orders[priority].first;
    if (order === undefined || this.freeAtMs(order, nowMs) > nowMs) return plain;
    return plain !== undefined && compareWithinPriority(plain, order) < 0 ? plain : order;
  }

  /** The last of this priority. */
  last(priority: RequestPriority): Request | undefined {
    return this.#plain[priority].last ?? this.#orders[priority].last;
  }

  /** When the order counts let the request go, if nothing else is placed until then. */
  freeAtMs(request: LanedRequest, nowMs: number): number {
    const { orders } = request.cost;
    if (orders === 0) return nowMs;
    const share = ORDER_SHARES[request.priority];
    return Math.max(this.#pausedUntilMs, ...this.windows.map((window) => window.fitsAtMs(orders, share, nowMs)));
  }

  /** When the first order that waits here may go; infinity when none waits. */
  nextOrderAtMs(nowMs: number): number {
    const waiting = PRIORITIES.flatMap((priority) => this.#orders[priority].first ?? []);
    return Math.min(Number.POSITIVE_INFINITY, ...waiting.map((request) => this.freeAtMs(request, nowMs)));
  }

  /** No order leaves for this account until then. */
  pauseUntil(atMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, atMs);
  }

  #queueOf(request: Request): WaitingRequests<Request> {
    return (request.cost.orders > 0 ? this.#orders : this.#plain)[request.priority];
  }
}

function queues<Request extends LanedRequest>(): Record<RequestPriority, WaitingRequests<Request>> {
  return { cancel: new WaitingRequests(), reduce: new WaitingRequests(), create: new WaitingRequests(), read: new WaitingRequests() };
}

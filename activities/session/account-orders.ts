import type { AccountNews, ExchangeOrder, ExchangePort } from '../../src/ports/exchange.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { OrderSession } from './order-session.js';
import type { SessionLogger } from './account-services.js';

interface Watched {
  readonly session: OrderSession;
  readonly sequence: number;
  /** When the stream last spoke of the order, Unix ms; 0 before. */
  newsAtMs: number;
}

export interface Listing {
  readonly orders: readonly ExchangeOrder[];
  readonly askedAtMs: number;
}

/** How long an answered listing serves others of the same moment. */
const SHARED_MS = 20;

/** What a read found has to be in the stream by then, and the session has found out what became of it. */
const NEWS_LATE_MS = 3_000;

/** How often open orders are read while no stream tells of them; a divisor of the slow interval. */
const BLIND_RECONCILE_MS = 5_000;

/** Which session every order of ours belongs to; takes the account's news to it, and reconciles all in one batch. */
export class AccountOrders {
  private readonly byClientId = new Map<string, Watched>();
  private readonly listings = new Map<string, Promise<Listing>>();
  private readonly stopNews: () => void;
  private readonly timer: NodeJS.Timeout;
  private reconciling = false;
  private closed = false;
  private reconciledAtMs = Date.now();
  /** Nobody tells of orders right now: they are read more often. */
  private blind = false;

  constructor(private readonly exchange: ExchangePort, private readonly logger: SessionLogger) {
    this.stopNews = exchange.subscribeAccount((news) => this.onNews(news));
    this.timer = setInterval(() => this.onTimer(), BLIND_RECONCILE_MS);
    this.timer.unref();
  }

  /** Whether the stream of the account is not believed right now. */
  streamStale(stale: boolean): void {
    this.blind = stale;
  }

  watch(clientOrderId: string, session: OrderSession, sequence: number): void {
    this.byClientId.set(clientOrderId, { session, sequence, newsAtMs: this.byClientId.get(clientOrderId)?.newsAtMs ?? 0 });
  }

  unwatch(clientOrderIds: Iterable<string>): void {
    for (const clientOrderId of clientOrderIds) this.byClientId.delete(clientOrderId);
  }

  isWatched(clientOrderId: string): boolean {
    return this.byClientId.has(clientOrderId);
  }

  /** Orders of a pair since a time, shared by sessions that resume in the same moment; `askedAtMs` is when it was asked. */
  async ordersSince(pair: string, sinceMs: number): Promise<Listing> {
    // Rounded down so that executors of about the same age share one listing.
    const from = Math.floor(sinceMs / 60_000) * 60_000;
    const key = `${pair}:${from}`;
    const shared = this.listings.get(key);
    if (shared !== undefined) return shared;
    const askedAtMs = Date.now();
    const asked = this.exchange.ordersSince(pair, from).then((orders) => ({ orders, askedAtMs }));
    this.listings.set(key, asked);
    const forget = (): void => {
      setTimeout(() => this.listings.delete(key), SHARED_MS).unref();
    };
    asked.then(forget, () => this.listings.delete(key));
    return asked;
  }

  /** One batch for the whole account: open orders as listed, and those of ours that are missing from the list. */
  async reconcile(): Promise<void> {
    if (this.reconciling || this.byClientId.size === 0) return;
    this.reconciling = true;
    this.reconciledAtMs = Date.now();
    const asked = [...this.byClientId].filter(([, watched]) => watched.session.isOpen(watched.sequence));
    const askedAtMs = Date.now();
    const ended: Watched[] = [];
    try {
      const listed = new Map((await this.exchange.openOrders(null)).map((order) => [order.clientOrderId, order]));
      for (const [clientOrderId, watched] of asked) {
        const order = listed.get(clientOrderId);
        if (order !== undefined) this.sighted(watched, order);
        else {
          if (watched.session.isOpen(watched.sequence)) ended.push(watched);
          watched.session.dispatch({ kind: 'notListed', sequence: watched.sequence, nowMs: Date.now() });
        }
      }
    } catch (error) {
      this.logger.warn({ error: String(error) }, 'open orders could not be read, reconciling later');
    } finally {
      this.reconciling = false;
    }
    if (ended.length > 0) setTimeout(() => this.doubtStream(ended, askedAtMs), NEWS_LATE_MS).unref();
  }

  /** An order that a read found to be over, and of which the stream said nothing: what else does it keep to itself? */
  private doubtStream(ended: readonly Watched[], askedAtMs: number): void {
    if (this.closed) return;
    const untold = ended.filter((watched) => watched.newsAtMs < askedAtMs && watched.session.isOver(watched.sequence));
    if (untold.length > 0) this.exchange.doubtAccountStream(`the account's stream said nothing of ${untold.length} orders that ended; orders are read instead`);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.stopNews();
    this.byClientId.clear();
  }

  private onTimer(): void {
    // Half an interval of slack: timers come a little late or early.
    if (this.blind || Date.now() - this.reconciledAtMs >= LIMITS.reconcileMs - BLIND_RECONCILE_MS / 2) void this.reconcile();
  }

  private onNews(news: AccountNews): void {
    switch (news.kind) {
      case 'order': {
        const watched = this.byClientId.get(news.order.clientOrderId);
        if (watched !== undefined) {
          watched.newsAtMs = Date.now();
          this.sighted(watched, news.order);
        }
        return;
      }
      case 'trade': {
        // News without our id are left to the reconcile, which reads trades by order.
        const watched = news.clientOrderId === null ? undefined : this.byClientId.get(news.clientOrderId);
        if (watched !== undefined) watched.newsAtMs = Date.now();
        watched?.session.tradeSeen(watched.sequence, news.trade);
        return;
      }
      case 'connected':
        this.blind = false;
        void this.reconcile();
        return;
      case 'disconnected':
        this.blind = true;
        return;
      case 'balance':
      case 'position':
      case 'liquidation':
        return;
      default:
        unreachable(news);
    }
  }

  private sighted(watched: Watched, order: ExchangeOrder): void {
    watched.session.orderSeen(watched.sequence, order);
  }
}

function unreachable(news: never): never {
  throw new Error(`unhandled news ${JSON.stringify(news)}`);
}

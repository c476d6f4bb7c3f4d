import type { ExchangeFailure, ExchangePort } from '../ports/exchange.js';
import { ExchangeReadError } from '../ports/exchange.js';
import { BalanceBook } from './balance-book.js';
import { SharedRefresh } from './shared-refresh.js';

export type ReserveOutcome =
  | { readonly kind: 'reserved' }
  | { readonly kind: 'insufficient'; readonly available: string; readonly needed: string }
  /** The balance could not be read; nothing is reserved. */
  | { readonly kind: 'unknown'; readonly failure: ExchangeFailure };

export interface AccountBalancesOptions {
  /** How long a reservation waits for orders of other sessions under way; then what they reserved counts as gone. */
  readonly maxWaitMs: number;
  /** Pause between two readings for one waiting reservation, unless something is acknowledged or released before. */
  readonly pauseMs: number;
  /** Shortest time between a change of balances and the reading it leads to, if nobody needs one before. */
  readonly readAgainMs: number;
}

const DEFAULTS: AccountBalancesOptions = { maxWaitMs: 4_000, pauseMs: 250, readAgainMs: 2_000 };

/**
 * The balance book of one account in the process that owns it. "Insufficient" is only ever said after a reading that
 * was begun after the question.
 */
export class AccountBalances {
  readonly #exchange: Pick<ExchangePort, 'balances'>;
  readonly #options: AccountBalancesOptions;
  readonly #book = new BalanceBook();
  readonly #unsubscribe: () => void;
  #tick = 0;
  #later: NodeJS.Timeout | undefined;
  readonly #readings = new SharedRefresh(() => this.#read());
  #wakeUps = new Set<() => void>();

  constructor(exchange: Pick<ExchangePort, 'balances' | 'subscribeAccount'>, options: Partial<AccountBalancesOptions> = {}) {
    this.#exchange = exchange;
    this.#options = { ...DEFAULTS, ...options };
    this.#unsubscribe = exchange.subscribeAccount((news) => {
      if (news.kind === 'balance' || news.kind === 'connected') this.#readLater();
    });
  }

  /** Amount in the asset, a decimal string above zero. `fresh`: "reserved" too is only said after a reading begun after the question. */
  async reserve(sessionId: string, asset: string, amount: string, fresh = false): Promise<ReserveOutcome> {
    const askedTick = this.#nextTick();
    const giveUpAtMs = Date.now() + this.#options.maxWaitMs;
    try {
      if (fresh) await this.#readings.fresh();
      for (;;) {
        const verdict = this.#book.reserve(sessionId, asset, amount, this.#nextTick());
        if (verdict.kind === 'reserved') return verdict;
        const isFresh = (this.#book.readingStartedTick ?? -1) > askedTick;
        const isLast = Date.now() >= giveUpAtMs;
        if (isFresh && (verdict.kind === 'insufficient' || isLast)) {
          return { kind: 'insufficient', available: verdict.available, needed: verdict.needed };
        }
        if (isFresh) await this.#changeOrPause();
        await this.#readings.fresh();
      }
    } catch (error) {
      if (error instanceof ExchangeReadError) return { kind: 'unknown', failure: error.failure };
      throw error;
    }
  }

  /** Gives back what the session reserved and did not use; null = of every asset. */
  release(sessionId: string, asset: string | null = null): void {
    this.#book.release(sessionId, asset);
    this.#wake();
  }

  /** The exchange took an order that locks this much of the session's reservation. */
  acknowledge(sessionId: string, asset: string, amount: string): void {
    this.#book.acknowledge(sessionId, asset, amount, this.#nextTick());
    this.#wake();
  }

  /** Free and not reserved by any session, as last read. */
  available(asset: string): string {
    return this.#book.available(asset);
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#later);
    this.#wake();
  }

  #nextTick(): number {
    this.#tick += 1;
    return this.#tick;
  }

  async #read(): Promise<void> {
    const startedTick = this.#nextTick();
    const balances = await this.#exchange.balances();
    const free = Object.fromEntries(Object.entries(balances).map(([asset, balance]) => [asset, balance.free]));
    this.#book.refresh({ startedTick, endedTick: this.#nextTick(), free });
  }

  /**
   * Balances changed: read again, now and then at most. Nobody waits for it: orders of ours count from their reservation
   * on, and whoever is about to be refused reads first.
   */
  #readLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      // What could not be read now is read when it matters, and told of then.
      this.#readings.fresh().catch(() => undefined);
    }, this.#options.readAgainMs).unref();
  }

  async #changeOrPause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakeUps.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, this.#options.pauseMs);
      this.#wakeUps.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakeUps]) wake();
  }
}

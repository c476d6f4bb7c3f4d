import type { ExchangeListener } from '../exchange/exchange-listener.js';

const MAX_WAITERS = 1_000;

/** Wakes requests that wait for the next event of the ledger. */
export class EventWaiters implements ExchangeListener {
  private readonly waiting = new Set<() => void>();

  recorded(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves at the next event or after `timeoutMs`, whichever is first. */
  next(timeoutMs: number): Promise<void> {
    if (this.waiting.size >= MAX_WAITERS) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.waiting.add(wake);
    });
  }

  wakeAll(): void {
    this.recorded();
  }
}

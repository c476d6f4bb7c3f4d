import { NotSentError } from './request-error.js';

/** In this order requests leave when they have to wait: what ends or lowers exposure first. */
export type RequestPriority = 'cancel' | 'reduce' | 'create' | 'read';

const ORDER: readonly RequestPriority[] = ['cancel', 'reduce', 'create', 'read'];
const MAX_WAITING = 10_000;

export interface LimiterOptions {
  /** Ms of capacity one unit of cost takes; null = no limit but the pauses an exchange asks for. */
  readonly msPerUnit: number | null;
  /** Units that may leave at once after a quiet time. */
  readonly burstUnits: number;
}

interface Waiter {
  readonly cost: number;
  readonly resolve: () => void;
}

/**
 * Paces the requests of one account. A leaky bucket like the exchange's own, but with priorities: behind ccxt's own
 * first-in-first-out queue a cancel waited four seconds for reads.
 */
export class RequestLimiter {
  readonly #options: LimiterOptions;
  readonly #waiting = new Map<RequestPriority, Set<Waiter>>(ORDER.map((priority) => [priority, new Set()]));
  #waitingCount = 0;
  #pausedUntilMs = 0;
  /** Time at which the bucket is empty again. */
  #busyUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** Resolves when the request may leave. Rejects with NotSentError when the signal ends the wait, or too many wait. */
  async acquire(cost: number, priority: RequestPriority, signal: AbortSignal | null): Promise<void> {
    if (this.#waitingCount === 0 && this.#delayMs(Date.now()) <= 0) {
      this.#take(cost);
      return;
    }
    if (this.#waitingCount >= MAX_WAITING) throw new NotSentError('THROTTLED', `${MAX_WAITING} requests are waiting already`);
    await this.#wait(cost, priority, signal);
  }

  /** Nothing leaves before that long from now; a longer pause already in force stays. */
  pause(durationMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, Date.now() + durationMs);
    this.#schedule();
  }

  /** Ms until the pause is over; 0 when there is none. */
  get pausedForMs(): number {
    return Math.max(0, this.#pausedUntilMs - Date.now());
  }

  async #wait(cost: number, priority: RequestPriority, signal: AbortSignal | null): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const queue = this.#queue(priority);
      const end = (): void => {
        queue.delete(waiter);
        this.#waitingCount -= 1;
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        end();
        reject(new NotSentError('THROTTLED', 'the request waited for its turn until its deadline', this.pausedForMs || null));
      };
      const waiter: Waiter = {
        cost,
        resolve: () => {
          end();
          resolve();
        },
      };
      queue.add(waiter);
      this.#waitingCount += 1;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#schedule();
    });
  }

  #queue(priority: RequestPriority): Set<Waiter> {
    const queue = this.#waiting.get(priority);
    if (queue === undefined) throw new RangeError(`priority: ${priority} must be one of ${ORDER.join(', ')}`);
    return queue;
  }

  #schedule(): void {
    if (this.#waitingCount === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), Math.max(0, this.#delayMs(Date.now())));
    this.#timer.unref();
  }

  #release(): void {
    for (const priority of ORDER) {
      for (const waiter of this.#queue(priority)) {
        if (this.#delayMs(Date.now()) > 0) {
          this.#schedule();
          return;
        }
        this.#take(waiter.cost);
        waiter.resolve();
      }
    }
  }

  #delayMs(nowMs: number): number {
    const { msPerUnit, burstUnits } = this.#options;
    const bucketMs = msPerUnit === null ? 0 : this.#busyUntilMs - burstUnits * msPerUnit - nowMs;
    return Math.max(bucketMs, this.#pausedUntilMs - nowMs);
  }

  #take(cost: number): void {
    const { msPerUnit } = this.#options;
    if (msPerUnit === null) return;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, Date.now()) + cost * msPerUnit;
  }
}

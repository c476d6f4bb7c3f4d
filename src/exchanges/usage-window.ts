import type { RateLimit } from './rate-limits.js';

/** Uses that fell together, counted until the last of them is out of the interval. */
interface Grain {
  readonly fromMs: number;
  readonly amount: number;
  readonly expiresAtMs: number;
}

/** Grains in an interval: memory stays this small for a day of orders, and a use is counted 1 % too long at most. */
const GRAINS = 100;

/**
 * What was used of one limit, over a sliding interval. An exchange counts in fixed ones that begin whenever it likes: what
 * keeps a limit in every interval keeps it in those. It counts a request at some moment between its departure and its
 * answer, so that a use is held from the one on and expires one interval after the other.
 */
export class UsageWindow {
  readonly intervalMs: number;
  #limit: number;
  #grains: Grain[] = [];
  /** Of requests that are answered. */
  #counted = 0;
  #underWay = 0;

  constructor(limit: RateLimit) {
    this.intervalMs = limit.intervalMs;
    this.#limit = limit.limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** What was used stays used. */
  setLimit(limit: number): void {
    this.#limit = limit;
  }

  used(nowMs: number): number {
    this.#forget(nowMs);
    return this.#counted + this.#underWay;
  }

  /**
   * Whether `amount` may be used when at most `share` of the limit may be. What is more than that by itself may be used
   * when nothing else is: else it could never be.
   */
  fits(amount: number, share: number, nowMs: number): boolean {
    const used = this.used(nowMs);
    return used + amount <= this.#limit * share || (used === 0 && amount > this.#limit * share);
  }

  /** When `fits` is true at the earliest: what is under way expires an interval from now or later. */
  fitsAtMs(amount: number, share: number, nowMs: number): number {
    if (this.fits(amount, share, nowMs)) return nowMs;
    const mayRemain = Math.max(0, this.#limit * share - amount);
    let used = this.used(nowMs);
    for (const grain of this.#grains) {
      used -= grain.amount;
      if (used <= mayRemain) return grain.expiresAtMs;
    }
    return nowMs + this.intervalMs;
  }

  /** A request leaves. `settle` has to follow. */
  hold(amount: number): void {
    this.#underWay += amount;
  }

  /** It is answered, or given up; not counted when it never left. */
  settle(amount: number, counted: boolean, nowMs: number): void {
    this.#underWay = Math.max(0, this.#underWay - amount);
    if (counted) this.#count(amount, nowMs);
  }

  /** The exchange says how much is used in its own interval: what others behind our address use shows nowhere else. */
  reported(used: number, nowMs: number): void {
    this.#count(used - this.used(nowMs), nowMs);
  }

  #count(amount: number, nowMs: number): void {
    if (amount <= 0) return;
    this.#forget(nowMs);
    // More than the limit at once takes as many intervals as it is limits.
    const expiresAtMs = nowMs + this.intervalMs * Math.max(1, amount / this.#limit);
    const last = this.#grains.at(-1);
    this.#counted += amount;
    if (last !== undefined && nowMs - last.fromMs < this.intervalMs / GRAINS) {
      const merged = { fromMs: last.fromMs, amount: last.amount + amount, expiresAtMs: Math.max(last.expiresAtMs, expiresAtMs) };
      this.#grains[this.#grains.length - 1] = merged;
    } else this.#grains.push({ fromMs: nowMs, amount, expiresAtMs });
  }

  #forget(nowMs: number): void {
    let expired = 0;
    for (const grain of this.#grains) {
      if (grain.expiresAtMs > nowMs) break;
      expired += 1;
      this.#counted -= grain.amount;
    }
    if (expired > 0) this.#grains = this.#grains.slice(expired);
    // Weights are fractions on some exchanges; their rounding must not add up.
    if (this.#grains.length === 0) this.#counted = 0;
  }
}

import type { TradedPair } from './traded-pairs.js';

/** Where the prices of a run come from, and what is traded on them. */
export interface CrashMarket {
  readonly pairs: readonly TradedPair[];
  /** Middle of the book in ticks, as far as it is known: an exchange that is down tells nothing. */
  middleTicks(symbol: string): number;
  start(): Promise<void>;
  /** Prices stand still from here on. Throws what went wrong with the market itself. */
  stop(): Promise<void>;
}

/** Delays between restarts of a process that dies by itself: doubling, bounded, forgotten after a quiet time. */
export const RESTART_BACKOFF = {
  firstDelayMs: 500,
  longestDelayMs: 15_000,
  /** A process that ran this long counts as healthy again. */
  healthyAfterMs: 60_000,
} as const;

/** How many deaths in a row there have been, this one included. */
export function countConsecutiveDeaths(before: number, ranForMs: number): number {
  return ranForMs >= RESTART_BACKOFF.healthyAfterMs ? 1 : before + 1;
}

/** Time to wait before the restart after that many deaths in a row, in ms. */
export function restartDelayMs(consecutiveDeaths: number): number {
  const doublings = Math.min(Math.max(consecutiveDeaths, 1) - 1, 10);
  return Math.min(RESTART_BACKOFF.firstDelayMs * 2 ** doublings, RESTART_BACKOFF.longestDelayMs);
}

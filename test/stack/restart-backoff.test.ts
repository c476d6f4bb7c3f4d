import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countConsecutiveDeaths, RESTART_BACKOFF, restartDelayMs } from '../../src/stack/restart-backoff.js';

describe('the delay before a restart', () => {
  it('doubles from half a second to its bound', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(restartDelayMs)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('stays within its bounds for any number of deaths', () => {
    fc.assert(
      fc.property(fc.integer(), (deaths) => {
        expect(restartDelayMs(deaths)).toBeGreaterThanOrEqual(RESTART_BACKOFF.firstDelayMs);
        expect(restartDelayMs(deaths)).toBeLessThanOrEqual(RESTART_BACKOFF.longestDelayMs);
      }),
    );
  });

  it('starts again from the first after a healthy run', () => {
    expect(countConsecutiveDeaths(6, 59_999)).toBe(7);
    expect(countConsecutiveDeaths(6, 60_000)).toBe(1);
  });
});

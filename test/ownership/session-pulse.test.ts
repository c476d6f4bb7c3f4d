import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pulseMs, startPulse } from '../../activities/session/session-pulse.js';
import { LIMITS } from '../../src/domain/limits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('beats at least twice within the timeout, however many sessions there are', () => {
  for (const sessions of [0, 1, 250, 1_000, LIMITS.maxSessionsPerAccount * 10]) expect(pulseMs(sessions) * 2).toBeLessThan(LIMITS.sessionHeartbeatTimeoutMs);
  expect(pulseMs(1)).toBe(LIMITS.sessionHeartbeatMs);
});

it('writes no more often for 400 sessions than for 250', () => {
  expect(Math.round(400 / pulseMs(400))).toBeLessThanOrEqual(Math.round(250 / pulseMs(250)));
});

it('follows the number of sessions from beat to beat, and ends', async () => {
  let sessions = 1;
  const beats: number[] = [];
  const stop = startPulse(() => beats.push(Date.now()), () => sessions);
  await vi.advanceTimersByTimeAsync(LIMITS.sessionHeartbeatMs * 2);
  expect(beats).toHaveLength(2);
  sessions = 1_000;
  // The one that is due was set for the few sessions of before.
  await vi.advanceTimersByTimeAsync(LIMITS.sessionHeartbeatMs);
  await vi.advanceTimersByTimeAsync(LIMITS.maxSessionHeartbeatMs * 2);
  expect(beats).toHaveLength(5);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(beats).toHaveLength(5);
});

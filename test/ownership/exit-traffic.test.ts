import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExitTraffic } from '../../activities/session/exit-traffic.js';
import { LIMITS } from '../../src/domain/limits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function cleared(traffic: ExitTraffic): { done: boolean } {
  const state = { done: false };
  void traffic.clear().then(() => (state.done = true));
  return state;
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('what ended', () => {
  it('answers at once when nothing is under way', async () => {
    const state = cleared(new ExitTraffic());
    await pass(0);
    expect(state.done).toBe(true);
  });

  it('waits for the exits that are on their way, also for those that fail', async () => {
    const traffic = new ExitTraffic();
    const ends: ((error?: Error) => void)[] = [];
    for (let count = 0; count < 2; count += 1) traffic.track(new Promise<void>((resolve, reject) => ends.push((error) => (error === undefined ? resolve() : reject(error)))));
    const state = cleared(traffic);
    ends[0]?.();
    await pass(100);
    expect(state.done).toBe(false);
    ends[1]?.(new Error('refused'));
    await pass(0);
    expect(state.done).toBe(true);
  });

  it('waits until a rush of news is through', async () => {
    const traffic = new ExitTraffic();
    for (let count = 0; count < 200; count += 1) traffic.heard();
    const state = cleared(traffic);
    for (let ms = 0; ms < 300; ms += 5) {
      for (let count = 0; count < 20; count += 1) traffic.heard();
      await pass(5);
    }
    expect(state.done).toBe(false);
    await pass(60);
    expect(state.done).toBe(true);
  });

  it('waits for a rush that stands still for a moment', async () => {
    const traffic = new ExitTraffic();
    for (let count = 0; count < 200; count += 1) traffic.heard();
    const state = cleared(traffic);
    await pass(45);
    for (let count = 0; count < 200; count += 1) traffic.heard();
    await pass(45);
    expect(state.done).toBe(false);
    await pass(15);
    expect(state.done).toBe(true);
  });

  it('ends a rush although steady trade follows it', async () => {
    const traffic = new ExitTraffic();
    for (let count = 0; count < 200; count += 1) traffic.heard();
    const state = cleared(traffic);
    for (let ms = 0; ms < 200; ms += 5) {
      traffic.heard();
      await pass(5);
    }
    expect(state.done).toBe(true);
  });

  it('is not held up by steady trade', async () => {
    const traffic = new ExitTraffic();
    for (let ms = 0; ms < 1_000; ms += 5) {
      traffic.heard();
      await pass(5);
    }
    const state = cleared(traffic);
    await pass(0);
    expect(state.done).toBe(true);
  });

  it('answers after a bound, whatever goes on', async () => {
    const traffic = new ExitTraffic();
    traffic.track(new Promise(() => undefined));
    const state = cleared(traffic);
    await pass(LIMITS.answerBehindExitsMs - 1);
    expect(state.done).toBe(false);
    await pass(1);
    expect(state.done).toBe(true);
  });
});

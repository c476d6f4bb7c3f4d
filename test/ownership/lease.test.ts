import { describe, expect, it } from 'vitest';
import { Lease, type HeartbeatAnswer } from '../../activities/ownership/lease.js';
import { LIMITS } from '../../src/domain/limits.js';

const DEADLINE_MS = LIMITS.requestDeadlineMs;
const TIMEOUT_MS = LIMITS.leaseTimeoutMs;

/** A lease over clocks and a server that only move when told. */
class Bench {
  monotonicMs = 1_000;
  wallMs = 1_800_000_000_000;
  asked = 0;
  private readonly open: ((answer: HeartbeatAnswer) => void)[] = [];
  /** Answers every heartbeat at once; null leaves it open until `reply`. */
  script: HeartbeatAnswer | null = 'accepted';
  readonly lease = new Lease(() => this.ask(), { monotonicMs: () => this.monotonicMs, wallMs: () => this.wallMs });

  pass(ms: number): void {
    this.monotonicMs += ms;
    this.wallMs += ms;
  }

  async reply(answer: HeartbeatAnswer): Promise<void> {
    this.open.shift()?.(answer);
    await new Promise((resolve) => setImmediate(resolve));
  }

  private ask(): Promise<HeartbeatAnswer> {
    this.asked += 1;
    if (this.script !== null) return Promise.resolve(this.script);
    return new Promise((resolve) => this.open.push(resolve));
  }
}

describe('a lease', () => {
  it('covers a request that is over before the lease can be, and asks nobody', async () => {
    const bench = new Bench();
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('granted');
    bench.pass(TIMEOUT_MS - DEADLINE_MS - 1);
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('granted');
    expect(bench.asked).toBe(0);
    bench.pass(1);
    expect(bench.lease.covers(DEADLINE_MS)).toBe(false);
  });

  it.each(['monotonicMs', 'wallMs'] as const)('counts the time of whichever clock went further: %s', (clock) => {
    const bench = new Bench();
    bench[clock] += TIMEOUT_MS;
    expect(bench.lease.remainingMs()).toBe(0);
    expect(bench.lease.covers(0)).toBe(false);
  });

  it('gives no time back when the wall clock is set back', () => {
    const bench = new Bench();
    bench.monotonicMs += 3_000;
    bench.wallMs -= 3_600_000;
    expect(bench.lease.remainingMs()).toBe(TIMEOUT_MS - 3_000);
  });

  it('is prolonged from when a heartbeat was sent, not from when it was answered', async () => {
    const bench = new Bench();
    bench.script = null;
    const renewed = bench.lease.renew();
    bench.pass(1_500);
    await bench.reply('accepted');
    expect(await renewed).toBe('accepted');
    expect(bench.lease.remainingMs()).toBe(TIMEOUT_MS - 1_500);
  });

  it('asks when it does not cover a request, once for all that wait', async () => {
    const bench = new Bench();
    bench.pass(TIMEOUT_MS - 1);
    bench.script = null;
    const answers = [bench.lease.permit(DEADLINE_MS), bench.lease.permit(DEADLINE_MS), bench.lease.renew()];
    await bench.reply('accepted');
    expect(await Promise.all(answers)).toEqual(['granted', 'granted', 'accepted']);
    expect(bench.asked).toBe(1);
  });

  it('is lost for good when the server refuses, and tells everybody once', async () => {
    const bench = new Bench();
    const told: string[] = [];
    bench.lease.onLost(() => told.push('early'));
    bench.pass(TIMEOUT_MS);
    bench.script = 'refused';
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('lost');
    bench.lease.onLost(() => told.push('late'));
    expect(told).toEqual(['early', 'late']);
    bench.script = 'accepted';
    await bench.lease.renew();
    expect(await bench.lease.permit(0)).toBe('lost');
    expect(bench.lease.covers(0)).toBe(false);
    expect(told).toEqual(['early', 'late']);
  });

  it('ends from this side too', async () => {
    const bench = new Bench();
    let told = 0;
    bench.lease.onLost(() => (told += 1));
    bench.lease.end();
    bench.lease.end();
    expect([told, bench.lease.lost, await bench.lease.permit(DEADLINE_MS)]).toEqual([1, true, 'lost']);
  });

  it('says unknown when nobody answers, and while the silence is fresh it does not ask again', async () => {
    const bench = new Bench();
    bench.pass(TIMEOUT_MS);
    bench.script = 'unanswered';
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('unknown');
    const asked = bench.asked;
    bench.pass(1_000);
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('unknown');
    expect(bench.asked).toBe(asked);
    expect(bench.lease.lost).toBe(false);
  });

  it('asks again when the silence is old: the process may have been frozen since', async () => {
    const bench = new Bench();
    bench.script = 'unanswered';
    await bench.lease.renew();
    bench.pass(11_000);
    bench.script = 'refused';
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('lost');
  });

  it.each(['accepted', 'unanswered'] as const)('does not believe a heartbeat from before a freeze: %s', async (stale) => {
    const bench = new Bench();
    bench.script = null;
    const before = bench.lease.renew();
    bench.pass(11_000);
    const permission = bench.lease.permit(DEADLINE_MS);
    await bench.reply(stale);
    await before;
    expect(bench.asked).toBe(2);
    await bench.reply('refused');
    expect(await permission).toBe('lost');
  });

  it('is granted again by an answer after a silence', async () => {
    const bench = new Bench();
    bench.script = 'unanswered';
    bench.pass(TIMEOUT_MS + 1);
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('unknown');
    bench.script = 'accepted';
    await bench.lease.renew();
    expect(await bench.lease.permit(DEADLINE_MS)).toBe('granted');
  });
});

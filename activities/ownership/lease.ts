import { LIMITS } from '../../src/domain/limits.js';

/** Answer of one ownership heartbeat. */
export type HeartbeatAnswer = 'accepted' | 'refused' | 'unanswered';

/** May a request leave now? `unknown`: the server does not answer, so only what reduces exposure may. */
export type Permission = 'granted' | 'unknown' | 'lost';

export interface LeaseClocks {
  monotonicMs(): number;
  wallMs(): number;
}

/**
 * The right to send requests for one account, until a time this process can compute by itself: the send time of the last
 * answered heartbeat plus the heartbeat timeout. Elapsed time is the larger of two clocks, because a suspended machine
 * stops the monotonic one and a corrected one moves the other.
 */
export class Lease {
  private grantedMonotonicMs: number;
  private grantedWallMs: number;
  private over = false;
  private asking: Promise<HeartbeatAnswer> | null = null;
  private readonly lostListeners: (() => void)[] = [];

  constructor(
    private readonly ask: () => Promise<HeartbeatAnswer>,
    private readonly clocks: LeaseClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
  ) {
    this.grantedMonotonicMs = clocks.monotonicMs();
    this.grantedWallMs = clocks.wallMs();
  }

  get lost(): boolean {
    return this.over;
  }

  /** Ms the lease still lasts without another answer; negative when it ran out. */
  remainingMs(): number {
    const elapsedMs = Math.max(this.clocks.monotonicMs() - this.grantedMonotonicMs, this.clocks.wallMs() - this.grantedWallMs);
    return LIMITS.leaseTimeoutMs - elapsedMs;
  }

  /** True without asking when a request with that deadline is over before the lease can be. */
  covers(deadlineMs: number): boolean {
    return !this.over && deadlineMs < this.remainingMs();
  }

  /** Permission for a request; asks the server, bounded, when the lease does not cover the deadline by itself. */
  async permit(deadlineMs: number): Promise<Permission> {
    if (this.over) return 'lost';
    if (this.covers(deadlineMs)) return 'granted';
    await this.renew();
    if (this.over) return 'lost';
    return this.covers(deadlineMs) ? 'granted' : 'unknown';
  }

  /** One heartbeat; concurrent callers share it. */
  async renew(): Promise<HeartbeatAnswer> {
    this.asking ??= this.heartbeat().finally(() => (this.asking = null));
    return this.asking;
  }

  /** Ends the lease from this side: nothing is sent any more. */
  end(): void {
    if (this.over) return;
    this.over = true;
    for (const listener of this.lostListeners) listener();
  }

  onLost(listener: () => void): void {
    if (this.over) listener();
    else this.lostListeners.push(listener);
  }

  private async heartbeat(): Promise<HeartbeatAnswer> {
    const sentMonotonicMs = this.clocks.monotonicMs();
    const sentWallMs = this.clocks.wallMs();
    const answer = await this.ask();
    if (answer === 'accepted') {
      this.grantedMonotonicMs = sentMonotonicMs;
      this.grantedWallMs = sentWallMs;
    } else if (answer === 'refused') this.end();
    return answer;
  }
}

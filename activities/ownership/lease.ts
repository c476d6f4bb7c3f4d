import { LIMITS } from '../../src/domain/limits.js';

/** Answer of one ownership heartbeat. */
export type HeartbeatAnswer = 'accepted' | 'refused' | 'unanswered';

/** May a request leave now? `unknown`: the server does not answer, so only what reduces exposure may. */
export type Permission = 'granted' | 'unknown' | 'lost';

export interface LeaseClocks {
  monotonicMs(): number;
  wallMs(): number;
}

/** One instant on both clocks. */
interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * The right to send requests for one account, until a time this process can compute by itself: the send time of the last
 * answered heartbeat plus the heartbeat timeout. Elapsed time is the larger of two clocks, because a suspended machine
 * stops the monotonic one and a corrected one moves the other.
 */
export class Lease {
  private granted: Moment;
  /** When the latest heartbeat left that got no answer; null once the server answered again. */
  private silentSince: Moment | null = null;
  private over = false;
  /** Another process waits for this lease, as far as is known: it gets it when the server does not hear from here. */
  rivals = true;
  private asking: Promise<HeartbeatAnswer> | null = null;
  private readonly lostListeners: (() => void)[] = [];

  constructor(
    private readonly ask: () => Promise<HeartbeatAnswer>,
    private readonly clocks: LeaseClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
  ) {
    this.granted = this.now();
  }

  get lost(): boolean {
    return this.over;
  }

  /** Ms the lease still lasts without another answer; negative when it ran out. */
  remainingMs(): number {
    return LIMITS.leaseTimeoutMs - this.elapsedMs(this.granted);
  }

  /** True without asking when a request with that deadline is over before the lease can be. */
  covers(deadlineMs: number): boolean {
    return !this.over && deadlineMs < this.remainingMs();
  }

  /**
   * Permission for a request; asks the server, bounded, when the lease does not cover the deadline by itself. Asks twice
   * at most: the heartbeat under way may have left before this process was frozen, and then its answer proves nothing.
   */
  async permit(deadlineMs: number): Promise<Permission> {
    for (let round = 0; round < 2; round += 1) {
      if (this.over) return 'lost';
      if (this.covers(deadlineMs)) return 'granted';
      // Known to be silent right now: what reduces exposure must not wait to hear that again.
      if (this.silentSince !== null && this.elapsedMs(this.silentSince) < LIMITS.leaseTimeoutMs) return 'unknown';
      await this.renew();
    }
    if (this.lost) return 'lost';
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
    const sent = this.now();
    const answer = await this.ask();
    switch (answer) {
      case 'accepted':
        this.granted = sent;
        this.silentSince = null;
        break;
      case 'refused':
        this.end();
        break;
      case 'unanswered':
        this.silentSince = sent;
        break;
      default:
        return unreachable(answer);
    }
    return answer;
  }

  private now(): Moment {
    return { monotonicMs: this.clocks.monotonicMs(), wallMs: this.clocks.wallMs() };
  }

  private elapsedMs(since: Moment): number {
    return Math.max(this.clocks.monotonicMs() - since.monotonicMs, this.clocks.wallMs() - since.wallMs);
  }
}

function unreachable(answer: never): never {
  throw new Error(`unhandled answer ${JSON.stringify(answer)}`);
}

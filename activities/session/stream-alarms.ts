import type { Attention } from '../../src/domain/session/session-state.js';
import type { StreamHealth } from '../../src/ports/stream-health.js';
import type { BookSide } from './market-feed.js';

/** A side has to be empty for this long before anybody is called: thin books run empty for moments. */
const EMPTY_SIDE_MS = 5_000;

type Listener = () => void;

/**
 * What is wrong with the streams of an account right now, for the sessions that depend on them: prices of a pair, the
 * account's own news, a side of a book. Sessions hear of every change and ask for the reason that concerns them.
 */
export class StreamAlarms {
  private readonly reasons = new Map<string, Attention>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly listeners = new Set<Listener>();

  /** `onStale`: a stream stopped telling; what it kept to itself has to be read. */
  constructor(private readonly onStale: (health: StreamHealth) => void) {}

  health(health: StreamHealth): void {
    this.set(healthKey(health.stream, health.pair), health.stale === null ? null : { code: 'STREAM_STALE', message: health.stale });
    if (health.stale !== null) this.onStale(health);
  }

  emptySide(pair: string, side: BookSide, sinceMs: number | null): void {
    const key = sideKey(pair, side);
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    if (sinceMs === null) return this.set(key, null);
    const message = `the ${side} of ${pair} are empty: barriers go by the last price, moved to the worse by the other side`;
    this.timers.set(key, setTimeout(() => this.set(key, { code: 'BOOK_EMPTY', message }), EMPTY_SIDE_MS).unref());
  }

  /** The reason why a session of that pair, which trades into that side, cannot trust what it sees; null when it can. */
  of(pair: string, side: BookSide): Attention | null {
    const keys = [healthKey('prices', pair), healthKey('account', null), sideKey(pair, side)];
    for (const key of keys) {
      const reason = this.reasons.get(key);
      if (reason !== undefined) return reason;
    }
    return null;
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.listeners.clear();
  }

  private set(key: string, reason: Attention | null): void {
    if (reason === null && !this.reasons.delete(key)) return;
    if (reason !== null) this.reasons.set(key, reason);
    for (const listener of this.listeners) listener();
  }
}

function healthKey(stream: StreamHealth['stream'], pair: string | null): string {
  return `${stream} ${pair ?? ''}`;
}

function sideKey(pair: string, side: BookSide): string {
  return `${side} ${pair}`;
}

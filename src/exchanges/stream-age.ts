export interface StreamAgeParts {
  /** Without a sign of life for this long the stream is not believed any more. */
  readonly silentMs: number;
  /** Unix ms of the last answer to a ping of its connection; null while it has none. */
  readonly pongAtMs: () => number | null;
  readonly onHealth: (stale: string | null) => void;
  /** Gives the connection up, so that a new one is made. */
  readonly renew: (reason: string) => void;
}

const CHECKS_PER_SILENCE = 5;
const RENEW_AFTER_MS = 15_000;

/**
 * How long ago a stream of an account gave a sign of life. An account may do nothing for days, so news alone do not tell:
 * an answered ping counts too. What a ping cannot tell, a connection that lives and keeps news to itself, is said by
 * whoever finds out with `doubt`.
 */
export class StreamAge {
  readonly #parts: StreamAgeParts;
  #spokeAtMs = Date.now();
  #renewedAtMs = 0;
  #stale: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: StreamAgeParts) {
    this.#parts = parts;
  }

  get stale(): string | null {
    return this.#stale;
  }

  /** Ms since the last sign of life. */
  get ageMs(): number {
    return Date.now() - Math.max(this.#spokeAtMs, this.#parts.pongAtMs() ?? 0);
  }

  start(): void {
    this.#spokeAtMs = Date.now();
    this.#timer = setInterval(() => this.#check(), this.#parts.silentMs / CHECKS_PER_SILENCE).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A new connection: what an old one kept to itself is read by whoever reconciles. */
  connected(): void {
    this.#spokeAtMs = Date.now();
    this.#judged(null);
  }

  spoke(): void {
    this.#spokeAtMs = Date.now();
  }

  doubt(reason: string): void {
    this.#judged(reason);
    this.#renew(reason);
  }

  #check(): void {
    const silentForMs = this.ageMs;
    if (silentForMs < this.#parts.silentMs) return;
    const reason = `no sign of life of the account's stream for ${Math.round(silentForMs / 1_000)} s; orders are read instead`;
    this.#judged(reason);
    this.#renew(reason);
  }

  #renew(reason: string): void {
    if (Date.now() - this.#renewedAtMs < RENEW_AFTER_MS) return;
    this.#renewedAtMs = Date.now();
    this.#parts.renew(reason);
  }

  #judged(stale: string | null): void {
    const before = this.#stale;
    this.#stale = stale;
    if ((before === null) !== (stale === null)) this.#parts.onHealth(stale);
  }
}

import { type LimiterRefusal, type Metrics, NO_METRICS } from '../ports/metrics.js';
import { AccountLane } from './account-lane.js';
import type { RateLimit, ReportedUse, RequestCost } from './rate-limits.js';
import { NotSentError } from './request-error.js';
import { UsageWindow } from './usage-window.js';
import { compareWithinPriority, PRIORITIES, type QueueRank, type RequestPriority } from './waiting-requests.js';

export type { RequestPriority } from './waiting-requests.js';

export interface LimiterOptions {
  /** None: no limits but the pauses an exchange asks for. */
  readonly limits: readonly RateLimit[];
  /** In what is told about it. */
  readonly connector: string;
  readonly metrics?: Metrics;
}

/** A request that asks for its turn. */
export interface PacedRequest {
  readonly cost: RequestCost;
  readonly priority: RequestPriority;
  /** Larger leaves first within a priority: for exits, how far the price is past the stop. */
  readonly urgency: number;
  /** Ms the request may wait; null = for ever. */
  readonly maxWaitMs: number | null;
  /** Ends the wait earlier. */
  readonly signal: AbortSignal | null;
  /** Ends the wait because nobody is there any more for whom to send. */
  readonly ended: AbortSignal | null;
}

interface Ranked extends QueueRank {
  readonly cost: RequestCost;
}

/** A request that may leave now. What it uses of the limits is held until its answer is there. */
export interface Turn {
  /** `left`: false gives back what a request would have used that never left. */
  settled(left: boolean): void;
}

interface Waiter extends Ranked {
  readonly lane: Lane;
  readonly grant: (turn: Turn) => void;
  readonly refuse: (reason: LimiterRefusal, retryAfterMs: number | null) => void;
}
type Lane = AccountLane<Waiter>;

/** Part of the shared limits that each class may use up: reads can never take what cancels and exits need. */
const SHARES: Readonly<Record<RequestPriority, number>> = { cancel: 1, reduce: 0.95, create: 0.85, read: 0.7 };
/** A waiting read gets the next turn after so many others, and of the limits what a create gets: it must not starve. */
const TURNS_BEFORE_A_READ = 16;
const MAX_WAITING = 10_000;
/** Who cannot get a turn in time is told to come back a little before there is one, so that the most urgent gets it and not the quickest. */
const GATHER_MS = 250;
const MAX_RETRY_MS = 60_000;

/**
 * Paces all requests of this process to one exchange address, of whatever account. The limits are the exchange's own; the
 * order of those that wait is ours, because behind ccxt's first-in-first-out queue a cancel waited four seconds for reads.
 */
export class RequestLimiter {
  readonly #connector: string;
  readonly #metrics: Metrics;
  readonly #lanes = new Map<string, Lane>();
  #limits: readonly RateLimit[];
  #windows: { readonly unit: 'weight' | 'requests'; readonly window: UsageWindow }[];
  readonly #waiting: Record<RequestPriority, number> = { cancel: 0, reduce: 0, create: 0, read: 0 };
  #waitingInAll = 0;
  #sequence = 0;
  /** Turns that others got while a read waited. */
  #turnsSinceRead = 0;
  #gathering = false;
  #pausedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LimiterOptions) {
    this.#connector = options.connector;
    this.#metrics = options.metrics ?? NO_METRICS;
    this.#limits = options.limits;
    this.#windows = sharedWindows(options.limits);
  }

  /** Resolves when the request may leave; the turn has to be settled then. Rejects with NotSentError when it cannot in time, or too many wait. */
  async acquire(account: string, request: PacedRequest): Promise<Turn> {
    const lane = this.#lane(account);
    const askedAtMs = performance.now();
    if (request.ended?.aborted === true) throw this.#refusal(request.priority, 'sessionEnded', null);
    if (request.signal?.aborted === true) throw this.#refusal(request.priority, 'deadline', null);
    const free = this.#waitingInAll === 0 && !gathers(lane, request) && this.#freeAtMs(lane, { ...request, sequence: 0 }, askedAtMs) <= askedAtMs;
    const turn = free ? this.#take(lane, request) : await this.#wait(lane, request, askedAtMs);
    this.#metrics.limiterWaited(this.#connector, request.priority, performance.now() - askedAtMs);
    return turn;
  }

  /** Nothing leaves before that long from now; a longer pause already in force stays. */
  pause(durationMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, performance.now() + durationMs);
    this.#schedule();
  }

  /** No order leaves for this account for so long: the exchange counts more of them than this process knows of. */
  pauseOrders(account: string, durationMs: number): void {
    this.#lane(account).pauseUntil(performance.now() + durationMs);
    this.#schedule();
  }

  /** What the exchange says is used; more than is known here was used by others, and counts from now on. */
  reported(account: string, uses: readonly ReportedUse[]): void {
    const nowMs = performance.now();
    for (const use of uses) {
      const windows = use.unit === 'orders' ? this.#lane(account).windows : this.#windows.filter(({ unit }) => unit === use.unit).map(({ window }) => window);
      for (const window of windows) if (window.intervalMs === use.intervalMs) window.reported(use.used, nowMs);
    }
  }

  /** The exchange's own list of its limits. What was used of a limit that stays is kept. */
  learn(limits: readonly RateLimit[]): void {
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return;
    this.#limits = limits;
    this.#windows = limits.filter(isShared).map((limit) => {
      const known = this.#windows.find(({ unit, window }) => unit === limit.unit && window.intervalMs === limit.intervalMs);
      return { unit: limit.unit, window: adjusted(known?.window, limit) };
    });
    for (const lane of this.#lanes.values()) {
      const known = lane.windows.splice(0);
      lane.windows.push(...limits.filter(({ unit }) => unit === 'orders').map((limit) => adjusted(known.find(({ intervalMs }) => intervalMs === limit.intervalMs), limit)));
    }
    this.#schedule();
  }

  /** Ms until the pause is over; 0 when there is none. */
  get pausedForMs(): number {
    return Math.max(0, this.#pausedUntilMs - performance.now());
  }

  waiting(): Readonly<Record<RequestPriority, number>> {
    return { ...this.#waiting };
  }

  async #wait(lane: Lane, request: PacedRequest, askedAtMs: number): Promise<Turn> {
    const { cost, priority, urgency, signal, ended } = request;
    this.#sequence += 1;
    const rank = { priority, urgency, sequence: this.#sequence };
    this.#refuseHopeless(lane, { ...rank, cost }, request.maxWaitMs, askedAtMs);
    this.#makeRoom(priority);
    return await new Promise<Turn>((resolve, reject) => {
      const end = (): void => {
        lane.remove(waiter);
        this.#count(priority, -1);
        clearTimeout(patience);
        signal?.removeEventListener('abort', onDeadline);
        ended?.removeEventListener('abort', onEnded);
      };
      const refuse = (reason: LimiterRefusal, retryAfterMs: number | null): void => {
        end();
        reject(this.#refusal(priority, reason, retryAfterMs));
        // Whoever it stood in front of may go now.
        this.#schedule();
      };
      const onDeadline = (): void => refuse(this.pausedForMs > 0 ? 'paused' : 'deadline', this.#comeBackMs(lane, waiter));
      const onEnded = (): void => refuse('sessionEnded', null);
      const grant = (turn: Turn): void => {
        end();
        resolve(turn);
      };
      const waiter: Waiter = { ...rank, cost, lane, grant, refuse };
      const patience = request.maxWaitMs === null ? undefined : setTimeout(onDeadline, Math.max(0, request.maxWaitMs)).unref();
      lane.add(waiter);
      this.#count(priority, 1);
      signal?.addEventListener('abort', onDeadline, { once: true });
      ended?.addEventListener('abort', onEnded, { once: true });
      if (this.#gathering || gathers(lane, request)) this.#gather();
      else this.#release();
    });
  }

  /** Who cannot get a turn in time is not kept waiting for nothing. */
  #refuseHopeless(lane: Lane, request: Ranked, maxWaitMs: number | null, nowMs: number): void {
    if (maxWaitMs === null || this.#freeAtMs(lane, request, nowMs) - nowMs < maxWaitMs) return;
    throw this.#refusal(request.priority, this.pausedForMs > 0 ? 'paused' : 'deadline', this.#comeBackMs(lane, request));
  }

  /** Ms after which it is worth asking again; null = at any time. */
  #comeBackMs(lane: Lane, request: Ranked): number | null {
    const nowMs = performance.now();
    if (this.#pausedUntilMs > nowMs) return Math.ceil(this.pausedForMs);
    const waitMs = this.#freeAtMs(lane, request, nowMs) - nowMs;
    return waitMs <= 0 ? null : Math.ceil(Math.min(Math.max(1, waitMs - GATHER_MS), MAX_RETRY_MS));
  }

  /** In a full queue the last of those that matter less gives way. */
  #makeRoom(priority: RequestPriority): void {
    if (this.#waitingInAll < MAX_WAITING) return;
    for (const lesser of PRIORITIES.slice(PRIORITIES.indexOf(priority) + 1).reverse()) {
      for (const lane of this.#lanes.values()) {
        const last = lane.last(lesser);
        if (last !== undefined) return last.refuse('queueFull', null);
      }
    }
    throw this.#refusal(priority, 'queueFull', null);
  }

  #refusal(priority: RequestPriority, reason: LimiterRefusal, retryAfterMs: number | null): NotSentError {
    this.#metrics.limiterRefused(this.#connector, priority, reason);
    return new NotSentError('THROTTLED', REFUSALS[reason], retryAfterMs);
  }

  /** One frame of prices can fire many exits: all of them are here when this turn of the event loop is over. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    setImmediate(() => {
      this.#gathering = false;
      this.#release();
    });
  }

  #release(): void {
    for (;;) {
      const nowMs = performance.now();
      const next = this.#next(nowMs);
      if (next === null) return this.#schedule();
      next.grant(this.#take(next.lane, next));
    }
  }

  /** Who leaves now. Behind one that waits for the shared limits nobody of a lower priority passes. */
  #next(nowMs: number): Waiter | null {
    if (this.#waitingInAll === 0 || this.#pausedUntilMs > nowMs) return null;
    return this.#candidates(nowMs).find(({ freeAtMs }) => freeAtMs <= nowMs)?.waiter ?? null;
  }

  /** The one whose turn it is, before it a read that has waited long enough, and when each may go. */
  #candidates(nowMs: number): { readonly waiter: Waiter; readonly freeAtMs: number }[] {
    const read = this.#turnsSinceRead >= TURNS_BEFORE_A_READ ? this.#first('read', nowMs) : null;
    const waiters = read === null ? [] : [{ waiter: read, freeAtMs: this.#sharedFreeAtMs(read.cost, SHARES.create, nowMs) }];
    for (const priority of PRIORITIES) {
      const first = this.#first(priority, nowMs);
      if (first !== null) return [...waiters, { waiter: first, freeAtMs: this.#sharedFreeAtMs(first.cost, SHARES[priority], nowMs) }];
    }
    return waiters;
  }

  #first(priority: RequestPriority, nowMs: number): Waiter | null {
    let best: Waiter | null = null;
    for (const lane of this.#lanes.values()) {
      const first = lane.first(priority, nowMs);
      if (first !== undefined && (best === null || compareWithinPriority(first, best) < 0)) best = first;
    }
    return best;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#waitingInAll === 0) return;
    const nowMs = performance.now();
    const shared = this.#candidates(nowMs).map(({ freeAtMs }) => freeAtMs);
    const orders = [...this.#lanes.values()].map((lane) => lane.nextOrderAtMs(nowMs)).filter((atMs) => atMs > nowMs);
    const atMs = Math.max(Math.min(...shared, ...orders), this.#pausedUntilMs);
    this.#timer = setTimeout(() => this.#release(), Math.ceil(Math.min(Math.max(0, atMs - nowMs), MAX_RETRY_MS)));
    this.#timer.unref();
  }

  #count(priority: RequestPriority, change: 1 | -1): void {
    this.#waiting[priority] += change;
    this.#waitingInAll += change;
  }

  /** A read that waits gets what a create gets in the end. */
  #freeAtMs(lane: Lane, request: Ranked, nowMs: number): number {
    const share = request.priority === 'read' && this.#waitingInAll > 0 ? SHARES.create : SHARES[request.priority];
    return Math.max(this.#pausedUntilMs, lane.freeAtMs(request, nowMs), this.#sharedFreeAtMs(request.cost, share, nowMs));
  }

  #sharedFreeAtMs(cost: RequestCost, share: number, nowMs: number): number {
    return Math.max(nowMs, ...this.#windows.map(({ unit, window }) => window.fitsAtMs(unit === 'weight' ? cost.weight : 1, share, nowMs)));
  }

  #take(lane: Lane, { cost, priority }: { readonly cost: RequestCost; readonly priority: RequestPriority }): Turn {
    const shared = this.#windows.map(({ unit, window }) => ({ window, amount: unit === 'weight' ? cost.weight : 1 }));
    const held = [...shared, ...lane.windows.map((window) => ({ window, amount: cost.orders }))];
    for (const { window, amount } of held) window.hold(amount);
    this.#turnsSinceRead = priority === 'read' || this.#waiting.read === 0 ? 0 : this.#turnsSinceRead + 1;
    return {
      settled: (left) => {
        const nowMs = performance.now();
        for (const { window, amount } of held.splice(0)) window.settle(amount, left, nowMs);
        if (!left) this.#schedule();
      },
    };
  }

  #lane(account: string): Lane {
    const known = this.#lanes.get(account);
    if (known !== undefined) return known;
    const lane: Lane = new AccountLane(this.#limits.filter(({ unit }) => unit === 'orders'));
    this.#lanes.set(account, lane);
    return lane;
  }
}

const REFUSALS: Readonly<Record<LimiterRefusal, string>> = {
  queueFull: `${MAX_WAITING} requests are waiting already`,
  deadline: 'the request waited for its turn until its deadline',
  sessionEnded: 'the session of the request ended while it waited for its turn',
  paused: 'the exchange asked for a pause that outlasts the deadline of the request',
};

/** Exits that order counts may keep back: the most urgent goes first, not the one that asks first. */
function gathers(lane: Lane, { priority, cost }: PacedRequest): boolean {
  return priority === 'reduce' && cost.orders > 0 && lane.windows.length > 0;
}

function isShared(limit: RateLimit): limit is RateLimit & { readonly unit: 'weight' | 'requests' } {
  return limit.unit !== 'orders';
}

function sharedWindows(limits: readonly RateLimit[]): { readonly unit: 'weight' | 'requests'; readonly window: UsageWindow }[] {
  return limits.filter(isShared).map((limit) => ({ unit: limit.unit, window: new UsageWindow(limit) }));
}

function adjusted(known: UsageWindow | undefined, limit: RateLimit): UsageWindow {
  if (known === undefined) return new UsageWindow(limit);
  known.setLimit(limit.limit);
  return known;
}

import type { ErrorCode } from '../domain/errors.js';

/** Why an order was sent: it opens or adds, it closes what a barrier or a command told to, or it only rests to take profit. */
export type OrderKind = 'entry' | 'exit' | 'hedge' | 'order';

/** What became of a request that places an order; `unknown` is none of the others. */
export type SendOutcome = 'accepted' | 'rejected' | 'notSent' | 'unknown';

/** What became of a request that withdraws an order. */
export type CancelResult = 'cancelled' | 'notOpen' | 'notSent' | 'unknown';

/** How a submission without an answer was settled. */
export type UnknownVerdict = 'found' | 'neverExisted';

export type RequestClass = 'cancel' | 'reduce' | 'create' | 'read';

/** Why a request did not leave: no room in the queue, no turn before its deadline, its session ended, the exchange asked for a pause. */
export type LimiterRefusal = 'queueFull' | 'deadline' | 'sessionEnded' | 'paused';

/** One subscription at an exchange. `pair` is null for the account's own stream. */
export interface StreamIdentity {
  readonly connector: string;
  readonly stream: 'prices' | 'depth' | 'account';
  readonly pair: string | null;
}

export interface AccountIdentity {
  readonly connector: string;
  readonly account: string;
}

/** An account as its owner sees it at the moment somebody asks. */
export interface AccountReading {
  /** Sessions at work, by role and by what they are doing. */
  readonly sessions: Readonly<Record<SessionRole, Readonly<Record<SessionCondition, number>>>>;
  /** Ms until the lease ends without another answered heartbeat; negative once it ran out. */
  readonly leaseRemainingMs: number;
  readonly leaseLost: boolean;
  /** Reservations of balance that no order has used or given back. */
  readonly reservations: number;
}

export type SessionRole = 'entry' | 'exit' | 'hedge' | 'order';

/** `armed`: an exit that would fire. `detached`: the server gave its attempt up. `working`: any other that runs. */
export type SessionCondition = 'armed' | 'working' | 'detached' | 'paused';

/** Ends what a `watch…` began. */
export type StopWatching = () => void;

/**
 * What the running processes tell about themselves. No method throws or waits. Labels are names of the configuration and
 * words of this file, never ids of executors or orders; pairs are bounded by whoever renders them.
 */
export interface Metrics {
  orderSent(connector: string, kind: OrderKind, outcome: SendOutcome): void;
  cancelSent(connector: string, outcome: CancelResult): void;
  unknownResolved(connector: string, verdict: UnknownVerdict): void;
  /** From the receipt of the price frame that fired an exit to the acceptance of its closing order. */
  reacted(connector: string, durationMs: number): void;
  /** A stream came back after a loss. */
  reconnected(stream: StreamIdentity): void;
  /** A stream went silent for longer than configured; false when it speaks again. */
  staleData(stream: StreamIdentity, stale: boolean): void;
  attentionRaised(connector: string, code: ErrorCode): void;
  leaseHeartbeat(account: AccountIdentity, answer: 'accepted' | 'refused' | 'unanswered'): void;
  limiterWaited(connector: string, priority: RequestClass, durationMs: number): void;
  limiterRefused(connector: string, priority: RequestClass, reason: LimiterRefusal): void;
  /** The exchange answered 429 or 418, or said the same by a code. */
  throttled(connector: string, status: number): void;
  /** `ageMs` is asked when somebody reads the metrics: ms since the last frame, null before the first. */
  watchStream(stream: StreamIdentity, ageMs: () => number | null): StopWatching;
  watchAccount(account: AccountIdentity, read: () => AccountReading): StopWatching;
  /** Requests waiting for their turn, by priority. */
  watchQueue(connector: string, read: () => Readonly<Record<RequestClass, number>>): StopWatching;
}

const nothing = (): void => undefined;
const nothingToStop = (): StopWatching => nothing;

/** For processes and tests that nobody measures. */
export const NO_METRICS: Metrics = {
  orderSent: nothing,
  cancelSent: nothing,
  unknownResolved: nothing,
  reacted: nothing,
  reconnected: nothing,
  staleData: nothing,
  attentionRaised: nothing,
  leaseHeartbeat: nothing,
  limiterWaited: nothing,
  limiterRefused: nothing,
  throttled: nothing,
  watchStream: nothingToStop,
  watchAccount: nothingToStop,
  watchQueue: nothingToStop,
};

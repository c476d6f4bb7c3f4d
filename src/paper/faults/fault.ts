/**
 * What goes wrong with a request. "Commit" is the moment the exchange's ledger holds the effect of the request. A hang
 * never ends by itself: the connection stays open until the client gives up.
 */
export type RequestFault =
  | { readonly kind: 'drop-before-commit' }
  | { readonly kind: 'drop-after-commit' }
  | { readonly kind: 'hang-before-commit' }
  | { readonly kind: 'hang-after-commit' }
  | { readonly kind: 'cut-body-after-commit' }
  | { readonly kind: 'stall-body-after-commit' }
  | ({ readonly kind: 'status-before-commit' } & StatusAnswer)
  | ({ readonly kind: 'status-after-commit' } & StatusAnswer)
  | ({ readonly kind: 'code-before-commit' } & CodeAnswer)
  | ({ readonly kind: 'code-after-commit' } & CodeAnswer)
  | { readonly kind: 'delay-before-commit'; readonly delayMs: number }
  | { readonly kind: 'delay-after-commit'; readonly delayMs: number }
  | { readonly kind: 'read-lag'; readonly lagMs: number }
  /** The exchange's clock, as this request meets it, is this much ahead (negative: behind). */
  | { readonly kind: 'clock-skew'; readonly skewMs: number }
  /** The request is answered 418, and so is every later one of the same address (or account) until the ban is over. */
  | { readonly kind: 'ban'; readonly banMs: number; readonly of: 'address' | 'account' }
  | { readonly kind: 'maintenance' };

export interface StatusAnswer {
  readonly status: number;
  readonly body?: string | undefined;
  /** Given: the answer names a time to wait. 429 and 418 always do, one second unless given. */
  readonly retryAfterSeconds?: number | undefined;
}

/** An error of the exchange's own; status and text are those it usually comes with, unless given. */
export interface CodeAnswer {
  readonly code: number;
  readonly status?: number | undefined;
  readonly message?: string | undefined;
}

/** What goes wrong with a frame on its way to a socket of the scope. */
export type FrameFault = (
  | { readonly kind: 'frames-lost' }
  | { readonly kind: 'frames-duplicated' }
  /** The frame arrives after the next one of its socket. */
  | { readonly kind: 'frames-reordered' }
  | { readonly kind: 'frames-delayed'; readonly delayMs: number }
) & { readonly scope: 'public' | 'user' | 'all' };

export type FaultKind = RequestFault | FrameFault;

/** What it hits. An absent field matches everything. */
export interface FaultTarget {
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly clientOrderIdPrefix?: string | undefined;
}

/** Which of the matching requests or frames it hits. */
export interface FaultDose {
  /** Matching ones that are still let through first. */
  readonly skip: number;
  /** How many it hits; null until it is cleared. */
  readonly count: number | null;
  /** Share of the matching ones that it hits, above 0 and at most 1; which ones follows from the seed. */
  readonly share: number;
  readonly seed: number;
}

export interface Fault {
  readonly id: number;
  readonly fault: FaultKind;
  readonly target: FaultTarget;
  skip: number;
  /** How many it still hits; null until it is cleared. */
  remaining: number | null;
  readonly share: number;
  hits: number;
}

export interface RequestSubject {
  readonly channel: 'request';
  readonly method: string;
  readonly route: string;
  readonly account: string | undefined;
  readonly symbol: string | undefined;
  readonly clientOrderId: string | undefined;
}

export interface FrameSubject extends Omit<RequestSubject, 'channel'> {
  readonly channel: 'public' | 'user';
}

export function isFrameFault(fault: FaultKind): fault is FrameFault {
  return fault.kind.startsWith('frames-');
}

export function matches(target: FaultTarget, subject: RequestSubject | FrameSubject): boolean {
  const { method, route, account, symbol, clientOrderId, clientOrderIdPrefix } = target;
  return (
    (method === undefined || method === subject.method) &&
    (route === undefined || route === subject.route) &&
    (account === undefined || account === subject.account) &&
    (symbol === undefined || symbol === subject.symbol) &&
    (clientOrderId === undefined || clientOrderId === subject.clientOrderId) &&
    (clientOrderIdPrefix === undefined || subject.clientOrderId?.startsWith(clientOrderIdPrefix) === true)
  );
}

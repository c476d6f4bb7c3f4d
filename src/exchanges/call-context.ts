import { AsyncLocalStorage } from 'node:async_hooks';
import { DeadlineError } from './request-error.js';
import type { RequestPriority } from './request-limiter.js';

export type Operation = 'create' | 'cancel' | 'lookUp' | 'read';

export interface CallOptions {
  readonly operation: Operation;
  readonly priority: RequestPriority;
  /** Which of the same priority leaves first when they have to wait; larger before smaller. 0 unless given. */
  readonly urgency?: number;
  /** Ends the call as long as it waits for its turn; once its request left, its answer is waited for. */
  readonly ended?: AbortSignal | null;
  /** From the call on, the wait for the limiter included. */
  readonly deadlineMs: number;
  /** Text that every request of this call must carry in its address or body; null = any request. */
  readonly mustContain: string | null;
}

/** What became known about one call while it ran. */
export interface CallContext extends CallOptions {
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
  /** A request was handed to the network. */
  sent: boolean;
  /** The connection was never established, so nothing of the request reached the exchange. */
  connectFailed: boolean;
  httpStatus: number | null;
  errorBody: string | null;
  retryAfterMs: number | null;
}

const storage = new AsyncLocalStorage<CallContext>();

/** The call on whose behalf the present code runs, if any. */
export function currentCall(): CallContext | undefined {
  return storage.getStore();
}

export type CallResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown; readonly context: CallContext };

/**
 * Runs one call to the exchange under its own deadline: ccxt's timer stops when the headers of an answer are there, a
 * body that stalls would hang for minutes. When the deadline passes, the request is torn down and a late answer ignored.
 */
export async function runCall<T>(options: CallOptions, call: () => Promise<T>): Promise<CallResult<T>> {
  const abort = new AbortController();
  const context: CallContext = {
    ...options,
    deadlineAtMs: Date.now() + options.deadlineMs,
    signal: abort.signal,
    sent: false,
    connectFailed: false,
    httpStatus: null,
    errorBody: null,
    retryAfterMs: null,
  };
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DeadlineError(`no answer within ${options.deadlineMs} ms`);
      abort.abort(error);
      // A call that was still waiting for its turn says so itself, now that its wait has ended.
      setImmediate(() => reject(error));
    }, options.deadlineMs);
  });
  try {
    // Inside an async function, so that a call that throws at once is a rejection too.
    const running = storage.run(context, async () => await call());
    return { ok: true, value: await Promise.race([running, deadline]) };
  } catch (error) {
    return { ok: false, error, context };
  } finally {
    clearTimeout(timer);
  }
}

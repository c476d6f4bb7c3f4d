import type { ErrorCode } from '../domain/errors.js';

/** A request that this process refused to send. It never left. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';

  constructor(
    readonly code: Extract<ErrorCode, 'THROTTLED' | 'EXCHANGE_UNREACHABLE' | 'INTERNAL'>,
    message: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

/** Our own deadline around a call passed. Whether the request left is in the call's context. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The exchange answered with something that is not an answer to what was asked. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
}

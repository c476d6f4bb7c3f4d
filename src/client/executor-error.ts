import { errorDefinition, type ErrorCode } from '../domain/errors.js';

/** An error of our registry as a caller sees it: what happened, and what to do next. Never an address or a key. */
export class ExecutorError extends Error {
  override readonly name = 'ExecutorError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  /** `what` is one sentence; the registry's next step follows it unless `nextStep` says something closer. */
  constructor(code: ErrorCode, what: string, options: { readonly nextStep?: string; readonly cause?: unknown } = {}) {
    const definition = errorDefinition(code);
    super(`${what} ${options.nextStep ?? definition.nextStep}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = definition.retryable;
  }
}

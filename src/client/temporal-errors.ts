import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { ERRORS } from '../domain/errors.js';
import { ExecutorError } from './executor-error.js';

/** Numbers of gRPC, which the SDK does not name in its own exports. */
const GRPC = { cancelled: 1, deadlineExceeded: 4, notFound: 5, resourceExhausted: 8, failedPrecondition: 9, unavailable: 14 } as const;
const UNREACHABLE: readonly number[] = [GRPC.cancelled, GRPC.deadlineExceeded, GRPC.resourceExhausted, GRPC.unavailable];

/** Whatever the Temporal client throws, as an error of our registry. Errors that are none of Temporal's stay as they are. */
export function castTemporalError(error: unknown): unknown {
  if (error instanceof ExecutorError) return error;
  const code = grpcCode(error);
  if (code === undefined) return error;
  if (UNREACHABLE.includes(code)) return new ExecutorError('SERVER_UNREACHABLE', ERRORS.SERVER_UNREACHABLE.meaning, { cause: error });
  // An update of a workflow whose tasks fail again and again.
  if (code === GRPC.failedPrecondition) return new ExecutorError('EXECUTOR_STUCK', ERRORS.EXECUTOR_STUCK.meaning, { cause: error });
  return new ExecutorError('INTERNAL', 'The Temporal server refused the request.', { cause: error });
}

/** The gRPC status behind an error of the client, undefined when there is none. */
export function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  if (error instanceof ServiceError && isGrpcServiceError(error.cause)) return error.cause.code;
  return undefined;
}

export function isTimeout(error: unknown): boolean {
  const code = grpcCode(error);
  return code === GRPC.deadlineExceeded || code === GRPC.cancelled;
}

export function isNotFoundStatus(error: unknown): boolean {
  return grpcCode(error) === GRPC.notFound;
}

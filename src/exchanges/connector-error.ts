import type { ErrorCode } from '../domain/errors.js';

export type ConnectorErrorCode = Extract<ErrorCode, 'UNKNOWN_CONNECTOR' | 'UNKNOWN_ACCOUNT' | 'NOT_SUPPORTED' | 'CREDENTIALS_REFUSED'>;

/** A connector or an account that this installation cannot use. The text lists what it can. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';

  constructor(
    readonly code: ConnectorErrorCode,
    message: string,
  ) {
    super(message);
  }
}

import type { CodedVerdict, Verdict } from './binance-errors.js';
import type { ErrorCode } from '../domain/errors.js';

const is = (verdict: Verdict, code: ErrorCode): CodedVerdict => ({ verdict, code });

/**
 * Verdicts by ccxt's error class, for answers whose code no table knows. ccxt's own split into retryable and not is
 * unsafe for orders both ways: one class covers "never sent" and "filled, answer lost".
 */
const BY_CLASS: Readonly<Record<string, CodedVerdict>> = {
  NetworkError: is('unknown', 'OUTCOME_UNKNOWN'),
  RequestTimeout: is('unknown', 'OUTCOME_UNKNOWN'),
  ExchangeNotAvailable: is('unknown', 'OUTCOME_UNKNOWN'),
  OperationFailed: is('unknown', 'OUTCOME_UNKNOWN'),
  BadResponse: is('unknown', 'OUTCOME_UNKNOWN'),
  NullResponse: is('unknown', 'OUTCOME_UNKNOWN'),
  CancelPending: is('unknown', 'OUTCOME_UNKNOWN'),
  DDoSProtection: is('throttled', 'THROTTLED'),
  RateLimitExceeded: is('throttled', 'THROTTLED'),
  OnMaintenance: is('refused', 'MAINTENANCE'),
  InvalidNonce: is('refused', 'CLOCK_SKEW'),
  ChecksumError: is('unknown', 'OUTCOME_UNKNOWN'),
  AuthenticationError: is('refused', 'CREDENTIALS_REFUSED'),
  AccountSuspended: is('refused', 'PERMISSION_DENIED'),
  AccountNotEnabled: is('refused', 'PERMISSION_DENIED'),
  PermissionDenied: is('refused', 'PERMISSION_DENIED'),
  RestrictedLocation: is('refused', 'PERMISSION_DENIED'),
  InsufficientFunds: is('refused', 'INSUFFICIENT_FUNDS'),
  InvalidOrder: is('refused', 'INVALID_ORDER'),
  BadRequest: is('refused', 'INVALID_ORDER'),
  ArgumentsRequired: is('refused', 'INVALID_ORDER'),
  InvalidAddress: is('refused', 'INVALID_ORDER'),
  AddressPending: is('refused', 'INVALID_ORDER'),
  ContractUnavailable: is('refused', 'MARKET_CLOSED'),
  DuplicateOrderId: is('exists', 'DUPLICATE_ORDER'),
  OrderImmediatelyFillable: is('refused', 'WOULD_TAKE'),
  OrderNotFillable: is('refused', 'NOT_FILLABLE'),
  OrderNotFound: is('missing', 'ORDER_NOT_FOUND'),
  OrderNotCached: is('missing', 'ORDER_NOT_FOUND'),
  BadSymbol: is('refused', 'UNKNOWN_PAIR'),
  MarketClosed: is('refused', 'MARKET_CLOSED'),
  OperationRejected: is('refused', 'EXCHANGE_ERROR'),
  NoChange: is('refused', 'EXCHANGE_ERROR'),
  MarginModeAlreadySet: is('refused', 'EXCHANGE_ERROR'),
  ManualInteractionNeeded: is('refused', 'PERMISSION_DENIED'),
  NotSupported: is('refused', 'NOT_SUPPORTED'),
  InvalidProxySettings: is('refused', 'NOT_SUPPORTED'),
  // Without a code that a table knows, an error of the exchange's own proves nothing about the order.
  ExchangeError: is('unknown', 'EXCHANGE_ERROR'),
  BaseError: is('unknown', 'EXCHANGE_ERROR'),
  ExchangeClosedByUser: is('unknown', 'OUTCOME_UNKNOWN'),
  UnsubscribeError: is('unknown', 'OUTCOME_UNKNOWN'),
};

export function ccxtErrorNames(): readonly string[] {
  return Object.keys(BY_CLASS);
}

/** Null for an error that is not one of ccxt's. */
export function ccxtVerdict(error: unknown): CodedVerdict | null {
  return error instanceof Error ? (BY_CLASS[error.name] ?? null) : null;
}

import * as ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, ERRORS } from '../../src/domain/errors.js';
import { LIMITS } from '../../src/domain/limits.js';
import { ccxtErrorNames } from '../../src/exchanges/ccxt-errors.js';
import { type CallFacts, type Classified, classifyError } from '../../src/exchanges/classify-error.js';
import { describeFailure } from '../../src/exchanges/describe-failure.js';
import { DeadlineError, NotSentError, UnusableAnswerError } from '../../src/exchanges/request-error.js';

const SENT: CallFacts = { operation: 'create', sent: true, connectFailed: false, httpStatus: null, errorBody: null, retryAfterMs: null };
const SECRETS = ['my-api-key', 'my-secret'];

function classify(error: unknown, facts: Partial<CallFacts> = {}): Classified {
  return classifyError('binance', error, { ...SENT, ...facts }, SECRETS);
}

const classes = ccxt as unknown as Readonly<Record<string, new (message: string) => Error>>;

function thrown(name: string, message = `binance ${name}`): Error {
  const CcxtError = classes[name];
  if (CcxtError === undefined) throw new Error(`ccxt has no ${name}`);
  return new CcxtError(message);
}

/** Everything ccxt can throw at a new order, and what it proves. */
const BY_CLASS: readonly (readonly [string, Classified['kind'], ErrorCode])[] = [
  ['NetworkError', 'unknown', 'OUTCOME_UNKNOWN'],
  ['RequestTimeout', 'unknown', 'OUTCOME_UNKNOWN'],
  ['ExchangeNotAvailable', 'unknown', 'OUTCOME_UNKNOWN'],
  ['OperationFailed', 'unknown', 'OUTCOME_UNKNOWN'],
  ['BadResponse', 'unknown', 'OUTCOME_UNKNOWN'],
  ['NullResponse', 'unknown', 'OUTCOME_UNKNOWN'],
  ['CancelPending', 'unknown', 'OUTCOME_UNKNOWN'],
  ['ChecksumError', 'unknown', 'OUTCOME_UNKNOWN'],
  ['ExchangeClosedByUser', 'unknown', 'OUTCOME_UNKNOWN'],
  ['UnsubscribeError', 'unknown', 'OUTCOME_UNKNOWN'],
  ['ExchangeError', 'unknown', 'EXCHANGE_ERROR'],
  ['BaseError', 'unknown', 'EXCHANGE_ERROR'],
  ['DDoSProtection', 'throttled', 'THROTTLED'],
  ['RateLimitExceeded', 'throttled', 'THROTTLED'],
  ['OnMaintenance', 'refused', 'MAINTENANCE'],
  ['InvalidNonce', 'refused', 'CLOCK_SKEW'],
  ['AuthenticationError', 'refused', 'CREDENTIALS_REFUSED'],
  ['AccountSuspended', 'refused', 'PERMISSION_DENIED'],
  ['AccountNotEnabled', 'refused', 'PERMISSION_DENIED'],
  ['PermissionDenied', 'refused', 'PERMISSION_DENIED'],
  ['RestrictedLocation', 'refused', 'PERMISSION_DENIED'],
  ['ManualInteractionNeeded', 'refused', 'PERMISSION_DENIED'],
  ['InsufficientFunds', 'refused', 'INSUFFICIENT_FUNDS'],
  ['InvalidOrder', 'refused', 'INVALID_ORDER'],
  ['BadRequest', 'refused', 'INVALID_ORDER'],
  ['ArgumentsRequired', 'refused', 'INVALID_ORDER'],
  ['InvalidAddress', 'refused', 'INVALID_ORDER'],
  ['AddressPending', 'refused', 'INVALID_ORDER'],
  ['DuplicateOrderId', 'exists', 'DUPLICATE_ORDER'],
  ['OrderImmediatelyFillable', 'refused', 'WOULD_TAKE'],
  ['OrderNotFillable', 'refused', 'NOT_FILLABLE'],
  ['OrderNotFound', 'missing', 'ORDER_NOT_FOUND'],
  ['OrderNotCached', 'missing', 'ORDER_NOT_FOUND'],
  ['BadSymbol', 'refused', 'UNKNOWN_PAIR'],
  ['MarketClosed', 'refused', 'MARKET_CLOSED'],
  ['ContractUnavailable', 'refused', 'MARKET_CLOSED'],
  ['OperationRejected', 'refused', 'EXCHANGE_ERROR'],
  ['NoChange', 'refused', 'EXCHANGE_ERROR'],
  ['MarginModeAlreadySet', 'refused', 'EXCHANGE_ERROR'],
  ['NotSupported', 'refused', 'NOT_SUPPORTED'],
  ['InvalidProxySettings', 'refused', 'NOT_SUPPORTED'],
];

/** Codes of the exchange, with the text they come with. */
const BY_CODE: readonly (readonly [number, string, Classified['kind'], ErrorCode])[] = [
  [-1000, 'An unknown error occurred while processing the request.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-1001, 'Internal error; unable to process your request.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-1002, 'You are not authorized to execute this request.', 'refused', 'CREDENTIALS_REFUSED'],
  [-1003, 'Too many requests.', 'throttled', 'THROTTLED'],
  [-1004, 'Server is busy.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-1006, 'An unexpected response was received from the message bus. Execution status unknown.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-1007, 'Timeout waiting for response from backend server.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-1008, 'Server is currently overloaded with other requests.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-1013, 'Filter failure: LOT_SIZE', 'refused', 'INVALID_ORDER'],
  [-1014, 'Unsupported order combination.', 'refused', 'INVALID_ORDER'],
  [-1015, 'Too many new orders.', 'throttled', 'THROTTLED'],
  [-1016, 'This service is no longer available.', 'refused', 'MAINTENANCE'],
  [-1020, 'This operation is not supported.', 'refused', 'NOT_SUPPORTED'],
  [-1021, 'Timestamp for this request is outside of the recvWindow.', 'refused', 'CLOCK_SKEW'],
  [-1022, 'Signature for this request is not valid.', 'refused', 'CREDENTIALS_REFUSED'],
  [-1102, 'Mandatory parameter was not sent.', 'refused', 'INVALID_ORDER'],
  [-1121, 'Invalid symbol.', 'refused', 'UNKNOWN_PAIR'],
  [-2010, 'Duplicate order sent.', 'exists', 'DUPLICATE_ORDER'],
  [-2010, 'Account has insufficient balance for requested action.', 'refused', 'INSUFFICIENT_FUNDS'],
  [-2010, 'Order would immediately match and take.', 'refused', 'WOULD_TAKE'],
  [-2010, 'Market is closed.', 'refused', 'MARKET_CLOSED'],
  [-2010, 'This action is disabled on this account.', 'refused', 'PERMISSION_DENIED'],
  [-2010, 'Something new.', 'refused', 'INVALID_ORDER'],
  [-2011, 'Unknown order sent.', 'missing', 'ORDER_NOT_FOUND'],
  [-2011, 'Order was not canceled due to cancel restrictions.', 'unknown', 'EXCHANGE_ERROR'],
  [-2013, 'Order does not exist.', 'missing', 'ORDER_NOT_FOUND'],
  [-2014, 'API-key format invalid.', 'refused', 'CREDENTIALS_REFUSED'],
  [-2015, 'Invalid API-key, IP, or permissions for action.', 'refused', 'CREDENTIALS_REFUSED'],
  [-2019, 'Margin is insufficient.', 'refused', 'INSUFFICIENT_FUNDS'],
  [-2021, 'Order cancel-replace partially failed.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-2022, 'Order cancel-replace failed.', 'unknown', 'OUTCOME_UNKNOWN'],
  [-2026, 'Order was canceled or expired with no executed qty over 90 days ago and has been archived.', 'missing', 'ORDER_NOT_FOUND'],
  [-2022, 'ReduceOnly Order is rejected.', 'refused', 'NOTHING_TO_REDUCE'],
  [-4116, 'clientOrderId is duplicated.', 'exists', 'DUPLICATE_ORDER'],
  [-4164, 'Order notional must be no smaller than 5.', 'refused', 'INVALID_ORDER'],
  [-5022, 'Post only order will be rejected.', 'refused', 'WOULD_TAKE'],
];

describe('error classifier', () => {
  it('has a row for every error class of this version of ccxt', () => {
    const known = Object.keys(classes).filter((name) => typeof classes[name] === 'function' && classes[name].prototype instanceof (classes['BaseError'] as new () => Error));
    expect([...known, 'BaseError'].sort()).toEqual([...ccxtErrorNames()].sort());
    expect(BY_CLASS.map(([name]) => name).sort()).toEqual([...ccxtErrorNames()].sort());
  });

  it.each(BY_CLASS)('%s after sending: %s, %s', (name, kind, code) => {
    expect(classify(thrown(name))).toMatchObject({ kind, failure: { code } });
  });

  it.each(BY_CODE)('code %i (%s): %s, %s', (exchangeCode, msg, kind, code) => {
    // The class says nothing here: behind a local address ccxt knows most codes as plain errors.
    const found = classify(thrown('ExchangeError'), { httpStatus: 400, errorBody: JSON.stringify({ code: exchangeCode, msg }) });
    expect(found).toMatchObject({ kind, failure: { code, exchangeCode: String(exchangeCode) } });
    expect(found.failure.message).toContain(msg.slice(0, 40));
  });

  it('believes the code before the class: a revoked key is thrown as a rate limit', () => {
    const found = classify(thrown('DDoSProtection'), { httpStatus: 401, errorBody: '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}' });
    expect(found).toMatchObject({ kind: 'refused', failure: { code: 'CREDENTIALS_REFUSED' } });
  });

  it.each([
    [500, '{"code":-2010,"msg":"Account has insufficient balance for requested action."}'],
    [502, '<html>Bad Gateway</html>'],
    [503, '{"code":-1008,"msg":"overloaded"}'],
    [504, ''],
    [524, '<html>A timeout occurred</html>'],
    [408, ''],
    [429, '{"code":-1003,"msg":"Too many requests."}'],
    [418, ''],
  ])('a new order answered with status %i is unknown, whatever the body says', (httpStatus, errorBody) => {
    expect(classify(thrown('ExchangeNotAvailable'), { httpStatus, errorBody }).kind).toBe('unknown');
  });

  it('keeps the pause an exchange asks for', () => {
    const found = classify(thrown('DDoSProtection'), { operation: 'read', httpStatus: 429, errorBody: '', retryAfterMs: 7_000 });
    expect(found).toMatchObject({ kind: 'throttled', failure: { code: 'THROTTLED', retryAfterMs: 7_000 } });
  });

  it.each([
    [401, 'CREDENTIALS_REFUSED'],
    [403, 'PERMISSION_DENIED'],
    [451, 'PERMISSION_DENIED'],
  ] as const)('status %i without a code is %s', (httpStatus, code) => {
    expect(classify(thrown('ExchangeNotAvailable'), { httpStatus, errorBody: '<html>' })).toMatchObject({ kind: 'refused', failure: { code } });
  });

  it.each([
    ['a TypeError', new TypeError('x is undefined')],
    ['a socket error', Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })],
    ['our deadline', new DeadlineError('no answer within 1000 ms')],
    ['an answer that is none', new UnusableAnswerError('the answer has no usable id')],
    ['text', 'boom'],
    ['nothing', undefined],
  ])('what nobody knows is unknown once it was sent: %s', (_, error) => {
    expect(classify(error)).toMatchObject({ kind: 'unknown', failure: { code: 'OUTCOME_UNKNOWN' } });
  });

  it('calls not sent only what never left', () => {
    expect(classify(thrown('NetworkError'), { connectFailed: true })).toMatchObject({ kind: 'notSent', failure: { code: 'EXCHANGE_UNREACHABLE' } });
    expect(classify(new DeadlineError('late'), { sent: false })).toMatchObject({ kind: 'notSent', failure: { code: 'EXCHANGE_UNREACHABLE' } });
    expect(classify(new NotSentError('THROTTLED', 'waited', 900), { sent: false })).toMatchObject({ kind: 'notSent', failure: { code: 'THROTTLED', retryAfterMs: 900 } });
    expect(classify(new NotSentError('INTERNAL', 'no id'), { sent: false })).toMatchObject({ kind: 'notSent', failure: { code: 'INTERNAL' } });
    expect(classify(new NotSentError('INTERNAL', 'no id'), { sent: true }).kind).toBe('unknown');
  });

  it('takes a rule that ccxt itself enforces as a refusal', () => {
    expect(classify(thrown('InvalidOrder'), { sent: false })).toMatchObject({ kind: 'refused', failure: { code: 'INVALID_ORDER' } });
  });

  it('lets no address, key, secret or signature into any message, whichever error it came with', () => {
    const leak = `binance GET https://api.example.com/api/v3/order?apiKey=my-api-key&signature=${'a1'.repeat(32)} my-secret`;
    const found = [
      ...BY_CLASS.map(([name]) => classify(thrown(name, leak))),
      ...BY_CODE.map(([code]) => classify(thrown('ExchangeError', leak), { httpStatus: 400, errorBody: JSON.stringify({ code, msg: leak }) })),
      classify(new TypeError(leak)),
      classify(thrown('NetworkError', leak), { connectFailed: true }),
    ];
    for (const { failure } of found) {
      expect(failure.message).not.toMatch(/https?:|example\.com|my-api-key|my-secret|a1a1a1a1/);
      expect(failure.message.length).toBeLessThanOrEqual(LIMITS.maxErrorText);
    }
  });

  it('tells what happened and what to do next, for every code', () => {
    for (const [code, definition] of Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][]) {
      const { message } = describeFailure({ code, exchangeText: 'x'.repeat(1_000), exchangeCode: '-1' });
      expect(message.startsWith(definition.meaning)).toBe(true);
      expect(message.endsWith(definition.nextStep)).toBe(true);
    }
  });
});

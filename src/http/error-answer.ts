import { ERRORS, type ErrorCode, errorDefinition } from '../domain/errors.js';
import { redactForAnswer } from '../redact.js';
import { InvalidConfigError } from '../schema/config-error.js';
import { InvalidRequestError } from '../schema/requests.js';
import { JsonSyntaxError } from './exact-json.js';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly detail: unknown };
  readonly retryAfterSeconds?: number;
  /** True when the log has to show it: the fault is ours or the surroundings', not the caller's. */
  readonly worthLogging: boolean;
}

const MAX_DETAIL = 4_000;
const RETRY_AFTER_SECONDS = 5;

/** Codes whose status does not follow from their kind. */
const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  EXECUTOR_NOT_FOUND: 404,
  CONFLICTING_CONFIG: 409,
  POSITION_CHANGED: 409,
  AMBIGUOUS_POSITION: 409,
  BOOK_EMPTY: 503,
  THROTTLED: 503,
  TOO_MANY_SESSIONS: 503,
};

const STATUS_BY_KIND = { caller: 400, exchange: 502, unreachable: 503, limit: 503, bug: 500 } as const;

/** Whatever a route threw, as status and body of the wire. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof InvalidRequestError) return { status: 422, body: { detail: error.issues.map((issue) => validationEntry(error.place, issue)) }, worthLogging: false };
  if (error instanceof JsonSyntaxError) {
    return { status: 422, body: { detail: [{ type: 'json_invalid', loc: ['body'], msg: `JSON decode error: ${error.message}`, input: {} }] }, worthLogging: false };
  }
  if (error instanceof InvalidConfigError) return { status: 400, body: { detail: safeDetail(error.message) }, worthLogging: false };
  const framework = frameworkAnswer(error);
  if (framework !== null) return framework;
  const code = errorCode(error);
  if (code === null || !(error instanceof Error)) return internal();
  const { kind } = errorDefinition(code);
  const status = STATUS_BY_CODE[code] ?? STATUS_BY_KIND[kind];
  if (status === 500 && code === 'INTERNAL') return internal();
  // A 404 may say so; it names an id or a market from the path, which may hold anything.
  const detail = status === 404 ? withoutAddresses(error.message) : safeDetail(error.message);
  return {
    status,
    body: { detail },
    worthLogging: kind !== 'caller',
    ...(status === 503 ? { retryAfterSeconds: RETRY_AFTER_SECONDS } : {}),
  };
}

function validationEntry(place: string, issue: { readonly field: string; readonly value: string; readonly rule: string }): Record<string, unknown> {
  const missing = issue.rule === 'is required';
  const path = issue.field === place ? [] : issue.field.split('.');
  return {
    type: missing ? 'missing' : 'value_error',
    loc: [place, ...path],
    msg: missing ? 'Field required' : `${issue.field}: ${issue.value} ${issue.rule}`,
    input: missing ? null : issue.value,
  };
}

/** Errors of the web framework that are the caller's: a body too large, a path that cannot be decoded. */
function frameworkAnswer(error: unknown): ErrorAnswer | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const answer = (status: number, detail: string): ErrorAnswer => ({ status, body: { detail }, worthLogging: false });
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return answer(413, 'The request body is too large.');
    case 'FST_ERR_BAD_URL':
      return answer(400, 'The path of the request cannot be decoded.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return answer(400, 'The request body does not have the announced length.');
    default:
      return null;
  }
}

function errorCode(error: unknown): ErrorCode | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') return null;
  return Object.hasOwn(ERRORS, error.code) ? (error.code as ErrorCode) : null;
}

function withoutAddresses(text: string): string {
  return text.slice(0, MAX_DETAIL).replace(/\w+:\/\/\S+/g, '[address]');
}

function internal(): ErrorAnswer {
  const { meaning, nextStep } = ERRORS.INTERNAL;
  return { status: 500, body: { detail: `Error serving the request: ${meaning} ${nextStep}` }, worthLogging: true };
}

/**
 * Clients decide by words in this text: "404" or "not found" mean to them that the route is missing, "401",
 * "unauthorized" and "authentication" that the password is wrong. Texts from elsewhere, and numbers a caller sent, may
 * contain them by accident.
 */
export function safeDetail(text: string): string {
  const lines = text.split('\n').map((line) => redactForAnswer(line, MAX_DETAIL));
  return lines
    .join('\n')
    .slice(0, MAX_DETAIL)
    .replace(/not found/gi, 'unknown')
    .replace(/unauthori[sz]ed|authentication/gi, 'refused')
    .replace(/[\d.]*(?:401|404)[\d.]*/g, '(a number)');
}

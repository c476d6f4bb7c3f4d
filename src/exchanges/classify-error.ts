import type { ExchangeFailure } from '../ports/exchange.js';
import { binanceVerdict, type CodedVerdict, type Verdict } from './binance-errors.js';
import type { CallContext } from './call-context.js';
import { ccxtVerdict } from './ccxt-errors.js';
import { describeFailure } from './describe-failure.js';
import { NotSentError } from './request-error.js';

/** What an error proves about the request it came from. */
export interface Classified {
  /** `notSent`: nothing of it reached the exchange. The others as in `Verdict`. */
  readonly kind: 'notSent' | Verdict;
  readonly failure: ExchangeFailure;
}

export type CallFacts = Pick<CallContext, 'operation' | 'sent' | 'connectFailed' | 'httpStatus' | 'errorBody' | 'retryAfterMs'>;

interface ExchangeAnswer {
  readonly code: string | null;
  readonly text: string;
}

/**
 * Casts an error of one call into our terms. Codes decide before classes, and what is not recognised after a request
 * left is unknown. `secrets` are the keys in use, which no text may contain.
 */
export function classifyError(ccxtId: string, error: unknown, facts: CallFacts, secrets: readonly string[]): Classified {
  if (error instanceof NotSentError && !facts.sent) {
    return { kind: 'notSent', failure: describeFailure({ code: error.code, exchangeText: error.message, retryAfterMs: error.retryAfterMs, secrets }) };
  }
  const text = error instanceof Error ? error.message : String(error);
  if (!facts.sent || facts.connectFailed) return notSent(error, text, secrets);
  const answer = exchangeAnswer(facts.errorBody);
  const coded = (answer.code === null ? null : knownCode(ccxtId, answer)) ?? maintenance(error) ?? byStatus(facts) ?? ccxtVerdict(error);
  const { verdict, code } = settled(coded ?? { verdict: 'unknown', code: 'OUTCOME_UNKNOWN' }, facts);
  const exchangeText = answer.text === '' ? text : answer.text;
  return { kind: verdict, failure: describeFailure({ code, exchangeCode: answer.code, exchangeText, retryAfterMs: facts.retryAfterMs, secrets }) };
}

/** The call failed in this process: a rule of ccxt that the order breaks, or no connection. */
function notSent(error: unknown, exchangeText: string, secrets: readonly string[]): Classified {
  const own = ccxtVerdict(error);
  const isOwnRefusal = own !== null && own.verdict === 'refused';
  const failure = describeFailure({ code: isOwnRefusal ? own.code : 'EXCHANGE_UNREACHABLE', exchangeText, secrets });
  return { kind: isOwnRefusal ? 'refused' : 'notSent', failure };
}

function knownCode(ccxtId: string, answer: ExchangeAnswer): CodedVerdict | null {
  return ccxtId.startsWith('binance') && answer.code !== null ? binanceVerdict(answer.code, answer.text) : null;
}

/** Told by its words, under whatever status. */
function maintenance(error: unknown): CodedVerdict | null {
  const own = ccxtVerdict(error);
  return own?.code === 'MAINTENANCE' ? own : null;
}

/** A status without a code of the exchange comes from something in front of it. */
function byStatus(facts: CallFacts): CodedVerdict | null {
  const status = facts.httpStatus;
  if (status === null || status < 400) return null;
  if (status === 418 || status === 429) return { verdict: 'throttled', code: 'THROTTLED' };
  if (status === 401 || status === 407 || status === 511) return { verdict: 'refused', code: 'CREDENTIALS_REFUSED' };
  if (status === 403 || status === 451) return { verdict: 'refused', code: 'PERMISSION_DENIED' };
  if (status >= 500 || status === 408) return { verdict: 'unknown', code: 'OUTCOME_UNKNOWN' };
  return null;
}

/**
 * A gateway that reports a failure after passing the order on looks like a refusal. Whatever the body says, an order
 * answered with a server error or a throttle status is looked up before it counts as not there.
 */
function settled(found: CodedVerdict, facts: CallFacts): CodedVerdict {
  const status = facts.httpStatus ?? 0;
  const isDoubtful = status >= 500 || status === 408 || status === 429 || status === 418;
  if (facts.operation !== 'create' || !isDoubtful || found.verdict === 'exists') return found;
  return { verdict: 'unknown', code: found.verdict === 'throttled' ? 'THROTTLED' : found.code === 'MAINTENANCE' ? 'MAINTENANCE' : 'OUTCOME_UNKNOWN' };
}

const NO_ANSWER: ExchangeAnswer = { code: null, text: '' };

function exchangeAnswer(body: string | null): ExchangeAnswer {
  if (body === null || !body.trimStart().startsWith('{')) return NO_ANSWER;
  try {
    const parsed = JSON.parse(body) as { readonly code?: unknown; readonly msg?: unknown };
    const code = typeof parsed.code === 'number' || typeof parsed.code === 'string' ? String(parsed.code) : null;
    return { code, text: typeof parsed.msg === 'string' ? parsed.msg : '' };
  } catch {
    // A body cut short or not JSON: the status and the class decide.
    return NO_ANSWER;
  }
}

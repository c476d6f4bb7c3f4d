import type { ErrorCode } from '../domain/errors.js';

/** What an answer of the exchange says about the order it is about. */
export type Verdict =
  /** Looked at and refused: no order exists. */
  | 'refused'
  /** An order of this id is there already. */
  | 'exists'
  /** No order of this id (cancel: none that is open). */
  | 'missing'
  /** Refused before anything was looked at, because of the rate. */
  | 'throttled'
  | 'unknown';

export interface CodedVerdict {
  readonly verdict: Verdict;
  readonly code: ErrorCode;
}

const refused = (code: ErrorCode): CodedVerdict => ({ verdict: 'refused', code });
const unknown: CodedVerdict = { verdict: 'unknown', code: 'OUTCOME_UNKNOWN' };

/** Of one account: it may still do everything but place orders. */
export const TOO_MANY_ORDERS = '-1015';

const BY_CODE: Readonly<Record<string, CodedVerdict>> = {
  // Internal errors and lost connections behind the gateway: the order may be in the book.
  '-1000': unknown,
  '-1001': unknown,
  '-1004': unknown,
  '-1006': unknown,
  '-1007': unknown,
  '-1008': unknown,
  '-1002': refused('CREDENTIALS_REFUSED'),
  '-1003': { verdict: 'throttled', code: 'THROTTLED' },
  [TOO_MANY_ORDERS]: { verdict: 'throttled', code: 'THROTTLED' },
  '-1016': refused('MAINTENANCE'),
  '-1020': refused('NOT_SUPPORTED'),
  '-1021': refused('CLOCK_SKEW'),
  '-1022': refused('CREDENTIALS_REFUSED'),
  '-1121': refused('UNKNOWN_PAIR'),
  '-2013': { verdict: 'missing', code: 'ORDER_NOT_FOUND' },
  '-2014': refused('CREDENTIALS_REFUSED'),
  '-2015': refused('CREDENTIALS_REFUSED'),
  '-2018': refused('INSUFFICIENT_FUNDS'),
  '-2019': refused('INSUFFICIENT_FUNDS'),
  '-2022': refused('NOTHING_TO_REDUCE'),
  // A stop that would fire at once; more than the leverage allows; leverage that the position does not allow.
  '-2021': refused('INVALID_ORDER'),
  '-2027': refused('INVALID_ORDER'),
  '-2028': refused('INVALID_ORDER'),
  '-4116': { verdict: 'exists', code: 'DUPLICATE_ORDER' },
  '-5021': refused('NOT_FILLABLE'),
  '-5022': refused('WOULD_TAKE'),
};

/** -2010 (a new order was refused) and -2011 (a cancel was) cover many reasons; only the text tells them apart. */
const NEW_ORDER_REASONS: readonly (readonly [RegExp, CodedVerdict])[] = [
  [/duplicate/i, { verdict: 'exists', code: 'DUPLICATE_ORDER' }],
  [/insufficient balance/i, refused('INSUFFICIENT_FUNDS')],
  [/immediately (match|trigger)|trigger immediately/i, refused('WOULD_TAKE')],
  [/market is closed|not trading/i, refused('MARKET_CLOSED')],
  [/disabled|may not|not permitted|not enabled/i, refused('PERMISSION_DENIED')],
];

/** What a Binance error code means for an order; null for a code this table does not know. */
export function binanceVerdict(code: string, text: string): CodedVerdict | null {
  if (code === '-2010') return NEW_ORDER_REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? refused('INVALID_ORDER');
  // Spot: one half of a cancel-and-replace was done, or none; which, its own answer tells. USD-M uses the numbers for refusals.
  if ((code === '-2021' || code === '-2022') && /cancel-replace/i.test(text)) return unknown;
  // Spot: the order ended unfilled so long ago that it is no longer kept. USD-M uses the number for a refusal.
  if (code === '-2026' && /archived/i.test(text)) return { verdict: 'missing', code: 'ORDER_NOT_FOUND' };
  if (code === '-2011') return /unknown order/i.test(text) ? { verdict: 'missing', code: 'ORDER_NOT_FOUND' } : { verdict: 'unknown', code: 'EXCHANGE_ERROR' };
  return BY_CODE[code] ?? byRange(Number(code));
}

function byRange(code: number): CodedVerdict | null {
  // -1013 and -1100 to -1199: the request breaks a rule of form, a filter or the pair. -4000 on: the same for perpetuals.
  const isRule = code === -1013 || code === -1014 || (code <= -1100 && code >= -1199) || (code <= -4000 && code >= -4199);
  return isRule ? refused('INVALID_ORDER') : null;
}

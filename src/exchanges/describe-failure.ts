import { type ErrorCode, errorDefinition } from '../domain/errors.js';
import { LIMITS } from '../domain/limits.js';
import type { ExchangeFailure } from '../ports/exchange.js';
import { redactForAnswer } from '../redact.js';

export interface FailureFacts {
  readonly code: ErrorCode;
  readonly exchangeCode?: string | null;
  /** What the exchange or the network said, in its own words. */
  readonly exchangeText?: string | null;
  readonly retryAfterMs?: number | null;
  /** Values that must not appear, whatever form they came in. */
  readonly secrets?: readonly string[];
}

/** Room for the words of the exchange; what happened and what to do next is never cut for it. */
const MAX_EXCHANGE_TEXT = 110;

/** What happened, what the exchange said, and what to do next: one line, bounded, without address, key or signature. */
export function describeFailure(facts: FailureFacts): ExchangeFailure {
  const { meaning, nextStep } = errorDefinition(facts.code);
  const exchangeCode = facts.exchangeCode ?? null;
  const said = redactForAnswer(withoutSecrets(facts.exchangeText ?? '', facts.secrets ?? []), MAX_EXCHANGE_TEXT);
  const quoted = [...(said === '' ? [] : [said]), ...(exchangeCode === null ? [] : [`code ${exchangeCode}`])].join(', ');
  const message = `${meaning}${quoted === '' ? '' : ` (${quoted})`} ${nextStep}`;
  return { code: facts.code, exchangeCode, message: message.slice(0, LIMITS.maxErrorText), retryAfterMs: facts.retryAfterMs ?? null };
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((cleaned, secret) => (secret === '' ? cleaned : cleaned.split(secret).join('[redacted]')), text);
}

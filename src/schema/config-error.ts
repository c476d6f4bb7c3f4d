import { ExactNumber } from './exact-number.js';

/** One broken rule: which field, what it held, what it must be. */
export interface ConfigIssue {
  /** Path with dots, in the spelling of the wire: `triple_barrier_config.stop_loss`. */
  readonly field: string;
  /** The offending value as short text. */
  readonly value: string;
  readonly rule: string;
}

const MAX_VALUE_TEXT = 80;
const MAX_ISSUES_IN_MESSAGE = 10;

/** Every rule an input broke at once, so that a caller corrects it in one go. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
  readonly code = 'INVALID_CONFIG';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[], subject = 'Invalid executor config') {
    super(`${subject}: ${describeIssues(issues)}`);
    this.issues = issues;
  }
}

function describeIssues(issues: readonly ConfigIssue[]): string {
  const lines = issues.slice(0, MAX_ISSUES_IN_MESSAGE).map(describeIssue);
  const hidden = issues.length - lines.length;
  if (hidden > 0) lines.push(`and ${hidden} more`);
  return lines.join('\n');
}

export function describeIssue(issue: ConfigIssue): string {
  return `${issue.field}: ${issue.value} ${issue.rule}`;
}

/** A value as text for a message: bounded, on one line, an absent one named as such. */
export function showValue(value: unknown): string {
  if (value === undefined) return '(missing)';
  if (value instanceof ExactNumber) return shorten(value.digits);
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return typeof value;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle, or a value whose own toJSON throws: its kind is all that can be said.
    text = undefined;
  }
  return shorten(text ?? typeof value);
}

function shorten(text: string): string {
  return text.length <= MAX_VALUE_TEXT ? text : `${text.slice(0, MAX_VALUE_TEXT)}...`;
}

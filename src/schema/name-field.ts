import { CONTROLLER_TAG_MAX_LENGTH, CONTROLLER_TAG_PATTERN } from '../domain/controller-tag.js';
import { ExactNumber } from './exact-number.js';
import { type Reader, RuleBroken } from './field.js';

/** Enumeration given by name in any case, by number, or by number in a string. */
export function readName<T extends string>(names: readonly T[], spellings: Readonly<Record<string, T>>, note = ''): Reader<T> {
  const allowed = [...names].join(', ');
  return (raw) => {
    const found = spellings[spelling(raw)];
    if (found === undefined) throw new RuleBroken(`must be one of ${allowed}${note}`);
    return found;
  };
}

/** The one key under which all spellings of a value are looked up. */
function spelling(raw: unknown): string {
  if (raw instanceof ExactNumber) return integerText(raw.digits);
  if (typeof raw === 'number') return integerText(String(raw));
  // The reference takes `true` as 1 where it takes numbers.
  if (raw === true) return '1';
  if (typeof raw === 'string') return integerText(raw.trim().toUpperCase());
  return '';
}

function integerText(text: string): string {
  return text.replace(/^(\d+)\.0+$/, '$1');
}

export interface TextRule {
  readonly maxLength: number;
  readonly pattern: RegExp;
  /** What the pattern asks for, in words: `letters, digits, ...`. */
  readonly says: string;
}

export function readText(rule: TextRule): Reader<string> {
  return (raw) => {
    const message = `must be a string of 1 to ${rule.maxLength} characters: ${rule.says}`;
    if (typeof raw !== 'string') throw new RuleBroken(message);
    const text = raw.trim();
    if (text.length < 1 || text.length > rule.maxLength || !rule.pattern.test(text)) throw new RuleBroken(message);
    return text;
  };
}

/** Connector and account names stand in queue names and in `connector|pair|account`, so their characters are few. */
export const CONNECTOR_TEXT: TextRule = { maxLength: 64, pattern: /^[A-Za-z0-9_.\-/]+$/, says: 'letters, digits, _ . - /' };
export const ACCOUNT_TEXT: TextRule = { maxLength: 64, pattern: /^[A-Za-z0-9_.-]+$/, says: 'letters, digits, _ . -' };
export const PAIR_TEXT: TextRule = { maxLength: 64, pattern: /^[^\s|/:-]+-[^\s|/:]+$/u, says: 'BASE-QUOTE, for example BTC-USDT' };
/** The tag stands in a workflow id and in visibility queries. */
export const CONTROLLER_TEXT: TextRule = { maxLength: CONTROLLER_TAG_MAX_LENGTH, pattern: CONTROLLER_TAG_PATTERN, says: 'no quotes, slashes or control characters' };
export const LEVEL_TEXT: TextRule = { maxLength: 200, pattern: /^[^\p{Cc}\p{Cs}]+$/u, says: 'no control characters' };

import type { z } from 'zod';
import { type ConfigIssue, showValue } from './config-error.js';
import { nearestKey } from './unknown-keys.js';

/**
 * Zod's issues as field, value and rule. `input` is what was parsed, `root` its name; `knownKeys` name what a misspelling
 * may have meant.
 */
export function configIssues(issues: readonly z.core.$ZodIssue[], input: unknown, knownKeys: readonly string[], root = 'executor_config'): ConfigIssue[] {
  return issues.flatMap((issue) => describe(issue, input, knownKeys, root));
}

function describe(issue: z.core.$ZodIssue, input: unknown, knownKeys: readonly string[], root: string): ConfigIssue[] {
  const value = showValue(valueAt(input, issue.path));
  const field = fieldName(issue.path, root);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = nearestKey(key, knownKeys);
      const hint = meant === null ? '' : `; did you mean ${meant}?`;
      const path = [...issue.path, key];
      return { field: fieldName(path, root), value: showValue(valueAt(input, path)), rule: `is not a field of ${field}${hint}` };
    });
  }
  if (issue.code === 'invalid_type') return [{ field, value, rule: `must be ${article(issue.expected)}` }];
  return [{ field, value, rule: issue.message }];
}

function article(expected: string): string {
  return expected === 'object' || expected === 'array' ? `an ${expected}` : `a ${expected}`;
}

function fieldName(path: readonly PropertyKey[], root: string): string {
  return path.length === 0 ? root : path.map((part) => String(part).slice(0, 60)).join('.');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

import type { z } from 'zod';

export interface InputProblem {
  readonly field: string;
  readonly value: unknown;
  readonly rule: string;
}

/** A control request is malformed; names the field, what was given and the rule. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';

  constructor(readonly problems: readonly InputProblem[]) {
    super(problems.map(({ field, value, rule }) => `${field} = ${JSON.stringify(value)}: ${rule}`).join('; '));
  }
}

/** @throws InvalidInput */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    parsed.error.issues.map((issue) => ({
      field: issue.path.map(String).join('.') || 'body',
      value: valueAt(input, issue.path),
      rule: issue.message,
    })),
  );
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value ?? null;
}

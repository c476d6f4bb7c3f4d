import { z } from 'zod';

/** Thrown by a reader: the value breaks this rule. The words follow the value in the message. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken';
  readonly rule: string;

  constructor(rule: string) {
    super(rule);
    this.rule = rule;
  }
}

/** Turns a raw value into the normalised one, or throws RuleBroken. It never sees `undefined`. */
export type Reader<T> = (raw: unknown) => T;

/** What OpenAPI and the docs say of a field. */
export interface FieldDocumentation {
  readonly description: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly unknown[];
  readonly minimum?: number;
  readonly pattern?: string;
  readonly items?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly examples?: readonly unknown[];
  /** What an absent field means, as the wire would spell it. */
  readonly 'x-default'?: unknown;
  /** True: may change while the executor runs. */
  readonly 'x-amendable'?: boolean;
}

/** A field that has to be there. */
export function requiredField<T>(read: Reader<T>, documentation: FieldDocumentation): z.ZodType<T> {
  return z
    .unknown()
    .transform((raw, context) => {
      if (raw === undefined) return refuse(context, 'is required');
      return run(read, raw, context);
    })
    .meta({ ...documentation });
}

/** A field that may be absent or null; both read as undefined. */
export function optionalField<T>(read: Reader<T>, documentation: FieldDocumentation): z.ZodType<T | undefined> {
  return z
    .unknown()
    .transform((raw, context) => (raw === undefined || raw === null ? undefined : run(read, raw, context)))
    .meta({ ...documentation })
    .optional() as z.ZodType<T | undefined>;
}

function run<T>(read: Reader<T>, raw: unknown, context: z.RefinementCtx): T {
  try {
    return read(raw);
  } catch (error) {
    if (error instanceof RuleBroken) return refuse(context, error.rule);
    throw error;
  }
}

function refuse(context: z.RefinementCtx, rule: string): never {
  context.addIssue({ code: 'custom', message: rule });
  return z.NEVER;
}

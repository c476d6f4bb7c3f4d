import { z } from 'zod';
import { BASE_FIELDS } from './config-fields.js';
import { DECIMAL_JSON, readFraction, readPositiveDecimal } from './decimal-field.js';
import { optionalField, type Reader, requiredField, RuleBroken } from './field.js';
import { readName } from './name-field.js';

const readStrategy = readName(['MARKET', 'LIMIT', 'LIMIT_MAKER', 'LIMIT_CHASER'], {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  LIMIT_MAKER: 'LIMIT_MAKER',
  LIMIT_CHASER: 'LIMIT_CHASER',
});

const readPositionAction = readName(['OPEN', 'CLOSE', 'NIL'], { OPEN: 'OPEN', CLOSE: 'CLOSE', NIL: 'NIL' });

const chaserSchema = z.strictObject({
  distance: requiredField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'How far behind the best price of its own side the order is placed, as a fraction of it.' }),
  refresh_threshold: requiredField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'How far the best price may run away from the order before it is placed anew, as a fraction of the best price.' }),
});

/** Fields of `chaser_config`, for whoever misspells one. */
export const CHASER_KEYS: readonly string[] = Object.keys(chaserSchema.shape);

/** A price or a chaser that the strategy does not use is ignored, whatever it is; so only the strategies that use it judge it. */
const readAnything: Reader<unknown> = (raw) => raw;

export const orderExecutorSchema = z
  .looseObject({
    ...BASE_FIELDS,
    amount: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Base to execute, above 0.', 'x-amendable': true, examples: ['0.01'] }),
    execution_strategy: requiredField(readStrategy, {
      enum: ['MARKET', 'LIMIT', 'LIMIT_MAKER', 'LIMIT_CHASER'],
      description: 'How the order is placed; names in any case.',
    }),
    price: optionalField(readAnything, { ...DECIMAL_JSON, 'x-amendable': true, description: 'Limit price in quote, above 0. Required for LIMIT and LIMIT_MAKER, ignored for MARKET and LIMIT_CHASER.' }),
    position_action: optionalField(readPositionAction, {
      enum: ['OPEN', 'CLOSE', 'NIL'],
      description: 'On perpetuals CLOSE only makes a position smaller; names in any case.',
      'x-default': 'OPEN',
    }),
    chaser_config: optionalField(readAnything, { type: ['object', 'null'], description: 'Required for LIMIT_CHASER, ignored for the others: `distance` behind the best price of its own side, and `refresh_threshold` by which the market may run away before the order is placed anew; both fractions of that price, from 0 and below 1.' }),
  })
  .transform((config, context) => {
    if (config.execution_strategy === 'LIMIT_CHASER') {
      const chaser = readChaser(config.chaser_config, context);
      return chaser === null ? z.NEVER : { ...config, price: null, chaser_config: chaser };
    }
    if (config.execution_strategy === 'MARKET') return { ...config, price: null, chaser_config: null };
    try {
      return { ...config, price: readLimitPrice(config.price, config.execution_strategy), chaser_config: null };
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      context.addIssue({ code: 'custom', message: error.rule, path: ['price'] });
      return z.NEVER;
    }
  });

function readChaser(raw: unknown, context: z.RefinementCtx): z.output<typeof chaserSchema> | null {
  if (raw === undefined) {
    context.addIssue({ code: 'custom', message: 'is required for execution_strategy LIMIT_CHASER', path: ['chaser_config'] });
    return null;
  }
  const result = chaserSchema.safeParse(raw);
  if (result.success) return result.data;
  for (const issue of result.error.issues) context.addIssue({ ...issue, path: ['chaser_config', ...issue.path] } as never);
  return null;
}

function readLimitPrice(raw: unknown, strategy: string): string {
  if (raw === undefined) throw new RuleBroken(`is required for execution_strategy ${strategy} and must be greater than 0`);
  return readPositiveDecimal(raw);
}

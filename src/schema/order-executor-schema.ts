import { z } from 'zod';
import { BASE_FIELDS } from './config-fields.js';
import { DECIMAL_JSON, readPositiveDecimal } from './decimal-field.js';
import { optionalField, type Reader, requiredField, RuleBroken } from './field.js';
import { readName } from './name-field.js';

const readKnownStrategy = readName(['MARKET', 'LIMIT', 'LIMIT_MAKER'], {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  LIMIT_MAKER: 'LIMIT_MAKER',
});

const readStrategy: Reader<'MARKET' | 'LIMIT' | 'LIMIT_MAKER'> = (raw) => {
  if (typeof raw === 'string' && raw.trim().toUpperCase() === 'LIMIT_CHASER') {
    throw new RuleBroken('is not available yet; use one of MARKET, LIMIT, LIMIT_MAKER');
  }
  return readKnownStrategy(raw);
};

const readPositionAction = readName(['OPEN', 'CLOSE', 'NIL'], { OPEN: 'OPEN', CLOSE: 'CLOSE', NIL: 'NIL' });

/** A market order's price is ignored, whatever it is; so only the strategies that use it judge it. */
const readAnything: Reader<unknown> = (raw) => raw;

export const orderExecutorSchema = z
  .looseObject({
    ...BASE_FIELDS,
    amount: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Base to execute, above 0.', examples: ['0.01'] }),
    execution_strategy: requiredField(readStrategy, {
      enum: ['MARKET', 'LIMIT', 'LIMIT_MAKER'],
      description: 'How the order is placed; names in any case. LIMIT_CHASER is not available yet.',
    }),
    price: optionalField(readAnything, { ...DECIMAL_JSON, description: 'Limit price in quote, above 0. Required for LIMIT and LIMIT_MAKER, ignored for MARKET.' }),
    position_action: optionalField(readPositionAction, {
      enum: ['OPEN', 'CLOSE', 'NIL'],
      description: 'Passed to perpetual exchanges; names in any case.',
      'x-default': 'OPEN',
    }),
    chaser_config: optionalField(readAnything, { type: ['object', 'null'], description: 'Only for LIMIT_CHASER; ignored.' }),
  })
  .transform((config, context) => {
    if (config.execution_strategy === 'MARKET') return { ...config, price: null };
    try {
      return { ...config, price: readLimitPrice(config.price, config.execution_strategy) };
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      context.addIssue({ code: 'custom', message: error.rule, path: ['price'] });
      return z.NEVER;
    }
  });

function readLimitPrice(raw: unknown, strategy: string): string {
  if (raw === undefined) throw new RuleBroken(`is required for execution_strategy ${strategy} and must be greater than 0`);
  return readPositiveDecimal(raw);
}

import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { DCA_MODES, DEFAULT_STOP_LOSS_REFERENCE, STOP_LOSS_REFERENCES, TAKER_BOUNDS } from '../domain/dca/dca-terms.js';
import { LIMITS } from '../domain/limits.js';
import { BOUNDS_JSON, readBounds, readLoss, readProfit, readTimeLimit, trailingStopSchema } from './barrier-fields.js';
import { BASE_FIELDS } from './config-fields.js';
import { DECIMAL_JSON, readPositiveDecimal } from './decimal-field.js';
import { optionalField, type Reader, requiredField, RuleBroken } from './field.js';
import { readName } from './name-field.js';

const readMode = readName(DCA_MODES, { MAKER: 'MAKER', TAKER: 'TAKER' });
const readReference = readName(STOP_LOSS_REFERENCES, { AVERAGE_ENTRY: 'average_entry', LAST_LEVEL: 'last_level' });

const readLevels: Reader<readonly string[]> = (raw) => {
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > LIMITS.maxDcaLevels) throw new RuleBroken(`must be a list of 1 to ${LIMITS.maxDcaLevels} numbers`);
  return raw.map((entry: unknown, index) => {
    try {
      return readPositiveDecimal(entry);
    } catch (error) {
      if (error instanceof RuleBroken) throw new RuleBroken(`entry ${index} ${error.message}`);
      throw error;
    }
  });
};

const LEVELS_JSON = { type: 'array', items: { ...DECIMAL_JSON }, minItems: 1, maxItems: LIMITS.maxDcaLevels } as const;

export const dcaExecutorSchema = z
  .looseObject({
    ...BASE_FIELDS,
    amounts_quote: requiredField(readLevels, { ...LEVELS_JSON, description: 'Quote to spend on each level, above 0, in the order in which they are sent.', examples: [['100', '200']] }),
    prices: requiredField(readLevels, { ...LEVELS_JSON, description: 'Price of each level in quote, as many as amounts_quote.', examples: [['60000', '59000']] }),
    mode: optionalField(readMode, { enum: [...DCA_MODES], description: 'MAKER rests each level at its price; TAKER sends it at market once mid is within activation_bounds of its price. Names in any case.', 'x-default': 'MAKER' }),
    take_profit: optionalField(readProfit, { ...DECIMAL_JSON, description: 'Net profit of all that is filled, as a fraction, below 10 (below 1 for SELL); 0 or null = off.', examples: ['0.02'] }),
    stop_loss: optionalField(readLoss, { ...DECIMAL_JSON, description: 'Net loss as a fraction, below 1; 0 or null = off.', examples: ['0.05'] }),
    stop_loss_reference: optionalField(readReference, {
      enum: [...STOP_LOSS_REFERENCES],
      description: '`average_entry`: of what is filled, from the first fill on. `last_level`: MAKER only once every level is done, TAKER of the whole plan.',
      'x-default': DEFAULT_STOP_LOSS_REFERENCE,
    }),
    trailing_stop: trailingStopSchema.nullish(),
    time_limit: optionalField(readTimeLimit, { type: ['integer', 'string'], minimum: 0, description: 'Seconds from the timestamp; 0 or null = off.' }),
    activation_bounds: optionalField(readBounds, {
      ...BOUNDS_JSON,
      description: `Fractions around mid inside which a level may be out: one, or a list of one or two. Levels go out in their order. Absent: MAKER levels all rest at once, TAKER takes ${TAKER_BOUNDS.join(' and ')}.`,
    }),
  })
  .superRefine((config, context) => {
    const broken = (path: string, message: string): void => context.addIssue({ code: 'custom', message, path: [path] });
    if (config.prices.length !== config.amounts_quote.length) broken('prices', `must be as many as amounts_quote, ${config.amounts_quote.length}`);
    if (config.side !== 'SELL') return;
    if (config.take_profit !== undefined && new Decimal(config.take_profit).gte(1)) broken('take_profit', 'must be below 1 for SELL: a price cannot fall below zero');
    if (config.trailing_stop != null && new Decimal(config.trailing_stop.activation_price).gte(1)) broken('trailing_stop', 'must have an activation_price below 1 for SELL: a price cannot fall below zero');
  });

import { z } from 'zod';
import { readTimeLimit } from './barrier-fields.js';
import { BASE_FIELDS } from './config-fields.js';
import { DECIMAL_JSON, readFraction, readPositiveDecimal } from './decimal-field.js';
import { optionalField, requiredField } from './field.js';
import { marketField, refineMarkets } from './market-field.js';
import { readName } from './name-field.js';

const { type, id, timestamp, controller_id, account_name, leverage, level_id } = BASE_FIELDS;
const readPolicy = readName(['unwind', 'hand_over'], { UNWIND: 'unwind', HAND_OVER: 'hand_over' });

export const arbitrageExecutorSchema = z
  .looseObject({
    type,
    id,
    timestamp,
    controller_id,
    account_name,
    leverage,
    level_id,
    buying_market: marketField('Market on which base is bought.'),
    selling_market: marketField('Market on which base is sold; another one than buying_market.'),
    order_amount: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Base of both legs, above 0.', examples: ['0.01'] }),
    min_profitability: requiredField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'After the taker fees of both legs, a fraction of the buying price; traded above it.', examples: ['0.002'] }),
    on_failed_leg: optionalField(readPolicy, {
      enum: ['unwind', 'hand_over'],
      description: 'What becomes of a leg that is ahead when the other cannot follow at a profit: taken back at market, or handed to the controller.',
      'x-default': 'unwind',
    }),
    time_limit: optionalField(readTimeLimit, { type: ['integer', 'string'], minimum: 0, description: 'Seconds from the timestamp after which it looks no more; 0 or null = off.' }),
  })
  .superRefine(refineMarkets);

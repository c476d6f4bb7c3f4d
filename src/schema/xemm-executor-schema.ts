import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { readTimeLimit } from './barrier-fields.js';
import { BASE_FIELDS, readSide } from './config-fields.js';
import { DECIMAL_JSON, readFraction, readPositiveDecimal } from './decimal-field.js';
import { optionalField, requiredField } from './field.js';
import { marketField, refineMarkets } from './market-field.js';

const { type, id, timestamp, controller_id, account_name, leverage, level_id } = BASE_FIELDS;
const profit = (description: string) => requiredField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description, examples: ['0.003'] });

export const xemmExecutorSchema = z
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
    maker_side: requiredField(readSide, {
      enum: ['BUY', 'SELL', 'LONG', 'SHORT', 1, 2, '1', '2'],
      description: 'BUY rests on buying_market and hedges on selling_market, SELL the other way round.',
    }),
    order_amount: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Base of the maker order, above 0.', examples: ['0.01'] }),
    min_profitability: profit('After the fees of both legs, a fraction of the maker price: below it the resting order is withdrawn at once.'),
    target_profitability: profit('What a new maker order earns; above min_profitability.'),
    max_profitability: profit('Above it the order is placed anew, nearer; above target_profitability.'),
    time_limit: optionalField(readTimeLimit, { type: ['integer', 'string'], minimum: 0, description: 'Seconds from the timestamp after which nothing is quoted any more; 0 or null = off.' }),
  })
  .superRefine((config, context) => {
    refineMarkets(config, context);
    const broken = (path: string[], message: string): void => void context.addIssue({ code: 'custom', message, path });
    if (!new Decimal(config.target_profitability).gt(config.min_profitability)) broken(['target_profitability'], `must be above min_profitability ${config.min_profitability}`);
    if (!new Decimal(config.max_profitability).gt(config.target_profitability)) broken(['max_profitability'], `must be above target_profitability ${config.target_profitability}`);
  });

import { z } from 'zod';
import { closingSchema } from './closing-schema.js';
import { ORDER_TYPE_JSON, readOrderType } from './config-fields.js';
import { DECIMAL_JSON, readDecimal } from './decimal-field.js';
import { optionalField, type Reader } from './field.js';

/** Digits only: the executor judges the value by its own config, and names field and rule itself. */
const readDigits: Reader<string> = (raw) => readDecimal(raw).toFixed();

/** As optionalField, but null stays: it switches a barrier off. */
function barrier(description: string): z.ZodType<string | null | undefined> {
  return z.union([z.null(), optionalField(readDigits, { ...DECIMAL_JSON, description })]).optional().meta({ description });
}

const trailingSchema = z.strictObject({
  activation_price: optionalField(readDigits, { ...DECIMAL_JSON, description: 'Net P&L fraction above which the stop arms.' }),
  trailing_delta: optionalField(readDigits, { ...DECIMAL_JSON, description: 'Net P&L fraction by which the stop follows the best one.' }),
});

const exchangeStopSchema = z.strictObject({
  distance: optionalField(readDigits, { ...DECIMAL_JSON, description: 'Distance from the average entry at which the exchange closes the position; null in place of the object takes the stop off.' }),
});

/** Body of PATCH: the amendable fields of a config; what is absent stays as it is. */
export const amendRequestSchema = z.strictObject({
  amount: optionalField(readDigits, { ...DECIMAL_JSON, description: 'Base to execute or to open; at least what is executed already.' }),
  price: optionalField(readDigits, { ...DECIMAL_JSON, description: 'Order executor: limit price in quote.' }),
  entry_price: optionalField(readDigits, { ...DECIMAL_JSON, description: 'Position executor: entry price in quote, while the entry rests.' }),
  triple_barrier_config: z
    .strictObject({
      stop_loss: barrier('Net loss as a fraction; 0 or null = off.'),
      take_profit: barrier('Net profit as a fraction; 0 or null = off.'),
      take_profit_order_type: optionalField(readOrderType, { ...ORDER_TYPE_JSON, description: 'Type of the take profit.' }),
      trailing_stop: trailingSchema.nullish(),
      exchange_stop: exchangeStopSchema.nullish(),
      time_limit: barrier('Seconds from the timestamp; 0 or null = off.'),
    })
    .optional()
    .meta({ description: 'Position executor: barriers that change, each on its own.' }),
  closing: closingSchema.nullish(),
});

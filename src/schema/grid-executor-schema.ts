import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { LIMITS } from '../domain/limits.js';
import { readLoss, readProfit, readTimeLimit, trailingStopSchema } from './barrier-fields.js';
import { BASE_FIELDS, ORDER_TYPE_JSON, readOrderType } from './config-fields.js';
import { DECIMAL_JSON, readFraction, readInteger, readPositiveDecimal, readPositiveOrOff } from './decimal-field.js';
import { optionalField, type Reader, requiredField, RuleBroken } from './field.js';

/** A day: a longer pause between two batches is milliseconds taken for seconds. */
const MAX_FREQUENCY_SECONDS = 86_400;

const readMarketOnly: Reader<'MARKET'> = (raw) => {
  if (readOrderType(raw) !== 'MARKET') throw new RuleBroken('must be MARKET (1): a stop that rests as a limit order protects nothing');
  return 'MARKET';
};

/** At market every level would be bought at once, and closed again as soon as it is bought. */
const readResting: Reader<'LIMIT' | 'LIMIT_MAKER'> = (raw) => {
  const type = readOrderType(raw);
  if (type === 'MARKET') throw new RuleBroken('must be LIMIT (2) or LIMIT_MAKER (3): the levels of a grid rest at their prices');
  return type;
};

const readFlag: Reader<boolean> = (raw) => {
  if (typeof raw === 'boolean') return raw;
  throw new RuleBroken('must be true or false');
};

const readBound: Reader<string | undefined> = (raw) => {
  const bound = readFraction({ from: 0, below: 1 })(Array.isArray(raw) && raw.length === 1 ? raw[0] : raw);
  return bound === '0' ? undefined : bound;
};

const FLAG_JSON = { type: 'boolean', 'x-default': false } as const;
const INTEGER_JSON = { type: ['integer', 'string'] } as const;

const gridBarrierSchema = z
  .strictObject({
    stop_loss: optionalField(readLoss, { ...DECIMAL_JSON, description: 'Net loss of the open inventory over its cost, as a fraction, below 1; 0 or null = off.', examples: ['0.05'] }),
    take_profit: optionalField(readProfit, { ...DECIMAL_JSON, description: 'Of each level: distance of its take profit from its price, as a fraction. Needed unless coerce_tp_to_step.', examples: ['0.002'] }),
    time_limit: optionalField(readTimeLimit, { ...INTEGER_JSON, minimum: 0, description: 'Seconds from the timestamp; 0 or null = off.' }),
    trailing_stop: trailingStopSchema.nullish(),
    open_order_type: optionalField(readResting, { ...ORDER_TYPE_JSON, description: 'LIMIT or LIMIT_MAKER.', 'x-default': 'LIMIT' }),
    take_profit_order_type: optionalField(readResting, { ...ORDER_TYPE_JSON, description: 'LIMIT or LIMIT_MAKER.', 'x-default': 'LIMIT' }),
    stop_loss_order_type: optionalField(readMarketOnly, { ...ORDER_TYPE_JSON, description: 'Must be MARKET.', 'x-default': 'MARKET' }),
    time_limit_order_type: optionalField(readMarketOnly, { ...ORDER_TYPE_JSON, description: 'Must be MARKET.', 'x-default': 'MARKET' }),
  })
  .meta({ description: 'Take profit of the levels, and barriers of the whole grid. A key it does not know is refused.' });

export const gridExecutorSchema = z
  .looseObject({
    ...BASE_FIELDS,
    start_price: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Low edge of the range in quote, whatever the side.', examples: ['58000'] }),
    end_price: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'High edge of the range in quote, above start_price.', examples: ['62000'] }),
    limit_price: optionalField(readPositiveOrOff, { ...DECIMAL_JSON, description: 'Mid price that ends the grid: at or below it for BUY, at or above it for SELL; 0 or null = off.' }),
    total_amount_quote: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Budget of all levels together, in quote.', examples: ['1000'] }),
    min_spread_between_orders: optionalField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'Least distance between two levels, as a fraction of start_price.', 'x-default': '0.0005' }),
    min_order_amount_quote: optionalField(readFraction({ from: 0, below: 1_000_000_000 }), { ...DECIMAL_JSON, description: 'Least amount of a level in quote.', 'x-default': '5' }),
    max_open_orders: optionalField(readInteger(1, LIMITS.maxGridLevels), { ...INTEGER_JSON, minimum: 1, description: `Entries that rest at once, at most ${LIMITS.maxGridLevels}.`, 'x-default': 5 }),
    max_orders_per_batch: optionalField(readInteger(1, LIMITS.maxGridLevels), { type: ['integer', 'string', 'null'], minimum: 1, description: 'Entries sent by one decision; null or absent = as many as max_open_orders allows.' }),
    order_frequency: optionalField(readInteger(0, MAX_FREQUENCY_SECONDS), { ...INTEGER_JSON, minimum: 0, description: 'Least pause between two batches of entries, in seconds.', 'x-default': 0 }),
    activation_bounds: optionalField(readBound, { ...DECIMAL_JSON, description: 'Fraction of mid within which entries rest; 0, null or absent = everywhere.' }),
    safe_extra_spread: optionalField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'An entry that would cross rests this fraction behind the best price of its own side.', 'x-default': '0.0001' }),
    triple_barrier_config: gridBarrierSchema.nullish(),
    coerce_tp_to_step: optionalField(readFlag, { ...FLAG_JSON, description: 'The take profit of a level is at least the distance between two levels.' }),
    deduct_base_fees: optionalField(readFlag, { ...FLAG_JSON, description: 'Accepted for existing clients: what a fee took in base is never offered for sale.' }),
    keep_position: optionalField(readFlag, { ...FLAG_JSON, description: 'limit_price hands the inventory over instead of closing it.' }),
  })
  .superRefine((config, context) => {
    const broken = (path: string[], message: string): void => context.addIssue({ code: 'custom', message, path });
    const { start_price: start, end_price: end, limit_price: limit, side } = config;
    if (!new Decimal(start).lt(end)) broken(['end_price'], `must be above start_price ${start}`);
    if (limit !== undefined && side === 'BUY' && !new Decimal(limit).lt(end)) broken(['limit_price'], `must be below end_price ${end} for BUY: beyond it the grid would end at once`);
    if (limit !== undefined && side === 'SELL' && !new Decimal(limit).gt(start)) broken(['limit_price'], `must be above start_price ${start} for SELL: beyond it the grid would end at once`);
    const barriers = config.triple_barrier_config;
    const profit = barriers?.take_profit;
    if (profit === undefined && config.coerce_tp_to_step !== true) broken(['triple_barrier_config', 'take_profit'], 'is required unless coerce_tp_to_step is true: a level trades again only after its take profit');
    if (side === 'SELL' && profit !== undefined && new Decimal(profit).gte(1)) broken(['triple_barrier_config', 'take_profit'], 'must be below 1 for SELL: a price cannot fall below zero');
  });

export const GRID_BARRIER_KEYS: readonly string[] = Object.keys(gridBarrierSchema.shape);

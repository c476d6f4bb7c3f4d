import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { MAX_TARGETS } from '../domain/targets.js';
import { BOUNDS_JSON, MAX_PROFIT_FRACTION, readBounds, readLoss, readProfit, readTimeLimit, trailingStopSchema } from './barrier-fields.js';
import { brokenBarrierRules } from './barrier-rules.js';
import { closingSchema } from './closing-schema.js';
import { BASE_FIELDS, ORDER_TYPE_JSON, readOrderType } from './config-fields.js';
import { DECIMAL_JSON, readFraction, readInteger, readPositiveDecimal, readPositiveOrOff } from './decimal-field.js';
import { optionalField, type Reader, requiredField, RuleBroken } from './field.js';
import { readName } from './name-field.js';

const readMarketOnly: Reader<'MARKET'> = (raw) => {
  if (readOrderType(raw) !== 'MARKET') throw new RuleBroken('must be MARKET (1): a stop that rests as a limit order protects nothing');
  return 'MARKET';
};

const readShare: Reader<string> = (raw) => {
  const share = readPositiveDecimal(raw);
  if (new Decimal(share).gt(1)) throw new RuleBroken('must be a fraction above 0 and at most 1 (0.5 is half of the position)');
  return share;
};

const readBreakevenTarget: Reader<number | undefined> = (raw) => {
  const target = readInteger(0, MAX_TARGETS)(raw);
  return target === 0 ? undefined : target;
};

const readTriggeredBy: Reader<'last' | 'mark'> = readName(['last', 'mark'], { LAST: 'last', MARK: 'mark' });

const targetSchema = z
  .strictObject({
    distance: requiredField(readFraction({ above: 0, below: MAX_PROFIT_FRACTION }), {
      ...DECIMAL_JSON,
      description: 'Net profit as a fraction at which this part is closed; a limit type rests this far from the average entry.',
      examples: ['0.01'],
    }),
    share: requiredField(readShare, { ...DECIMAL_JSON, description: 'Part of the position, above 0 and at most 1.', examples: ['0.5'] }),
    order_type: optionalField(readOrderType, { ...ORDER_TYPE_JSON, description: 'MARKET is watched, a limit type rests at its price.', 'x-default': 'MARKET' }),
  })
  .meta({ description: 'One target.' });

const exchangeStopSchema = z
  .strictObject({
    distance: requiredField(readFraction({ above: 0, below: 1 }), {
      ...DECIMAL_JSON,
      description: 'Distance from the average entry as a fraction, above stop_loss, at which the exchange itself closes the position.',
      examples: ['0.05'],
    }),
    triggered_by: optionalField(readTriggeredBy, {
      enum: ['last', 'mark'],
      description: 'Whose price fires it: the last trade, or the mark price (perpetuals only).',
      'x-default': 'last',
    }),
  })
  .meta({ description: 'A native stop that rests at the exchange once something is filled, for the time in which nothing here runs; null or absent = off.' });

const tripleBarrierSchema = z
  .strictObject({
    stop_loss: optionalField(readLoss, { 'x-amendable': true, ...DECIMAL_JSON, description: 'Net loss as a fraction, below 1; 0 or null = off.', examples: ['0.02'] }),
    take_profit: optionalField(readProfit, { 'x-amendable': true,
      ...DECIMAL_JSON,
      description: 'Net profit as a fraction, below 10 (below 1 for SELL: a price cannot fall below zero); 0 or null = off.',
      examples: ['0.03'],
    }),
    time_limit: optionalField(readTimeLimit, { 'x-amendable': true, type: ['integer', 'string'], minimum: 0, description: 'Seconds from the timestamp; 0 or null = off.' }),
    trailing_stop: trailingStopSchema.nullish(),
    open_order_type: optionalField(readOrderType, { ...ORDER_TYPE_JSON, description: 'Order type of the entry.', 'x-default': 'LIMIT' }),
    take_profit_order_type: optionalField(readOrderType, { 'x-amendable': true,
      ...ORDER_TYPE_JSON,
      description: 'MARKET closes when the net P&L reaches take_profit; a limit type rests at its price.',
      'x-default': 'MARKET',
    }),
    targets: z
      .array(targetSchema)
      .max(MAX_TARGETS, `must be at most ${MAX_TARGETS} targets`)
      .nullish()
      .meta({ description: `At most ${MAX_TARGETS} parts of the position with a distance each, nearest first, in place of take_profit; what their shares leave is closed by the other barriers.` }),
    breakeven_after_target: optionalField(readBreakevenTarget, {
      type: ['integer', 'string'],
      minimum: 0,
      description: 'Counted from 1: once this target is filled, the stop stands at the entry plus the fees of both sides; 0 or null = off.',
    }),
    exchange_stop: exchangeStopSchema.nullish(),
    stop_loss_order_type: optionalField(readMarketOnly, { ...ORDER_TYPE_JSON, description: 'Must be MARKET.', 'x-default': 'MARKET' }),
    time_limit_order_type: optionalField(readMarketOnly, { ...ORDER_TYPE_JSON, description: 'Must be MARKET.', 'x-default': 'MARKET' }),
  })
  .meta({ description: 'Exits of the position. A key it does not know is refused, because a misspelt stop would leave the position unprotected.' });

export const positionExecutorSchema = z
  .looseObject({
    ...BASE_FIELDS,
    amount: requiredField(readPositiveDecimal, { 'x-amendable': true, ...DECIMAL_JSON, description: 'Base to open, above 0.', examples: ['0.01'] }),
    entry_price: optionalField(readPositiveOrOff, { 'x-amendable': true,
      ...DECIMAL_JSON,
      description: 'Entry price in quote; 0, null or absent = best bid for BUY, best ask for SELL, at the start.',
    }),
    triple_barrier_config: tripleBarrierSchema.nullish(),
    closing: closingSchema.nullish(),
    activation_bounds: optionalField(readBounds, {
      ...BOUNDS_JSON,
      description: 'Fractions around the mid price inside which the entry (and a resting take profit) may stand: one, or a list of one or two.',
    }),
  })
  .superRefine((config, context) => {
    const barriers = config.triple_barrier_config;
    if (barriers === null || barriers === undefined) return;
    for (const { path, message } of brokenBarrierRules(barriers, config.side)) {
      context.addIssue({ code: 'custom', message, path: ['triple_barrier_config', ...path] });
    }
  });

/** Keys that belong inside `triple_barrier_config`: one level up they would be ignored and leave the position unprotected. */
export const BARRIER_KEYS: readonly string[] = Object.keys(tripleBarrierSchema.shape);
export const TRAILING_KEYS: readonly string[] = Object.keys(trailingStopSchema.shape);
/** Keys further inside, that a misspelling may have meant. */
export const INNER_KEYS: readonly string[] = [targetSchema, exchangeStopSchema].flatMap((schema) => Object.keys(schema.shape));

import { z } from 'zod';
import { DECIMAL_JSON, readFraction, readInteger, readPositiveOrOff } from './decimal-field.js';
import { requiredField, RuleBroken, type Reader } from './field.js';

/** Ten years: longer limits are milliseconds taken for seconds. */
const MAX_TIME_LIMIT_SECONDS = 315_360_000;
/** A profit of 1000 % is no target but a percentage taken for a fraction. */
export const MAX_PROFIT_FRACTION = 10;

/** 0 and null switch a barrier off, as in the reference. */
export const readProfit: Reader<string | undefined> = (raw) => {
  const digits = readPositiveOrOff(raw);
  if (digits === undefined) return undefined;
  return readFraction({ above: 0, below: MAX_PROFIT_FRACTION })(raw);
};

export const readLoss: Reader<string | undefined> = (raw) => {
  const digits = readPositiveOrOff(raw);
  if (digits === undefined) return undefined;
  return readFraction({ above: 0, below: 1 })(raw);
};

export const readTimeLimit: Reader<number | undefined> = (raw) => {
  const seconds = readInteger(0, MAX_TIME_LIMIT_SECONDS)(raw);
  return seconds === 0 ? undefined : seconds;
};

const readBound = readFraction({ from: 0, below: 1 });

/** One fraction, or a list of none, one or two. A scalar 0 is the "no bounds" of forms. */
export const readBounds: Reader<readonly string[]> = (raw) => {
  if (!Array.isArray(raw)) {
    const bound = readBound(raw);
    return bound === '0' ? [] : [bound];
  }
  if (raw.length > 2) throw new RuleBroken('must be one fraction or a list of one or two');
  return raw.map((bound: unknown) => readBound(bound));
};

export const BOUNDS_JSON = { anyOf: [{ ...DECIMAL_JSON }, { type: 'array', items: { ...DECIMAL_JSON }, maxItems: 2 }, { type: 'null' }] } as const;

export const trailingStopSchema = z
  .strictObject({
    activation_price: requiredField(readFraction({ from: 0, below: MAX_PROFIT_FRACTION }), {
      ...DECIMAL_JSON,
      description: 'Net P&L fraction (not a price, despite the name) above which the stop arms.',
      examples: ['0.015'],
    }),
    trailing_delta: requiredField(readFraction({ above: 0, below: 1 }), {
      ...DECIMAL_JSON,
      description: 'Net P&L fraction by which the stop follows the best one.',
      examples: ['0.005'],
    }),
  })
  .meta({ description: 'Trailing stop; null or absent = off.', 'x-amendable': true });

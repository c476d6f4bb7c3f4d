import { z } from 'zod';
import { LIMITS } from '../domain/limits.js';
import { CATCH_UP_POLICIES, DEFAULT_CATCH_UP, TWAP_MODES } from '../domain/twap/twap-terms.js';
import { BASE_FIELDS } from './config-fields.js';
import { DECIMAL_JSON, readFraction, readInteger, readPositiveDecimal } from './decimal-field.js';
import { optionalField, requiredField } from './field.js';
import { readName } from './name-field.js';

/** A year. */
const MAX_SECONDS = 31_536_000;

const readMode = readName(TWAP_MODES, { TAKER: 'TAKER', MAKER: 'MAKER' });
const readCatchUp = readName(CATCH_UP_POLICIES, { SKIP: 'skip', STRETCH: 'stretch', BURST: 'burst' });

export const twapExecutorSchema = z
  .looseObject({
    ...BASE_FIELDS,
    total_amount_quote: requiredField(readPositiveDecimal, { ...DECIMAL_JSON, description: 'Budget of all slices together, in quote, above 0.', examples: ['1000'] }),
    total_duration: requiredField(readInteger(0, MAX_SECONDS), { type: ['integer', 'string'], minimum: 0, description: 'Seconds from the first slice to the end of the plan.', examples: [3600] }),
    order_interval: requiredField(readInteger(1, MAX_SECONDS), {
      type: ['integer', 'string'],
      minimum: 1,
      description: `Seconds between two slices; there are floor(total_duration / order_interval) + 1 of them, at most ${LIMITS.maxTwapSlices}.`,
      examples: [60],
    }),
    mode: optionalField(readMode, { enum: [...TWAP_MODES], description: 'TAKER sends slices at market, MAKER as limit orders beside mid; names in any case.', 'x-default': 'TAKER' }),
    limit_order_buffer: optionalField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'MAKER: distance of a slice from mid, as a fraction of mid. Required for MAKER, ignored for TAKER.', examples: ['0.001'] }),
    order_resubmission_time: optionalField(readInteger(1, MAX_SECONDS), {
      type: ['integer', 'string', 'null'],
      minimum: 1,
      description: 'MAKER: seconds after which a slice that still rests is withdrawn and placed anew. Absent or null: it rests until it is filled. Ignored for TAKER.',
    }),
    catch_up: optionalField(readCatchUp, {
      enum: [...CATCH_UP_POLICIES],
      description: 'Slices whose time passed while nobody could act: `skip` drops them, `stretch` appends as many at the end, `burst` adds them to the next one.',
      'x-default': DEFAULT_CATCH_UP,
    }),
  })
  .transform((config, context) => {
    const slots = Math.floor(config.total_duration / config.order_interval) + 1;
    if (slots > LIMITS.maxTwapSlices) {
      context.addIssue({ code: 'custom', message: `gives ${slots} slices, at most ${LIMITS.maxTwapSlices} are allowed`, path: ['order_interval'] });
      return z.NEVER;
    }
    const mode = config.mode ?? 'TAKER';
    if (mode === 'TAKER') return { ...config, mode, limit_order_buffer: null, order_resubmission_time: null };
    if (config.limit_order_buffer === undefined) {
      context.addIssue({ code: 'custom', message: 'is required for mode MAKER', path: ['limit_order_buffer'] });
      return z.NEVER;
    }
    return { ...config, mode, limit_order_buffer: config.limit_order_buffer, order_resubmission_time: config.order_resubmission_time ?? null };
  });

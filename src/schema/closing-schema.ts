import { z } from 'zod';
import { DEFAULT_CLOSING, type ClosingRecord } from '../contract/order-plan.js';
import { DECIMAL_JSON, readFraction, readInteger } from './decimal-field.js';
import { optionalField, type Reader, RuleBroken } from './field.js';

const REASONS = ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP', 'STOP_LOSS', 'TRAILING_STOP'] as const;
const MAX_SECONDS = 86_400;

const readReasons: Reader<ClosingRecord['patientFor']> = (raw) => {
  const names: unknown[] = Array.isArray(raw) ? raw : [raw];
  const known = names.map((name) => REASONS.find((reason) => typeof name === 'string' && reason === name.trim().toUpperCase()));
  if (known.length > REASONS.length || known.some((reason) => reason === undefined)) throw new RuleBroken(`must be a list of ${REASONS.join(', ')}`);
  return known.filter((reason) => reason !== undefined);
};

const seconds = (description: string, fallback: number): ReturnType<typeof optionalField<number>> =>
  optionalField(readInteger(0, MAX_SECONDS), { type: ['integer', 'string'], minimum: 0, description, 'x-default': fallback });

/** Patience of a position in closing. */
export const closingSchema = z
  .strictObject({
    patient_for: optionalField(readReasons, {
      type: 'array',
      items: { enum: [...REASONS] },
      description: 'Reasons to close that are carried out with patience; every other one goes to market at once.',
      'x-default': [...DEFAULT_CLOSING.patientFor],
    }),
    limit_seconds: seconds('First the closing order rests, post-only, at the best price of its own side.', DEFAULT_CLOSING.limitMs / 1000),
    chase_seconds: seconds('Then it follows that price. After both, the rest goes at market.', DEFAULT_CLOSING.chaseMs / 1000),
    attention_seconds: seconds('Asks for a person when the position is not closed by then, counted from the start of closing.', DEFAULT_CLOSING.attentionAfterMs / 1000),
    distance: optionalField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'How far behind the best price it rests, as a fraction.', 'x-default': '0' }),
    refresh_threshold: optionalField(readFraction({ from: 0, below: 1 }), { ...DECIMAL_JSON, description: 'How far the price may run away before it is placed anew, as a fraction.', 'x-default': '0' }),
  })
  .meta({ description: 'Steps of closing: resting, following, at market. Absent or null: at market at once. A price that goes on past the stop loss ends the patience at once.', 'x-amendable': true });

export function closingRecord(wire: z.output<typeof closingSchema> | null | undefined): ClosingRecord | null {
  if (wire === null || wire === undefined) return null;
  return {
    patientFor: wire.patient_for ?? DEFAULT_CLOSING.patientFor,
    limitMs: ms(wire.limit_seconds, DEFAULT_CLOSING.limitMs),
    chaseMs: ms(wire.chase_seconds, DEFAULT_CLOSING.chaseMs),
    attentionAfterMs: ms(wire.attention_seconds, DEFAULT_CLOSING.attentionAfterMs),
    distanceFraction: wire.distance ?? DEFAULT_CLOSING.distanceFraction,
    refreshThresholdFraction: wire.refresh_threshold ?? DEFAULT_CLOSING.refreshThresholdFraction,
  };
}

function ms(wireSeconds: number | undefined, fallbackMs: number): number {
  return wireSeconds === undefined ? fallbackMs : wireSeconds * 1000;
}

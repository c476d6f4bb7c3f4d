import { z } from 'zod';
import { Decimal } from '../matching/exact-decimal.js';
import type { Instrument } from '../matching/instrument.js';

/** A decimal string above zero. */
export const positiveDecimal = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,20})?$/, 'must be a decimal string such as "0.01"')
  .refine((text) => /[1-9]/.test(text), 'must be above 0');

export const instrumentSchema = z.strictObject({
  symbol: z.string().regex(/^[A-Z0-9]{2,20}$/, 'must be upper-case letters and digits'),
  baseAsset: z.string().regex(/^[A-Z0-9]{1,10}$/),
  quoteAsset: z.string().regex(/^[A-Z0-9]{1,10}$/),
  priceTickQuote: positiveDecimal,
  amountStepBase: positiveDecimal,
  minAmountBase: positiveDecimal.optional(),
  maxAmountBase: positiveDecimal.default('100000'),
  maxMarketAmountBase: positiveDecimal.optional(),
  minPriceQuote: positiveDecimal.optional(),
  maxPriceQuote: positiveDecimal.default('10000000'),
  minNotionalQuote: positiveDecimal.default('5'),
  maxOpenOrders: z.int().min(1).max(100_000).default(10_000),
  /** First price of the synthetic feed. */
  syntheticPriceQuote: positiveDecimal.default('100'),
});

export type InstrumentInput = z.input<typeof instrumentSchema>;

export interface InstrumentSetup {
  readonly instrument: Instrument;
  readonly syntheticPriceQuote: Decimal;
}

/** Minimum amount and price default to one step; the market maximum to the general maximum. */
export function toInstrument(input: z.output<typeof instrumentSchema>): InstrumentSetup {
  const instrument: Instrument = {
    symbol: input.symbol,
    baseAsset: input.baseAsset,
    quoteAsset: input.quoteAsset,
    priceTickQuote: new Decimal(input.priceTickQuote),
    minPriceQuote: new Decimal(input.minPriceQuote ?? input.priceTickQuote),
    maxPriceQuote: new Decimal(input.maxPriceQuote),
    amountStepBase: new Decimal(input.amountStepBase),
    minAmountBase: new Decimal(input.minAmountBase ?? input.amountStepBase),
    maxAmountBase: new Decimal(input.maxAmountBase),
    maxMarketAmountBase: new Decimal(input.maxMarketAmountBase ?? input.maxAmountBase),
    minNotionalQuote: new Decimal(input.minNotionalQuote),
    maxOpenOrders: input.maxOpenOrders,
  };
  return { instrument, syntheticPriceQuote: new Decimal(input.syntheticPriceQuote) };
}

export const DEFAULT_INSTRUMENTS: readonly InstrumentInput[] = [
  pair('BTC', '0.01', '0.00001', '9000', '60000'),
  pair('ETH', '0.01', '0.0001', '9000', '2600'),
  pair('BNB', '0.01', '0.001', '90000', '500'),
];

function pair(base: string, tick: string, step: string, max: string, syntheticPriceQuote: string): InstrumentInput {
  return {
    symbol: `${base}USDT`,
    baseAsset: base,
    quoteAsset: 'USDT',
    priceTickQuote: tick,
    amountStepBase: step,
    maxAmountBase: max,
    syntheticPriceQuote,
  };
}

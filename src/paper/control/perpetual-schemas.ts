import { z } from 'zod';
import { positiveDecimal } from '../exchange/instrument-file.js';

const signedFraction = z.string().regex(/^-?0(\.\d{1,10})?$/, 'must be a fraction such as "0.0001" or "-0.0001"');
const symbol = z.string().min(1).max(20);
const accountName = z.string().min(1).max(64);
const limit = z.coerce.number().int().min(1).max(10_000).default(1_000);
const DAY_MS = 86_400_000;

/** null gives the mark price back to the market. */
export const contractChangeSchema = z.strictObject({
  markQuote: positiveDecimal.nullable().optional(),
  fundingRate: signedFraction.optional(),
  fundingIntervalMs: z.int().min(1_000).max(DAY_MS).optional(),
});

export const settleFundingSchema = z.strictObject({ symbol: symbol.optional() });

export const accountQuerySchema = z.strictObject({ account: accountName.optional() });

export const incomesQuerySchema = z.strictObject({
  account: accountName.optional(),
  symbol: symbol.optional(),
  type: z.enum(['TRANSFER', 'REALIZED_PNL', 'FUNDING_FEE', 'COMMISSION', 'INSURANCE_CLEAR']).optional(),
  fromMs: z.coerce.number().int().min(0).optional(),
  limit,
});

export const conditionalsQuerySchema = z.strictObject({
  account: accountName,
  symbol: symbol.optional(),
  clientId: z.string().min(1).max(36).optional(),
  limit,
});

export type ContractChangeInput = z.input<typeof contractChangeSchema>;
export type IncomesQuery = z.input<typeof incomesQuerySchema>;
export type ConditionalsQuery = z.input<typeof conditionalsQuerySchema>;

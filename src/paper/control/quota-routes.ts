import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BINANCE_QUOTA, type RequestQuota } from '../quota/request-quota.js';
import { validate } from './control-validation.js';

const limitSchema = z.strictObject({
  rateLimitType: z.enum(['REQUEST_WEIGHT', 'RAW_REQUESTS', 'ORDERS']),
  interval: z.enum(['SECOND', 'MINUTE', 'DAY']),
  intervalNum: z.int().min(1).max(60),
  limit: z.int().min(1).max(10_000_000),
});
const rulesSchema = z.strictObject({
  spot: z.array(limitSchema).max(10).default([...BINANCE_QUOTA.spot]),
  perpetual: z.array(limitSchema).max(10).default([...BINANCE_QUOTA.perpetual]),
  refusalsBeforeBan: z.int().min(0).max(1_000_000).default(BINANCE_QUOTA.refusalsBeforeBan),
  banMs: z.int().min(0).max(600_000).default(BINANCE_QUOTA.banMs),
});
const quotaSchema = z.discriminatedUnion('enforce', [z.strictObject({ enforce: z.literal(false) }), z.strictObject({ enforce: z.literal(true), ...rulesSchema.shape })]);

/** `enforce: true` alone is what Binance publishes. */
export type QuotaInput = z.input<typeof quotaSchema>;

/** Request limits that the exchange keeps its clients to; none unless asked for. */
export function quotaRoutes(server: FastifyInstance, { quota }: { readonly quota: RequestQuota }): void {
  server.get('/request-limits', () => quota.view());

  server.put('/request-limits', (request) => {
    const input = validate(quotaSchema, request.body);
    quota.set(input.enforce ? input : null);
    return quota.view();
  });
}

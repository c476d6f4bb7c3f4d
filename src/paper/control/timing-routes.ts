import type { FastifyInstance } from 'fastify';
import type { ControlDependencies } from './control-server.js';
import { validate } from './control-validation.js';
import { timingsSchema } from './schemas.js';

/** Times of frames and orders, for measurements. */
export function timingRoutes(server: FastifyInstance, { timings }: ControlDependencies): void {
  server.put('/timings', (request) => {
    const { enabled } = validate(timingsSchema, request.body);
    timings.enable(enabled);
    return { enabled };
  });

  server.post('/timings/take', () => ({ timings: timings.take() }));
}

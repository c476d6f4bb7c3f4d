import type { FastifyInstance } from 'fastify';
import type { HttpMetrics } from '../metrics/http-metrics.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers text of its own type, not JSON. */
    plainText?: boolean;
  }
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Times every answer, and serves what this process counts at `/metrics`, with credentials like any other route. */
export function metricsRoute(app: FastifyInstance, metrics: HttpMetrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const method = METHODS.has(request.method) ? request.method : '(other)';
    metrics.answered(method, request.routeOptions.url ?? '(none)', reply.statusCode, reply.elapsedTime);
    done();
  });
  app.get('/metrics', { schema: { hide: true }, config: { plainText: true }, serializerCompiler: () => String }, async (_request, reply) => {
    const { contentType, body } = await metrics.render();
    reply.header('content-type', contentType).serializer(String);
    return body;
  });
}

import type { FastifyInstance, HTTPMethods } from 'fastify';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Answers 405 where a path exists with another method. The router knows only whole routes, so paths are collected while
 * routes are added, and `register` fills the gaps once all are there.
 */
export function refuseOtherMethods(app: FastifyInstance): { register(): void } {
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const methods = methodsByPath.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) methods.add(method);
    methodsByPath.set(route.url, methods);
  });
  return {
    register: () => {
      for (const [url, present] of [...methodsByPath]) {
        const allow = [...present].join(', ');
        const missing = METHODS.filter((method) => !present.has(method));
        if (missing.length === 0) continue;
        app.route({
          method: missing,
          url,
          schema: { hide: true },
          config: { withoutCredentials: true },
          handler: async (_request, reply) => await reply.code(405).header('allow', allow).send({ detail: 'Method Not Allowed' }),
        });
      }
    },
  };
}

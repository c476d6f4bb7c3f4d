import swagger from '@fastify/swagger';
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify';
import type { HeldPositions } from '../client/held-positions.js';
import type { ReportArchive } from '../ports/report-archive.js';
import { type Credentials, requireBasicAuth } from './basic-auth.js';
import { errorAnswer } from './error-answer.js';
import { exactJsonText, parseExactJson } from './exact-json.js';
import { type ExecutorServices, executorRoutes } from './executor-routes.js';
import { HttpMetrics } from '../metrics/http-metrics.js';
import { metricsRoute } from './metrics-route.js';
import { positionRoutes } from './position-routes.js';
import { SERVICE_NAME, serviceRoutes } from './service-routes.js';
import { refuseOtherMethods } from './other-methods.js';

export interface HttpServices extends ExecutorServices {
  readonly positions: HeldPositions;
  readonly archive: ReportArchive;
}

export interface HttpServerOptions {
  readonly credentials: Credentials;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** What `/metrics` tells; a registry of its own unless given. */
  readonly metrics?: HttpMetrics;
}

/** A config is a few kilobytes; anything much larger is a mistake or an attack. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_PATH_PARAMETER = 200;
const REQUEST_TIMEOUT_MS = 30_000;

/** The HTTP facade, not yet listening. */
export async function buildHttpServer(services: HttpServices, options: HttpServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // A slash more at the end is the same route: clients differ in it, and some do not follow redirects.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PATH_PARAMETER },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
  });
  speakExactJson(app);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
  requireBasicAuth(app, options.credentials);
  await app.register(swagger, { openapi: openApiDocument(options.version) });
  const otherMethods = refuseOtherMethods(app);
  metricsRoute(app, options.metrics ?? new HttpMetrics());
  executorRoutes(app, services);
  positionRoutes(app, services.positions);
  serviceRoutes(app, options.version, services.client, services.archive);
  otherMethods.register();
  return app;
}

/** Bodies in and out keep the digits of numbers; requests are checked by zod in the routes. */
function speakExactJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : parseExactJson(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => exactJsonText);
  app.setReplySerializer(exactJsonText);
  // The wire has this content type on every answer, without parameters.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.routeOptions.config.plainText !== true) reply.header('content-type', 'application/json');
    done(null, payload);
  });
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = errorAnswer(error);
  if (answer.worthLogging) request.log.error({ err: error, method: request.method, route: request.routeOptions.url, status: answer.status }, 'request failed');
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', String(answer.retryAfterSeconds));
  reply.code(answer.status).send(answer.body);
}

function openApiDocument(version: string): { openapi: '3.1.0'; info: { title: string; version: string; description: string }; components: object; security: { basic: string[] }[] } {
  return {
    openapi: '3.1.0',
    info: { title: SERVICE_NAME, version, description: 'Create, watch and stop trading executors. Every error is `{"detail": ...}`.' },
    components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
    security: [{ basic: [] }],
  };
}

import type { FastifyInstance } from 'fastify';
import type { ExecutorClient } from '../client/executor-client.js';
import type { ReportArchive } from '../ports/report-archive.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

export const SERVICE_NAME = 'Durable Executors';

/** Routes about the service itself; none needs credentials, none tells more than that it runs. */
export function serviceRoutes(app: FastifyInstance, version: string, client: ExecutorClient, archive: ReportArchive): void {
  app.get('/', { schema: ROUTE_SCHEMAS.root }, async () => await Promise.resolve({ name: SERVICE_NAME, version, status: 'running' }));
  app.get('/openapi.json', { schema: ROUTE_SCHEMAS.openApi }, async () => await Promise.resolve(app.swagger()));
  app.get('/health', { schema: ROUTE_SCHEMAS.health }, async (request, reply) => {
    const [temporal, reports] = await Promise.all([
      succeeds(() => client.ping(), (error) => request.log.warn({ error }, 'health: Temporal does not answer')),
      succeeds(() => archive.archivedAmong(['health']), (error) => request.log.warn({ error }, 'health: the archive does not answer')),
    ]);
    const healthy = temporal && reports;
    reply.code(healthy ? 200 : 503);
    return { status: healthy ? 'ok' : 'degraded', temporal, archive: reports };
  });
}

async function succeeds(check: () => Promise<unknown>, onFailure: (error: unknown) => void): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    onFailure(error);
    return false;
  }
}

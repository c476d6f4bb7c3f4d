import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ExecutorError } from '../client/executor-error.js';
import type { HeldPositions } from '../client/held-positions.js';
import { positionAnswer, positionsSummary } from './position-answer.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

const DEFAULT_ACCOUNT = 'master_account';
const DEFAULT_CONTROLLER = 'main';

type PositionRequest = FastifyRequest<{ Params: { connector: string; pair: string } }>;

/** Held positions: what executors handed over to their controllers. */
export function positionRoutes(app: FastifyInstance, positions: HeldPositions): void {
  app.get('/executors/positions/summary', { schema: ROUTE_SCHEMAS.positions }, async (request) => {
    return positionsSummary(await positions.list(queryText(request.query, 'controller_id') ?? null));
  });
  app.get('/executors/positions/:connector/:pair', { schema: ROUTE_SCHEMAS.position }, async (request: PositionRequest) => {
    const { connector, pair } = request.params;
    const account = queryText(request.query, 'account_name') ?? DEFAULT_ACCOUNT;
    const controller = queryText(request.query, 'controller_id') ?? DEFAULT_CONTROLLER;
    const found = await positions.find(controller, connector, account, pair);
    if (found === null) throw unknownPosition(connector, pair);
    return positionAnswer(found);
  });
}

/** A single parameter; of a repeated one the last, an empty one counts as absent. */
function queryText(query: unknown, name: string): string | undefined {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' && last !== '' ? last : undefined;
}

/** The wire's literal message. */
function unknownPosition(connector: string, pair: string): Error {
  const error = new ExecutorError('EXECUTOR_NOT_FOUND', '');
  error.message = `No position hold found for ${connector}/${pair}`;
  return error;
}

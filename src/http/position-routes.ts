import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ExecutorError } from '../client/executor-error.js';
import type { HeldPositionKey, HeldPositions } from '../client/held-positions.js';
import { InvalidRequestError } from '../schema/requests.js';
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
    const found = await positions.find(keyOf(request));
    if (found === null) throw unknownPosition(request.params);
    return positionAnswer(found);
  });
  app.delete('/executors/positions/:connector/:pair', { schema: ROUTE_SCHEMAS.clearPosition }, async (request: PositionRequest) => {
    const { connector, pair } = request.params;
    const cleared = await positions.clear(keyOf(request));
    if (cleared === null) throw unknownPosition(request.params);
    return { message: `Position hold of ${cleared.held.netBase} cleared for ${connector}/${pair}; nothing was traded`, connector_name: connector, trading_pair: pair };
  });
}

function keyOf({ params, query }: PositionRequest): HeldPositionKey {
  const side = queryText(query, 'hedge_side')?.toUpperCase() ?? null;
  if (side !== null && side !== 'LONG' && side !== 'SHORT') throw new InvalidRequestError('query', [{ field: 'hedge_side', value: side, rule: 'must be LONG or SHORT' }]);
  return {
    controllerId: queryText(query, 'controller_id') ?? DEFAULT_CONTROLLER,
    connector: params.connector,
    account: queryText(query, 'account_name') ?? DEFAULT_ACCOUNT,
    pair: params.pair,
    positionSide: side,
  };
}

/** A single parameter; of a repeated one the last, an empty one counts as absent. */
function queryText(query: unknown, name: string): string | undefined {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' && last !== '' ? last : undefined;
}

/** The wire's literal message. */
function unknownPosition({ connector, pair }: PositionRequest['params']): Error {
  const error = new ExecutorError('EXECUTOR_NOT_FOUND', '');
  error.message = `No position hold found for ${connector}/${pair}`;
  return error;
}

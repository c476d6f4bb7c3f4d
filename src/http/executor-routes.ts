import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ExecutorError } from '../client/executor-error.js';
import type { ExecutorClient, StopResult } from '../client/executor-client.js';
import type { ExecutorCreation } from '../client/create-executor.js';
import type { ExecutorDirectory, ExecutorPage } from '../client/executor-directory.js';
import { sumRunning } from '../client/running-summary.js';
import { EXECUTOR_TYPE_DESCRIPTIONS } from '../schema/executor-types.js';
import { amendRequestSchema } from '../schema/amend-request.js';
import { executorIdOfKey } from '../schema/executor-id.js';
import { RuleBroken } from '../schema/field.js';
import { InvalidConfigError, showValue } from '../schema/config-error.js';
import { parseExecutorConfig } from '../schema/parse-executor-config.js';
import { createRequestSchema, cursorText, parseListQuery, parseRequest, parseSearchBody, type SearchRequest, stopRequestSchema } from '../schema/requests.js';
import { createdAnswer, executorAnswer, executorDetail, money } from './executor-answer.js';
import { previewAnswer } from './preview-answer.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

export interface ExecutorServices {
  readonly client: ExecutorClient;
  readonly creation: ExecutorCreation;
  readonly directory: ExecutorDirectory;
}

type IdRequest = FastifyRequest<{ Params: { id: string } }>;

/** Routes under /executors. Both spellings of the collection work, with and without a slash at the end; nothing redirects. */
export function executorRoutes(app: FastifyInstance, services: ExecutorServices): void {
  const { directory } = services;
  app.post('/executors', { schema: ROUTE_SCHEMAS.create }, async (request, reply) => await create(services, request, reply));
  app.post('/executors/preview', { schema: ROUTE_SCHEMAS.preview }, async (request) => await preview(services, request));
  app.get('/executors', { schema: ROUTE_SCHEMAS.list }, async (request) => await searchAnswer(directory, parseListQuery(request.query)));
  app.post('/executors/search', { schema: ROUTE_SCHEMAS.search }, async (request) => await searchAnswer(directory, parseSearchBody(request.body)));
  app.get('/executors/summary', { schema: ROUTE_SCHEMAS.summary }, async () => summaryAnswer(directory));
  app.get('/executors/types/available', { schema: ROUTE_SCHEMAS.types }, async () => await Promise.resolve({ executor_types: EXECUTOR_TYPE_DESCRIPTIONS }));
  app.get('/executors/:id', { schema: ROUTE_SCHEMAS.detail }, async (request: IdRequest) => {
    const { id } = request.params;
    const found = await directory.find(id);
    if (found === null) throw unknownExecutor(id);
    return executorDetail(found);
  });
  app.post('/executors/:id/stop', { schema: ROUTE_SCHEMAS.stop }, async (request: IdRequest) => {
    const { keep_position: keep } = parseRequest(stopRequestSchema, request.body ?? {}, 'body');
    return await stop(services, request, keep ?? false);
  });
  app.patch('/executors/:id', { schema: ROUTE_SCHEMAS.amend }, async (request: IdRequest) => await amend(services, request));
  app.delete('/executors/:id', { schema: ROUTE_SCHEMAS.remove }, async (request: IdRequest) => {
    const { keep_position: keep } = parseRequest(stopRequestSchema, request.query, 'query');
    return await stop(services, request, keep ?? false);
  });
}

async function create(services: ExecutorServices, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = parseRequest(createRequestSchema, request.body, 'body');
  const parsed = parseExecutorConfig(body.executor_config, {
    accountName: body.account_name,
    controllerId: body.controller_id,
    idempotentId: idempotentId(request.headers['idempotency-key']),
    nowMs: Date.now(),
  });
  const created = await services.creation.create(parsed);
  const { id, type, controllerId } = created.config;
  request.log.info({ executorId: id, type, controllerId, created: created.created, warnings: parsed.warnings }, 'executor created');
  reply.code(created.created ? 201 : 200);
  return createdAnswer(created, parsed.warnings);
}

async function preview({ creation }: ExecutorServices, request: FastifyRequest): Promise<unknown> {
  const body = parseRequest(createRequestSchema, request.body, 'body');
  const parsed = parseExecutorConfig(body.executor_config, { accountName: body.account_name, controllerId: body.controller_id, nowMs: Date.now() });
  return previewAnswer(parsed.config, await creation.preview(parsed), parsed.warnings);
}

function idempotentId(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = Array.isArray(header) ? header.join(', ') : header;
  try {
    return executorIdOfKey(key);
  } catch (error) {
    if (!(error instanceof RuleBroken)) throw error;
    throw new InvalidConfigError([{ field: 'Idempotency-Key', value: showValue(key), rule: error.rule }], 'Invalid request');
  }
}

async function searchAnswer(directory: ExecutorDirectory, request: SearchRequest): Promise<unknown> {
  const { limit, after, ...filter } = request;
  const page: ExecutorPage = await directory.search(filter, limit, after);
  const nextCursor = page.next === null ? null : cursorText(page.next);
  return {
    data: page.rows.map(executorAnswer),
    pagination: { limit, has_more: nextCursor !== null, next_cursor: nextCursor, total_count: page.totalCount },
    // One client prints a cursor only when it finds it here.
    ...(nextCursor === null ? {} : { next_cursor: nextCursor }),
  };
}

async function summaryAnswer(directory: ExecutorDirectory): Promise<unknown> {
  const sums = sumRunning(await directory.running({}));
  return {
    total_active: sums.executors,
    ...money('total_pnl_quote', sums.netPnlQuote),
    ...money('total_volume_quote', sums.volumeQuote),
    by_type: sums.byType,
    by_connector: sums.byConnector,
    by_status: sums.byStatus,
  };
}

async function stop({ client, directory }: ExecutorServices, request: IdRequest, keepPosition: boolean): Promise<unknown> {
  const { id } = request.params;
  // Workflows that are no executors (accounts, controllers, legs) carry a slash in their id, which no executor has.
  if (id.includes('/')) throw unknownExecutor(id);
  const result: StopResult = await client.stop(id, { keep_position: keepPosition, reason: 'http' });
  request.log.info({ executorId: id, keepPosition, result: result.kind }, 'executor asked to stop');
  switch (result.kind) {
    case 'answered':
      return { ...result.answer, executor_id: id };
    case 'recorded':
      return { executor_id: id, status: 'stopping', keep_position: keepPosition };
    case 'notRunning': {
      const closed = await directory.find(id);
      if (closed === null) throw unknownExecutor(id);
      const closeType = closed.report.close_type;
      return { executor_id: id, status: 'stopped', keep_position: closeType === 'POSITION_HOLD', close_type: closeType };
    }
  }
}

async function amend({ client }: ExecutorServices, request: IdRequest): Promise<unknown> {
  const { id } = request.params;
  if (id.includes('/')) throw unknownExecutor(id);
  const amendment = parseRequest(amendRequestSchema, request.body ?? {}, 'body');
  const answer = await client.amend(id, amendment, idempotentId(request.headers['idempotency-key']));
  if (answer === null) throw unknownExecutor(id);
  request.log.info({ executorId: id, result: answer.status, amendment: answer.amendment }, 'executor amended');
  return answer;
}

/** The wire's literal message. */
function unknownExecutor(id: string): Error {
  const error = new ExecutorError('EXECUTOR_NOT_FOUND', '');
  error.message = `Executor ${id} not found`;
  return error;
}

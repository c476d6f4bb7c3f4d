import { z } from 'zod';
import { amendRequestSchema } from '../schema/amend-request.js';
import { dcaExecutorSchema } from '../schema/dca-executor-schema.js';
import { gridExecutorSchema } from '../schema/grid-executor-schema.js';
import { orderExecutorSchema } from '../schema/order-executor-schema.js';
import { positionExecutorSchema } from '../schema/position-executor-schema.js';
import { twapExecutorSchema } from '../schema/twap-executor-schema.js';
import { arbitrageExecutorSchema } from '../schema/arbitrage-executor-schema.js';
import { xemmExecutorSchema } from '../schema/xemm-executor-schema.js';
import { createRequestSchema, listQuerySchema, searchRequestSchema, stopRequestSchema } from '../schema/requests.js';

type JsonSchema = Record<string, unknown>;

/** JSON schema of what a zod schema accepts; our own `x-default` becomes the schema's default. */
export function inputJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const defaulted = jsonSchema as Record<string, unknown>;
      if ('x-default' in defaulted) {
        defaulted['default'] = defaulted['x-default'];
        delete defaulted['x-default'];
      }
    },
  });
  return json;
}

const number = { type: 'number' } as const;
const text = { type: 'string' } as const;
const nullableText = { type: ['string', 'null'] } as const;
const nullableNumber = { type: ['number', 'null'] } as const;

const ROW_PROPERTIES = {
  id: text,
  executor_id: text,
  type: text,
  executor_type: text,
  account_name: text,
  connector_name: text,
  trading_pair: text,
  side: { type: 'string', enum: ['BUY', 'SELL'] },
  status: { type: 'string', enum: ['NOT_STARTED', 'RUNNING', 'SHUTTING_DOWN', 'TERMINATED'] },
  is_active: { type: 'boolean' },
  is_trading: { type: 'boolean' },
  timestamp: number,
  created_at: text,
  close_type: nullableText,
  close_timestamp: nullableNumber,
  closed_at: nullableText,
  outcome: nullableText,
  controller_id: text,
  net_pnl_quote: number,
  net_pnl_pct: { ...number, description: 'A fraction: 0.02 is 2 %.' },
  cum_fees_quote: number,
  fees_paid_quote: number,
  filled_amount_quote: number,
  volume_quote: number,
  duration_seconds: number,
  needs_attention: { type: 'boolean' },
  error_count: { type: 'integer' },
  last_error: nullableText,
  marked: { type: 'boolean', description: 'False while a running position is shown with its last durable numbers because no price is known.' },
  config: { type: 'object', additionalProperties: true },
  custom_info: { type: 'object', additionalProperties: true },
} as const;

const row: JsonSchema = {
  type: 'object',
  description: 'Money is a JSON number with all its digits; `<name>_exact` carries the same digits as text.',
  properties: ROW_PROPERTIES,
  additionalProperties: true,
};
const error: JsonSchema = { type: 'object', description: 'What is wrong, and what to do next.', properties: { detail: {} }, required: ['detail'] };
const object: JsonSchema = { type: 'object', additionalProperties: true };
const page: JsonSchema = {
  type: 'object',
  properties: {
    data: { type: 'array', items: row },
    pagination: {
      type: 'object',
      properties: { limit: { type: 'integer' }, has_more: { type: 'boolean' }, next_cursor: nullableText, total_count: { type: 'integer' } },
    },
    next_cursor: text,
  },
};
const id = { type: 'object', properties: { id: text } } as const;
const keepPosition: JsonSchema = inputJsonSchema(stopRequestSchema);

const POSITION_QUERY = {
  type: 'object',
  properties: { account_name: { ...text, default: 'master_account' }, controller_id: { ...text, default: 'main' }, hedge_side: { ...text, description: 'LONG or SHORT; needed where an account in hedge mode holds both.' } },
} as const;

function answers(success: Record<string, JsonSchema>, ...failures: number[]): JsonSchema {
  return { ...success, ...Object.fromEntries(failures.map((status) => [String(status), error])) };
}

function createBody(): JsonSchema {
  const body = inputJsonSchema(createRequestSchema) as { properties: Record<string, JsonSchema> };
  const schemas = { order_executor: orderExecutorSchema, position_executor: positionExecutorSchema, twap_executor: twapExecutorSchema, dca_executor: dcaExecutorSchema, grid_executor: gridExecutorSchema, xemm_executor: xemmExecutorSchema, arbitrage_executor: arbitrageExecutorSchema };
  const titled = Object.entries(schemas).map(([type, schema]) => {
    const config = inputJsonSchema(schema);
    const properties = config['properties'] as Record<string, JsonSchema>;
    return { ...config, title: type, properties: { ...properties, type: { type: 'string', enum: [type] } } };
  });
  return { ...body, properties: { ...body.properties, executor_config: { description: 'Config of the executor; `type` chooses which.', oneOf: titled } } };
}

/** What OpenAPI says of each route. Requests are checked by the zod schemas these are made of, not by these. */
export const ROUTE_SCHEMAS = {
  create: {
    summary: 'Create an executor',
    description: 'Starts nothing when anything is wrong with the config. The same id, or the same Idempotency-Key header, with the same config answers the same executor.',
    tags: ['executors'],
    headers: { type: 'object', properties: { 'idempotency-key': { ...text, description: '1 to 255 visible ASCII characters naming this creation.' } } },
    body: createBody(),
    response: answers({ '201': object, '200': object }, 400, 409, 422, 503),
  },
  preview: {
    summary: 'Preview an executor',
    description: 'What a config would do at the prices of now, with nothing started: orders, worst-case exposure and loss, fees, the smallest budget that works, warnings.',
    tags: ['executors'],
    body: createBody(),
    response: answers({ '200': object }, 400, 422, 503),
  },
  search: { summary: 'Search executors', description: 'Running and closed, newest first.', tags: ['executors'], body: inputJsonSchema(searchRequestSchema), response: answers({ '200': page }, 422, 503) },
  list: { summary: 'List executors', description: 'Running and closed, newest first.', tags: ['executors'], querystring: inputJsonSchema(listQuerySchema), response: answers({ '200': page }, 422, 503) },
  detail: { summary: 'One executor', tags: ['executors'], params: id, response: answers({ '200': row }, 404, 503) },
  stop: {
    summary: 'Stop an executor',
    description: 'Answered once the decision is in the history of the executor; closing runs afterwards. The first decision wins.',
    tags: ['executors'],
    params: id,
    body: keepPosition,
    response: answers({ '200': object }, 404, 422, 503),
  },
  amend: {
    summary: 'Amend a running executor',
    description: 'Changes the fields of the config that are marked amendable; what is absent stays. Answered once the decision is in the history of the executor. The same values again, or the same Idempotency-Key header, change nothing.',
    tags: ['executors'],
    params: id,
    headers: { type: 'object', properties: { 'idempotency-key': { ...text, description: '1 to 255 visible ASCII characters naming this amendment.' } } },
    body: inputJsonSchema(amendRequestSchema),
    response: answers({ '200': object }, 400, 404, 422, 503),
  },
  remove: { summary: 'Stop an executor', description: 'As the stop route, with keep_position in the query.', tags: ['executors'], params: id, querystring: keepPosition, response: answers({ '200': object }, 404, 422, 503) },
  summary: { summary: 'Sums over running executors', tags: ['executors'], response: answers({ '200': object }, 503) },
  positions: {
    summary: 'Held positions',
    description: 'Quantity that executors handed over to controllers.',
    tags: ['positions'],
    querystring: { type: 'object', properties: { controller_id: { ...text, description: 'One controller; all when absent.' } } },
    response: answers({ '200': object }, 503),
  },
  position: {
    summary: 'One held position',
    tags: ['positions'],
    params: { type: 'object', properties: { connector: text, pair: text } },
    querystring: POSITION_QUERY,
    response: answers({ '200': object }, 404, 409, 422, 503),
  },
  clearPosition: {
    summary: 'Clear one held position',
    description: 'Takes it out of the books and trades nothing. What it realised stays in the totals.',
    tags: ['positions'],
    params: { type: 'object', properties: { connector: text, pair: text } },
    querystring: POSITION_QUERY,
    response: answers({ '200': object }, 404, 409, 422, 503),
  },
  types: { summary: 'Executor types', tags: ['executors'], response: answers({ '200': object }) },
  root: { summary: 'Name and version', tags: ['service'], security: [], response: answers({ '200': object }) },
  health: { summary: 'Whether Temporal and the archive answer', tags: ['service'], security: [], response: answers({ '200': object, '503': object }) },
  openApi: { hide: true, summary: 'This document', security: [] },
} as const;

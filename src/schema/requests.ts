import { z } from 'zod';
import type { ConfigIssue } from './config-error.js';
import { readInteger } from './decimal-field.js';
import { EXECUTOR_TYPE_NAMES } from './executor-types.js';
import { optionalField, type Reader, requiredField, RuleBroken } from './field.js';
import { ACCOUNT_TEXT, CONTROLLER_TEXT, readText } from './name-field.js';
import { configIssues } from './zod-issues.js';

const MAX_NAMES = 100;
const MAX_NAME_LENGTH = 200;
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;
export const EXECUTOR_STATUSES = ['NOT_STARTED', 'RUNNING', 'SHUTTING_DOWN', 'TERMINATED'] as const;

/** A body or query of the wrong shape; the wire answers it with 422 and one entry per issue. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  readonly place: 'body' | 'query';
  readonly issues: readonly ConfigIssue[];

  constructor(place: 'body' | 'query', issues: readonly ConfigIssue[]) {
    super(issues.map((issue) => `${issue.field}: ${issue.value} ${issue.rule}`).join('\n'));
    this.place = place;
    this.issues = issues;
  }
}

const readObject: Reader<Readonly<Record<string, unknown>>> = (raw) => {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new RuleBroken('must be an object');
  return raw as Readonly<Record<string, unknown>>;
};

const readFlag: Reader<boolean> = (raw) => {
  if (raw === true || raw === false) return raw;
  const text = typeof raw === 'string' ? raw.trim().toLowerCase() : '';
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new RuleBroken('must be true or false');
};

const readBodyTag: Reader<string> = (raw) => (raw === '' ? 'main' : readText(CONTROLLER_TEXT)(raw));

const readNames: Reader<readonly string[]> = (raw) => {
  const list: unknown = typeof raw === 'string' ? [raw] : raw;
  const valid = Array.isArray(list) && list.length <= MAX_NAMES && list.every((name) => typeof name === 'string' && name.length <= MAX_NAME_LENGTH);
  if (!valid) throw new RuleBroken(`must be a list of at most ${MAX_NAMES} strings`);
  return list as readonly string[];
};

const readTypes: Reader<readonly string[]> = (raw) => {
  const names = readNames(raw);
  if (names.some((name) => !EXECUTOR_TYPE_NAMES.includes(name))) throw new RuleBroken(`must be a list of ${EXECUTOR_TYPE_NAMES.join(', ')}`);
  return names;
};

const readStatus: Reader<(typeof EXECUTOR_STATUSES)[number]> = (raw) => {
  const found = EXECUTOR_STATUSES.find((status) => status === raw);
  if (found === undefined) throw new RuleBroken(`must be one of ${EXECUTOR_STATUSES.join(', ')}`);
  return found;
};

export interface Cursor {
  readonly createdAtMs: number;
  readonly id: string;
}

/** `<created_at>:<executor_id>` of the last row. A cursor we never gave is refused: starting over would repeat rows. */
const readCursor: Reader<Cursor> = (raw) => {
  const match = typeof raw === 'string' ? /^(\d{1,16}):([A-Za-z0-9_-]{1,44})$/.exec(raw) : null;
  if (match === null) throw new RuleBroken('must be the next_cursor of an earlier answer');
  return { createdAtMs: Number(match[1]), id: match[2] ?? '' };
};

export function cursorText(cursor: Cursor): string {
  return `${cursor.createdAtMs}:${cursor.id}`;
}

const NAMES_JSON = { type: ['array', 'null'], items: { type: 'string' }, maxItems: MAX_NAMES } as const;

export const createRequestSchema = z.looseObject({
  account_name: optionalField(readText(ACCOUNT_TEXT), { type: ['string', 'null'], description: 'Configured account.', 'x-default': 'master_account' }),
  controller_id: z
    .unknown()
    .transform((raw, context) => {
      try {
        return readBodyTag(raw);
      } catch (error) {
        if (!(error instanceof RuleBroken)) throw error;
        context.addIssue({ code: 'custom', message: error.rule });
        return z.NEVER;
      }
    })
    .meta({ type: 'string', description: 'Tag of the owner.', 'x-default': 'main' })
    .optional(),
  executor_config: requiredField(readObject, { type: 'object', description: 'Config of the executor; `type` chooses which.' }),
});

export const searchRequestSchema = z.looseObject({
  account_names: optionalField(readNames, { ...NAMES_JSON, description: 'Accounts, any of.' }),
  connector_names: optionalField(readNames, { ...NAMES_JSON, description: 'Connectors, any of.' }),
  trading_pairs: optionalField(readNames, { ...NAMES_JSON, description: 'Pairs, any of.' }),
  controller_ids: optionalField(readNames, { ...NAMES_JSON, description: 'Tags, any of.' }),
  executor_types: optionalField(readTypes, { ...NAMES_JSON, items: { enum: [...EXECUTOR_TYPE_NAMES] }, description: 'Executor types, any of.' }),
  status: optionalField(readStatus, { enum: [...EXECUTOR_STATUSES], description: 'Exact status.' }),
  limit: optionalField(readInteger(1, MAX_LIMIT), { type: 'integer', minimum: 1, description: `Rows, at most ${MAX_LIMIT}.`, 'x-default': DEFAULT_LIMIT }),
  cursor: optionalField(readCursor, { type: ['string', 'null'], description: '`next_cursor` of the page before.' }),
});

export const listQuerySchema = z.looseObject({
  account_name: optionalField(readNames, { type: 'string', description: 'Account.' }),
  connector_name: optionalField(readNames, { type: 'string', description: 'Connector.' }),
  trading_pair: optionalField(readNames, { type: 'string', description: 'Pair.' }),
  controller_id: optionalField(readNames, { type: 'string', description: 'Tag.' }),
  executor_type: optionalField(readTypes, { enum: [...EXECUTOR_TYPE_NAMES], description: 'Executor type.' }),
  status: optionalField(readStatus, { enum: [...EXECUTOR_STATUSES], description: 'Exact status.' }),
  limit: optionalField(readInteger(1, MAX_LIMIT), { type: 'integer', minimum: 1, description: `Rows, at most ${MAX_LIMIT}.`, 'x-default': DEFAULT_LIMIT }),
  cursor: optionalField(readCursor, { type: 'string', description: '`next_cursor` of the page before.' }),
});

export const stopRequestSchema = z.looseObject({
  keep_position: optionalField(readFlag, { type: ['boolean', 'null'], description: 'True: end as POSITION_HOLD with all filled quantity instead of closing it.', 'x-default': false }),
});

export interface SearchRequest {
  readonly accounts: readonly string[] | undefined;
  readonly connectors: readonly string[] | undefined;
  readonly pairs: readonly string[] | undefined;
  readonly controllerIds: readonly string[] | undefined;
  readonly executorTypes: readonly string[] | undefined;
  readonly status: (typeof EXECUTOR_STATUSES)[number] | undefined;
  readonly limit: number;
  readonly after: Cursor | null;
}

/** Throws InvalidRequestError naming every field of the wrong shape. */
export function parseRequest<Output>(schema: z.ZodType<Output>, raw: unknown, place: 'body' | 'query'): Output {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new InvalidRequestError(place, configIssues(result.error.issues, raw, [], place));
}

/** The body of `POST /executors/search`; an absent body is an empty one. Empty lists filter nothing, as in the reference. */
export function parseSearchBody(raw: unknown): SearchRequest {
  const body = parseRequest(searchRequestSchema, raw ?? {}, 'body');
  return {
    accounts: filter(body.account_names),
    connectors: filter(body.connector_names),
    pairs: filter(body.trading_pairs),
    controllerIds: filter(body.controller_ids),
    executorTypes: filter(body.executor_types),
    status: body.status,
    limit: body.limit ?? DEFAULT_LIMIT,
    after: body.cursor ?? null,
  };
}

/** The query of `GET /executors`; a repeated parameter means any of its values. */
export function parseListQuery(raw: unknown): SearchRequest {
  const query = parseRequest(listQuerySchema, raw, 'query');
  return {
    accounts: filter(query.account_name),
    connectors: filter(query.connector_name),
    pairs: filter(query.trading_pair),
    controllerIds: filter(query.controller_id),
    executorTypes: filter(query.executor_type),
    status: query.status,
    limit: query.limit ?? DEFAULT_LIMIT,
    after: query.cursor ?? null,
  };
}

function filter(names: readonly string[] | undefined): readonly string[] | undefined {
  return names === undefined || names.length === 0 ? undefined : names;
}

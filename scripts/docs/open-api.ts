import { pino } from 'pino';
import { buildHttpServer, type HttpServices } from '../../src/http/server.js';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly statuses: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly description?: string; readonly schema?: JsonSchema }[];
  readonly body: JsonSchema | null;
}

export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly 'x-amendable'?: boolean;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
}

interface RawOperation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses?: Readonly<Record<string, unknown>>;
}

const ORDER = ['post', 'get', 'delete'];

/** All operations of the facade, from the document that it serves itself. */
export async function operations(): Promise<readonly Operation[]> {
  // No request is made: the document depends on the routes alone.
  const app = await buildHttpServer({} as HttpServices, { credentials: { username: '', password: '' }, version: '0', logger: pino({ level: 'silent' }) });
  await app.ready();
  const document = app.swagger() as unknown as Document;
  await app.close();
  const found = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => readOperation(path, method, operation)));
  return found.sort((left, right) => left.path.localeCompare(right.path) || ORDER.indexOf(left.method.toLowerCase()) - ORDER.indexOf(right.method.toLowerCase()));
}

function readOperation(path: string, method: string, operation: RawOperation): Operation {
  return {
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    description: operation.description ?? '',
    statuses: Object.keys(operation.responses ?? {}),
    parameters: operation.parameters ?? [],
    body: operation.requestBody?.content['application/json']?.schema ?? null,
  };
}

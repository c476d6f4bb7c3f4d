import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { Rejection } from '../exchange/rejection.js';
import type { FaultKind, FaultSubject } from '../faults/fault.js';
import type { FaultRegistry } from '../faults/fault-registry.js';
import { Parameters } from './parameters.js';
import type { RequestContext, Route } from './request-context.js';
import { ROUTES } from './routes.js';
import { type Authenticator, splitSignature } from './signature.js';
import { WireError, wireErrorOf } from './wire-error.js';

const MAX_BODY_BYTES = 64 * 1024;

export interface RestFace {
  readonly authenticator: Authenticator;
  readonly accountOfKey: (apiKey: string | undefined) => string | undefined;
  readonly faults: FaultRegistry;
  readonly context: Omit<RequestContext, 'parameters' | 'account' | 'visibleBeforeMs'>;
  readonly logger: Logger;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Answers one REST request, faults included. Never throws. */
export async function serveRest(face: RestFace, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
    const body = await readBody(request);
    // The signature is over these bytes as they are: query and body with nothing between them.
    const raw = query + body;
    const parameters = new Parameters(query, body);
    const apiKey = headerOf(request, 'x-mbx-apikey');
    const subject = subjectOf(request.method ?? 'GET', path, face.accountOfKey(apiKey), parameters);
    const faults = face.faults.strike(subject);
    if (await strikeBefore(faults, response)) return;
    const route = ROUTES.get(`${subject.method} ${path}`);
    const visibleBeforeMs = readLag(faults, face.context.state.now());
    const answer = await answerOf(face, route, { parameters, visibleBeforeMs, apiKey, raw });
    await strikeAfter(faults, response, answer);
  } catch (error) {
    face.logger.error({ err: error, path: (request.url ?? '').split('?')[0] }, 'request failed');
    if (!response.headersSent && !response.destroyed) send(response, { status: 500, body: '' });
  }
}

interface RequestParts {
  readonly parameters: Parameters;
  readonly visibleBeforeMs: number | undefined;
  readonly apiKey: string | undefined;
  readonly raw: string;
}

async function answerOf(face: RestFace, route: Route | undefined, parts: RequestParts): Promise<Answer> {
  try {
    if (route === undefined) return { status: 404, body: '<html><body>404 Not found</body></html>' };
    const { parameters, visibleBeforeMs } = parts;
    const { signed, signature } = splitSignature(parts.raw);
    const account =
      route.access === 'signed'
        ? face.authenticator.authenticate(parts.apiKey, Buffer.from(signed, 'latin1'), signature, parameters)
        : '';
    const result = await route.handle({ ...face.context, parameters, account, visibleBeforeMs });
    return { status: 200, body: JSON.stringify(result) };
  } catch (error) {
    const wireError = error instanceof Rejection ? wireErrorOf(error) : error;
    if (!(wireError instanceof WireError)) throw error;
    return { status: wireError.httpStatus, body: JSON.stringify(wireError.toJson()) };
  }
}

/** Faults before anything is done. Returns whether the request is over. */
async function strikeBefore(faults: readonly FaultKind[], response: ServerResponse): Promise<boolean> {
  for (const fault of faults) {
    if (fault.kind === 'delay-before-commit') await delay(fault.delayMs);
  }
  for (const fault of faults) {
    if (fault.kind === 'drop-before-commit') {
      response.destroy();
      return true;
    }
    if (fault.kind === 'status-before-commit') {
      send(response, { status: fault.status, body: fault.body ?? defaultBody(fault.status) });
      return true;
    }
  }
  return false;
}

/** Faults after the effect is durable, and the answer if none swallows it. */
async function strikeAfter(faults: readonly FaultKind[], response: ServerResponse, answer: Answer): Promise<void> {
  let sent = answer;
  for (const fault of faults) {
    if (fault.kind === 'delay-after-commit') await delay(fault.delayMs);
    if (fault.kind === 'status-after-commit') {
      sent = { status: fault.status, body: fault.body ?? defaultBody(fault.status) };
    }
  }
  if (faults.some((fault) => fault.kind === 'drop-after-commit')) {
    response.destroy();
    return;
  }
  if (faults.some((fault) => fault.kind === 'cut-body-after-commit')) {
    cut(response, sent);
    return;
  }
  if (!response.destroyed) send(response, sent);
}

function readLag(faults: readonly FaultKind[], nowMs: number): number | undefined {
  const lags = faults.flatMap((fault) => (fault.kind === 'read-lag' ? [fault.lagMs] : []));
  return lags.length === 0 ? undefined : nowMs - Math.max(...lags);
}

/** What Binance answers with a status when the fault does not say. */
function defaultBody(status: number): string {
  if (status === 429 || status === 418) {
    return JSON.stringify({ code: -1003, msg: 'Too many requests; please use the websocket for live updates.' });
  }
  if (status === 503) return JSON.stringify({ code: -1008, msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.' });
  if (status === 504) return '<html><head><title>504 Gateway Time-out</title></head></html>';
  return JSON.stringify({ code: -1000, msg: 'An unknown error occurred while processing the request.' });
}

function send(response: ServerResponse, answer: Answer): void {
  const bytes = Buffer.from(answer.body);
  const headers: Record<string, string | number> = {
    'content-type': answer.body.startsWith('<') ? 'text/html' : 'application/json;charset=UTF-8',
    'content-length': bytes.length,
    'x-mbx-used-weight-1m': '1',
  };
  if (answer.status === 429 || answer.status === 418) headers['retry-after'] = '1';
  response.writeHead(answer.status, headers).end(bytes);
}

/** Promises the whole body and breaks off in the middle of it. */
function cut(response: ServerResponse, answer: Answer): void {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

function subjectOf(method: string, route: string, account: string | undefined, parameters: Parameters): FaultSubject {
  const clientOrderId = parameters.peek('newClientOrderId') ?? parameters.peek('origClientOrderId');
  return { method, route, account, symbol: parameters.peek('symbol'), clientOrderId };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error(`body above ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  // One character per byte: whatever was signed can be given back unchanged.
  return Buffer.concat(chunks).toString('latin1');
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

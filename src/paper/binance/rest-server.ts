import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { Rejection } from '../exchange/rejection.js';
import type { Bans } from '../faults/bans.js';
import { clockSkew } from '../faults/clock-skew.js';
import type { RequestFault, RequestSubject } from '../faults/fault.js';
import type { FaultRegistry } from '../faults/fault-registry.js';
import { type Answer, send, sendHalf } from './answer.js';
import { answerOfFault, banAnswer } from './fault-answers.js';
import type { Admission } from '../quota/request-quota.js';
import { Parameters } from './parameters.js';
import type { RequestContext, Route } from './request-context.js';
import { FUTURES_ROUTES } from '../futures/futures-routes.js';
import { futuresErrorOf } from '../futures/futures-errors.js';
import { ContractRejection } from '../perpetual/contract-rejection.js';
import { isContractSymbol } from '../perpetual/contract-symbol.js';
import { ROUTES } from './routes.js';
import { type Authenticator, splitSignature } from './signature.js';
import { WireError, wireErrorOf } from './wire-error.js';

const MAX_BODY_BYTES = 64 * 1024;

export interface RestFace {
  readonly authenticator: Authenticator;
  readonly accountOfKey: (apiKey: string | undefined) => string | undefined;
  readonly faults: FaultRegistry;
  readonly bans: Bans;
  readonly context: Omit<RequestContext, 'parameters' | 'account' | 'market' | 'visibleBeforeMs' | 'clockSkewMs'>;
  readonly logger: Logger;
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
    if (await strikeBefore(face, subject, faults, response)) return;
    const name = `${subject.method} ${path}`;
    const route = ROUTES.get(name) ?? FUTURES_ROUTES.get(name);
    const admission = face.context.quota.admit({ ...subject, market: route?.market ?? 'spot', limit: Number(parameters.peek('limit') ?? 100) });
    if (admission.kind !== 'admitted') {
      send(response, refusalOf(face, admission));
      return;
    }
    const visibleBeforeMs = readLag(faults, face.context.state.now());
    const clockSkewMs = clockSkew(faults);
    const answer = await answerOf(face, route, { parameters, visibleBeforeMs, clockSkewMs, apiKey, raw });
    await strikeAfter(faults, response, { ...answer, useHeaders: admission.headers });
  } catch (error) {
    face.logger.error({ err: error, path: (request.url ?? '').split('?')[0] }, 'request failed');
    if (!response.headersSent && !response.destroyed) send(response, { status: 500, body: '' });
  }
}

function refusalOf(face: RestFace, admission: Exclude<Admission, { kind: 'admitted' }>): Answer {
  if (admission.kind === 'banned') {
    face.bans.begin(undefined, admission.untilMs);
    return banAnswer(admission.untilMs, face.context.state.now());
  }
  const { code, message, retryAfterSeconds, headers } = admission;
  return { status: 429, body: JSON.stringify({ code, msg: message }), retryAfterSeconds, useHeaders: headers };
}

interface RequestParts {
  readonly parameters: Parameters;
  readonly visibleBeforeMs: number | undefined;
  readonly clockSkewMs: number;
  readonly apiKey: string | undefined;
  readonly raw: string;
}

async function answerOf(face: RestFace, route: Route | undefined, parts: RequestParts): Promise<Answer> {
  try {
    if (route === undefined) return { status: 404, body: '<html><body>404 Not found</body></html>' };
    const { parameters, visibleBeforeMs, clockSkewMs } = parts;
    const account = accountOf(face, route, parts);
    // Inside, perpetuals have names of their own; on the wire nobody may use them.
    if (isContractSymbol(parameters.peek('symbol') ?? '')) throw new Rejection('unknown_symbol');
    const { market } = route;
    const result = await route.handle({ ...face.context, market, parameters, account, visibleBeforeMs, clockSkewMs });
    return { status: 200, body: JSON.stringify(result) };
  } catch (error) {
    const wireError = wireErrorFor(error);
    if (!(wireError instanceof WireError)) throw error;
    return { status: wireError.httpStatus, body: JSON.stringify(wireError.toJson()) };
  }
}

function accountOf(face: RestFace, route: Route, { apiKey, raw, parameters, clockSkewMs }: RequestParts): string {
  switch (route.access) {
    case 'public':
      return '';
    case 'key':
      return face.authenticator.accountOfKey(apiKey);
    case 'signed': {
      const { signed, signature } = splitSignature(raw);
      return face.authenticator.authenticate(apiKey, Buffer.from(signed, 'latin1'), signature, parameters, clockSkewMs);
    }
  }
}

function wireErrorFor(error: unknown): unknown {
  if (error instanceof Rejection) return wireErrorOf(error);
  return error instanceof ContractRejection ? futuresErrorOf(error) : error;
}

/** Faults before anything is done. Returns whether the request is over, answered or not. */
async function strikeBefore(face: RestFace, subject: RequestSubject, faults: readonly RequestFault[], response: ServerResponse): Promise<boolean> {
  const nowMs = face.context.state.now();
  for (const fault of faults) {
    if (fault.kind === 'ban') face.bans.begin(fault.of === 'account' ? subject.account : undefined, nowMs + fault.banMs);
  }
  const bannedUntilMs = face.bans.untilMs(subject.account, nowMs);
  if (bannedUntilMs !== undefined) {
    send(response, banAnswer(bannedUntilMs, nowMs));
    return true;
  }
  for (const fault of faults) {
    if (fault.kind === 'delay-before-commit') await delay(fault.delayMs);
  }
  for (const fault of faults) {
    if (fault.kind === 'drop-before-commit') response.destroy();
    const answer = BEFORE_COMMIT.has(fault.kind) ? answerOfFault(fault) : undefined;
    if (answer !== undefined && !response.destroyed) send(response, answer);
    if (BEFORE_COMMIT.has(fault.kind)) return true;
  }
  return false;
}

const BEFORE_COMMIT: ReadonlySet<RequestFault['kind']> = new Set([
  'drop-before-commit',
  'hang-before-commit',
  'status-before-commit',
  'code-before-commit',
  'maintenance',
]);

/** Faults after the effect is durable, and the answer if none swallows it. */
async function strikeAfter(faults: readonly RequestFault[], response: ServerResponse, answer: Answer): Promise<void> {
  let sent = answer;
  for (const fault of faults) {
    if (fault.kind === 'delay-after-commit') await delay(fault.delayMs);
    if (fault.kind === 'status-after-commit' || fault.kind === 'code-after-commit') sent = answerOfFault(fault) ?? sent;
  }
  const kinds = new Set(faults.map(({ kind }) => kind));
  if (kinds.has('hang-after-commit')) return;
  if (kinds.has('drop-after-commit')) response.destroy();
  else if (kinds.has('cut-body-after-commit')) sendHalf(response, sent, 'break-off');
  else if (kinds.has('stall-body-after-commit')) sendHalf(response, sent, 'fall-silent');
  else if (!response.destroyed) send(response, sent);
}

function readLag(faults: readonly RequestFault[], nowMs: number): number | undefined {
  const lags = faults.flatMap((fault) => (fault.kind === 'read-lag' ? [fault.lagMs] : []));
  return lags.length === 0 ? undefined : nowMs - Math.max(...lags);
}

function subjectOf(method: string, route: string, account: string | undefined, parameters: Parameters): RequestSubject {
  const names = ['newClientOrderId', 'origClientOrderId', 'clientAlgoId'];
  const clientOrderId = names.map((name) => parameters.peek(name)).find((value) => value !== undefined);
  return { channel: 'request', method, route, account, symbol: parameters.peek('symbol'), clientOrderId };
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

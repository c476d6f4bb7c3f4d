import { assertAnswers } from './answer-shape.js';
import { AsyncLocalStorage } from 'node:async_hooks';
import { TOO_MANY_ORDERS } from './binance-errors.js';
import type { CcxtClient, Params } from './ccxt-client.js';
import { currentCall } from './call-context.js';
import { guardSocket } from './guard-socket.js';
import { rateLimitsOfExchangeInfo, reportedUse, type RequestCost } from './rate-limits.js';
import { requestCost } from './request-costs.js';
import { NotSentError } from './request-error.js';
import type { RequestLimiter, Turn } from './request-limiter.js';

export interface RequestGuardOptions {
  readonly limiter: RequestLimiter;
  /** Whose order counts a request uses. */
  readonly account: string;
  /** Whether limits are read from the exchange itself; else they stay as given. */
  readonly learnsLimits: boolean;
  /** Hosts (with port) that requests may go to; null = wherever ccxt sends them. */
  readonly allowedHosts: ReadonlySet<string> | null;
  readonly onThrottled: (status: number, retryAfterMs: number) => void;
}

const DEFAULT_PAUSE_MS: Readonly<Record<number, number>> = { 418: 60_000, 429: 2_000 };
const MAX_PAUSE_MS = 600_000;
const MIN_ORDER_PAUSE_MS = 1_000;
const MAX_ERROR_BODY = 4_000;
/** With less time than this an answer cannot come back; the request stays here. */
const MIN_TIME_LEFT_MS = 20;
/** Who waits longest for a turn still has this long for the answer: else it would leave only to become unknown. */
const ANSWER_MS = 500;

/** Puts our checks into the steps every request of this client passes: pace, signature, sending, answer. */
export function guardRequests(client: CcxtClient, options: RequestGuardOptions): void {
  guardPace(client, options);
  guardDeadline(client);
  guardDestination(client, options.allowedHosts);
  observeTransport(client);
  observeAnswers(client, options);
}

function guardPace(client: CcxtClient, { limiter, account }: RequestGuardOptions): void {
  const ccxtCost = client.calculateRateLimiterCost.bind(client);
  // ccxt hands what this answers to `throttle` as it is: there the request itself is no longer known.
  client.calculateRateLimiterCost = (api, method, path, params, config): RequestCost =>
    requestCost(client.id, String(api), method, path, Number(ccxtCost(api, method, path, params, config)));
  const taken = new AsyncLocalStorage<Turn[]>();
  client.throttle = async (cost) => {
    const call = currentCall();
    const turn = await limiter.acquire(account, {
      cost: cost ?? { weight: 1, orders: 0 },
      priority: call?.priority ?? 'read',
      urgency: call?.urgency ?? 0,
      maxWaitMs: call === undefined ? null : call.deadlineAtMs - Date.now() - Math.min(ANSWER_MS, call.deadlineMs / 4),
      signal: call?.signal ?? null,
      ended: call?.ended ?? null,
    });
    const turns = taken.getStore();
    // Nobody would settle it.
    if (turns === undefined) turn.settled(true);
    else turns.push(turn);
  };
  const request = client.fetch2.bind(client);
  client.fetch2 = async (...args) => {
    const turns: Turn[] = [];
    let left = true;
    try {
      return await taken.run(turns, async () => await request(...args));
    } catch (error) {
      left = !(error instanceof NotSentError);
      throw error;
    } finally {
      for (const turn of turns) turn.settled(left);
    }
  };
}

/** What the exchange may still take has to end with the call, also when the call waited for its turn first. */
function guardDeadline(client: CcxtClient): void {
  const sign = client.sign.bind(client);
  client.sign = (path, api, method, params, headers, body) => {
    const call = currentCall();
    if (call === undefined) return sign(path, api, method, params, headers, body);
    const leftMs = Math.floor(call.deadlineAtMs - Date.now());
    if (call.signal.aborted || leftMs < MIN_TIME_LEFT_MS) {
      throw new NotSentError('THROTTLED', 'the request waited for its turn until its deadline');
    }
    const shortened: Params = 'recvWindow' in params ? { ...params, recvWindow: Math.min(Number(params['recvWindow']), leftMs) } : params;
    return sign(path, api, method, shortened, headers, body);
  };
}

function guardDestination(client: CcxtClient, allowedHosts: ReadonlySet<string> | null): void {
  const send = client.fetch.bind(client);
  client.fetch = async (url, method, headers, body) => {
    assertAllowed(url, allowedHosts);
    const call = currentCall();
    if (call !== undefined) {
      assertNamesItsOrder(call.mustContain, url, body);
      if (call.signal.aborted) throw new NotSentError('EXCHANGE_UNREACHABLE', 'the call had ended before its request could leave');
      call.sent = true;
    }
    return await send(url, method, headers, body);
  };
  const connect = client.client.bind(client);
  client.client = (url) => {
    // Under names that are no addresses ccxt keeps promises, never a socket.
    if (URL.canParse(url)) assertAllowed(url, allowedHosts);
    const socket = connect(url);
    guardSocket(socket);
    return socket;
  };
}

function assertAllowed(url: string, allowedHosts: ReadonlySet<string> | null): void {
  if (allowedHosts === null) return;
  const host = URL.canParse(url) ? new URL(url).host : '(no address)';
  if (!allowedHosts.has(host)) throw new NotSentError('INTERNAL', `a connector bound to ${[...allowedHosts].join(', ')} was about to reach ${host}`);
}

/** Several exchanges answer a cancel without an id by cancelling everything, or read another order. */
function assertNamesItsOrder(mustContain: string | null, url: string, body: unknown): void {
  if (mustContain === null) return;
  const text = typeof body === 'string' ? body : '';
  if (url.includes(mustContain) || text.includes(mustContain)) return;
  throw new NotSentError('INTERNAL', 'the request does not carry the id of the order it is about');
}

function observeTransport(client: CcxtClient): void {
  const request = client.undiciRequest.bind(client);
  client.undiciRequest = async (url, params) => {
    const call = currentCall();
    if (call === undefined) return await request(url, params);
    try {
      // Our signal ends the body too; the library's own only the wait for headers.
      return await request(url, { ...params, signal: call.signal });
    } catch (error) {
      if (isConnectFailure(error)) call.connectFailed = true;
      throw error;
    }
  };
}

const CONNECT_STEPS: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);

/** True only when every attempt failed before a connection stood, so that not one byte of the request was sent. */
export function isConnectFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectFailure);
  return (syscall !== undefined && CONNECT_STEPS.has(syscall)) || code === 'UND_ERR_CONNECT_TIMEOUT';
}

function observeAnswers(client: CcxtClient, options: RequestGuardOptions): void {
  const accept = client.onRestResponse.bind(client);
  client.onRestResponse = (status, statusText, url, method, headers, body, ...rest) => {
    const retryAfterMs = slowDown(options, status, headers, body);
    if (retryAfterMs !== null) options.onThrottled(status, retryAfterMs);
    if (options.learnsLimits) {
      options.limiter.reported(options.account, reportedUse(headers));
      const learned = url.split('?')[0]?.endsWith('/exchangeInfo') === true ? rateLimitsOfExchangeInfo(body) : null;
      if (learned !== null) options.limiter.learn(learned);
    }
    const call = currentCall();
    if (call !== undefined) {
      call.httpStatus = status;
      call.retryAfterMs = retryAfterMs;
      call.errorBody = status >= 400 ? body.slice(0, MAX_ERROR_BODY) : null;
    }
    if (call !== undefined) assertAnswers(client, { status, method, url, body });
    return accept(status, statusText, url, method, headers, body, ...rest);
  };
}

const TOO_MANY_ORDERS_BODY = new RegExp(`"code"\\s*:\\s*${TOO_MANY_ORDERS}\\b`);

/** Ms for which the exchange wants no more of it; null when it says nothing of the kind. Too many orders concern one account's orders. */
function slowDown({ limiter, account }: RequestGuardOptions, status: number, headers: Readonly<Record<string, string>>, body: string): number | null {
  const tooManyOrders = status >= 400 && TOO_MANY_ORDERS_BODY.test(body.slice(0, MAX_ERROR_BODY));
  if (!tooManyOrders && status !== 429 && status !== 418) return null;
  const durationMs = Math.max(retryAfter(status, headers), tooManyOrders ? MIN_ORDER_PAUSE_MS : 0);
  if (tooManyOrders) limiter.pauseOrders(account, durationMs);
  else limiter.pause(durationMs);
  return durationMs;
}

function retryAfter(status: number, headers: Readonly<Record<string, string>>): number {
  const seconds = Number(headers['Retry-After'] ?? Number.NaN);
  const given = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : (DEFAULT_PAUSE_MS[status] ?? 0);
  return Math.min(given, MAX_PAUSE_MS);
}

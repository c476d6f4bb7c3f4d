import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { ExchangeListener, OrderUpdate } from '../exchange/exchange-listener.js';
import type { FaultRegistry } from '../faults/fault-registry.js';
import type { FrameFaults } from '../faults/frame-faults.js';
import type { RequestFault } from '../faults/fault.js';
import type { BalanceRow } from '../matching/balances.js';
import { clockSkew } from '../faults/clock-skew.js';
import { answerOfFault } from './fault-answers.js';
import { Parameters } from './parameters.js';
import { sendJson } from './send-json.js';
import type { Authenticator } from './signature.js';
import { executionReport, outboundAccountPosition } from './user-data-events.js';
import { WireError } from './wire-error.js';

const requestSchema = z.object({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
});
type ApiRequest = z.output<typeof requestSchema>;

interface Subscription {
  readonly socket: WebSocket;
  readonly subscriptionId: number;
  readonly account: string;
}

const MAX_SUBSCRIPTIONS = 1_000;

/** The WebSocket API socket, as far as the user data stream needs it. */
export class UserDataSockets implements ExchangeListener {
  private readonly subscriptions = new Set<Subscription>();
  private nextSubscriptionId = 0;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly accountOfKey: (apiKey: string | undefined) => string | undefined,
    private readonly faults: FaultRegistry,
    private readonly frames: FrameFaults,
    private readonly now: () => number,
  ) {}

  attach(socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      this.receive(socket, data.toString('utf8'));
    });
    socket.on('close', () => {
      this.forget(socket);
    });
  }

  accounts(): string[] {
    return [...this.subscriptions].map((subscription) => subscription.account);
  }

  orderUpdated(update: OrderUpdate): void {
    const { account, symbol, clientOrderId, contract } = update.order;
    if (contract === undefined && this.subscriptions.size > 0) this.push(account, executionReport(update, this.now()), { symbol, clientOrderId });
  }

  balancesChanged(account: string, rows: readonly BalanceRow[], timeMs: number): void {
    if (this.subscriptions.size > 0) this.push(account, outboundAccountPosition(rows, timeMs), {});
  }

  /** Ends the subscriptions of an account, or all; their sockets stay open. */
  terminate(account: string | undefined): number {
    const ended = [...this.subscriptions].filter((subscription) => account === undefined || subscription.account === account);
    for (const subscription of ended) {
      this.subscriptions.delete(subscription);
      const { socket, subscriptionId } = subscription;
      sendJson(socket, { subscriptionId, event: { e: 'eventStreamTerminated', E: this.now() } });
    }
    return ended.length;
  }

  private push(account: string, event: Record<string, unknown>, about: { readonly symbol?: string; readonly clientOrderId?: string }): void {
    const { symbol, clientOrderId } = about;
    const subject = { channel: 'user', method: 'FRAME', route: '/user-data', account, symbol, clientOrderId } as const;
    for (const { socket, subscriptionId, account: subscriber } of this.subscriptions) {
      if (subscriber === account) this.frames.deliver(socket, subject, () => sendJson(socket, { subscriptionId, event }));
    }
  }

  /** Faults of a request over the socket: an error instead of the answer, or no answer at all. */
  private strike(request: ApiRequest): readonly RequestFault[] {
    const apiKey = request.params?.['apiKey'];
    const account = this.accountOfKey(typeof apiKey === 'string' ? apiKey : undefined);
    const subject = { channel: 'request', method: 'WS', route: `/${request.method}`, account, symbol: undefined, clientOrderId: undefined } as const;
    const faults = this.faults.strike(subject);
    for (const fault of faults) {
      const answer = fault.kind === 'code-before-commit' ? answerOfFault(fault) : undefined;
      if (fault.kind !== 'code-before-commit' || answer === undefined) continue;
      throw new WireError(fault.code, (JSON.parse(answer.body) as { readonly msg: string }).msg, answer.status);
    }
    return faults;
  }

  private receive(socket: WebSocket, text: string): void {
    const parsed = requestSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      sendJson(socket, { id: null, status: 400, error: { code: -1135, msg: 'Malformed request.' } });
      return;
    }
    const request = parsed.data;
    const id = request.id ?? null;
    try {
      const faults = this.strike(request);
      if (faults.some(({ kind }) => kind === 'hang-before-commit')) return;
      sendJson(socket, { id, status: 200, result: this.answer(socket, request, clockSkew(faults)), rateLimits: [] });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      sendJson(socket, { id, status: error.httpStatus, error: error.toJson() });
    }
  }

  private answer(socket: WebSocket, request: ApiRequest, clockSkewMs: number): unknown {
    switch (request.method) {
      case 'ping':
        return {};
      case 'time':
        return { serverTime: this.now() + clockSkewMs };
      case 'userDataStream.subscribe.signature':
        return { subscriptionId: this.subscribe(socket, request.params ?? {}, clockSkewMs) };
      case 'userDataStream.unsubscribe':
        this.forget(socket);
        return {};
      default:
        throw new WireError(-1100, `Unknown method '${request.method}'.`);
    }
  }

  /** The signature is over all parameters but itself, sorted by name. */
  private subscribe(socket: WebSocket, params: Readonly<Record<string, unknown>>, clockSkewMs: number): number {
    if (this.subscriptions.size >= MAX_SUBSCRIPTIONS) throw new WireError(-1003, 'Too many user data subscriptions.');
    const { signature, ...rest } = params;
    const payload = Object.keys(rest).sort().map((name) => `${name}=${String(rest[name])}`).join('&');
    const apiKey = typeof params['apiKey'] === 'string' ? params['apiKey'] : undefined;
    const given = typeof signature === 'string' ? signature : undefined;
    const account = this.authenticator.authenticate(apiKey, Buffer.from(payload), given, new Parameters(payload), clockSkewMs);
    const subscriptionId = this.nextSubscriptionId;
    this.nextSubscriptionId += 1;
    this.subscriptions.add({ socket, subscriptionId, account });
    return subscriptionId;
  }

  private forget(socket: WebSocket): void {
    for (const subscription of this.subscriptions) {
      if (subscription.socket === socket) this.subscriptions.delete(subscription);
    }
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { ExchangeListener, OrderUpdate } from '../exchange/exchange-listener.js';
import type { BalanceRow } from '../matching/balances.js';
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
    if (this.subscriptions.size > 0) this.push(update.order.account, executionReport(update, this.now()));
  }

  balancesChanged(account: string, rows: readonly BalanceRow[], timeMs: number): void {
    if (this.subscriptions.size > 0) this.push(account, outboundAccountPosition(rows, timeMs));
  }

  private push(account: string, event: Record<string, unknown>): void {
    for (const { socket, subscriptionId, account: subscriber } of this.subscriptions) {
      if (subscriber === account) sendJson(socket, { subscriptionId, event });
    }
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
      sendJson(socket, { id, status: 200, result: this.answer(socket, request), rateLimits: [] });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      sendJson(socket, { id, status: error.httpStatus, error: error.toJson() });
    }
  }

  private answer(socket: WebSocket, request: ApiRequest): unknown {
    switch (request.method) {
      case 'ping':
        return {};
      case 'time':
        return { serverTime: this.now() };
      case 'userDataStream.subscribe.signature':
        return { subscriptionId: this.subscribe(socket, request.params ?? {}) };
      case 'userDataStream.unsubscribe':
        this.forget(socket);
        return {};
      default:
        throw new WireError(-1100, `Unknown method '${request.method}'.`);
    }
  }

  /** The signature is over all parameters but itself, sorted by name. */
  private subscribe(socket: WebSocket, params: Readonly<Record<string, unknown>>): number {
    if (this.subscriptions.size >= MAX_SUBSCRIPTIONS) throw new WireError(-1003, 'Too many user data subscriptions.');
    const { signature, ...rest } = params;
    const payload = Object.keys(rest).sort().map((name) => `${name}=${String(rest[name])}`).join('&');
    const apiKey = typeof params['apiKey'] === 'string' ? params['apiKey'] : undefined;
    const given = typeof signature === 'string' ? signature : undefined;
    const account = this.authenticator.authenticate(apiKey, Buffer.from(payload), given, new Parameters(payload));
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

import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { SocketControl } from '../binance/websocket-server.js';
import type { ExchangeState } from '../exchange/exchange-state.js';
import type { HeldRequests } from '../exchange/held-requests.js';
import { ControlConflict, Rejection } from '../exchange/rejection.js';
import type { TimingLog } from '../exchange/timing-log.js';
import type { Bans } from '../faults/bans.js';
import type { FaultRegistry } from '../faults/fault-registry.js';
import { FeedUnavailable } from '../feeds/feed-factory.js';
import type { FeedHost } from '../feeds/feed-host.js';
import { accountControlRoutes } from './account-control-routes.js';
import { InvalidInput } from './control-validation.js';
import type { EventWaiters } from './event-waiters.js';
import { faultRoutes } from './fault-routes.js';
import { ledgerRoutes } from './ledger-routes.js';
import { marketControlRoutes } from './market-control-routes.js';
import { orderControlRoutes } from './order-control-routes.js';
import { perpetualControlRoutes } from './perpetual-control-routes.js';
import { ContractRejection } from '../perpetual/contract-rejection.js';
import type { PerpetualExchange } from '../perpetual/perpetual-exchange.js';
import { quotaRoutes } from './quota-routes.js';
import type { RequestQuota } from '../quota/request-quota.js';
import { timingRoutes } from './timing-routes.js';

export interface ControlDependencies {
  readonly state: ExchangeState;
  readonly perpetuals: PerpetualExchange;
  readonly feeds: FeedHost;
  readonly faults: FaultRegistry;
  readonly bans: Bans;
  readonly quota: RequestQuota;
  readonly held: HeldRequests;
  readonly sockets: SocketControl;
  readonly waiters: EventWaiters;
  readonly timings: TimingLog;
  readonly logger: Logger;
}

/** The control face: on its own port, never mixed with the exchange's. */
export function createControlServer(dependencies: ControlDependencies): FastifyInstance {
  const server = fastify({ bodyLimit: 1_048_576, forceCloseConnections: true });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) dependencies.logger.error({ err: error }, 'control request failed');
    const problems = error instanceof InvalidInput ? error.problems : [];
    return reply.status(status).send({ error: { message: error.message, problems } });
  });
  // POST without a body is common for pause and resume; an empty JSON body stands for none.
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(text as string));
    } catch {
      done(new InvalidInput([{ field: 'body', value: '', rule: 'must be JSON' }]));
    }
  });
  const routes = [ledgerRoutes, marketControlRoutes, accountControlRoutes, orderControlRoutes, perpetualControlRoutes, faultRoutes, timingRoutes, quotaRoutes];
  for (const register of routes) register(server, dependencies);
  server.get('/status', () => statusView(dependencies));
  return server;
}

function statusView({ state, feeds, sockets }: ControlDependencies): Record<string, unknown> {
  return {
    pid: process.pid,
    feed: feeds.status(),
    accounts: [...state.accountNames],
    symbols: [...state.pairs.keys()],
    openOrders: [...state.openOrders.all()].length,
    subscriptions: sockets.subscriptions(),
    lastEventSequence: state.nextEventSequence - 1,
  };
}

function statusOf(error: Error & { statusCode?: number }): number {
  if (error instanceof InvalidInput) return 400;
  if (error instanceof ContractRejection) return error.reason === 'unknown_symbol' ? 404 : 409;
  if (error instanceof Rejection) return error.reason === 'unknown_symbol' ? 404 : 409;
  if (error instanceof ControlConflict || error instanceof FeedUnavailable) return 409;
  return error.statusCode ?? 500;
}

import type { FastifyInstance } from 'fastify';
import { requireAccount } from '../exchange/administration.js';
import { balanceView, orderView, tradeView } from './control-views.js';
import { validate } from './control-validation.js';
import type { ControlDependencies } from './control-server.js';
import { balancesQuerySchema, eventsQuerySchema, ordersQuerySchema, tradesQuerySchema } from './schemas.js';

/** Read-out of the whole ledger. */
export function ledgerRoutes(server: FastifyInstance, { state, waiters }: ControlDependencies): void {
  const { queries } = state.ledger;

  server.get('/ledger/orders', (request) => {
    const query = validate(ordersQuerySchema, request.query);
    return { orders: queries.orders(query).map(orderView) };
  });

  server.get('/ledger/trades', (request) => {
    const query = validate(tradesQuerySchema, request.query);
    return { trades: queries.trades(query).map(tradeView) };
  });

  server.get('/ledger/balances', (request) => {
    const { account } = validate(balancesQuerySchema, request.query);
    if (account !== undefined) requireAccount(state, account);
    const names = account === undefined ? [...state.accountNames] : [account];
    return { balances: names.flatMap((name) => state.balances.assetsOf(name)).map(balanceView) };
  });

  server.get('/ledger/events', async (request) => {
    const query = validate(eventsQuerySchema, request.query);
    const deadline = Date.now() + query.waitMs;
    let events = queries.events(query);
    while (events.length === 0 && Date.now() < deadline) {
      await waiters.next(deadline - Date.now());
      events = queries.events(query);
    }
    return { events, next: events.at(-1)?.sequence ?? query.after };
  });
}

import type { FastifyInstance } from 'fastify';
import { setRetention } from '../exchange/administration.js';
import { endManually, fillManually } from '../exchange/manual-orders.js';
import { Decimal } from '../matching/exact-decimal.js';
import { orderView, tradeView } from './control-views.js';
import type { ControlDependencies } from './control-server.js';
import { validate } from './control-validation.js';
import { fillSchema, heldReferenceSchema, heldRejectSchema, referenceSchema, retentionSchema } from './schemas.js';

/** What the caller does to named orders by hand, and to requests that wait for it. */
export function orderControlRoutes(server: FastifyInstance, { state, held }: ControlDependencies): void {
  server.post('/orders/fill', (request) => {
    const { orderId, clientOrderId, priceQuote, amountBase, feeAsset, feeAmount, role, isLast } = validate(
      fillSchema,
      request.body,
    );
    const fee =
      feeAsset === undefined || feeAmount === undefined ? undefined : { asset: feeAsset, amount: new Decimal(feeAmount) };
    const fill = { priceQuote: new Decimal(priceQuote), amountBase: new Decimal(amountBase), fee, role, isLast };
    return tradeView(fillManually(state, { orderId, clientOrderId }, fill));
  });

  for (const [path, ending] of [['cancel', 'canceled'], ['expire', 'expired'], ['reject', 'rejected']] as const) {
    server.post(`/orders/${path}`, (request) =>
      orderView(endManually(state, validate(referenceSchema, request.body), ending)),
    );
  }

  server.put('/retention', (request) => {
    const input = validate(retentionSchema, request.body);
    setRetention(state, input.forget === 'nothing' ? null : input);
    return { retention: state.retention };
  });

  server.get('/held', () => ({ held: held.list() }));
  server.post('/held/release', (request) => {
    const { clientOrderId } = validate(heldReferenceSchema, request.body);
    return held.rule(clientOrderId, { ruling: 'release' });
  });
  server.post('/held/reject', (request) => {
    const { clientOrderId, code, message } = validate(heldRejectSchema, request.body);
    return held.rule(clientOrderId, { ruling: 'reject', code, message });
  });
}

import type { FastifyInstance } from 'fastify';
import { recordFault } from '../exchange/administration.js';
import type { Fault } from '../faults/fault.js';
import type { ControlDependencies } from './control-server.js';
import { validate } from './control-validation.js';
import { faultSchema, killSocketsSchema, socketLifetimeSchema, stallSocketsSchema, terminateUserDataSchema } from './schemas.js';

interface IdParams {
  readonly Params: { readonly id: string };
}

/** Arms, lists and clears faults; cuts sockets. */
export function faultRoutes(server: FastifyInstance, { state, faults, bans, sockets }: ControlDependencies): void {
  server.get('/faults', () => ({ faults: faults.list().map(faultView) }));

  server.post('/faults', (request) => {
    const { method, route, account, symbol, clientOrderId, clientOrderIdPrefix, skip, count, share, seed, ...fault } = validate(
      faultSchema,
      request.body,
    );
    const target = { method, route, account, symbol, clientOrderId, clientOrderIdPrefix };
    const view = faultView(faults.arm(fault, target, { skip, count, share, seed }));
    recordFault(state, 'fault-armed', view);
    return view;
  });

  server.delete('/faults', () => clear(undefined));
  server.delete<IdParams>('/faults/:id', (request) => clear(Number(request.params.id)));

  const clear = (id: number | undefined): { cleared: number } => {
    const cleared = faults.clear(id);
    if (id === undefined) bans.lift();
    recordFault(state, 'fault-cleared', { id: id ?? null, cleared });
    return { cleared };
  };

  server.post('/websockets/kill', (request) => {
    const { scope, refuseMs } = validate(killSocketsSchema, request.body);
    return { killed: sockets.kill(scope, refuseMs) };
  });

  server.post('/websockets/stall', (request) => {
    const { scope } = validate(stallSocketsSchema, request.body);
    return { stalled: sockets.stall(scope) };
  });

  server.put('/websockets/lifetime', (request) => {
    const { scope, maxAgeMs, noticeMs } = validate(socketLifetimeSchema, request.body);
    sockets.setLifetime(scope, maxAgeMs === null ? null : { maxAgeMs, noticeMs });
    return { scope, maxAgeMs, noticeMs };
  });

  server.post('/websockets/terminate-user-data', (request) => {
    const { account } = validate(terminateUserDataSchema, request.body);
    return { terminated: sockets.terminateUserData(account) };
  });
}

function faultView({ id, fault, target, skip, remaining, share, hits }: Fault): Record<string, unknown> {
  return { id, ...fault, ...target, skip, remaining, share, hits };
}

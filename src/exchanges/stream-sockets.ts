import type { CcxtClient, CcxtSocket } from './ccxt-client.js';

/** Recognises what a socket is waiting for, by ccxt's own names of its updates. */
export type Awaited = (messageHash: string) => boolean;

/** ccxt waits for updates of the account under these names. */
export const isAccountUpdate: Awaited = (messageHash) => /^(?:orders|myTrades|(?:\w+:)?balance)(?::|$)/.test(messageHash);

/** Unix ms of the last sign of life of the sockets that wait for such updates; null when there is none of them. */
export function lastSignOfLife(client: CcxtClient, awaited: Awaited): number | null {
  const signs = socketsOf(client, awaited).map((socket) => socket.lastPong ?? socket.connectionEstablished ?? 0);
  return signs.length === 0 ? null : Math.max(...signs);
}

/** Ends the sockets that wait for such updates, as a broken connection would: who waits hears it and subscribes anew. */
export function dropSockets(client: CcxtClient, awaited: Awaited, reason: string): void {
  for (const socket of socketsOf(client, awaited)) {
    socket.onError(new Error(reason));
    // A socket that hangs does not answer the close either; nobody waits for that.
    void Promise.resolve(socket.close()).catch(() => undefined);
  }
}

function socketsOf(client: CcxtClient, awaited: Awaited): readonly CcxtSocket[] {
  return Object.values(client.clients ?? {}).filter((socket) => Object.keys(socket.futures).some(awaited));
}

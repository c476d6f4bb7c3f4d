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

const OPEN_CHECK_MS = 5;

/**
 * Resolves when sockets wait for such updates and all of them are open. What happens before that is in no stream, also
 * where a login needs no socket.
 */
export async function socketsOpen(client: CcxtClient, awaited: Awaited, signal: AbortSignal): Promise<void> {
  // The loops get as far as to wait.
  await new Promise((resolve) => setImmediate(resolve));
  while (!signal.aborted && client.clients !== undefined) {
    const sockets = socketsOf(client, awaited);
    if (sockets.length > 0 && sockets.every((socket) => socket.connectionEstablished !== undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, OPEN_CHECK_MS));
  }
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

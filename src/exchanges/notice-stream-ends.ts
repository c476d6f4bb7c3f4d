import type { CcxtClient } from './ccxt-client.js';
import { dropSockets, isAccountUpdate } from './stream-sockets.js';

/**
 * Events by which Binance ends a user data stream while its socket stays open and answers pings. ccxt tells the first to
 * nobody who waits, and does not know the second: the stream would be silent for good and look healthy.
 */
const ENDS: ReadonlySet<unknown> = new Set(['eventStreamTerminated', 'listenKeyExpired']);

/** Treats the end of a user data stream like the end of its socket, so that whoever waits hears it and subscribes anew. */
export function noticeStreamEnds(client: CcxtClient): void {
  const handle = client.handleMessage.bind(client);
  client.handleMessage = (socket, message) => {
    handle(socket, message);
    const name = eventName(message);
    if (!ENDS.has(name)) return;
    forgetListenKeys(client);
    dropSockets(client, isAccountUpdate, `the exchange ended the user data stream: ${String(name)}`);
  };
}

/** The event itself, or inside what the API socket and combined streams wrap around it. */
function eventName(message: unknown): unknown {
  const { e, event, data } = (message ?? {}) as { readonly e?: unknown; readonly event?: { readonly e?: unknown }; readonly data?: { readonly e?: unknown } };
  return e ?? event?.e ?? data?.e;
}

/** ccxt would use a key for twenty minutes that is worth nothing any more. */
function forgetListenKeys(client: CcxtClient): void {
  for (const [type, value] of Object.entries(client.options)) {
    if (typeof value === 'object' && value !== null && 'listenKey' in value) {
      client.options[type] = { ...value, listenKey: undefined, lastAuthenticatedTime: 0 };
    }
  }
}

/** The part of ccxt's socket client whose promises ccxt itself can leave without anybody listening. */
interface SocketClient {
  future(messageHash: string): Promise<unknown>;
  send(message: unknown): Promise<unknown>;
}

const guarded = new WeakSet<object>();

/**
 * When a socket breaks, ccxt rejects everything pending on it, promises included that nobody waits for: those of an
 * unfinished login, and of a message it could not send any more. Node ends a process for such a rejection, and with it
 * every armed stop. Who does wait still gets the error; a break as such is told by the streams.
 */
export function guardSocket(socket: unknown): void {
  const client = socket as SocketClient;
  if (guarded.has(client)) return;
  guarded.add(client);
  const future = client.future.bind(client);
  client.future = (messageHash) => heard(future(messageHash));
  const send = client.send.bind(client);
  client.send = (message) => heard(send(message));
}

function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Ports are taken from below the range that operating systems hand out for outgoing connections (Linux 32768 and up,
 * macOS 49152 and up). A listener that is killed and started again on such a port finds it free: from inside that
 * range, a reconnecting client can be given the very port it dials and so occupy it by connecting to itself.
 */
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 31_999;
const MAXIMUM_TRIES = 200;

/**
 * `count` different TCP ports on which nothing listens at the moment. All are held open until the last is found, so
 * one call never returns the same port twice. A caller must still treat "address in use" at start as a reason to ask
 * again: between this call and the start another process can take the port.
 */
export async function findFreePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let tries = 0; ports.length < count; tries += 1) {
      if (tries >= MAXIMUM_TRIES) throw new Error(`found only ${ports.length} of ${count} free ports on ${host}`);
      const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
      const server = await tryListen(port, host);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
  } finally {
    await Promise.all(held.map(closeServer));
  }
  return ports;
}

export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  const [port] = await findFreePorts(1, host);
  if (port === undefined) throw new Error(`no free port on ${host}`);
  return port;
}

/** True when a listener could be opened on the port right now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = await tryListen(port, host);
  if (server === undefined) return false;
  await closeServer(server);
  return true;
}

/** The preferred port when it is free, else another free one. */
export async function preferPort(preferred: number, host = '127.0.0.1'): Promise<number> {
  return (await isPortFree(preferred, host)) ? preferred : await findFreePort(host);
}

async function tryListen(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

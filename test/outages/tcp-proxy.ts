import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** `stalled`: connections stay and are taken, and nothing passes. `cut`: connections break and are refused. */
type Passage = 'open' | 'stalled' | 'cut';

interface Link {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP port of this process that passes everything on to another one, until it is told not to. */
export class TcpProxy {
  private passage: Passage = 'open';
  private readonly links = new Set<Link>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
    readonly port: number,
  ) {}

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    const proxy = new TcpProxy(server, targetPort, address.port);
    server.on('connection', (near) => proxy.take(near));
    return proxy;
  }

  open(): void {
    this.passage = 'open';
    // What was taken while nothing passed has lost its beginning.
    this.breakAll();
  }

  stall(): void {
    this.passage = 'stalled';
    for (const { near, far } of this.links) {
      near.pause();
      far.pause();
    }
  }

  cut(): void {
    this.passage = 'cut';
    this.breakAll();
  }

  async close(): Promise<void> {
    this.breakAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(near: Socket): void {
    if (this.passage === 'cut') return void near.destroy();
    const far = connect(this.targetPort, '127.0.0.1');
    const link = { near, far };
    this.links.add(link);
    const end = (): void => {
      this.links.delete(link);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end);
    near.pipe(far);
    far.pipe(near);
    if (this.passage === 'stalled') {
      near.pause();
      far.pause();
    }
  }

  private breakAll(): void {
    for (const { near, far } of this.links) {
      near.destroy();
      far.destroy();
    }
    this.links.clear();
  }
}

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PublicStreams } from './public-streams.js';
import type { UserDataSockets } from './user-data-socket.js';

export type SocketScope = 'public' | 'user' | 'all';

export interface SocketControl {
  /** Cuts sockets without a close frame, as a lost line does, and refuses new ones for a while. Returns how many. */
  kill(scope: SocketScope, refuseMs: number): number;
  /** Who is subscribed now: stream names, and user data subscriptions by account. */
  subscriptions(): { readonly streams: readonly string[]; readonly userData: readonly string[] };
}

const MAX_FRAME_BYTES = 64 * 1024;

/** `/ws-api/...` is the signed API socket; every other path is market data. */
export class WebSocketFace implements SocketControl {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  private readonly sockets = new Map<WebSocket, 'public' | 'user'>();
  private readonly refusedUntilMs = { public: 0, user: 0 };

  constructor(
    private readonly publicStreams: PublicStreams,
    private readonly userData: UserDataSockets,
  ) {}

  listen(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      this.upgrade(request, socket, head);
    });
  }

  kill(scope: SocketScope, refuseMs: number): number {
    let killed = 0;
    for (const kind of ['public', 'user'] as const) {
      if (scope === 'all' || scope === kind) this.refusedUntilMs[kind] = Date.now() + refuseMs;
    }
    for (const [socket, kind] of this.sockets) {
      if (scope !== 'all' && scope !== kind) continue;
      socket.terminate();
      killed += 1;
    }
    return killed;
  }

  subscriptions(): { streams: string[]; userData: string[] } {
    return { streams: this.publicStreams.names(), userData: this.userData.accounts() };
  }

  close(): void {
    this.kill('all', 0);
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'ws://localhost');
    const kind = url.pathname.startsWith('/ws-api') ? 'user' : 'public';
    if (Date.now() < this.refusedUntilMs[kind]) {
      socket.destroy();
      return;
    }
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      this.sockets.set(webSocket, kind);
      webSocket.on('close', () => this.sockets.delete(webSocket));
      // A broken line surfaces as 'close' too; without a listener the error would end the process.
      webSocket.on('error', () => webSocket.terminate());
      if (kind === 'user') this.userData.attach(webSocket);
      else this.publicStreams.attach(webSocket, url);
    });
  }
}

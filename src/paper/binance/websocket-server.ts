import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PublicStreams } from './public-streams.js';
import type { FuturesUserData } from '../futures/futures-user-data.js';
import { sendPong, silence } from './send-json.js';
import { type Lifetime, SocketLifetimes } from './socket-lifetimes.js';
import type { UserDataSockets } from './user-data-socket.js';

export type SocketScope = 'public' | 'user' | 'all';

export interface SocketControl {
  /** Cuts sockets without a close frame, as a lost line does, and refuses new ones for a while. Returns how many. */
  kill(scope: SocketScope, refuseMs: number): number;
  /** Sockets that are open now fall silent without closing: no frame, no answer, no pong. Returns how many. */
  stall(scope: SocketScope): number;
  /** How old sockets may become; null: as old as they like. */
  setLifetime(scope: SocketScope, lifetime: Lifetime | null): void;
  /** Ends user data subscriptions and tells so, while their sockets stay open. Returns how many. */
  terminateUserData(account: string | undefined): number;
  /** Who is subscribed now: stream names, and user data subscriptions by account. */
  subscriptions(): { readonly streams: readonly string[]; readonly userData: readonly string[] };
}

const MAX_FRAME_BYTES = 64 * 1024;

/** Where the perpetual market's sockets are: `/usdm/private/ws` is user data, the rest market data. */
const FUTURES_PATH = '/usdm/';
/** Before names of the perpetual market's streams and subscribers, where both markets are listed together. */
const FUTURES_PREFIX = 'usdm:';

export interface SocketFaces {
  readonly streams: PublicStreams;
  readonly userData: UserDataSockets;
  readonly futuresStreams: PublicStreams;
  readonly futuresUserData: FuturesUserData;
}

/** `/ws-api/...` is the signed API socket, `/usdm/...` the perpetual market; every other path is spot market data. */
export class WebSocketFace implements SocketControl {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, autoPong: false });
  private readonly sockets = new Map<WebSocket, 'public' | 'user'>();
  private readonly refusedUntilMs = { public: 0, user: 0 };
  private readonly lifetimes = new SocketLifetimes(Date.now);

  constructor(
    private readonly faces: SocketFaces,
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

  stall(scope: SocketScope): number {
    const stalled = [...this.sockets].filter(([, kind]) => scope === 'all' || scope === kind);
    for (const [socket] of stalled) silence(socket);
    return stalled.length;
  }

  setLifetime(scope: SocketScope, lifetime: Lifetime | null): void {
    for (const kind of ['public', 'user'] as const) if (scope === 'all' || scope === kind) this.lifetimes.set(kind, lifetime);
  }

  terminateUserData(account: string | undefined): number {
    return this.faces.userData.terminate(account) + this.faces.futuresUserData.terminate(account);
  }

  subscriptions(): { streams: string[]; userData: string[] } {
    const { streams, userData, futuresStreams, futuresUserData } = this.faces;
    const perpetual = futuresStreams.names().map((name) => `${FUTURES_PREFIX}${name}`);
    const perpetualUsers = futuresUserData.accounts().map((name) => `${FUTURES_PREFIX}${name}`);
    return { streams: [...streams.names(), ...perpetual], userData: [...userData.accounts(), ...perpetualUsers] };
  }

  close(): void {
    this.kill('all', 0);
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'ws://localhost');
    const face = this.faceOf(url);
    const { kind } = face;
    if (Date.now() < this.refusedUntilMs[kind]) {
      socket.destroy();
      return;
    }
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      this.sockets.set(webSocket, kind);
      webSocket.on('close', () => this.sockets.delete(webSocket));
      webSocket.on('ping', (data) => sendPong(webSocket, data));
      this.lifetimes.add(webSocket, kind);
      // A broken line surfaces as 'close' too; without a listener the error would end the process.
      webSocket.on('error', () => webSocket.terminate());
      face.attach(webSocket);
    });
  }

  private faceOf(url: URL): { readonly kind: 'public' | 'user'; readonly attach: (socket: WebSocket) => void } {
    const { streams, userData, futuresStreams, futuresUserData } = this.faces;
    if (url.pathname.startsWith('/ws-api')) return { kind: 'user', attach: (socket) => { userData.attach(socket); } };
    if (!url.pathname.startsWith(FUTURES_PATH)) return { kind: 'public', attach: (socket) => { streams.attach(socket, url); } };
    if (url.pathname.startsWith(`${FUTURES_PATH}private/`)) return { kind: 'user', attach: (socket) => { futuresUserData.attach(socket, url); } };
    return { kind: 'public', attach: (socket) => { futuresStreams.attach(socket, url); } };
  }
}

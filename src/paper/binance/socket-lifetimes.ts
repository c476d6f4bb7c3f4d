import type { WebSocket } from 'ws';
import { sendJson } from './send-json.js';

export interface Lifetime {
  /** Age at which the exchange closes the socket. Binance does so after 24 hours. */
  readonly maxAgeMs: number;
  /** How long before that it tells. */
  readonly noticeMs: number;
}

const GOING_AWAY = 1_001;

/** Closes sockets that have become too old, after a `serverShutdown` event. */
export class SocketLifetimes {
  private readonly opened = new Map<WebSocket, { readonly kind: 'public' | 'user'; readonly openedMs: number }>();
  private readonly timers = new Map<WebSocket, NodeJS.Timeout[]>();
  private readonly lifetimes = new Map<'public' | 'user', Lifetime>();

  constructor(private readonly now: () => number) {}

  add(socket: WebSocket, kind: 'public' | 'user'): void {
    this.opened.set(socket, { kind, openedMs: this.now() });
    this.schedule(socket);
    socket.on('close', () => {
      this.unschedule(socket);
      this.opened.delete(socket);
    });
  }

  /** For sockets that are open and those to come; null lets them live. */
  set(kind: 'public' | 'user', lifetime: Lifetime | null): void {
    if (lifetime === null) this.lifetimes.delete(kind);
    else this.lifetimes.set(kind, lifetime);
    for (const [socket, opened] of this.opened) if (opened.kind === kind) this.schedule(socket);
  }

  private schedule(socket: WebSocket): void {
    this.unschedule(socket);
    const opened = this.opened.get(socket);
    const lifetime = opened === undefined ? undefined : this.lifetimes.get(opened.kind);
    if (opened === undefined || lifetime === undefined) return;
    const leftMs = Math.max(0, opened.openedMs + lifetime.maxAgeMs - this.now());
    const notice = (): void => {
      const event = { e: 'serverShutdown', E: this.now() };
      sendJson(socket, opened.kind === 'user' ? { event } : event);
    };
    const close = (): void => socket.close(GOING_AWAY, 'the connection is too old');
    this.timers.set(socket, [setTimeout(notice, Math.max(0, leftMs - lifetime.noticeMs)), setTimeout(close, leftMs)]);
  }

  private unschedule(socket: WebSocket): void {
    for (const timer of this.timers.get(socket) ?? []) clearTimeout(timer);
    this.timers.delete(socket);
  }
}

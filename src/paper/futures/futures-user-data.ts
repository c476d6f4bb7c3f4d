import type { WebSocket } from 'ws';
import { sendJson } from '../binance/send-json.js';
import type { ExchangeListener, OrderUpdate } from '../exchange/exchange-listener.js';
import type { FrameFaults } from '../faults/frame-faults.js';
import type { Order } from '../matching/order.js';
import type { ConditionalOrder } from '../perpetual/conditional-order.js';
import type { ContractAccountChange, ContractConfigChange, MarginCall } from '../perpetual/perpetual-changes.js';
import { accountFrame, configFrame, marginCallFrame, orderFrame } from './futures-frames.js';
import type { ListenKeys } from './listen-keys.js';
import { conditionalFrame } from './render-conditional.js';

const EXPIRY_CHECK_MS = 1_000;

interface About {
  readonly symbol?: string;
  readonly clientOrderId?: string;
}

/** User data sockets of the perpetual market: one listen key each, no commands. */
export class FuturesUserData implements ExchangeListener {
  private readonly sockets = new Map<WebSocket, { readonly account: string; readonly key: string }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly listenKeys: ListenKeys,
    private readonly frames: FrameFaults,
    private readonly now: () => number,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      for (const { account, key } of this.listenKeys.takeExpired()) this.tellExpired(account, key);
    }, EXPIRY_CHECK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  attach(socket: WebSocket, url: URL): void {
    const key = url.searchParams.get('listenKey') ?? url.pathname.split('/').at(-1) ?? '';
    const account = this.listenKeys.accountOf(key);
    // As on Binance, the socket stays open: nothing more comes through it.
    if (account === undefined) {
      sendJson(socket, this.expiredFrame(key));
      return;
    }
    this.sockets.set(socket, { account, key });
    socket.on('close', () => this.sockets.delete(socket));
  }

  accounts(): string[] {
    return [...this.sockets.values()].map(({ account }) => account);
  }

  /** Ends the key of an account, or all, and tells so; the sockets stay open. Returns how many sockets were told. */
  terminate(account: string | undefined): number {
    const accounts = new Set(this.accounts().filter((name) => account === undefined || name === account));
    let told = 0;
    for (const name of accounts) {
      const key = this.listenKeys.end(name);
      if (key !== undefined) told += this.tellExpired(name, key);
    }
    return told;
  }

  orderUpdated(update: OrderUpdate): void {
    const { account, symbol, clientOrderId, contract } = update.order;
    if (contract !== undefined) this.push(account, { symbol, clientOrderId }, () => orderFrame(update, this.now()));
  }

  contractAccountChanged(change: ContractAccountChange): void {
    this.push(change.account, {}, () => accountFrame(change, this.now()));
  }

  contractConfigChanged(change: ContractConfigChange): void {
    this.push(change.account, { symbol: change.symbol }, () => configFrame(change, this.now()));
  }

  conditionalChanged(order: Readonly<ConditionalOrder>, actual: Readonly<Order> | undefined): void {
    const { account, symbol, clientId } = order;
    this.push(account, { symbol, clientOrderId: clientId }, () => conditionalFrame(order, actual, this.now()));
  }

  marginCalled(call: MarginCall): void {
    this.push(call.account, {}, () => marginCallFrame(call, this.now()));
  }

  private push(account: string, about: About, render: () => unknown): void {
    const { symbol, clientOrderId } = about;
    const subject = { channel: 'user', method: 'FRAME', route: '/user-data', account, symbol, clientOrderId } as const;
    for (const [socket, subscriber] of this.sockets) {
      if (subscriber.account === account) this.frames.deliver(socket, subject, () => sendJson(socket, render()));
    }
  }

  private tellExpired(account: string, key: string): number {
    let told = 0;
    for (const [socket, subscriber] of this.sockets) {
      if (subscriber.account !== account || subscriber.key !== key) continue;
      this.sockets.delete(socket);
      sendJson(socket, this.expiredFrame(key));
      told += 1;
    }
    return told;
  }

  private expiredFrame(listenKey: string): Record<string, unknown> {
    return { e: 'listenKeyExpired', E: this.now(), listenKey };
  }
}

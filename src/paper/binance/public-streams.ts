import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { ExchangeListener, PublicTrade } from '../exchange/exchange-listener.js';
import type { ExchangeState } from '../exchange/exchange-state.js';
import type { FrameFaults } from '../faults/frame-faults.js';
import type { DepthPublisher } from './depth-publisher.js';
import { sendJson, sendText } from './send-json.js';
import type { ParseStream, Stream } from './stream-name.js';
import { aggregateTradeFrame, bookTickerFrame, dayTickerFrame, klineFrame, miniTickerFrame, tradeFrame } from './stream-frames.js';
import { parseJson } from './user-data-socket.js';

const DEPTH_INTERVAL_MS = 100;
const TICKER_INTERVAL_MS = 1_000;
const MAX_STREAMS_PER_SOCKET = 1_024;

const commandSchema = z.object({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.array(z.string()).optional(),
});

interface Subscribers {
  readonly stream: Stream;
  readonly sockets: Set<WebSocket>;
  /** Last frame without its times, so that an unchanged state is not sent again. */
  lastState: string;
}

/** The public market data sockets: subscriptions, frames on change, and frames by the clock. */
export class PublicStreams implements ExchangeListener {
  private readonly streams = new Map<string, Subscribers>();
  private readonly streamsBySymbol = new Map<string, Set<Subscribers>>();
  private readonly wrapped = new WeakSet<WebSocket>();
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly state: ExchangeState,
    private readonly depth: DepthPublisher,
    private readonly frames: FrameFaults,
    private readonly parseStream: ParseStream,
    /** Mark price of a perpetual; a spot market has none. */
    private readonly markPriceFrame: (symbol: string) => Record<string, unknown> | undefined = () => undefined,
  ) {
    depth.onUpdate((symbol, update) => {
      this.publish(symbol, 'depth', () => update);
    });
  }

  start(): void {
    this.timers.push(setInterval(() => { this.publishBooks(); }, DEPTH_INTERVAL_MS));
    this.timers.push(setInterval(() => { this.publishTickers(); }, TICKER_INTERVAL_MS));
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** `/ws/<stream>` and `/stream?streams=a/b` subscribe by address; anything else waits for SUBSCRIBE. */
  attach(socket: WebSocket, url: URL): void {
    if (url.pathname === '/stream') this.wrapped.add(socket);
    const named = [...(url.searchParams.get('streams')?.split('/') ?? []), ...url.pathname.split('/')];
    for (const name of named) {
      const stream = this.parseStream(name);
      if (stream !== undefined) this.subscribe(socket, stream);
    }
    socket.on('message', (data: Buffer) => { this.receive(socket, data.toString('utf8')); });
    socket.on('close', () => { this.forget(socket); });
  }

  names(): string[] {
    return [...this.streams.keys()];
  }

  traded(trade: PublicTrade): void {
    this.publish(trade.symbol, 'trade', () => tradeFrame(trade, this.state.now()));
    this.publish(trade.symbol, 'aggTrade', () => aggregateTradeFrame(trade, this.state.now()));
  }

  bookChanged(symbol: string): void {
    this.publish(symbol, 'bookTicker', (subscribers) => this.changedBookTicker(subscribers));
  }

  private changedBookTicker(subscribers: Subscribers): unknown {
    const { symbol } = subscribers.stream;
    const frame = bookTickerFrame(this.state, this.state.pair(symbol), this.depth.lastUpdateId(symbol));
    return isNew(subscribers, frame, ['u']) ? frame : undefined;
  }

  private publishBooks(): void {
    for (const { stream, sockets } of this.streams.values()) {
      if (stream.kind === 'depth') this.depth.flush(stream.symbol);
      if (stream.kind === 'partialDepth') this.sendTo(sockets, stream, this.depth.snapshot(stream.symbol, stream.levels));
    }
  }

  private publishTickers(): void {
    for (const subscribers of this.streams.values()) {
      const frame = this.clockFrame(subscribers.stream);
      if (frame !== undefined && isNew(subscribers, frame, ['E', 'O', 'C'])) {
        this.sendTo(subscribers.sockets, subscribers.stream, frame);
      }
    }
  }

  private clockFrame(stream: Stream): Record<string, unknown> | undefined {
    const pair = this.state.pair(stream.symbol);
    switch (stream.kind) {
      case 'miniTicker':
        return miniTickerFrame(this.state, pair);
      case 'ticker':
        return dayTickerFrame(this.state, pair);
      case 'kline':
        return klineFrame(this.state, pair, stream.interval);
      case 'markPrice':
        return this.markPriceFrame(stream.symbol);
      case 'bookTicker':
      case 'trade':
      case 'aggTrade':
      case 'depth':
      case 'partialDepth':
        return undefined;
    }
  }

  private receive(socket: WebSocket, text: string): void {
    const parsed = commandSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      sendJson(socket, { error: { code: 3, msg: 'Invalid JSON: expected an object with method and params' }, id: null });
      return;
    }
    const { method, params = [], id = null } = parsed.data;
    const streams = params.map((name) => ({ name, stream: this.parseStream(name) }));
    const invalid = streams.find(({ stream }) => stream === undefined || !this.state.pairs.has(stream.symbol));
    if (invalid !== undefined) {
      sendJson(socket, { error: { code: 2, msg: `Invalid request: invalid stream ${invalid.name}` }, id });
      return;
    }
    const valid = streams.flatMap(({ stream }) => (stream === undefined ? [] : [stream]));
    if (method === 'SUBSCRIBE') {
      sendJson(socket, { result: null, id });
      for (const stream of valid) this.subscribe(socket, stream);
    } else if (method === 'UNSUBSCRIBE') {
      for (const stream of valid) this.unsubscribe(socket, stream.name);
      sendJson(socket, { result: null, id });
    } else if (method === 'LIST_SUBSCRIPTIONS') {
      sendJson(socket, { result: this.namesOf(socket), id });
    } else {
      sendJson(socket, { error: { code: 2, msg: `Invalid request: unknown method ${method}` }, id });
    }
  }

  private subscribe(socket: WebSocket, stream: Stream): void {
    if (!this.state.pairs.has(stream.symbol)) return;
    if (this.namesOf(socket).length >= MAX_STREAMS_PER_SOCKET) {
      sendJson(socket, { error: { code: 2, msg: 'Invalid request: too many streams' }, id: null });
      return;
    }
    const subscribers = this.subscribersOf(stream);
    subscribers.sockets.add(socket);
    if (stream.kind === 'depth') this.depth.flush(stream.symbol);
    // A live market moves many times a second; in a still one the first frame would never come.
    const first = stream.kind === 'bookTicker' ? this.currentBookTicker(stream) : this.clockFrame(stream);
    if (first !== undefined) this.sendTo(new Set([socket]), stream, first);
  }

  private currentBookTicker(stream: Stream): Record<string, unknown> {
    return bookTickerFrame(this.state, this.state.pair(stream.symbol), this.depth.lastUpdateId(stream.symbol));
  }

  private subscribersOf(stream: Stream): Subscribers {
    let subscribers = this.streams.get(stream.name);
    if (subscribers === undefined) {
      subscribers = { stream, sockets: new Set(), lastState: '' };
      this.streams.set(stream.name, subscribers);
      const ofSymbol = this.streamsBySymbol.get(stream.symbol) ?? new Set();
      this.streamsBySymbol.set(stream.symbol, ofSymbol.add(subscribers));
    }
    return subscribers;
  }

  private unsubscribe(socket: WebSocket, name: string): void {
    const subscribers = this.streams.get(name);
    if (subscribers === undefined) return;
    subscribers.sockets.delete(socket);
    if (subscribers.sockets.size > 0) return;
    this.streams.delete(name);
    this.streamsBySymbol.get(subscribers.stream.symbol)?.delete(subscribers);
  }

  private forget(socket: WebSocket): void {
    for (const name of this.namesOf(socket)) this.unsubscribe(socket, name);
  }

  private namesOf(socket: WebSocket): string[] {
    return [...this.streams].filter(([, { sockets }]) => sockets.has(socket)).map(([name]) => name);
  }

  /** Sends one frame to everyone on a stream of this kind. Nothing is rendered when nobody listens. */
  private publish(symbol: string, kind: Stream['kind'], render: (subscribers: Subscribers) => unknown): void {
    for (const subscribers of this.streamsBySymbol.get(symbol) ?? []) {
      if (subscribers.stream.kind !== kind) continue;
      const frame = render(subscribers);
      if (frame !== undefined) this.sendTo(subscribers.sockets, subscribers.stream, frame);
    }
  }

  private sendTo(sockets: ReadonlySet<WebSocket>, stream: Stream, frame: unknown): void {
    const text = JSON.stringify(frame);
    const { symbol } = stream;
    const subject = { channel: 'public', method: 'FRAME', route: `/${stream.name}`, account: undefined, symbol, clientOrderId: undefined } as const;
    for (const socket of sockets) {
      const sent = this.wrapped.has(socket) ? `{"stream":${JSON.stringify(stream.name)},"data":${text}}` : text;
      this.frames.deliver(socket, subject, () => sendText(socket, sent));
    }
  }
}

function isNew(subscribers: Subscribers, frame: Readonly<Record<string, unknown>>, times: readonly string[]): boolean {
  const state = JSON.stringify(frame, (name, value: unknown) => (times.includes(name) ? undefined : value));
  if (state === subscribers.lastState) return false;
  subscribers.lastState = state;
  return true;
}

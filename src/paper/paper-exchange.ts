import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { DepthPublisher } from './binance/depth-publisher.js';
import { PublicStreams } from './binance/public-streams.js';
import { parseStream } from './binance/stream-name.js';
import { RecentTrades } from './binance/recent-trades.js';
import { serveRest } from './binance/rest-server.js';
import { Authenticator } from './binance/signature.js';
import { UserDataSockets } from './binance/user-data-socket.js';
import { WebSocketFace } from './binance/websocket-server.js';
import type { PaperExchangeOptions } from './command-line.js';
import { createControlServer } from './control/control-server.js';
import { EventWaiters } from './control/event-waiters.js';
import { recordFault } from './exchange/administration.js';
import type { ExchangeState } from './exchange/exchange-state.js';
import { HeldRequests } from './exchange/held-requests.js';
import { ProgressKeeper } from './exchange/progress-keeper.js';
import { openExchange } from './exchange/recovery.js';
import { TimingLog } from './exchange/timing-log.js';
import { RequestQuota } from './quota/request-quota.js';
import { Bans } from './faults/bans.js';
import { FaultRegistry } from './faults/fault-registry.js';
import { FrameFaults } from './faults/frame-faults.js';
import { createFeedFactory } from './feeds/feed-factory.js';
import { FeedHost } from './feeds/feed-host.js';
import { parseFuturesStream } from './futures/futures-stream-name.js';
import { FuturesUserData } from './futures/futures-user-data.js';
import { ListenKeys } from './futures/listen-keys.js';
import { markPriceFrame } from './futures/render-contract.js';
import { Decimal } from './matching/exact-decimal.js';
import { FundingClock } from './perpetual/funding-clock.js';
import { openPerpetuals } from './perpetual/open-perpetuals.js';
import type { PerpetualExchange } from './perpetual/perpetual-exchange.js';

export interface PaperExchangeAddress {
  readonly restUrl: string;
  readonly websocketUrl: string;
  readonly controlUrl: string;
  readonly pid: number;
  readonly feed: string;
}

const DAY_MS = 86_400_000;

/** The running exchange: ledger, matching, feed, the Binance face and the control face. */
export class PaperExchange {
  private readonly state: ExchangeState;
  private readonly held: HeldRequests;
  private readonly progress: ProgressKeeper;
  private readonly feeds: FeedHost;
  private readonly streams: PublicStreams;
  private readonly perpetuals: PerpetualExchange;
  private readonly perpetualStreams: PublicStreams;
  private readonly fundingClock: FundingClock;
  private readonly perpetualUserData: FuturesUserData;
  private readonly sockets: WebSocketFace;
  private readonly rest: Server;
  private readonly control: FastifyInstance;
  private readonly waiters = new EventWaiters();

  /** @param fail called when memory and ledger may disagree; it must end the process. */
  constructor(
    private readonly options: PaperExchangeOptions,
    logger: Logger,
    fail: (error: unknown) => void,
  ) {
    const { accounts, contracts } = options;
    const setups = [...options.instruments, ...contracts];
    const now = Date.now;
    this.state = openExchange({
      databaseFile: options.databaseFile,
      accounts,
      instruments: setups.map(({ instrument }) => instrument),
      fees: { makerRate: new Decimal(options.makerRate), takerRate: new Decimal(options.takerRate), feeAsset: 'received' },
      now,
      fail,
    });
    this.perpetuals = openPerpetuals(this.state, {
      contracts: contracts.map(({ contract }) => contract),
      accounts,
      fees: { makerRate: new Decimal(options.perpetualMakerRate), takerRate: new Decimal(options.perpetualTakerRate) },
    });
    this.fundingClock = new FundingClock(this.perpetuals);
    this.held = new HeldRequests(now);
    this.progress = new ProgressKeeper(this.state);
    const initialFeed = { name: options.feed, speed: options.speed };
    const displacement = { offset: new Decimal(options.priceOffset), delayMs: options.feedDelayMs };
    const createFeed = createFeedFactory(setups, displacement, (problem) => {
      logger.warn({ problem }, 'feed interrupted');
    });
    this.feeds = new FeedHost(this.state, createFeed, initialFeed);
    const faults = new FaultRegistry((fault, subject) => {
      recordFault(this.state, 'fault-hit', { id: fault.id, ...fault.fault, ...subject });
    });
    const bans = new Bans();
    const quota = new RequestQuota(now);
    const authenticator = new Authenticator(accounts, now);
    const depth = new DepthPublisher(this.state);
    const recentTrades = new RecentTrades();
    const names = new Map(accounts.map((account) => [account.apiKey, account.name]));
    const accountOfKey = (apiKey: string | undefined): string | undefined => names.get(apiKey ?? '');
    const frames = new FrameFaults(faults);
    this.streams = new PublicStreams(this.state, depth, frames, parseStream);
    this.perpetualStreams = new PublicStreams(this.state, depth, frames, parseFuturesStream, (symbol) =>
      markPriceFrame(this.perpetuals, symbol),
    );
    const userData = new UserDataSockets(authenticator, accountOfKey, faults, frames, now);
    const listenKeys = new ListenKeys(this.state);
    this.perpetualUserData = new FuturesUserData(listenKeys, frames, now);
    this.sockets = new WebSocketFace({
      streams: this.streams,
      userData,
      futuresStreams: this.perpetualStreams,
      futuresUserData: this.perpetualUserData,
    });
    const timings = new TimingLog(this.state);
    // Before the streams: a frame's time is the one at which it begins to leave.
    const listeners = [this.progress, recentTrades, timings, this.streams, this.perpetualStreams, userData, this.perpetualUserData, this.waiters];
    for (const listener of listeners) this.state.listeners.add(listener);
    const context = { state: this.state, perpetuals: this.perpetuals, listenKeys, held: this.held, recentTrades, depth, quota };
    this.rest = createServer((request, response) => {
      void serveRest({ authenticator, accountOfKey, faults, bans, context, logger }, request, response);
    });
    this.sockets.listen(this.rest);
    const { state, perpetuals, feeds, held, sockets, waiters } = this;
    this.control = createControlServer({ state, perpetuals, feeds, faults, bans, quota, held, sockets, waiters, timings, logger });
  }

  /** @throws Error when a port is taken or the feed has no data. */
  async start(): Promise<PaperExchangeAddress> {
    await this.feeds.open();
    this.progress.start();
    this.streams.start();
    this.perpetualStreams.start();
    this.fundingClock.start();
    this.perpetualUserData.start();
    const { host, port, controlPort } = this.options;
    // A kept-alive connection that closes under a request would look like a lost answer.
    this.rest.keepAliveTimeout = DAY_MS;
    await new Promise<void>((resolve, reject) => {
      this.rest.once('error', reject).listen(port, host, resolve);
    });
    const controlUrl = await this.control.listen({ host, port: controlPort });
    const { port: restPort } = this.rest.address() as AddressInfo;
    return {
      restUrl: `http://${host}:${restPort}`,
      websocketUrl: `ws://${host}:${restPort}`,
      controlUrl,
      pid: process.pid,
      feed: this.feeds.status().feed,
    };
  }

  /** Ends everything; what was committed is on disk anyway. */
  async stop(): Promise<void> {
    await this.feeds.close();
    this.streams.stop();
    this.perpetualStreams.stop();
    this.fundingClock.stop();
    this.perpetualUserData.stop();
    this.waiters.wakeAll();
    this.held.releaseAll();
    this.sockets.close();
    this.rest.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.rest.close(() => {
        resolve();
      });
    });
    await this.control.close();
    this.progress.stop();
    this.state.ledger.close();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ControlError, type PaperControlClient } from '../../src/paper/control-client.js';
import type { CrashMarket } from './crash-market.js';
import type { TradedPair } from './traded-pairs.js';

/** Market time runs this many times faster than the clock. */
const SPEED = 20;
const LOOK_MS = 100;
/** A grid of fifty levels binds more than the account of a new exchange has. */
const DEPOSITS = { USDT: '1000000', BTC: '20', ETH: '400' } as const;

/** The recording that the exchange plays, lap after lap. The exchange keeps speed and place through its own death. */
export class RecordedMarket implements CrashMarket {
  private readonly ticks = new Map<string, number>();
  private looking: Promise<void> | null = null;
  private stopping = false;

  constructor(
    private readonly paper: PaperControlClient,
    readonly pairs: readonly TradedPair[],
  ) {}

  middleTicks(symbol: string): number {
    const ticks = this.ticks.get(symbol);
    if (ticks === undefined) throw new Error(`${symbol} has no price yet`);
    return ticks;
  }

  async start(): Promise<void> {
    for (const account of (await this.paper.status()).accounts) {
      for (const [asset, amount] of Object.entries(DEPOSITS)) await this.paper.deposit(account, asset, amount);
    }
    await this.paper.setFeedSpeed(SPEED);
    await this.look();
    this.looking = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.looking;
    await this.paper.pauseFeed();
  }

  private async follow(): Promise<void> {
    while (!this.stopping) {
      await sleep(LOOK_MS);
      try {
        await this.look();
      } catch (error) {
        // A refusal is a fault of this market; no answer is what the run is about.
        if (error instanceof ControlError) throw error;
      }
    }
  }

  private async look(): Promise<void> {
    for (const { symbol, priceDigits } of this.pairs) {
      const { bid, ask } = await this.paper.pair(symbol);
      if (bid === null || ask === null) continue;
      this.ticks.set(symbol, Math.round(((Number(bid.priceQuote) + Number(ask.priceQuote)) / 2) * 10 ** priceDigits));
    }
  }
}

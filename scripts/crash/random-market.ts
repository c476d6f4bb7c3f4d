import { setTimeout as sleep } from 'node:timers/promises';
import { ControlError, type PaperControlClient } from '../../src/paper/control-client.js';
import type { RandomChoice } from './random-choice.js';

export interface TradedPair {
  readonly pair: string;
  readonly symbol: string;
  /** In ticks of 0.01 quote. */
  readonly startTicks: number;
  /** Typical size of a level, in lots of 0.00001 base. */
  readonly levelLots: number;
}

export const TRADED_PAIRS: readonly TradedPair[] = [
  { pair: 'BTC-USDT', symbol: 'BTCUSDT', startTicks: 6_000_000, levelLots: 1_500 },
  { pair: 'ETH-USDT', symbol: 'ETHUSDT', startTicks: 300_000, levelLots: 30_000 },
];

const STEP_MS = 120;
const LEVELS = 5;
/** Standard deviation of a step, as a fraction of the price. */
const VOLATILITY = 0.0007;
const JUMP_CHANCE = 0.02;
/** The walk turns back before it leaves this fraction of its start. */
const FARTHEST = 0.25;

/** A random walk with jumps, driven through the control API. While the exchange is down, prices stand still. */
export class RandomMarket {
  private readonly ticks = new Map<string, number>();
  private running: Promise<void> | null = null;
  private stopping = false;
  steps = 0;
  jumps = 0;

  constructor(
    private readonly paper: PaperControlClient,
    private readonly random: RandomChoice,
  ) {
    for (const { symbol, startTicks } of TRADED_PAIRS) this.ticks.set(symbol, startTicks);
  }

  /** Middle of the book in ticks. */
  middleTicks(symbol: string): number {
    const ticks = this.ticks.get(symbol);
    if (ticks === undefined) throw new Error(`${symbol} is not traded here`);
    return ticks;
  }

  start(): void {
    this.running ??= this.walk();
  }

  /** Until the last step is over; throws what went wrong with the market itself. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async walk(): Promise<void> {
    while (!this.stopping) {
      for (const traded of TRADED_PAIRS) await this.step(traded);
      await sleep(STEP_MS);
    }
  }

  private async step({ symbol, startTicks, levelLots }: TradedPair): Promise<void> {
    const before = this.middleTicks(symbol);
    const jump = this.random.chance(JUMP_CHANCE) ? this.random.of([-1, 1]) * this.random.between(0.012, 0.03) : 0;
    const wanted = before * (1 + jump + VOLATILITY * this.random.normal());
    const far = Math.abs(wanted / startTicks - 1) > FARTHEST;
    const middle = Math.round(far ? before + (startTicks - before) * 0.05 : wanted);
    this.ticks.set(symbol, middle);
    if (jump !== 0) this.jumps += 1;
    const side = (direction: 1 | -1): [string, string][] =>
      Array.from({ length: LEVELS }, (_, depth) => [price(middle + direction * (1 + depth * this.random.whole(20, 200))), lots(this.random.whole(levelLots / 4, levelLots * 2))]);
    const distinct = (levels: [string, string][]): [string, string][] => [...new Map(levels).entries()];
    try {
      await this.paper.setBook(symbol, { bids: distinct(side(-1)), asks: distinct(side(1)) });
      const prints = this.random.chance(0.4);
      if (prints) await this.paper.printTrade(symbol, { priceQuote: price(middle + this.random.of([-1, 1])), amountBase: lots(this.random.whole(1, levelLots)) });
      this.steps += 1;
    } catch (error) {
      // A refusal is a fault of this walk; no answer is what the run is about.
      if (error instanceof ControlError) throw error;
    }
  }
}

/** 0.01 quote a tick. */
export function price(ticks: number): string {
  return (ticks / 100).toFixed(2);
}

/** 0.00001 base a lot. */
export function lots(count: number): string {
  return (Math.max(1, Math.round(count)) / 100_000).toFixed(5);
}

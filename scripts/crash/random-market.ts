import { setTimeout as sleep } from 'node:timers/promises';
import { ControlError, type PaperControlClient } from '../../src/paper/control-client.js';
import type { RandomChoice } from './random-choice.js';
import type { CrashMarket } from './crash-market.js';
import { randomBook } from './random-book.js';
import { lots, price, TRADED_PAIRS, type TradedPair } from './traded-pairs.js';

const STEP_MS = 120;
/** Standard deviation of a step, as a fraction of the price. */
const VOLATILITY = 0.0007;
const JUMP_CHANCE = 0.02;
/** The walk turns back before it leaves this fraction of its start. */
const FARTHEST = 0.25;
/** Of one perpetual and step: a settlement about every fifteen seconds. */
const FUNDING_CHANCE = 0.01;
/** A mark price that leaves its book, and stays away until it is given back. */
const MARK_CHANCE = 0.02;
const MARK_BACK_CHANCE = 0.1;
const MARK_FARTHEST = 0.03;

/**
 * Random walks with jumps, driven through the control API: books, prints, and of perpetuals mark prices and funding.
 * While the exchange is down, prices stand still.
 */
export class RandomMarket implements CrashMarket {
  readonly pairs = TRADED_PAIRS;
  private readonly ticks = new Map<string, number>();
  private running: Promise<void> | null = null;
  private stopping = false;

  constructor(
    private readonly paper: PaperControlClient,
    private readonly random: RandomChoice,
  ) {
    for (const { symbol, startTicks } of TRADED_PAIRS) this.ticks.set(symbol, startTicks);
  }

  middleTicks(symbol: string): number {
    const ticks = this.ticks.get(symbol);
    if (ticks === undefined) throw new Error(`${symbol} is not traded here`);
    return ticks;
  }

  start(): Promise<void> {
    this.running ??= this.walk();
    return Promise.resolve();
  }

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

  private async step(traded: TradedPair): Promise<void> {
    const { symbol, startTicks, levelLots } = traded;
    const before = this.middleTicks(symbol);
    const jump = this.random.chance(JUMP_CHANCE) ? this.random.of([-1, 1]) * this.random.between(0.012, 0.03) : 0;
    const wanted = before * (1 + jump + VOLATILITY * this.random.normal());
    const far = Math.abs(wanted / startTicks - 1) > FARTHEST;
    const middle = Math.round(far ? before + (startTicks - before) * 0.05 : wanted);
    this.ticks.set(symbol, middle);
    try {
      await this.paper.setBook(symbol, randomBook(traded, middle, this.random));
      const prints = this.random.chance(0.4);
      if (prints) await this.paper.printTrade(symbol, { priceQuote: price(traded, middle + this.random.of([-1, 1])), amountBase: lots(traded, this.random.whole(1, levelLots)) });
      if (traded.contract === 'perpetual') await this.contractStep(traded, middle);
    } catch (error) {
      // A refusal is a fault of this walk; no answer is what the run is about.
      if (error instanceof ControlError) throw error;
    }
  }

  /** The mark price follows the book, leaves it now and then, and now and then funding is settled by it, at a rate of either sign. */
  private async contractStep(traded: TradedPair, middle: number): Promise<void> {
    const { symbol } = traded;
    if (this.random.chance(MARK_CHANCE)) await this.paper.setMarkPrice(symbol, price(traded, Math.round(middle * (1 + this.random.between(-MARK_FARTHEST, MARK_FARTHEST)))));
    else if (this.random.chance(MARK_BACK_CHANCE)) await this.paper.setMarkPrice(symbol, null);
    if (!this.random.chance(FUNDING_CHANCE)) return;
    await this.paper.setContract(symbol, { fundingRate: this.random.between(-0.001, 0.001).toFixed(6) });
    await this.paper.settleFunding(symbol);
  }
}

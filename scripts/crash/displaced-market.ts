import { setTimeout as sleep } from 'node:timers/promises';
import { ControlError, type PaperControlClient } from '../../src/paper/control-client.js';
import type { CrashMarket } from './crash-market.js';
import { randomBook } from './random-book.js';
import type { RandomChoice } from './random-choice.js';
import { SECOND_SPOT_PAIRS, type TradedPair } from './traded-pairs.js';

const STEP_MS = 150;
/** A step of the distance to the first exchange, and how much of the distance the next step forgets. */
const STEP_FRACTION = 0.0012;
const FORGOTTEN = 0.06;

/** A second exchange: the prices of the first, at a distance that wanders about nothing, so that there is a spread now on one side, now on the other. */
export class DisplacedMarket implements CrashMarket {
  readonly pairs = SECOND_SPOT_PAIRS;
  private readonly distances = new Map<string, number>();
  private running: Promise<void> | null = null;
  private stopping = false;

  constructor(
    private readonly paper: PaperControlClient,
    private readonly first: CrashMarket,
    private readonly random: RandomChoice,
  ) {}

  middleTicks(symbol: string): number {
    return Math.round(this.first.middleTicks(symbol) * (1 + (this.distances.get(symbol) ?? 0)));
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
      for (const traded of this.pairs) await this.step(traded);
      await sleep(STEP_MS);
    }
  }

  private async step(traded: TradedPair): Promise<void> {
    const before = this.distances.get(traded.symbol) ?? 0;
    this.distances.set(traded.symbol, before * (1 - FORGOTTEN) + STEP_FRACTION * this.random.normal());
    try {
      await this.paper.setBook(traded.symbol, randomBook(traded, this.middleTicks(traded.symbol), this.random));
    } catch (error) {
      // A refusal is a fault of this walk; no answer is what the run is about.
      if (error instanceof ControlError) throw error;
    }
  }
}

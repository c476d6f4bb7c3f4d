import { z } from 'zod';
import type { BookUpdate } from '../exchange/market-intake.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { Instrument } from '../matching/instrument.js';
import type { LevelUpdate } from '../matching/market.js';
import type { FeedSink } from './feed.js';
import type { Lane } from './lane.js';
import { SeededRandom, hashText, mix } from './seeded-random.js';

const STEP_MS = 100;
const LEVELS = 10;
/** Standard deviation of the price per step, as a fraction: about 1.6 basis points a second. */
const VOLATILITY = 0.00005;
/** Pull towards the first price per step; keeps a run of days within some per cent of it. */
const REVERSION = 0.000001;
const PRINTS_PER_STEP = 0.5;
/** Steps after which the sizes of the book are drawn anew. */
const SIZE_LIFETIME_STEPS = 50;
const MEAN_LEVEL_QUOTE = new Decimal(50_000);

const positionSchema = z.object({ step: z.int().min(0), middleTicks: z.number(), random: z.int().min(0) });

/** A seeded random market of one pair. Prices and sizes are counted in whole ticks and lots. */
export class SyntheticLane implements Lane {
  private readonly random: SeededRandom;
  private readonly startTicks: number;
  private readonly sizeSeed: number;
  private readonly meanLots: number;
  private step = 0;
  private middleTicks: number;
  private bids = new Map<number, number>();
  private asks = new Map<number, number>();

  constructor(
    private readonly instrument: Instrument,
    startPriceQuote: Decimal,
    seed: string,
    stored: unknown,
  ) {
    const seedBits = hashText(`${seed}|${instrument.symbol}`);
    this.startTicks = startPriceQuote.div(instrument.priceTickQuote).round().toNumber();
    this.meanLots = Math.max(1, MEAN_LEVEL_QUOTE.div(startPriceQuote).div(instrument.amountStepBase).round().toNumber());
    this.sizeSeed = mix(seedBits);
    const position = positionSchema.safeParse(stored);
    this.random = new SeededRandom(position.success ? position.data.random : seedBits);
    this.middleTicks = position.success ? position.data.middleTicks : this.startTicks;
    this.step = position.success ? position.data.step : 0;
    this.draw();
  }

  get symbol(): string {
    return this.instrument.symbol;
  }

  nextMs(): number {
    return (this.step + 1) * STEP_MS;
  }

  deliver(sink: FeedSink): void {
    this.step += 1;
    const pull = (this.startTicks - this.middleTicks) * REVERSION;
    const moved = this.middleTicks + this.random.normal() * this.startTicks * VOLATILITY + pull;
    this.middleTicks = Math.max(moved, this.spacing * (LEVELS + 2));
    const print = this.random.next() < PRINTS_PER_STEP ? this.drawPrint() : undefined;
    const [oldBids, oldAsks] = [this.bids, this.asks];
    this.draw();
    sink.book(this.symbol, {
      kind: 'delta',
      bids: this.changes(oldBids, this.bids),
      asks: this.changes(oldAsks, this.asks),
    });
    if (print !== undefined) sink.print(this.symbol, print);
  }

  snapshot(): BookUpdate {
    const levels = (side: ReadonlyMap<number, number>): LevelUpdate[] => this.changes(new Map(), side);
    return { kind: 'snapshot', bids: levels(this.bids), asks: levels(this.asks) };
  }

  position(): z.output<typeof positionSchema> {
    return { step: this.step, middleTicks: this.middleTicks, random: this.random.state };
  }

  /** Distance of levels from each other, and the spread. */
  private get spacing(): number {
    return Math.max(1, Math.round((this.startTicks * VOLATILITY) / 4));
  }

  private draw(): void {
    const { spacing } = this;
    // Levels lie on a fixed grid, so that a level keeps its size while the price moves around it.
    const bestBid = Math.floor(this.middleTicks / spacing) * spacing;
    this.bids = new Map();
    this.asks = new Map();
    for (let depth = 0; depth < LEVELS; depth += 1) {
      this.bids.set(bestBid - depth * spacing, this.lotsAt(bestBid - depth * spacing));
      this.asks.set(bestBid + (depth + 1) * spacing, this.lotsAt(bestBid + (depth + 1) * spacing));
    }
  }

  private lotsAt(ticks: number): number {
    const epoch = Math.floor(this.step / SIZE_LIFETIME_STEPS);
    const uniform = mix(this.sizeSeed ^ mix(ticks) ^ mix(epoch + 1)) / 4_294_967_296;
    return 1 + Math.floor(2 * this.meanLots * uniform);
  }

  private drawPrint(): { priceQuote: Decimal; amountBase: Decimal; buyerIsMaker: boolean } {
    const buyerIsMaker = this.random.next() < 0.5;
    const ticks = buyerIsMaker ? Math.max(...this.bids.keys()) : Math.min(...this.asks.keys());
    const lots = 1 + Math.floor(this.lotsAt(ticks) * 0.5 * this.random.next());
    return { priceQuote: this.price(ticks), amountBase: this.amount(lots), buyerIsMaker };
  }

  private changes(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): LevelUpdate[] {
    const updates: LevelUpdate[] = [];
    for (const ticks of before.keys()) if (!after.has(ticks)) updates.push([this.price(ticks), this.amount(0)]);
    for (const [ticks, lots] of after) {
      if (before.get(ticks) !== lots) updates.push([this.price(ticks), this.amount(lots)]);
    }
    return updates;
  }

  private price(ticks: number): Decimal {
    return this.instrument.priceTickQuote.times(ticks);
  }

  private amount(lots: number): Decimal {
    return this.instrument.amountStepBase.times(lots);
  }
}

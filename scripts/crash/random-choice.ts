import { SeededRandom, mix } from '../../src/paper/feeds/seeded-random.js';

/** Choices that a seed repeats. */
export class RandomChoice {
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(mix(seed));
  }

  /** Uniform in [least, most). */
  between(least: number, most: number): number {
    return least + (most - least) * this.random.next();
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  normal(): number {
    return this.random.normal();
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items.map((item) => ({ item, key: this.random.next() })).sort((left, right) => left.key - right.key).map(({ item }) => item);
  }

  /** Choices of its own for one part of a run, so that the parts do not disturb each other. */
  fork(): RandomChoice {
    return new RandomChoice(this.whole(0, 4_294_967_295));
  }
}

import type { RandomChoice } from './random-choice.js';
import { lots, price, type TradedPair } from './traded-pairs.js';

const LEVELS = 5;

/** A book about this middle: `[price, amount]`, best first. */
export function randomBook(traded: TradedPair, middleTicks: number, random: RandomChoice): { bids: [string, string][]; asks: [string, string][] } {
  const { levelLots } = traded;
  const side = (direction: 1 | -1): [string, string][] =>
    Array.from({ length: LEVELS }, (_, depth) => [price(traded, middleTicks + direction * (1 + depth * random.whole(20, 200))), lots(traded, random.whole(levelLots / 4, levelLots * 2))]);
  const distinct = (levels: [string, string][]): [string, string][] => [...new Map(levels).entries()];
  return { bids: distinct(side(-1)), asks: distinct(side(1)) };
}

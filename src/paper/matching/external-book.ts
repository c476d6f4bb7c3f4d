import { Decimal, ZERO } from './exact-decimal.js';
import type { Side } from './order.js';

export interface Level {
  readonly priceQuote: Decimal;
  displayedBase: Decimal;
  /** What takers on this exchange used up since the feed last renewed the level. */
  takenBase: Decimal;
}

/** A feed that never removes far levels must not grow the book without bound. */
const MAX_LEVELS_PER_SIDE = 5_000;

export function availableBase(level: Level): Decimal {
  return Decimal.max(level.displayedBase.minus(level.takenBase), ZERO);
}

/** One side of the displayed book, best price first. */
export class BookSide {
  readonly levels: Level[] = [];

  constructor(private readonly side: Side) {}

  /** Position of the price, or the insertion point as `-(position + 1)`. */
  private locate(priceQuote: Decimal): number {
    let low = 0;
    let high = this.levels.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const compared = priceQuote.cmp(this.levels[middle]!.priceQuote);
      if (compared === 0) return middle;
      const isBehind = this.side === 'buy' ? compared < 0 : compared > 0;
      if (isBehind) low = middle + 1;
      else high = middle - 1;
    }
    return -(low + 1);
  }

  at(priceQuote: Decimal): Level | undefined {
    return this.levels[this.locate(priceQuote)];
  }

  /** The feed names the level: its size is new, so whatever was used up of it is back. */
  renew(priceQuote: Decimal, displayedBase: Decimal): void {
    const found = this.locate(priceQuote);
    if (displayedBase.lte(0)) {
      if (found >= 0) this.levels.splice(found, 1);
      return;
    }
    if (found >= 0) {
      const level = this.levels[found]!;
      level.displayedBase = displayedBase;
      level.takenBase = ZERO;
      return;
    }
    this.levels.splice(-found - 1, 0, { priceQuote, displayedBase, takenBase: ZERO });
    if (this.levels.length > MAX_LEVELS_PER_SIDE) this.levels.pop();
  }

  take(priceQuote: Decimal, amountBase: Decimal): Level {
    const level = this.at(priceQuote);
    if (level === undefined || availableBase(level).lt(amountBase)) {
      throw new Error(`external level ${priceQuote.toFixed()} has less than ${amountBase.toFixed()} left`);
    }
    level.takenBase = level.takenBase.plus(amountBase);
    return level;
  }

  bestAvailable(): Level | undefined {
    return this.levels.find((level) => availableBase(level).gt(0));
  }

  clear(): void {
    this.levels.length = 0;
  }
}

/** The liquidity a feed displays: what this exchange's customers trade against. */
export class ExternalBook {
  readonly bids = new BookSide('buy');
  readonly asks = new BookSide('sell');

  side(side: Side): BookSide {
    return side === 'buy' ? this.bids : this.asks;
  }
}

import { type Decimal, ZERO } from '../matching/exact-decimal.js';
import type { LeverageTerms, PositionSide } from './contract.js';
import { type Position, emptyPosition, isFlat } from './position.js';

/** One customer's wallets, positions and settings on the perpetual market, in memory. */
export class PerpetualAccount {
  /** Two positions per contract (long and short) in place of one net position. */
  hedged = false;
  readonly wallets = new Map<string, Decimal>();
  readonly leverage = new Map<string, LeverageTerms>();
  private readonly positions = new Map<string, Map<PositionSide, Position>>();

  constructor(readonly name: string) {}

  wallet(asset: string): Decimal {
    return this.wallets.get(asset) ?? ZERO;
  }

  position(symbol: string, side: PositionSide): Position {
    return this.positions.get(symbol)?.get(side) ?? emptyPosition(this.name, symbol, side);
  }

  setPosition(position: Position): void {
    const ofSymbol = this.positions.get(position.symbol) ?? new Map<PositionSide, Position>();
    this.positions.set(position.symbol, ofSymbol.set(position.positionSide, position));
  }

  /** Positions of a contract that are not flat. */
  openPositions(symbol: string): Position[] {
    return [...(this.positions.get(symbol)?.values() ?? [])].filter((position) => !isFlat(position));
  }

  allOpenPositions(): Position[] {
    return [...this.positions.keys()].flatMap((symbol) => this.openPositions(symbol));
  }
}

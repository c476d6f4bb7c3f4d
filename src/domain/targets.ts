import type { OrderType } from './enumerations.js';
import type { Decimal } from './money.js';

/** A part of a position that is closed at a distance of its own. */
export interface Target {
  /** MARKET: net P&L fraction at which it is closed. What rests: distance from the average entry, fees not counted. */
  readonly distanceFraction: Decimal;
  /** Of all that the entry leaves to close. */
  readonly shareFraction: Decimal;
  readonly orderType: OrderType;
}

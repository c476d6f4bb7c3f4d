import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { PositionSide } from './contract.js';

/** Wallets have eight decimals. */
const MONEY_DECIMALS = 8;
const PRICE_DECIMALS = 8;

/** What an account holds of a contract on one side. Immutable: every change gives a new one. */
export interface Position {
  readonly account: string;
  readonly symbol: string;
  readonly positionSide: PositionSide;
  /** Above zero is long, below is short. */
  readonly amountBase: Decimal;
  /** What the open amount was bought or sold for, with the sign of the amount. The entry price is derived from it. */
  readonly entryCostQuote: Decimal;
  /** Margin set apart for the position in isolated mode; zero in cross mode. */
  readonly isolatedQuote: Decimal;
  /** Profit and loss realised on this side so far, before fees. */
  readonly realizedQuote: Decimal;
  readonly updatedMs: number;
}

export interface PositionChange {
  readonly position: Position;
  /** Profit or loss of the part that was closed, before fees. */
  readonly realizedQuote: Decimal;
  readonly closedBase: Decimal;
  readonly openedBase: Decimal;
}

export function emptyPosition(account: string, symbol: string, positionSide: PositionSide): Position {
  const zeros = { amountBase: ZERO, entryCostQuote: ZERO, isolatedQuote: ZERO, realizedQuote: ZERO };
  return { account, symbol, positionSide, ...zeros, updatedMs: 0 };
}

export function isFlat(position: Position): boolean {
  return position.amountBase.isZero();
}

/** Average price of the open amount, rounded to eight decimals for display; zero when flat. */
export function entryPrice(position: Position): Decimal {
  if (isFlat(position)) return ZERO;
  return position.entryCostQuote.div(position.amountBase).toDecimalPlaces(PRICE_DECIMALS, Decimal.ROUND_HALF_UP);
}

/** Value of the open amount at a price, less what it cost. */
export function unrealizedQuote(position: Position, markQuote: Decimal): Decimal {
  return position.amountBase.times(markQuote).minus(position.entryCostQuote);
}

export function notionalQuote(position: Position, markQuote: Decimal): Decimal {
  return position.amountBase.abs().times(markQuote);
}

/**
 * Applies a fill: first closes what stands against it at the average entry, then opens the rest. The cost that leaves
 * with a partial close is rounded to the money's decimals and the remainder stays, so no fraction is ever lost.
 *
 * @param signedBase amount bought (above zero) or sold (below).
 */
export function applyFill(position: Position, signedBase: Decimal, priceQuote: Decimal, timeMs: number): PositionChange {
  const { amountBase, entryCostQuote } = position;
  const isAgainst = !amountBase.isZero() && amountBase.isPositive() !== signedBase.isPositive();
  const closedBase = isAgainst ? Decimal.min(amountBase.abs(), signedBase.abs()) : ZERO;
  const openedBase = signedBase.abs().minus(closedBase);
  const direction = amountBase.isPositive() ? 1 : -1;
  const leavingCost = closedBase.isZero() ? ZERO : costOf(amountBase, entryCostQuote, closedBase);
  const realized = closedBase.isZero() ? ZERO : closedBase.times(priceQuote).times(direction).minus(leavingCost);
  const signedOpened = openedBase.times(signedBase.isPositive() ? 1 : -1);
  return {
    position: {
      ...position,
      amountBase: amountBase.plus(signedBase),
      entryCostQuote: entryCostQuote.minus(leavingCost).plus(signedOpened.times(priceQuote)),
      realizedQuote: position.realizedQuote.plus(realized),
      updatedMs: timeMs,
    },
    realizedQuote: realized,
    closedBase,
    openedBase,
  };
}

function costOf(amountBase: Decimal, entryCostQuote: Decimal, closedBase: Decimal): Decimal {
  if (closedBase.eq(amountBase.abs())) return entryCostQuote;
  const share = entryCostQuote.times(closedBase).div(amountBase.abs());
  return share.toDecimalPlaces(MONEY_DECIMALS, Decimal.ROUND_HALF_UP);
}

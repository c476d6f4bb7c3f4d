import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { Side } from '../matching/order.js';
import type { LeverageTerms, PositionSide } from './contract.js';
import { type LeverageBracket, maintenanceMargin } from './leverage-brackets.js';
import { type Position, notionalQuote, unrealizedQuote } from './position.js';

/** An open order as far as margin is concerned. Orders that only reduce are left out by the caller. */
export interface MarginOrder {
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly priceQuote: Decimal;
  readonly remainingBase: Decimal;
}

/** One contract of one account: what it holds and what it has ordered. */
export interface ContractExposure extends LeverageTerms {
  readonly symbol: string;
  readonly markQuote: Decimal;
  readonly brackets: readonly LeverageBracket[];
  readonly positions: readonly Position[];
  readonly orders: readonly MarginOrder[];
}

/** Margin figures of an account in one settle asset. */
export interface MarginSummary {
  readonly walletQuote: Decimal;
  /** The wallet without what isolated positions hold of it. */
  readonly crossWalletQuote: Decimal;
  readonly unrealizedQuote: Decimal;
  readonly crossUnrealizedQuote: Decimal;
  readonly positionInitialQuote: Decimal;
  readonly orderInitialQuote: Decimal;
  readonly maintenanceQuote: Decimal;
  readonly crossMaintenanceQuote: Decimal;
  /** What new orders can use; may be below zero while positions lose. */
  readonly availableQuote: Decimal;
}

/**
 * Adds an account up. Initial margin is notional at the mark price over leverage; open orders need what the worse of
 * both directions would add to the position; isolated positions bring their own margin.
 */
export function summarize(walletQuote: Decimal, exposures: readonly ContractExposure[]): MarginSummary {
  const totals = { isolated: ZERO, unrealized: ZERO, crossUnrealized: ZERO, initial: ZERO, crossInitial: ZERO };
  let orderInitial: Decimal = ZERO;
  let maintenance: Decimal = ZERO;
  let crossMaintenance: Decimal = ZERO;
  for (const exposure of exposures) {
    const isCross = exposure.marginMode === 'cross';
    orderInitial = orderInitial.plus(orderInitialMargin(exposure));
    for (const position of exposure.positions) {
      const unrealized = unrealizedQuote(position, exposure.markQuote);
      const notional = notionalQuote(position, exposure.markQuote);
      const initial = notional.div(exposure.leverage);
      const needed = maintenanceMargin(exposure.brackets, notional);
      totals.isolated = totals.isolated.plus(position.isolatedQuote);
      totals.unrealized = totals.unrealized.plus(unrealized);
      totals.initial = totals.initial.plus(initial);
      maintenance = maintenance.plus(needed);
      if (!isCross) continue;
      totals.crossUnrealized = totals.crossUnrealized.plus(unrealized);
      totals.crossInitial = totals.crossInitial.plus(initial);
      crossMaintenance = crossMaintenance.plus(needed);
    }
  }
  const crossWalletQuote = walletQuote.minus(totals.isolated);
  return {
    walletQuote,
    crossWalletQuote,
    unrealizedQuote: totals.unrealized,
    crossUnrealizedQuote: totals.crossUnrealized,
    positionInitialQuote: totals.initial,
    orderInitialQuote: orderInitial,
    maintenanceQuote: maintenance,
    crossMaintenanceQuote: crossMaintenance,
    availableQuote: crossWalletQuote.plus(totals.crossUnrealized).minus(totals.crossInitial).minus(orderInitial),
  };
}

/** Margin that open orders need beyond the position's own. */
export function orderInitialMargin(exposure: ContractExposure): Decimal {
  const { markQuote, leverage, positions, orders } = exposure;
  let total: Decimal = ZERO;
  for (const side of ['both', 'long', 'short'] as const) {
    const amountBase = positions.find((position) => position.positionSide === side)?.amountBase ?? ZERO;
    const held = amountBase.times(markQuote);
    const buys = valueOf(orders, side, 'buy');
    const sells = valueOf(orders, side, 'sell');
    const worst = Decimal.max(held.plus(buys).abs(), held.minus(sells).abs(), held.abs());
    total = total.plus(worst.minus(held.abs()));
  }
  return total.div(leverage);
}

function valueOf(orders: readonly MarginOrder[], positionSide: PositionSide, side: Side): Decimal {
  return orders
    .filter((order) => order.positionSide === positionSide && order.side === side)
    .reduce((sum, order) => sum.plus(order.priceQuote.times(order.remainingBase)), ZERO);
}

/** Cross positions of the account must be taken over: less than the maintenance margin is left. */
export function isCrossLiquidatable(summary: MarginSummary): boolean {
  if (summary.crossMaintenanceQuote.isZero()) return false;
  return summary.crossWalletQuote.plus(summary.crossUnrealizedQuote).lt(summary.crossMaintenanceQuote);
}

export function isIsolatedLiquidatable(position: Position, exposure: ContractExposure): boolean {
  if (exposure.marginMode !== 'isolated' || position.amountBase.isZero()) return false;
  const { markQuote, brackets } = exposure;
  const left = position.isolatedQuote.plus(unrealizedQuote(position, markQuote));
  return left.lt(maintenanceMargin(brackets, notionalQuote(position, markQuote)));
}

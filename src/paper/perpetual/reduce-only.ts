import { closeOrder } from '../exchange/order-cancel.js';
import type { UnitOfWork } from '../exchange/unit-of-work.js';
import { type Decimal, ZERO } from '../matching/exact-decimal.js';
import { type Side, isOpen, remainingBase } from '../matching/order.js';
import type { PositionSide } from './contract.js';
import { termsOf } from './contract-settlement.js';
import type { PerpetualAccount } from './perpetual-account.js';
import { type PerpetualExchange, onlyReduces } from './perpetual-exchange.js';

/** How much an order of this side can close of what the account holds. */
export function closableBase(account: PerpetualAccount, symbol: string, positionSide: PositionSide, side: Side): Decimal {
  const { amountBase } = account.position(symbol, positionSide);
  const isAgainst = side === 'sell' ? amountBase.isPositive() : amountBase.isNegative();
  return isAgainst ? amountBase.abs() : ZERO;
}

/**
 * The position became smaller: orders that only reduce are cut down to what is left of it, and end when nothing is, so
 * that none of them can ever open a position.
 */
export function fitReducingOrders(
  perpetuals: PerpetualExchange,
  work: UnitOfWork,
  accountName: string,
  symbol: string,
  positionSide: PositionSide,
): void {
  const { state } = perpetuals;
  const account = perpetuals.account(accountName);
  for (const order of state.openOrders.of(accountName, symbol)) {
    if (!isOpen(order) || !onlyReduces(order) || termsOf(order).positionSide !== positionSide) continue;
    const closable = closableBase(account, symbol, positionSide, order.side);
    const excess = remainingBase(order).minus(closable);
    if (excess.lte(0)) continue;
    if (closable.isZero()) {
      closeOrder(state, work, order, 'expired');
      work.ended(order, 'expired');
      continue;
    }
    order.amountBase = order.amountBase.minus(excess);
    order.updatedMs = work.timeMs;
    work.amended(order);
    if (order.priceQuote !== null) state.pair(symbol).market.noteChange(order.side, order.priceQuote);
  }
}

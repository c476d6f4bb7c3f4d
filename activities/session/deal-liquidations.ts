import { dealTaken, sliceOfTrades } from '../../src/domain/liquidation-shares.js';
import { decimal, exactly, toDecimalString, type Decimal, ZERO } from '../../src/domain/money.js';
import { hasUnsettled } from '../../src/domain/session/submit-order.js';
import type { ExchangePosition, Liquidation } from '../../src/ports/exchange.js';
import type { SessionLogger } from './account-services.js';
import { fillOf } from './exchange-facts.js';
import { heldOn } from './held-on-side.js';
import type { OrderSession } from './order-session.js';

/** An exit, and the base it still has to close. */
export interface Holder {
  readonly session: OrderSession;
  readonly openBase: Decimal;
}

/**
 * Deals liquidation orders to the exits whose position they closed, pro rata to what each held, each order once. What
 * nobody here held (a controller's hold, a position made by hand) stays undealt and is told of. False when something has
 * to be looked at again: trades that are not listed yet, or an exit of which an order is under way.
 */
export function dealLiquidations(holders: readonly Holder[], liquidations: readonly Liquidation[], positions: readonly ExchangePosition[], stepBase: Decimal, logger: SessionLogger): boolean {
  let complete = true;
  for (const liquidation of liquidations) {
    const { order, trades } = liquidation;
    const takenBase = trades.reduce((sum, trade) => exactly.sum(sum, decimal(trade.amountBase)), ZERO);
    if (order.state === 'open' || takenBase.lessThan(decimal(order.executedBase))) complete = false;
    else if (!takenBase.isZero() && !deal(holders, liquidation, takenBase, heldOn(positions, order.side), stepBase, logger)) complete = false;
  }
  return complete;
}

function deal(holders: readonly Holder[], { order, trades }: Liquidation, takenBase: Decimal, leftBase: Decimal, stepBase: Decimal, logger: SessionLogger): boolean {
  const dealt = holders.filter(({ session }) => hasShare(session, order.exchangeOrderId));
  const dealtRoots = new Set(dealt.map(({ session }) => session.plan.path.rootId));
  const atMs = trades.at(-1)?.atMs ?? order.createdAtMs;
  const open = holders.filter(({ session, openBase }) => isHolder(session, order.side, atMs) && !dealtRoots.has(session.plan.path.rootId) && openBase.greaterThan(ZERO)).sort(oldestFirst);
  if (open.length === 0) return true;
  // What they sent may have been carried out before the position was taken.
  if (open.some(({ session }) => session.current.orders.some((sent) => sent.type === 'MARKET' && sent.stage.kind !== 'ended') || (session.current.goal.kind === 'close' && hasUnsettled(session.current)))) return false;
  let fromBase = exactly.sum(ZERO, ...dealt.map(({ session }) => shareOf(session, order.exchangeOrderId)));
  const shares = dealTaken(exactly.difference(takenBase, fromBase), leftBase, open.map(({ openBase }) => openBase), stepBase);
  for (const [index, { session }] of open.entries()) {
    const share = shares[index] ?? ZERO;
    if (share.isZero()) continue;
    const { rules } = session.rules;
    const totals = sliceOfTrades(trades.map((trade) => fillOf(trade, rules)), fromBase, share, rules);
    fromBase = exactly.sum(fromBase, share);
    logger.error({ workflowId: session.plan.path.workflowId, orderId: order.exchangeOrderId, amountBase: toDecimalString(share) }, 'the exchange closed the position of this exit');
    session.dispatch({ kind: 'liquidated', shares: [{ clientOrderId: order.clientOrderId, exchangeOrderId: order.exchangeOrderId, totals }], nowMs: Date.now() });
    void session.save();
  }
  const rest = exactly.difference(takenBase, fromBase);
  if (rest.greaterThan(ZERO)) logger.error({ orderId: order.exchangeOrderId, amountBase: toDecimalString(rest) }, 'the exchange closed a position that no running executor held');
  return true;
}

function isHolder(session: OrderSession, side: string, atMs: number): boolean {
  const { firstFillAtMs } = session.current.protectedFills.totals;
  return !session.ended && session.plan.side === side && firstFillAtMs !== null && firstFillAtMs <= atMs;
}

function hasShare({ current }: OrderSession, exchangeOrderId: string): boolean {
  return current.liquidated.some((share) => share.exchangeOrderId === exchangeOrderId);
}

function shareOf({ current }: OrderSession, exchangeOrderId: string): Decimal {
  return current.liquidated.find((share) => share.exchangeOrderId === exchangeOrderId)?.totals.filledBase ?? ZERO;
}

function oldestFirst(left: Holder, right: Holder): number {
  const [one, other] = [left.session.plan.path, right.session.plan.path];
  return one.rootCreatedAtMs - other.rootCreatedAtMs || (one.rootId < other.rootId ? -1 : 1);
}
